//! `quell fuse`: which places to look at first, and why.

use super::file::Watch;
use super::settings::Settings;
use crate::config::read_config;
use crate::output::{Output, decimals, digits};
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use clap::Args;
use std::path::PathBuf;
use surveillance::fusion::{Fused, Signal, Standing, Stream, describe, fuse, streams_of, with_upper_levels};

#[derive(Args)]
pub struct Fuse {
    /// The streams, as CSV with the columns series, group, territory, date (or t), observed (or p_value), population; `-` reads
    /// standard input
    file: PathBuf,
    /// Budget, detectors, neighbours and the rest, as a JSON file
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The lists of so many steps at the end; 0 for all
    #[arg(long, value_name = "STEPS", default_value_t = 1)]
    last: usize,
    /// Also the signals that were listed before and only last
    #[arg(long)]
    folded: bool,
    #[command(flatten)]
    output: Output,
}

impl Fuse {
    pub fn run(self) -> Result<(), String> {
        let settings = Settings::take_from(read_config(self.config.as_deref())?)?;
        let mut watch = Watch::of(&Table::read(&self.file)?, settings.freq)?;
        let neighbours = settings.neighbours()?;
        if settings.upper_levels {
            watch.watched = with_upper_levels(std::mem::take(&mut watch.watched));
        }
        let rule = settings.rule(watch.per_year);
        let streams = streams_of(&watch.watched, &settings.watchers(watch.per_year)?);
        let steps = watch.watched.iter().map(|one| one.series.len()).max().unwrap_or(0);
        // Earlier lists are made too: what lasts and what the bank still holds depend on them.
        let fused = fuse(&streams, &neighbours, &rule, 0..steps);
        let from = if self.last == 0 { 0 } else { steps.saturating_sub(self.last) };
        let recent: Vec<&Signal> = fused.signals.iter().filter(|signal| signal.t >= from).collect();
        let of = |standing: Standing| recent.iter().filter(|signal| signal.standing == standing).count();
        let (waiting, folded) = (of(Standing::Waits), of(Standing::Folded));
        eprintln!(
            "{} streams of {} units, steps {} to {}: {} signals to check, {waiting} waiting, {folded} known and folded; budget {} \
             a {}",
            streams.len(),
            fused.units.len(),
            watch.label(from.min(steps.saturating_sub(1))),
            watch.label(steps.saturating_sub(1)),
            recent.len() - waiting - folded,
            decimals(rule.budget, 3),
            watch.step()
        );
        let told: Vec<&Signal> =
            recent.into_iter().filter(|signal| self.folded || signal.standing != Standing::Folded).collect();
        self.output.write(&sheet(&watch, &streams, &fused, &told).render(self.output.format())?, &self.file)
    }
}

const COLUMNS: [&str; 21] = [
    "t",
    "date",
    "rank",
    "group",
    "territory",
    "signal",
    "p_value",
    "threshold",
    "closeness",
    "once_in_steps",
    "sure",
    "series",
    "detector",
    "steps",
    "observed",
    "expected",
    "usual_low",
    "usual_high",
    "told_by",
    "kin",
    "explanation",
];

fn sheet(watch: &Watch, streams: &[Stream], fused: &Fused, listed: &[&Signal]) -> Sheet {
    let dated = !watch.dates.is_empty();
    let columns: Vec<&'static str> =
        COLUMNS.into_iter().filter(|column| dated || *column != "date").collect();
    let mut sheet = Sheet::of(&columns);
    let place = |unit: usize| fused.units[unit].1.path().to_owned();
    for signal in listed {
        let (group, territory) = &fused.units[signal.unit];
        let first = signal.reasons.first();
        let evidence = first.map(|reason| reason.evidence);
        let stream = first.map(|reason| &streams[reason.stream]);
        let mut row: Vec<Cell> = vec![(signal.t + 1).into()];
        if dated {
            row.push(watch.label(signal.t).into());
        }
        row.extend::<[Cell; 19]>([
            signal.rank.into(),
            group.as_str().into(),
            territory.path().into(),
            state(signal).into(),
            signal.p.into(),
            signal.threshold.into(),
            digits(signal.weight, 3).into(),
            digits(signal.once_in_steps, 3).into(),
            digits(signal.sure, 3).into(),
            stream.map(|stream| stream.name.as_str()).into(),
            stream.map(|stream| stream.detector.as_str()).into(),
            evidence.map(|evidence| evidence.steps).into(),
            evidence.and_then(|evidence| evidence.observed).into(),
            evidence.and_then(|evidence| evidence.expected).map(|value| digits(value, 3)).into(),
            evidence.and_then(|evidence| evidence.usual).map(|(low, _)| low).into(),
            evidence.and_then(|evidence| evidence.usual).map(|(_, high)| high).into(),
            signal.told_by.map(place).into(),
            signal.kin.map(place).into(),
            explanation(watch, streams, signal).into(),
        ]);
        sheet.add(row);
    }
    sheet
}

fn state(signal: &Signal) -> &'static str {
    match signal.told_by {
        Some(_) if signal.standing.is_listed() => "repeats",
        _ => signal.standing.word(),
    }
}

/// The three loudest streams in words.
fn explanation(watch: &Watch, streams: &[Stream], signal: &Signal) -> String {
    let parts: Vec<String> = signal
        .reasons
        .iter()
        .take(3)
        .map(|reason| {
            let stream = &streams[reason.stream];
            format!("{} by {}: {}", stream.name, stream.detector, describe(&reason.evidence, watch.step()))
        })
        .collect();
    parts.join("; ")
}
