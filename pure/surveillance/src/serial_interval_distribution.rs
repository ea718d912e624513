//! The serial interval day by day: how likely an infectee falls ill 0, 1, 2, … days after the infector.
//!
//! Deliberately absent: estimating it from pairs (`stats` does), and intervals below zero, which the methods built on
//! this cannot use.

use stats::gamma_shares;

/// Probability by whole days, from 0; the place is the number of days.
#[derive(Debug, Clone, PartialEq)]
pub struct SerialIntervalDistribution {
    probabilities: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SerialIntervalError {
    #[error(
        "a mean serial interval of {mean} days is not above 1; this discretisation begins at 1 day, so state the distribution itself"
    )]
    Mean { mean: f64 },
    #[error("a serial interval needs a standard deviation above 0, not {sd}")]
    Sd { sd: f64 },
    #[error("the serial interval holds {value} for {days} days; a probability is 0 to 1")]
    Probability { days: usize, value: f64 },
    #[error(
        "the serial interval gives probability {value} to 0 days; nobody infects on the day of their own onset here, so that must be 0"
    )]
    SameDay { value: f64 },
    #[error("the probabilities of the serial interval add up to {sum}; they must add up to 1")]
    Sum { sum: f64 },
    #[error(
        "the serial interval is stretched over more than {LONGEST} days; look at its mean and standard deviation"
    )]
    Long,
}

/// What lies beyond is less than the rounding of the whole, and noise if it were computed by the published formula.
const TAIL: f64 = 1e-17;
/// Ten years: longer than any interval between two cases that is studied with daily counts.
const LONGEST: usize = 3_660;
/// Rounding of printed tables; further off, a row is missing.
const SUM_OFF: f64 = 0.01;

impl SerialIntervalDistribution {
    /// Gamma with this mean and standard deviation in days, shifted so that it begins at 1 day, both onsets uniform
    /// within their days.
    ///
    /// # Source
    /// Cori, Ferguson, Fraser, Cauchemez 2013, Am J Epidemiol 178:1505-1512, doi:10.1093/aje/kwt133, web appendix 11.
    /// Their sum of cumulative probabilities is the second difference of E[(x − delay)⁺]; above the mean its mirror
    /// E[(delay − x)⁺] has the same one and keeps its digits.
    pub fn discretised(mean: f64, sd: f64) -> Result<SerialIntervalDistribution, SerialIntervalError> {
        if mean.is_nan() || mean <= 1.0 || mean.is_infinite() {
            return Err(SerialIntervalError::Mean { mean });
        }
        if sd.is_nan() || sd <= 0.0 || sd.is_infinite() {
            return Err(SerialIntervalError::Sd { sd });
        }
        let beyond = mean - 1.0;
        let shape = (beyond / sd).powi(2);
        let scale = sd * sd / beyond;
        let parts = |x: f64| {
            let (below, above) = gamma_shares(shape, x / scale);
            let (mean_below, mean_above) = gamma_shares(shape + 1.0, x / scale);
            // E[(x − delay)⁺], E[(delay − x)⁺]
            (x * below - beyond * mean_below, beyond * mean_above - x * above)
        };
        let mut probabilities = vec![0.0];
        let mut seen = 0.0;
        let (mut before, mut here) = (parts(-1.0), parts(0.0));
        before.0 = 0.0;
        before.1 = beyond + 1.0;
        here.0 = 0.0;
        here.1 = beyond;
        for day in 1..LONGEST {
            let after = parts(day as f64);
            let left = after.0 - 2.0 * here.0 + before.0;
            let right = after.1 - 2.0 * here.1 + before.1;
            let share = if (day as f64) < beyond { left } else { right }.max(0.0);
            probabilities.push(share);
            seen += share;
            if day as f64 > mean && share < TAIL && after.1 < TAIL {
                return Ok(SerialIntervalDistribution { probabilities });
            }
            (before, here) = (here, after);
        }
        if seen < 1.0 - 1e-6 {
            Err(SerialIntervalError::Long)
        } else {
            Ok(SerialIntervalDistribution { probabilities })
        }
    }

    /// As somebody states it: probability of 0 days (which must be 0), 1 day, 2 days, …
    pub fn stated(probabilities: Vec<f64>) -> Result<SerialIntervalDistribution, SerialIntervalError> {
        for (days, value) in probabilities.iter().copied().enumerate() {
            if !(0.0..=1.0).contains(&value) {
                return Err(SerialIntervalError::Probability { days, value });
            }
        }
        if let Some(value) = probabilities.first().copied().filter(|value| *value > 0.0) {
            return Err(SerialIntervalError::SameDay { value });
        }
        let sum: f64 = probabilities.iter().sum();
        if (sum - 1.0).abs() > SUM_OFF {
            return Err(SerialIntervalError::Sum { sum });
        }
        if probabilities.len() > LONGEST {
            return Err(SerialIntervalError::Long);
        }
        Ok(SerialIntervalDistribution { probabilities })
    }

    /// Probability of exactly so many days.
    pub fn probability(&self, days: usize) -> f64 {
        self.probabilities.get(days).copied().unwrap_or(0.0)
    }

    /// Probability of at most so many days.
    pub fn within(&self, days: usize) -> f64 {
        self.probabilities.iter().take(days + 1).sum::<f64>().min(1.0)
    }

    pub fn by_day(&self) -> &[f64] {
        &self.probabilities
    }

    /// In days.
    pub fn mean(&self) -> f64 {
        self.probabilities.iter().enumerate().map(|(days, share)| days as f64 * share).sum()
    }

    /// In days.
    pub fn sd(&self) -> f64 {
        let squares: f64 =
            self.probabilities.iter().enumerate().map(|(days, share)| (days as f64).powi(2) * share).sum();
        (squares - self.mean().powi(2)).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Rounding to days adds at most a quarter of a day squared to the variance.
        #[test]
        fn the_days_share_out_all_probability_and_keep_the_mean(mean in 1.3..25.0_f64, spread in 0.1..1.2_f64) {
            let sd = spread * (mean - 1.0);
            let days = SerialIntervalDistribution::discretised(mean, sd).unwrap();
            prop_assert!((days.within(usize::MAX - 1) - 1.0).abs() < 1e-12);
            prop_assert!((days.mean() - mean).abs() < 1e-9 * mean);
            let added = days.sd().powi(2) - sd * sd;
            prop_assert!((-1e-6..=0.25 + 1e-6).contains(&(added / (1.0 + sd * sd))), "{added}");
        }
    }

    #[test]
    fn what_is_no_distribution_is_refused_with_a_remedy() {
        let told =
            |result: Result<SerialIntervalDistribution, SerialIntervalError>| result.unwrap_err().to_string();
        assert!(
            told(SerialIntervalDistribution::discretised(1.0, 2.0)).contains("state the distribution itself")
        );
        assert!(told(SerialIntervalDistribution::discretised(4.0, 0.0)).contains("above 0"));
        assert!(told(SerialIntervalDistribution::stated(vec![0.2, 0.8])).contains("must be 0"));
        assert!(told(SerialIntervalDistribution::stated(vec![0.0, 0.5])).contains("add up to 0.5"));
        assert!(told(SerialIntervalDistribution::stated(vec![0.0, f64::NAN])).contains("0 to 1"));
    }
}
