//! Days between the onsets of an infector and of the person they infected.

use crate::summary::{Summary, quantile, summarise};
use base::Day;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct OnsetPair {
    pub infector_onset: Day,
    pub infectee_onset: Day,
}

impl OnsetPair {
    /// Days; negative when the infectee fell ill first, which infection before symptoms makes possible.
    pub fn days(self) -> i32 {
        self.infectee_onset - self.infector_onset
    }
}

/// The serial intervals as observed, in days. During a growing outbreak the long ones have not happened yet,
/// so this mean is too short: see [`crate::estimate_truncated_delay`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SerialInterval {
    #[serde(flatten)]
    pub days: Summary,
    pub p05: f64,
    pub p95: f64,
    /// Pairs in which the infectee fell ill first.
    pub negative: usize,
    /// Pairs that fell ill on the same day.
    pub same_day: usize,
}

/// `None` without pairs. `level` is the confidence of the interval of the mean, such as 0.95.
pub fn serial_interval(pairs: &[OnsetPair], level: f64) -> Option<SerialInterval> {
    let mut days: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.days())).collect();
    days.sort_by(f64::total_cmp);
    let summary = summarise(&days, level)?;
    Some(SerialInterval {
        days: summary,
        p05: quantile(&days, 0.05),
        p95: quantile(&days, 0.95),
        negative: days.iter().filter(|d| **d < 0.0).count(),
        same_day: days.iter().filter(|d| **d == 0.0).count(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(infector: &str, infectee: &str) -> OnsetPair {
        OnsetPair { infector_onset: infector.parse().unwrap(), infectee_onset: infectee.parse().unwrap() }
    }

    #[test]
    fn an_infectee_who_fell_ill_first_counts_as_negative_and_stays_in_the_mean() {
        let pairs = [
            pair("2020-01-28", "2020-02-03"),
            pair("2020-02-02", "2020-02-01"),
            pair("2020-02-02", "2020-02-02"),
        ];
        let si = serial_interval(&pairs, 0.95).unwrap();
        assert_eq!((si.days.n, si.negative, si.same_day), (3, 1, 1));
        assert!((si.days.mean - 5.0 / 3.0).abs() < 1e-12);
    }
}
