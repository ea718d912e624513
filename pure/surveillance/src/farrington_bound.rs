//! From an expected count to the count that is too many: the bounds both methods of Farrington draw.
//!
//! Deliberately absent: the regression that gives the expected count.

use serde::{Deserialize, Serialize};
use stats::{
    negative_binomial_quantile, negative_binomial_survival, normal_cdf, poisson_quantile, poisson_survival,
};

/// The power of a count that is taken to be normal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum PowerTransformation {
    /// Takes the skewness away: the choice for small counts.
    #[default]
    #[serde(rename = "2/3")]
    TwoThirds,
    /// Makes the variance the same for all means.
    #[serde(rename = "1/2")]
    Half,
    #[serde(rename = "none")]
    None,
}

/// A bound, drawn before anybody has counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bound {
    pub upper: f64,
    of: Expected,
}

/// How a normal count is distributed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Expected {
    Normal { power: PowerTransformation, middle: f64, spread: f64 },
    NegativeBinomial { size: f64, mean: f64 },
    Poisson { mean: f64 },
}

impl Bound {
    /// The probability of at least the count observed.
    pub(crate) fn p_value(&self, observed: f64) -> f64 {
        match self.of {
            Expected::Normal { power, middle, spread } => normal_cdf((middle - power.of(observed)) / spread),
            Expected::NegativeBinomial { size, mean } => {
                negative_binomial_survival(observed - 1.0, size, mean)
            }
            Expected::Poisson { mean } => poisson_survival(observed - 1.0, mean),
        }
    }
}

impl PowerTransformation {
    fn of(self, value: f64) -> f64 {
        match self {
            PowerTransformation::TwoThirds => value.cbrt().powi(2),
            PowerTransformation::Half => value.sqrt(),
            PowerTransformation::None => value,
        }
    }

    fn undone(self, value: f64) -> f64 {
        match self {
            PowerTransformation::TwoThirds => value * value.sqrt(),
            PowerTransformation::Half => value * value,
            PowerTransformation::None => value,
        }
    }

    /// The bound `z` standard deviations of the transformed count above the transformed mean. `dispersion` is the variance of
    /// a new count, its own and that of the fit, divided by the mean.
    ///
    /// # Source
    /// Farrington 1996, section 3.5: variances by the delta method.
    pub(crate) fn bound(self, mean: f64, dispersion: f64, z: f64) -> Bound {
        let spread = match self {
            PowerTransformation::TwoThirds => (4.0 / 9.0 * mean.cbrt() * dispersion).sqrt(),
            PowerTransformation::Half => (dispersion / 4.0).sqrt(),
            PowerTransformation::None => (mean * dispersion).sqrt(),
        };
        let middle = self.of(mean);
        let upper = self.undone((middle + z * spread).max(0.0));
        Bound { upper, of: Expected::Normal { power: self, middle, spread } }
    }
}

/// The bound that a count of that mean, with variance `dispersion` times the mean, exceeds with probability at most `alpha`.
/// Negative binomial, or Poisson where the dispersion is 1.
///
/// # Source
/// Noufaily 2013, section 3.4.
pub(crate) fn bound_of_count(mean: f64, dispersion: f64, alpha: f64) -> Bound {
    if dispersion > 1.0 {
        negative_binomial(mean / (dispersion - 1.0), mean, alpha)
    } else {
        Bound { upper: poisson_quantile(1.0 - alpha, mean), of: Expected::Poisson { mean } }
    }
}

fn negative_binomial(size: f64, mean: f64, alpha: f64) -> Bound {
    let upper = negative_binomial_quantile(1.0 - alpha, size, mean);
    Bound { upper, of: Expected::NegativeBinomial { size, mean } }
}

/// What to expect, and its bound, where `exposure` steps like this one held no case. The rate then is what Jeffreys' prior
/// leaves: a gamma of shape ½ over the exposure, which makes the count negative binomial of size ½.
///
/// # Source
/// Jeffreys 1946, doi:10.1098/rspa.1946.0056; the same prior as in Riebler's Bayesian detector (Höhle 2007,
/// doi:10.1007/s00180-007-0074-8).
pub(crate) fn bound_after_none(exposure: f64, alpha: f64) -> (f64, Bound) {
    let mean = 0.5 / exposure;
    (mean, negative_binomial(0.5, mean, alpha))
}

/// How far a count is on the way from what is expected to the bound: 1 at the bound, above it an alarm.
///
/// A bound of 0 may lie below what is expected, when most weeks have no case; then each case above the bound counts for one.
pub(crate) fn score(observed: f64, expected: f64, upper: f64) -> f64 {
    match () {
        () if upper > expected => (observed - expected) / (upper - expected),
        () if observed > upper => 1.0 + observed - upper,
        () => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_has_the_score_one() {
        for power in [PowerTransformation::TwoThirds, PowerTransformation::Half, PowerTransformation::None] {
            let bound = power.bound(10.0, 1.5, 1.959_963_984_540_054);
            assert!((bound.p_value(10.0) - 0.5).abs() < 1e-15);
            assert!((bound.p_value(bound.upper) - 0.025).abs() < 1e-12);
            assert!((score(bound.upper, 10.0, bound.upper) - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn one_case_after_35_weeks_without_is_possible_two_are_not() {
        let (expected, bound) = bound_after_none(35.0, 0.01);
        assert!(expected < 0.015 && bound.upper == 1.0);
        // P(at least one) = 1 − √(35/36).
        assert!((bound.p_value(1.0) - (1.0 - (35.0_f64 / 36.0).sqrt())).abs() < 1e-14);
        assert!(score(2.0, expected, bound.upper) > 1.0 && score(1.0, expected, bound.upper) <= 1.0);
        assert!(score(1.0, 0.004, 0.0) > 1.0 && score(0.0, 0.004, 0.0) <= 1.0);
    }
}
