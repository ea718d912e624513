//! A fixed number of cases: for diseases of which one case is one too many.
//!
//! Deliberately absent: rates and several grades; see `threshold_table`.

use crate::recent_sum::recent_sum;
use crate::watch::Forgetful;
use crate::{Detector, Doubt, Scored, Series};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// An alarm when the value is **reached**; the score is the count over the value.
///
/// # Source
/// Yang et al. 2011, West Pac Surveill Response J 2(1):10, doi:10.5365/wpsar.2010.1.1.009: CIDARS alerts on one case of nine
/// diseases, plague and cholera among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FixedValue {
    pub value: f64,
    /// Steps added up, ending with the one looked at.
    pub period: usize,
}

impl Default for FixedValue {
    fn default() -> FixedValue {
        FixedValue { value: 1.0, period: 1 }
    }
}

impl FixedValue {
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        if !(self.value > 0.0 && self.value.is_finite()) {
            return Err(format!("`value` is {}; write a number of cases above 0", self.value));
        }
        if self.period == 0 {
            return Err("`period` is 0; write how many steps are added up".to_owned());
        }
        Ok(())
    }

    fn score(&self, series: &Series, t: usize) -> Scored {
        if t + 1 < self.period {
            return Scored::unanswered(series, t, Doubt::ShortHistory);
        }
        let blank = Scored { t, upper: Some(self.value), ..Scored::blank(series, t) };
        let Some(count) = recent_sum(series, t, self.period) else {
            let doubt = if blank.observed.is_some() { Doubt::MissingHistory } else { Doubt::NotReported };
            return Scored { observed: None, doubt: Some(doubt), ..blank };
        };
        Scored {
            observed: Some(count),
            score: Some(count / self.value).filter(|score| score.is_finite()),
            alarm: Some(count >= self.value),
            ..blank
        }
    }
}

impl Forgetful for FixedValue {}

impl Detector for FixedValue {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        range.map(|t| self.score(series, t)).collect()
    }

    fn first_step(&self, _: &Series) -> usize {
        self.period - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_case_is_an_alarm_and_silence_is_no_answer() {
        let series = Series::of("plague", vec![0.0, 1.0, f64::NAN], 365);
        let points = FixedValue::default().detect(&series, 0..3);
        assert_eq!(points.iter().map(|p| p.alarm).collect::<Vec<_>>(), [Some(false), Some(true), None]);
        let two_days = FixedValue { value: 1.0, period: 2 }.detect(&series, 0..3);
        assert_eq!((two_days[0].doubt, two_days[1].alarm), (Some(Doubt::ShortHistory), Some(true)));
    }
}
