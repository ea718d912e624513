//! A chart that begins anew after each alarm, over the steps that were reported.
//!
//! Deliberately absent: the statistic itself; each chart has its own.

use crate::seasonal_mean::Normal;
use crate::{Doubt, Scored, Series};

/// A step that somebody reported about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    pub count: f64,
    pub mean: f64,
    /// The count of the step before; 0 when nobody reported it, so that it explains nothing.
    pub before: f64,
}

pub(crate) trait Chart {
    /// Of the steps since it began anew.
    type Memory: Default;
    fn limit(&self) -> f64;
    /// With `step` as the next one.
    fn statistic(&self, memory: &Self::Memory, step: Step) -> f64;
    fn alarms(&self, statistic: f64) -> bool;
    /// Goes on to the step after.
    fn take(&self, memory: &mut Self::Memory, step: Step, statistic: f64);
    /// Whether the smallest count that would alarm is asked for, and there is one: a chart for falls has none.
    fn tells_upper(&self) -> bool;
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

/// Scores step `t`. A step that nobody reported is passed over: the chart goes on after it as if it were not there. `look_back_to`
/// is the first step whose count may explain the one after it.
pub(crate) fn advance<C: Chart>(
    chart: &C,
    memory: &mut C::Memory,
    series: &Series,
    t: usize,
    normal: Result<&Normal, Doubt>,
    look_back_to: usize,
) -> Scored {
    let mean = match normal.and_then(|normal| normal.mean(t).ok_or(Doubt::OutOfRange)) {
        Ok(mean) => mean,
        Err(doubt) => return Scored::unanswered(series, t, doubt),
    };
    let blank = Scored { expected: Some(mean), ..Scored::blank(series, t) };
    let Some(count) = blank.observed else {
        return Scored { doubt: Some(Doubt::NotReported), ..blank };
    };
    let before = if t > look_back_to { series.counts[t - 1] } else { 0.0 };
    let step = Step { count, mean, before: if before.is_nan() { 0.0 } else { before } };
    let statistic = chart.statistic(memory, step);
    let upper = if chart.tells_upper() {
        smallest_alarm(|count| chart.alarms(chart.statistic(memory, Step { count, ..step })))
    } else {
        None
    };
    if !statistic.is_finite() {
        *memory = C::Memory::default();
        return Scored { doubt: Some(Doubt::OutOfRange), ..blank };
    }
    let alarm = chart.alarms(statistic);
    if alarm {
        *memory = C::Memory::default();
    } else {
        chart.take(memory, step, statistic);
    }
    Scored { upper, score: Some(statistic / chart.limit()), alarm: Some(alarm), ..blank }
}

/// The smallest whole count that alarms, given that more cases never make it less; doubling, then halving. `None` when there is none
/// below 10¹².
fn smallest_alarm(mut alarms: impl FnMut(f64) -> bool) -> Option<f64> {
    let (mut low, mut high) = (-1.0, 0.0);
    while !alarms(high) && high < 1e12 {
        (low, high) = (high, 2.0 * high + 1.0);
    }
    let found = high < 1e12;
    while found && high - low > 1.0 {
        let middle = f64::midpoint(low, high).floor();
        if alarms(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    found.then_some(high)
}
