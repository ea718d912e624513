//! How fast an outbreak grows or shrinks: rate per day, doubling and halving time, with intervals.
//!
//! Deliberately absent: where growth turns; give it the stretch to look at.

use serde::Serialize;
use stats::{Estimate, student_quantile};

/// A straight line through the logarithms of the counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Growth {
    /// Per day; negative when the outbreak shrinks.
    pub rate: Estimate,
    /// Days to twice as many; `None` when it shrinks.
    pub doubling: Option<Time>,
    /// Days to half as many; `None` when it grows.
    pub halving: Option<Time>,
    /// Steps with cases, on which the line rests, and what it says there.
    pub fitted: Vec<Fitted>,
    /// Steps without a case, which have no logarithm and are left out. Many of them make the rate too flat.
    pub zeros: usize,
}

/// In days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Time {
    pub value: f64,
    pub low: f64,
    /// `None`: the data do not exclude that it never comes to that.
    pub high: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fitted {
    /// Place in the series, from 0.
    pub t: usize,
    /// Cases a step, and the interval of that mean.
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrowthError {
    #[error(
        "{steps} steps with cases are too few for a rate; at least 3 are needed, so take a longer stretch"
    )]
    TooFew { steps: usize },
}

/// Growth over all of `counts`, steps being `step_days` long; NaN is a step nobody reported. `level` is the confidence
/// of the intervals, such as 0.95.
///
/// # Source
/// Least squares of log counts on time, with Student's t, and ln 2 over the rate for the doubling time: as in Kamvar et
/// al. 2019, F1000Research 8:139, doi:10.12688/f1000research.18002.1 (package incidence).
pub fn estimate_growth(counts: &[f64], step_days: f64, level: f64) -> Result<Growth, GrowthError> {
    let seen: Vec<(usize, f64)> =
        counts.iter().copied().enumerate().filter(|(_, count)| *count > 0.0).collect();
    let zeros = counts.iter().filter(|count| **count == 0.0).count();
    if seen.len() < 3 {
        return Err(GrowthError::TooFew { steps: seen.len() });
    }
    let n = seen.len() as f64;
    let day = |t: usize| step_days * t as f64;
    let mean_day = seen.iter().map(|(t, _)| day(*t)).sum::<f64>() / n;
    let mean_log = seen.iter().map(|(_, count)| count.ln()).sum::<f64>() / n;
    let spread: f64 = seen.iter().map(|(t, _)| (day(*t) - mean_day).powi(2)).sum();
    let rate =
        seen.iter().map(|(t, count)| (day(*t) - mean_day) * (count.ln() - mean_log)).sum::<f64>() / spread;
    let at = |t: usize| mean_log + rate * (day(t) - mean_day);
    let residual: f64 = seen.iter().map(|(t, count)| (count.ln() - at(*t)).powi(2)).sum();
    let freedom = n - 2.0;
    let sigma = (residual / freedom).sqrt();
    let t_value = student_quantile(0.5 + level / 2.0, freedom);
    let half = t_value * sigma / spread.sqrt();
    let rate = Estimate { value: rate, low: rate - half, high: rate + half };
    let fitted = seen
        .iter()
        .map(|&(t, _)| {
            let half = t_value * sigma * (1.0 / n + (day(t) - mean_day).powi(2) / spread).sqrt();
            Fitted { t, value: at(t).exp(), low: (at(t) - half).exp(), high: (at(t) + half).exp() }
        })
        .collect();
    let (growing, shrinking) = (rate, Estimate { value: -rate.value, low: -rate.high, high: -rate.low });
    Ok(Growth { rate, doubling: time_to_change(growing), halving: time_to_change(shrinking), fitted, zeros })
}

fn time_to_change(rate: Estimate) -> Option<Time> {
    let time = |rate: f64| std::f64::consts::LN_2 / rate;
    (rate.value > 0.0).then(|| Time {
        value: time(rate.value),
        low: time(rate.high),
        high: (rate.low > 0.0).then(|| time(rate.low)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_that_double_every_three_days_say_so() {
        let counts: Vec<f64> = (0..12).map(|day| 5.0 * 2_f64.powf(f64::from(day) / 3.0)).collect();
        let growth = estimate_growth(&counts, 1.0, 0.95).unwrap();
        let doubling = growth.doubling.unwrap();
        assert!((doubling.value - 3.0).abs() < 1e-9 && (doubling.high.unwrap() - 3.0).abs() < 1e-6);
        assert_eq!((growth.halving, growth.zeros), (None, 0));
    }

    #[test]
    fn a_curve_that_may_not_grow_has_no_longest_doubling_time() {
        let growth = estimate_growth(&[4.0, 9.0, 0.0, 3.0, 8.0, 6.0, f64::NAN, 7.0], 1.0, 0.95).unwrap();
        assert_eq!((growth.doubling.map(|time| time.high), growth.zeros), (Some(None), 1));
        assert_eq!(estimate_growth(&[0.0, 3.0, 4.0], 1.0, 0.95), Err(GrowthError::TooFew { steps: 2 }));
    }

    proptest! {
        /// Reporting a constant share of the cases, or counting in weeks what grows by the day, changes no rate.
        #[test]
        fn scale_and_start_do_not_matter(
            counts in proptest::collection::vec(1_u16..500, 4..40), share in 0.1..1.0_f64, before in 0_usize..9,
        ) {
            let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
            let growth = estimate_growth(&counts, 1.0, 0.95).unwrap();
            let moved: Vec<f64> =
                std::iter::repeat_n(0.0, before).chain(counts.iter().map(|count| share * count)).collect();
            let again = estimate_growth(&moved, 1.0, 0.95).unwrap();
            prop_assert!((growth.rate.value - again.rate.value).abs() < 1e-9);
            prop_assert!((growth.rate.high - again.rate.high).abs() < 1e-9);
            prop_assert_eq!(again.zeros, before);
        }
    }
}
