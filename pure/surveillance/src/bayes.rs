//! The Bayes detector: what the next count would be if the steps compared with were all of one Poisson mean, known only from them.
//!
//! Deliberately absent: trend. Where a disease grows from year to year, Farrington's method is the right one.

use crate::same_season::SameSeason;
use crate::watch::Forgetful;
use crate::{Detector, Doubt, Scored, Series};
use serde::{Deserialize, Serialize};
use stats::{negative_binomial_quantile, negative_binomial_survival};
use std::ops::Range;

/// With Jeffreys' prior for the mean, the next count is negative binomial: size Σy + 1/2, probability n/(n+1).
///
/// # Source
/// Riebler 2004, Empirischer Vergleich von statistischen Methoden zur Ausbruchserkennung (diploma thesis, Munich); Höhle 2007,
/// Comput Stat 22:571, doi:10.1007/s00180-007-0074-8. Bayes 1, 2 and 3 are (b, w, act_y) = (0, 6, true), (1, 6, true), (2, 4, false).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bayes {
    /// Years to look back.
    pub b: usize,
    /// Steps on each side of the place in an earlier year; with `act_y` also the steps just before.
    pub w: usize,
    pub act_y: bool,
    /// Share of normal steps that may be above the bound.
    pub alpha: f64,
}

impl Default for Bayes {
    fn default() -> Bayes {
        Bayes { b: 0, w: 6, act_y: true, alpha: 0.05 }
    }
}

impl Bayes {
    fn season(&self) -> SameSeason {
        SameSeason { b: self.b, w: self.w, act_y: self.act_y }
    }

    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(format!("`alpha` is {}; write a share between 0 and 1, such as 0.05", self.alpha));
        }
        self.season().check()
    }

    fn score(&self, series: &Series, t: usize) -> Scored {
        if t < self.first_step(series) {
            return Scored::unanswered(series, t, Doubt::ShortHistory);
        }
        let season = self.season();
        let (n, sum) = season.counts(series, t).fold((0.0, 0.0), |(n, sum), count| (n + 1.0, sum + count));
        if n == 0.0 {
            return Scored::unanswered(series, t, Doubt::MissingHistory);
        }
        let size = sum + 0.5;
        let mean = size / n;
        let upper = negative_binomial_quantile(1.0 - self.alpha, size, mean);
        let p_value = negative_binomial_survival(series.counts[t] - 1.0, size, mean);
        Scored::above(series, t, mean, upper, Some(p_value))
    }
}

impl Forgetful for Bayes {}

impl Detector for Bayes {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        range.map(|t| self.score(series, t)).collect()
    }

    fn first_step(&self, series: &Series) -> usize {
        self.season().first_step(series)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No case in six weeks: size 1/2, probability 6/7, so P(0) = √(6/7) = 0.926 and P(0) + P(1) = 0.926 (1 + 1/14) = 0.992.
    #[test]
    fn after_six_quiet_weeks_two_cases_are_an_alarm_and_one_is_none() {
        let point = |last: f64| {
            let series = Series::of("s", [vec![0.0; 6], vec![last]].concat(), 52);
            Bayes::default().detect(&series, 6..7)[0]
        };
        assert_eq!(
            (point(1.0).upper, point(1.0).alarm, point(2.0).alarm),
            (Some(1.0), Some(false), Some(true))
        );
        assert!((point(1.0).p_value.unwrap() - (1.0 - (6.0_f64 / 7.0).sqrt())).abs() < 1e-12);
    }

    #[test]
    fn a_week_nobody_reported_is_left_out_of_the_comparison() {
        let gap = Series::of("s", vec![f64::NAN, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0], 52);
        let none = Series::of("s", vec![4.0; 6], 52);
        let five = Bayes { w: 5, ..Bayes::default() };
        assert_eq!(Bayes::default().detect(&gap, 6..7)[0].upper, five.detect(&none, 5..6)[0].upper);
        let silent = Series::of("s", [vec![f64::NAN; 6], vec![1.0]].concat(), 52);
        assert_eq!(Bayes::default().detect(&silent, 6..7)[0].doubt, Some(Doubt::MissingHistory));
    }
}
