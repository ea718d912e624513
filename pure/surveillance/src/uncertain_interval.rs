//! Serial intervals that could be the true one, when only a range of means and standard deviations is known.
//!
//! Deliberately absent: how the range was found, and that mean and standard deviation go together; they are taken as
//! independent.

use crate::compatibility::Compatibility;
use crate::draws_of_r::DrawsOfR;
use crate::serial_interval_distribution::{SerialIntervalDistribution, SerialIntervalError};
use stats::{normal_cdf, normal_quantile};

/// A normal distribution cut off on both sides, in days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Between {
    pub mean: f64,
    pub sd: f64,
    pub least: f64,
    pub most: f64,
}

impl Between {
    /// The value with this share of the probability below it.
    fn at(self, share: f64) -> f64 {
        let z = |value: f64| (value - self.mean) / self.sd;
        // In the upper tail cumulative probabilities lose their digits; there the mirror image keeps them.
        if z(self.least) > 0.0 {
            let mirror = Between { mean: -self.mean, sd: self.sd, least: -self.most, most: -self.least };
            return -mirror.at(1.0 - share);
        }
        let (low, high) = (normal_cdf(z(self.least)), normal_cdf(z(self.most)));
        (self.mean + self.sd * normal_quantile(low + share * (high - low))).clamp(self.least, self.most)
    }

    fn holds(self, value: f64) -> bool {
        (self.least..=self.most).contains(&value)
    }
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RangeError {
    #[error(
        "the {what} of the serial interval is held to lie between {least} and {most}; the first must be the smaller, and its standard deviation ({sd}) above 0"
    )]
    Empty { what: &'static str, least: f64, most: f64, sd: f64 },
    #[error("a mean serial interval below 1 day ({least}) cannot be discretised; raise its least value to 1")]
    BelowOne { least: f64 },
    #[error("a standard deviation of the serial interval below 0 ({least}) is none; raise its least value")]
    Negative { least: f64 },
    #[error(
        "the {what} of the serial interval almost never falls between {least} and {most}; widen these bounds"
    )]
    NeverWithin { what: &'static str, least: f64, most: f64 },
    #[error("no serial interval was asked for; set n1 to at least 1")]
    None,
    #[error(transparent)]
    Interval(#[from] SerialIntervalError),
}

/// So many pairs of mean and standard deviation, each with its distribution: (mean asked for, distribution). They are
/// spread evenly over the probability of both, which says the same as a thousand times as many chance draws; no
/// chance is in it. With [`Compatibility::EpiEstim2_2`] they are the draws it makes after R's `set.seed(seed)`.
///
/// # Source
/// Cori et al. 2013, Am J Epidemiol 178:1505-1512, doi:10.1093/aje/kwt133, web appendix 4, for the two normal
/// distributions. Even spreading: the points ((i+½)/n, iφ mod 1) with φ the golden ratio, whose discrepancy is of the
/// lowest order there is (Niederreiter 1992, doi:10.1137/1.9781611970081, chapter 3).
pub fn possible_intervals(
    mean: Between,
    sd: Between,
    n: usize,
    compatibility: Compatibility,
    seed: u32,
) -> Result<Vec<(f64, SerialIntervalDistribution)>, RangeError> {
    refuse_the_impossible(mean, sd, n)?;
    let pairs: Vec<(f64, f64)> = if compatibility == Compatibility::EpiEstim2_2 {
        let mut draws = DrawsOfR::seeded(seed);
        (0..n)
            .map(|_| Ok((within(&mut draws, mean, "mean")?, within(&mut draws, sd, "standard deviation")?)))
            .collect::<Result<_, RangeError>>()?
    } else {
        let golden = f64::midpoint(1.0, 5_f64.sqrt());
        (0..n)
            .map(|i| {
                let place = i as f64 + 0.5;
                (mean.at(place / n as f64), sd.at((place * golden).fract()))
            })
            .collect()
    };
    pairs
        .into_iter()
        .map(|(mean, sd)| Ok((mean, SerialIntervalDistribution::discretised(mean, sd)?)))
        .collect()
}

fn refuse_the_impossible(mean: Between, sd: Between, n: usize) -> Result<(), RangeError> {
    for (what, between) in [("mean", mean), ("standard deviation", sd)] {
        let Between { least, most, sd, .. } = between;
        if !(least < most && sd > 0.0 && sd.is_finite() && between.mean.is_finite()) {
            return Err(RangeError::Empty { what, least, most, sd });
        }
    }
    if mean.least < 1.0 {
        return Err(RangeError::BelowOne { least: mean.least });
    }
    if sd.least < 0.0 {
        return Err(RangeError::Negative { least: sd.least });
    }
    if n == 0 { Err(RangeError::None) } else { Ok(()) }
}

/// Draws until the value lies within its bounds; a hundred thousand times in vain is for ever.
fn within(draws: &mut DrawsOfR, between: Between, what: &'static str) -> Result<f64, RangeError> {
    (0..100_000)
        .map(|_| between.mean + between.sd * draws.normal())
        .find(|value| between.holds(*value))
        .ok_or(RangeError::NeverWithin { what, least: between.least, most: between.most })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEAN: Between = Between { mean: 8.4, sd: 2.0, least: 4.0, most: 12.0 };
    const SD: Between = Between { mean: 3.8, sd: 1.0, least: 2.0, most: 5.5 };

    #[test]
    fn a_hundred_spread_pairs_have_the_moments_of_the_ranges() {
        let pairs = possible_intervals(MEAN, SD, 100, Compatibility::None, 1).unwrap();
        let mean = pairs.iter().map(|(mean, _)| mean).sum::<f64>() / 100.0;
        // The cut at 4 and 12 (z = −2.2 and 1.8) moves the mean by sd (φ(2.2) − φ(1.8)) / (Φ(1.8) + Φ(2.2) − 1).
        assert!((mean - (8.4 + 2.0 * (0.035_475 - 0.078_950) / 0.950_166)).abs() < 1e-3, "{mean}");
        assert!(pairs.iter().all(|(mean, _)| MEAN.holds(*mean)));
    }

    #[test]
    fn bounds_far_in_a_tail_are_kept() {
        let far = Between { mean: 0.0, sd: 1.0, least: 12.0, most: 13.0 };
        assert!((12.0..12.2).contains(&far.at(0.5)) && far.holds(far.at(0.999)));
    }

    #[test]
    fn impossible_ranges_are_refused_with_a_remedy() {
        let told = |mean, sd, compatibility| {
            possible_intervals(mean, sd, 5, compatibility, 1).unwrap_err().to_string()
        };
        assert!(
            told(Between { least: 0.5, ..MEAN }, SD, Compatibility::None)
                .contains("raise its least value to 1")
        );
        assert!(
            told(Between { least: 13.0, ..MEAN }, SD, Compatibility::None).contains("must be the smaller")
        );
        let never = Between { least: 80.0, most: 81.0, ..MEAN };
        assert!(told(never, SD, Compatibility::EpiEstim2_2).contains("widen these bounds"));
    }
}
