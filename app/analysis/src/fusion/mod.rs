//! The multi-point trigger on plain files: `quell fuse`, and `quell evaluate`, which tries detectors and the fusion on
//! outbreaks that are known.
//!
//! Deliberately absent: what to do about a signal.

mod evaluate;
mod file;
mod fuse;
mod plan;
mod settings;
mod trial;

pub use evaluate::Evaluate;
pub use fuse::Fuse;

use crate::table::Table;

/// What a file of `quell fuse` holds, once it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub rows: usize,
    pub streams: usize,
    pub steps: usize,
    /// Counts and p-values that are there; a blank cell is none.
    pub values: usize,
}

/// The reader of `quell fuse` and `quell evaluate` alone, for those who try it on broken files. A refusal says what to do.
pub fn read_streams(bytes: &[u8]) -> Result<Held, String> {
    let table = Table::parse(bytes)?;
    let watch = file::Watch::of(&table, None)?;
    let known = |values: &[f64]| values.iter().filter(|value| !value.is_nan()).count();
    Ok(Held {
        rows: table.rows().len(),
        streams: watch.watched.len(),
        steps: watch.watched.iter().map(|one| one.series.len()).max().unwrap_or(0),
        values: watch.watched.iter().map(|one| known(&one.series.counts) + known(&one.p_values)).sum(),
    })
}

/// The reader of their settings alone, as of a file of weeks.
pub fn read_settings(bytes: &[u8]) -> Result<(), String> {
    let mut said =
        serde_json::from_slice(bytes).map_err(|why| format!("not JSON: {why}; write an object"))?;
    let plan = plan::Plan::take_from(&mut said)?;
    let otherwise = settings::take(&mut said, "compare", Vec::new())?;
    let settings = settings::Settings::take_from(said)?;
    settings.rules(otherwise, 52)?;
    settings.watchers(52)?;
    plan.check_shares(&[])
}
