//! What every method shares: how long a year is, and which steps are scored.

use serde_json::{Map, Value};
use std::ops::Range;
use surveillance::{Detector, Series};

/// Steps in a year unless the dates or the settings say otherwise.
pub const WEEKS: usize = 52;

/// Settings that any method takes besides its own: `freq`, `range_first`, `range_last`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Frame {
    /// Steps in a year.
    pub freq: Option<usize>,
    /// The first and the last step to score, counted from 1.
    pub range_first: Option<usize>,
    pub range_last: Option<usize>,
    /// Only so many steps at the end.
    pub last: Option<usize>,
    /// Years left before the first step scored, where nothing else says which it is.
    pub learning_years: usize,
}

impl Frame {
    /// Takes its keys out, so that the method sees only its own.
    pub fn take_from(settings: &mut Map<String, Value>) -> Result<Frame, String> {
        let mut take = |key: &str| -> Result<Option<usize>, String> {
            match settings.remove(key) {
                None | Some(Value::Null) => Ok(None),
                Some(value) => match value.as_u64() {
                    Some(number) if number > 0 => Ok(Some(number as usize)),
                    _ => Err(format!("`{key}` is {value}; write a whole number from 1")),
                },
            }
        };
        Ok(Frame {
            freq: take("freq")?,
            range_first: take("range_first")?,
            range_last: take("range_last")?,
            last: None,
            learning_years: 0,
        })
    }

    /// How long a year is in each series: as set, else as its dates show.
    pub fn set_years(&self, all: &mut [Series]) {
        for series in all {
            series.per_year = self.freq.or_else(|| shown_by_dates(series)).unwrap_or(WEEKS);
        }
    }

    /// From the first step that can be answered; a series that is too short has its last step told why.
    pub fn range(&self, series: &Series, detector: &dyn Detector) -> Result<Range<usize>, String> {
        let length = series.len();
        let end = self.range_last.unwrap_or(length);
        if end > length {
            return Err(format!(
                "`range_last` is {end}, and `{}` has {length} steps; leave it out to score to the end",
                series.name
            ));
        }
        let start = match (self.last, self.range_first) {
            (Some(last), _) => end.saturating_sub(last),
            (None, Some(first)) => first - 1,
            (None, None) => {
                let learnt = self.learning_years * series.per_year;
                detector.first_step(series).max(learnt).min(end.saturating_sub(1))
            }
        };
        Ok(start.min(end)..end)
    }
}

/// 365, 52 or 12 by the mean distance of the dates.
fn shown_by_dates(series: &Series) -> Option<usize> {
    let (first, last) = (series.dates.first()?, series.dates.last()?);
    let steps = series.dates.len() as i32 - 1;
    match (*last - *first).checked_div(steps)? {
        ..=3 => Some(365),
        4..=10 => Some(WEEKS),
        _ => Some(12),
    }
}
