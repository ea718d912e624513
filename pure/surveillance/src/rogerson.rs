//! A cumulative sum whose reference value and limit follow the season, so that false alarms are equally rare all year.
//!
//! Deliberately absent: several places at once.

use crate::run_length::{greatest_common_divisor, poisson_mean_run_length};
use crate::seasonal_mean::SeasonalMean;
use crate::{Compatibility, Detector, Doubt, Scored, Series};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// S_t = max(0, S_{t−1} + (x_t − k_t) / h_t), with an alarm while S_t ≥ 1. `score` is S_t; `upper` the smallest count that would alarm.
///
/// # Source
/// Rogerson and Yamada 2004, Statistics in Medicine 23:2195-2214, doi:10.1002/sim.1806; reference value and limit as in Hawkins and
/// Olwell 1998, Cumulative Sum Charts and Charting for Quality Improvement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rogerson {
    /// The rise to be found, in standard deviations of the count.
    pub s: f64,
    /// Mean steps to a false alarm.
    pub arl0: f64,
    /// k and h are kept to so many decimals. By default as many as the size of the mean needs.
    pub digits: Option<u32>,
    /// With a peer's search: how far from `arl0` is near enough.
    pub rel_tol: f64,
    /// Begin again at 0 after an alarm.
    pub reset_after_alarm: bool,
    pub mu0: SeasonalMean,
    /// surveillance 1.20 takes the first limit it meets within `rel_tol`, or the last it tried, which may alarm more often than asked or
    /// be higher than needed.
    pub compatibility: Compatibility,
}

impl Default for Rogerson {
    fn default() -> Rogerson {
        Rogerson {
            s: 1.0,
            arl0: 500.0,
            digits: None,
            rel_tol: 0.02,
            reset_after_alarm: false,
            mu0: SeasonalMean::default(),
            compatibility: Compatibility::None,
        }
    }
}

/// Reference value and limit for one mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    pub k: f64,
    pub h: f64,
    /// The mean steps to a false alarm that they have.
    pub mean_run: f64,
}

/// Places where the sum may stand; the work grows with their third power, and usual limits need a hundred.
const MOST_PLACES: usize = 1_500;

/// From this mean on counts are as good as normal, and no chain is needed.
const NORMAL_FROM: f64 = 400.0;

impl Rogerson {
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        let Rogerson { s, arl0, rel_tol, .. } = *self;
        if !(s > 0.0 && s.is_finite()) {
            return Err(format!("`s` is {s}; write a rise above 0 standard deviations, such as 1"));
        }
        if !(2.0..=1e6).contains(&arl0) {
            return Err(format!(
                "`arl0` is {arl0}; write steps between false alarms, from 2 to a million, such as 500"
            ));
        }
        if !(0.0..1.0).contains(&rel_tol) {
            return Err(format!("`rel_tol` is {rel_tol}; write a share from 0 to below 1, such as 0.02"));
        }
        self.mu0.check()
    }

    /// The lowest limit with at least `arl0` steps between false alarms. `None` when there is none within reach.
    pub fn limit(&self, mean: f64) -> Option<Limit> {
        if !(mean > 0.0 && mean.is_finite() && self.s > 0.0 && self.arl0 >= 1.0) {
            return None;
        }
        if self.digits.is_none() && mean >= NORMAL_FROM {
            return self.limit_by_normal(mean);
        }
        let per_case = self.per_case(mean);
        let k = self.reference(mean, per_case);
        let step = greatest_common_divisor(k, per_case);
        let run = |h: usize| poisson_mean_run_length(mean, k, h, per_case);
        let h = match self.compatibility {
            Compatibility::Surveillance1_20 => self.as_surveillance(k, per_case, step, run)?,
            _ => lowest(step, self.arl0, run)?,
        };
        let of_cases = |units: usize| units as f64 / per_case as f64;
        Some(Limit { k: of_cases(k), h: of_cases(h), mean_run: run(h) })
    }

    /// Units of k and h in one case. Where counts are large, tenths of a case change nothing but the time it takes.
    fn per_case(&self, mean: f64) -> usize {
        match self.digits {
            Some(digits) => 10_usize.pow(digits.min(3)),
            None if mean < 5.0 => 10,
            None => 2,
        }
    }

    /// (θ₁ − θ₀) / ln(θ₁/θ₀) with θ₁ = θ₀ + s √θ₀, in units. Whole and half cases are stepped aside from, since the sum would then stand at
    /// few places and limits between them be all the same.
    fn reference(&self, mean: f64, per_case: usize) -> usize {
        let changed = mean + self.s * mean.sqrt();
        let exact = (changed - mean) / (changed / mean).ln() * per_case as f64;
        let near = exact.round();
        if per_case < 10 || !(near as usize).is_multiple_of(per_case / 2) {
            return near as usize;
        }
        (exact + if exact >= near { 0.5 } else { -0.5 }).round() as usize
    }

    /// surveillance 1.20: two limits, between them (or beyond) by the logarithm of their run lengths, then step by step.
    fn as_surveillance(
        &self,
        k: usize,
        per_case: usize,
        step: usize,
        run: impl Fn(usize) -> f64,
    ) -> Option<usize> {
        let unit = per_case as f64;
        let of_units = |h: f64| (h * unit).round() as usize;
        let mut first = (4.0 * k as f64 / unit).min(12.0);
        let within_reach = |h: f64| of_units(2.0 * h) <= MOST_PLACES * step;
        while within_reach(first) && run(of_units(first)) < 100.0 {
            first *= 2.0;
        }
        if !within_reach(first) {
            return None;
        }
        let run_first = run(of_units(first));
        let second = if self.arl0 > run_first { 2.0 * first } else { first / 2.0 };
        let run_second = run(of_units(second));
        let share = (self.arl0 / run_first).ln() / (run_second / run_first).ln();
        let mut here = of_units(first + (second - first) * share);
        if here > MOST_PLACES * step {
            return None;
        }
        let near = |mean: f64| ((mean - self.arl0) / self.arl0).abs() < self.rel_tol;
        let mut run_here = run(here);
        if near(run_here) {
            return Some(here);
        }
        while here <= MOST_PLACES * step {
            let up = run_here < self.arl0;
            let next = if up { here + step } else { here.checked_sub(step)? };
            let run_next = run(next);
            if near(run_next) {
                return Some(next);
            }
            if (run_next < self.arl0) != up {
                return Some(if up { next } else { here });
            }
            (here, run_here) = (next, run_next);
        }
        None
    }

    /// # Source
    /// Siegmund 1985, Sequential Analysis, chapter 2.6: the mean run of a normal CUSUM is (e^2δb − 2δb − 1) / 2δ² with b = h + 1.166, all
    /// in standard deviations; a few hundredths off.
    fn limit_by_normal(&self, mean: f64) -> Option<Limit> {
        let changed = mean + self.s * mean.sqrt();
        let k = (changed - mean) / (changed / mean).ln();
        let drift = 2.0 * (k - mean) / mean.sqrt();
        let run = |b: f64| 2.0 * ((drift * b).exp_m1() - drift * b) / (drift * drift);
        let (mut low, mut high) = (1.166, 1e3);
        if run(high) < self.arl0 {
            return None;
        }
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if run(middle) < self.arl0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        let h = ((high - 1.166) * mean.sqrt()).ceil().max(1.0);
        Some(Limit { k, h, mean_run: run(h / mean.sqrt() + 1.166) })
    }

    /// Scored points for counts whose expected values are known.
    pub fn detect_against(&self, series: &Series, range: Range<usize>, means: &[f64]) -> Vec<Scored> {
        let mut limits: BTreeMap<u64, Option<Limit>> = BTreeMap::new();
        let mut sum = 0.0_f64;
        range
            .zip(means)
            .map(|(t, mean)| {
                let known = limits.entry(mean.to_bits()).or_insert_with(|| self.limit(*mean));
                let blank = Scored { expected: Some(*mean), ..Scored::blank(series, t) };
                let Some(Limit { k, h, .. }) = *known else {
                    return Scored { doubt: Some(Doubt::OutOfRange), ..blank };
                };
                // k and h are sums of decimals: what lies within rounding of a whole count is that count.
                let upper = Some(((1.0 - sum) * h + k - 1e-9).ceil().max(0.0));
                let Some(count) = blank.observed else {
                    return Scored { upper, doubt: Some(Doubt::NotReported), ..blank };
                };
                sum = (sum + (count - k) / h).max(0.0);
                let (score, alarm) = (sum, sum >= 1.0 - 1e-12);
                if alarm && self.reset_after_alarm {
                    sum = 0.0;
                }
                Scored { upper, score: Some(score), alarm: Some(alarm), ..blank }
            })
            .collect()
    }
}

impl Detector for Rogerson {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        let normal = self.mu0.estimate_poisson(series, range.start);
        match normal.and_then(|normal| normal.means(range.clone())) {
            Err(doubt) => range.map(|t| Scored::unanswered(series, t, doubt)).collect(),
            Ok(mut means) => {
                means.iter_mut().for_each(|mean| *mean = three_digits(*mean));
                self.detect_against(series, range, &means)
            }
        }
    }
}

/// Limits change slowly with the mean; three digits let weeks share theirs.
fn three_digits(mean: f64) -> f64 {
    let scale = 10.0_f64.powi(2 - mean.abs().log10().floor() as i32);
    (mean * scale).round() / scale
}

/// In steps of the places where the sum can stand, by doubling and halving: a higher limit never alarms sooner.
fn lowest(step: usize, wanted: f64, run: impl Fn(usize) -> f64) -> Option<usize> {
    let (mut low, mut high) = (0, 1);
    while run(high * step) < wanted {
        (low, high) = (high, 2 * high);
        if high > MOST_PLACES {
            return None;
        }
    }
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if run(middle * step) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high * step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Streams;
    use rand_distr::{Distribution, Poisson};

    #[test]
    fn the_limit_keeps_the_promise_and_no_lower_one_does() {
        for mean in [0.1, 0.8, 2.5, 4.4, 17.0, 60.0] {
            let method = Rogerson::default();
            let Limit { k, h, mean_run } = method.limit(mean).unwrap();
            assert!((500.0..1500.0).contains(&mean_run), "{mean}: {mean_run}");
            let per_case = method.per_case(mean);
            let units = |cases: f64| (cases * per_case as f64).round() as usize;
            let step = greatest_common_divisor(units(k), per_case);
            let lower = units(h) - step;
            assert!(lower == 0 || poisson_mean_run_length(mean, units(k), lower, per_case) < 500.0, "{mean}");
        }
    }

    #[test]
    fn where_the_chain_ends_the_normal_goes_on() {
        let method = Rogerson::default();
        let chain = method.limit(NORMAL_FROM - 1.0).unwrap();
        let normal = method.limit_by_normal(NORMAL_FROM - 1.0).unwrap();
        assert!(
            (chain.h / normal.h - 1.0).abs() < 0.05 && (chain.k - normal.k).abs() < 0.5,
            "{chain:?} {normal:?}"
        );
    }

    #[test]
    fn the_peers_search_may_promise_less_than_asked() {
        let peer = Rogerson {
            digits: Some(1),
            compatibility: Compatibility::Surveillance1_20,
            ..Rogerson::default()
        };
        // 492 steps were asked to be 500; within two of a hundred it is taken.
        assert!(peer.limit(4.5).unwrap().mean_run < 500.0);
        let right = Rogerson { compatibility: Compatibility::None, ..peer };
        assert!(right.limit(4.5).unwrap().mean_run >= 500.0);
    }

    /// False alarms with a mean that moves with the season: 1,500 runs of at most 20,000 weeks.
    #[test]
    fn false_alarms_come_as_rarely_as_promised() {
        let method = Rogerson::default();
        let means: Vec<f64> = (0..52)
            .map(|week| three_digits(2.0 + (f64::from(week) / 52.0 * std::f64::consts::TAU).sin()))
            .collect();
        let limits: Vec<Limit> = means.iter().map(|mean| method.limit(*mean).unwrap()).collect();
        let promised = limits.iter().map(|limit| limit.mean_run).sum::<f64>() / 52.0;
        let streams = Streams::seeded(4);
        let lengths: Vec<f64> = (0..1_500)
            .map(|run| {
                let mut stream = streams.of(&format!("run {run}"));
                let mut sum = 0.0_f64;
                (0..20_000)
                    .find(|week| {
                        let Limit { k, h, .. } = limits[week % 52];
                        let count: f64 = Poisson::new(means[week % 52]).unwrap().sample(&mut stream);
                        sum = (sum + (count - k) / h).max(0.0);
                        sum >= 1.0
                    })
                    .map_or(20_000.0, |week| week as f64 + 1.0)
            })
            .collect();
        let mean = lengths.iter().sum::<f64>() / lengths.len() as f64;
        // Scaling by h_t keeps the promise only nearly: a seventh either way.
        assert!((mean / promised - 1.0).abs() < 0.15, "{mean} {promised}");
    }
}
