//! Counts of the last few steps, added up.
//!
//! Deliberately absent: guessing at gaps. A sum over a step nobody reported is no sum.

use crate::Series;

/// The sum of `period` steps ending with `t`; `None` where one was not reported or lies before the series.
pub fn recent_sum(series: &Series, t: usize, period: usize) -> Option<f64> {
    let first = (t + 1).checked_sub(period)?;
    let sum: f64 = series.counts.get(first..=t)?.iter().sum();
    (!sum.is_nan()).then_some(sum)
}
