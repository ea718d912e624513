//! A chart that begins anew after each alarm, over the steps that were reported.
//!
//! Deliberately absent: the statistic itself; each chart has its own.

use crate::{Doubt, Scored, Series};
use std::ops::Range;

/// The reported ones of the watched steps, side by side.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub counts: Vec<f64>,
    pub means: Vec<f64>,
    /// The count of the step before; 0 when nobody reported it, so that it explains nothing.
    pub before: Vec<f64>,
}

pub(crate) trait Chart {
    /// What can be worked out once, before the first step.
    fn prepare(&mut self, _seen: &Seen) {}
    fn limit(&self) -> f64;
    /// At place `last`, of a chart that began at place `start` and stood at `before` one place earlier.
    fn statistic(&self, seen: &Seen, start: usize, last: usize, before: f64) -> f64;
    fn alarms(&self, statistic: f64) -> bool;
    /// The smallest count that would alarm at `last`, when asked for. `seen` is left as it was.
    fn upper(&self, seen: &mut Seen, start: usize, last: usize, before: f64) -> Option<f64>;
}

/// The first setting that makes no sense, of those all charts of this kind have.
pub(crate) fn check_limits(c_arl: f64, theta: Option<f64>) -> Result<(), String> {
    if !(c_arl > 0.0 && c_arl.is_finite()) {
        return Err(format!("`c_arl` is {c_arl}; write a limit above 0, such as 5"));
    }
    match theta {
        Some(theta) if !(theta.is_finite() && theta.abs() < 50.0) => Err(format!(
            "`theta` is {theta}; write the logarithm of a rate ratio, such as 0.7 for a doubling"
        )),
        _ => Ok(()),
    }
}

/// Runs the chart over the range, which may look back at the count of the step before it. Steps that nobody reported are passed over: the chart goes on after them as if they were not there.
pub(crate) fn watch(
    mut chart: impl Chart,
    series: &Series,
    range: Range<usize>,
    means: Result<Vec<f64>, Doubt>,
    knows_step_before: bool,
) -> Vec<Scored> {
    let means = match means {
        Ok(means) => means,
        Err(doubt) => return range.map(|t| Scored::unanswered(series, t, doubt)).collect(),
    };
    let mut seen = Seen { counts: Vec::new(), means: Vec::new(), before: Vec::new() };
    for (t, mean) in range.clone().zip(&means) {
        if let Some(count) = series.counts.get(t).copied().filter(|count| !count.is_nan()) {
            seen.counts.push(count);
            seen.means.push(*mean);
            let earliest = if knows_step_before { 1 } else { range.start + 1 };
            let before = if t >= earliest { series.counts[t - 1] } else { 0.0 };
            seen.before.push(if before.is_nan() { 0.0 } else { before });
        }
    }
    chart.prepare(&seen);
    let (mut start, mut last, mut before) = (0, 0, 0.0);
    range
        .zip(&means)
        .map(|(t, mean)| {
            let blank = Scored { expected: Some(*mean), ..Scored::blank(series, t) };
            if blank.observed.is_none() {
                return Scored { doubt: Some(Doubt::NotReported), ..blank };
            }
            let statistic = chart.statistic(&seen, start, last, before);
            let upper = chart.upper(&mut seen, start, last, before);
            last += 1;
            if !statistic.is_finite() {
                (start, before) = (last, 0.0);
                return Scored { doubt: Some(Doubt::OutOfRange), ..blank };
            }
            let alarm = chart.alarms(statistic);
            before = statistic;
            if alarm {
                (start, before) = (last, 0.0);
            }
            let score = Some(statistic / chart.limit());
            Scored { upper, score, alarm: Some(alarm), ..blank }
        })
        .collect()
}

/// The smallest whole count at place `last` with which the chart alarms, given that more cases never make it less; doubling, then
/// halving. `None` when there is none below 10¹².
pub(crate) fn smallest_alarm(
    seen: &mut Seen,
    last: usize,
    mut alarms: impl FnMut(&Seen) -> bool,
) -> Option<f64> {
    let observed = seen.counts[last];
    let mut with = |count: f64| {
        seen.counts[last] = count;
        alarms(seen)
    };
    let (mut low, mut high) = (-1.0, 0.0);
    while !with(high) && high < 1e12 {
        (low, high) = (high, 2.0 * high + 1.0);
    }
    let found = high < 1e12;
    while found && high - low > 1.0 {
        let middle = f64::midpoint(low, high).floor();
        if with(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    seen.counts[last] = observed;
    found.then_some(high)
}
