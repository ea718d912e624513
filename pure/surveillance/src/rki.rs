//! The rule of the Robert Koch Institute: the mean of the steps compared with, and a limit above it.
//!
//! Deliberately absent: a probability. The limits come from a table by the mean rounded down; use Bayes where one is needed.

use crate::same_season::SameSeason;
use crate::watch::Forgetful;
use crate::{Detector, Doubt, Scored, Series};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Upper 95 % limits for a Poisson mean whose estimate is 0, 1, … 20.
///
/// # Source
/// Crow and Gardner 1959, Biometrika 46:441, doi:10.1093/biomet/46.3-4.441.
const UPPER_LIMITS: [f64; 21] = [
    3.285, 5.323, 6.686, 8.102, 9.598, 11.177, 12.817, 13.765, 14.921, 16.768, 17.633, 19.050, 20.335,
    21.364, 22.945, 23.762, 25.400, 26.306, 27.735, 28.966, 30.017,
];

/// Above 20 cases: the mean and two standard deviations. Up to 20: the table.
///
/// # Source
/// Altmann 2003 (Robert Koch Institute) as described by Riebler 2004 and Höhle 2007, doi:10.1007/s00180-007-0074-8. RKI 1, 2
/// and 3 are (b, w, act_y) = (0, 6, true), (1, 6, true), (2, 4, false).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rki {
    /// Years to look back.
    pub b: usize,
    /// Steps on each side of the place in an earlier year; with `act_y` also the steps just before.
    pub w: usize,
    pub act_y: bool,
}

impl Default for Rki {
    fn default() -> Rki {
        Rki { b: 2, w: 4, act_y: false }
    }
}

impl Rki {
    fn season(&self) -> SameSeason {
        SameSeason { b: self.b, w: self.w, act_y: self.act_y }
    }

    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        self.season().check()
    }

    fn score(&self, series: &Series, t: usize) -> Scored {
        if t < self.first_step(series) {
            return Scored::unanswered(series, t, Doubt::ShortHistory);
        }
        let season = self.season();
        let counts = season.counts(series, t);
        let (n, sum) = counts.clone().fold((0.0, 0.0), |(n, sum), count| (n + 1.0, sum + count));
        let mean = sum / n;
        if n == 0.0 || mean > 20.0 && n < 2.0 {
            return Scored::unanswered(series, t, Doubt::MissingHistory);
        }
        let upper = if mean > 20.0 {
            let squares: f64 = counts.map(|count| (count - mean) * (count - mean)).sum();
            mean + 2.0 * (squares / (n - 1.0)).sqrt()
        } else {
            UPPER_LIMITS[mean as usize]
        };
        let scored = Scored::above(series, t, mean, upper, None);
        // The same large count again and again is a copied number more often than a steady disease.
        let doubt = (upper == mean).then_some(Doubt::NoSpread);
        Scored { doubt: scored.doubt.or(doubt), ..scored }
    }
}

impl Forgetful for Rki {}

impl Detector for Rki {
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

    fn upper(counts: &[f64]) -> Option<f64> {
        let config = Rki { b: 0, w: counts.len(), act_y: true };
        let series = Series::of("s", [counts, &[0.0]].concat(), 52);
        config.detect(&series, counts.len()..counts.len() + 1)[0].upper
    }

    /// A mean of 2.5 is looked up under 2; 20, 22, 24 have mean 22 and standard deviation 2.
    #[test]
    fn small_means_are_looked_up_and_large_ones_have_two_deviations() {
        assert_eq!(upper(&[2.0, 3.0]), Some(6.686));
        assert_eq!(upper(&[20.0, 20.0]), Some(30.017));
        assert_eq!(upper(&[20.0, 22.0, 24.0]), Some(26.0));
    }
}
