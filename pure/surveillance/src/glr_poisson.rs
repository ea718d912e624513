//! Generalised likelihood ratio for counts: at every step, the best story of a change that began at some step before, against no
//! change at all.
//!
//! Deliberately absent: which change it was; only how well it explains the counts.

use crate::restarting::{Chart, Seen, check_limits, smallest_alarm, watch};
use crate::seasonal_mean::SeasonalMean;
use crate::{Compatibility, Detector, Scored, Series};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// `score` is the ratio's logarithm over `c_arl`; the chart begins anew after an alarm.
///
/// # Source
/// Höhle and Paul 2008, Computational Statistics & Data Analysis 52:4357-4368, doi:10.1016/j.csda.2008.02.015.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GlrPoisson {
    /// The alarm is given from here. 5 is the paper's; its false alarms depend on the season, and simulation tells them.
    pub c_arl: f64,
    /// Steps that a change must have lasted before it is looked for.
    pub mtilde: usize,
    /// Steps back that are looked at for the beginning of a change; −1 is all since the last alarm.
    pub m: i64,
    pub change: Change,
    pub dir: Direction,
    /// Whether `upper` is worked out: the smallest count that would alarm.
    pub ret: Returned,
    /// The logarithm of the rate ratio, when the change to be found is known; then the chart is a plain likelihood ratio CUSUM.
    pub theta: Option<f64>,
    pub mu0: SeasonalMean,
    /// Three faults of surveillance 1.20: a fall to no cases at all is not seen; with `m` a change at the last step is not looked for;
    /// `epi` loses its maximum and hardly ever rises above 0.
    pub compatibility: Compatibility,
}

impl Default for GlrPoisson {
    fn default() -> GlrPoisson {
        GlrPoisson {
            c_arl: 5.0,
            mtilde: 1,
            m: -1,
            change: Change::Intercept,
            dir: Direction::Inc,
            ret: Returned::Value,
            theta: None,
            mu0: SeasonalMean::default(),
            compatibility: Compatibility::None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// All means are multiplied by one factor.
    Intercept,
    /// Cases begin to infect others: the mean grows by λ times the count of the step before.
    Epi,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Inc,
    Dec,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returned {
    Value,
    Cases,
}

impl GlrPoisson {
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        check_limits(self.c_arl, self.theta)?;
        self.mu0.check()
    }

    fn as_surveillance(&self) -> bool {
        self.compatibility == Compatibility::Surveillance1_20
    }

    /// The logarithm of the ratio for a common factor on the means of a window.
    fn factor(&self, cases: f64, mean: f64) -> Option<f64> {
        let rises = cases > mean;
        if cases == 0.0 {
            // κ → −∞; the peer has −∞ · 0 there.
            let falls = self.dir == Direction::Dec && !self.as_surveillance();
            return falls.then_some(mean);
        }
        (rises == (self.dir == Direction::Inc)).then(|| cases * (cases / mean).ln() - (cases - mean))
    }

    /// The first and the last place where a change may have begun.
    fn windows(&self, start: usize, last: usize) -> Option<(usize, usize)> {
        let first = if self.m < 0 { start } else { start.max(last.saturating_sub(self.m as usize)) };
        let unseen = self.mtilde.max(1) - usize::from(!(self.m >= 0 && self.as_surveillance()));
        let latest = last.checked_sub(unseen)?;
        (latest >= first).then_some((first, latest))
    }

    fn best_factor(&self, seen: &Seen, start: usize, last: usize) -> f64 {
        let Some((first, latest)) = self.windows(start, last) else { return 0.0 };
        let (mut cases, mut mean, mut best) = (0.0, 0.0, 0.0_f64);
        for k in (first..=last).rev() {
            cases += seen.counts[k];
            mean += seen.means[k];
            // ln r ≤ r − 1 bounds the ratio, so most windows need no logarithm.
            let excess: f64 = cases - mean;
            if k <= latest && excess * excess > best * mean {
                best = self.factor(cases, mean).map_or(best, |ratio| best.max(ratio));
            }
        }
        best
    }

    /// For an epidemic that adds λ y_{t−1}: its likelihood is concave in λ, so the slope at 0 tells whether there is one.
    fn best_epidemic(&self, seen: &Seen, start: usize, last: usize) -> f64 {
        let Some((first, latest)) = self.windows(start, last) else { return 0.0 };
        if self.as_surveillance() {
            return best_epidemic_as_surveillance(seen, first, latest, last);
        }
        (first..=latest).map(|k| epidemic(seen, k, last)).fold(0.0, f64::max)
    }
}

impl Chart for &GlrPoisson {
    fn limit(&self) -> f64 {
        self.c_arl
    }

    fn statistic(&self, seen: &Seen, start: usize, last: usize, before: f64) -> f64 {
        match (self.theta, self.change) {
            (Some(theta), Change::Intercept) => {
                let ratio = theta * seen.counts[last] - theta.exp_m1() * seen.means[last];
                (before + ratio).max(0.0)
            }
            (_, Change::Epi) => self.best_epidemic(seen, start, last),
            (None, Change::Intercept) => self.best_factor(seen, start, last),
        }
    }

    fn alarms(&self, statistic: f64) -> bool {
        // The known change and the epidemic alarm above the limit, the unknown factor at it.
        let at_limit = self.theta.is_none() && self.change == Change::Intercept;
        statistic > self.c_arl || at_limit && statistic == self.c_arl
    }

    fn upper(&self, seen: &mut Seen, start: usize, last: usize, before: f64) -> Option<f64> {
        let falls = self.theta.map_or(self.dir == Direction::Dec, |theta| theta <= 0.0);
        if self.ret == Returned::Value || falls {
            return None;
        }
        smallest_alarm(seen, last, |seen| self.alarms(self.statistic(seen, start, last, before)))
    }
}

impl Detector for GlrPoisson {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        let normal = self.mu0.estimate_poisson(series, range.start);
        // The peer knows nothing of the step before the first one watched.
        let knows = !(self.as_surveillance() && self.change == Change::Epi);
        let means = normal.and_then(|normal| normal.means(range.clone()));
        watch(self, series, range, means, knows)
    }
}

/// Σ x ln(1 + λy/μ) − λy at its highest, λ ≥ 0.
fn epidemic(seen: &Seen, from: usize, to: usize) -> f64 {
    let slope = |lambda: f64| -> (f64, f64) {
        let (mut first, mut second) = (0.0, 0.0);
        for i in from..=to {
            let (x, y, mean) = (seen.counts[i], seen.before[i], seen.means[i] + lambda * seen.before[i]);
            first += x * y / mean - y;
            second += x * (y / mean).powi(2);
        }
        (first, second)
    };
    let mut lambda = 0.0;
    let (mut first, mut second) = slope(lambda);
    if first <= 0.0 || second <= 0.0 {
        return 0.0;
    }
    // The slope is convex and falls, so Newton's steps from the left never pass its zero.
    for _ in 0..200 {
        let step = first / second;
        lambda += step;
        if step <= 1e-12 * lambda {
            break;
        }
        (first, second) = slope(lambda);
    }
    epidemic_ratio(seen, from, to, lambda)
}

fn epidemic_ratio(seen: &Seen, from: usize, to: usize, lambda: f64) -> f64 {
    (from..=to)
        .map(|i| {
            let added = lambda * seen.before[i];
            seen.counts[i] * (added / seen.means[i]).ln_1p() - added
        })
        .sum()
}

/// surveillance 1.20 climbs in φ = ln λ by plain Newton steps, begins where the window before ended, and stops when λ moves by less
/// than 1e-6 or φ ≤ −18. A window without an epidemic carries φ down to −18, and no later window comes back.
fn best_epidemic_as_surveillance(seen: &Seen, first: usize, latest: usize, last: usize) -> f64 {
    let mut lambda = 0.5_f64;
    let mut best = f64::NEG_INFINITY;
    for k in first..=latest {
        let (mut was, mut phi) = (2.0_f64, lambda.ln());
        for _ in 0..1000 {
            if !(phi > -18.0 && (phi.exp() - was.exp()).abs() > 1e-6) {
                break;
            }
            was = phi;
            let rate = was.exp();
            let (mut slope, mut bend) = (0.0, 0.0);
            let window = seen.counts[k..=last].iter().zip(&seen.before[k..=last]).zip(&seen.means[k..=last]);
            for ((x, y), mean) in window {
                let mean = rate * y + mean;
                slope += x * y / mean - y;
                bend += x * y * y / (mean * mean);
            }
            slope *= rate;
            phi = was + slope / (rate * rate * bend - slope);
        }
        lambda = phi.exp();
        let ratio = epidemic_ratio(seen, k, last, lambda);
        if ratio > best {
            best = ratio;
        }
    }
    if best.is_nan() { 0.0 } else { best.max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat_then(rest: &[f64]) -> (Series, Range<usize>) {
        // Two years of 2, 4, 3, 3 have mean 3 and no wave.
        let mut counts: Vec<f64> = [2.0, 4.0, 3.0, 3.0].repeat(26);
        counts.extend_from_slice(rest);
        let range = 104..counts.len();
        (Series::of("s", counts, 52), range)
    }

    #[test]
    fn the_first_step_is_the_ratio_of_one_count() {
        let glr = GlrPoisson { mu0: SeasonalMean { s: 0, trend: false }, ..GlrPoisson::default() };
        let (series, range) = flat_then(&[9.0, 3.0]);
        let points = glr.detect(&series, range);
        // 9 ln 3 − 6; the second step adds 3 of 3: 12 ln 2 − 6.
        assert!((points[0].score.unwrap() * 5.0 - (9.0 * 3.0_f64.ln() - 6.0)).abs() < 1e-9);
        assert!((points[1].score.unwrap() * 5.0 - (12.0 * 2.0_f64.ln() - 6.0)).abs() < 1e-9);
    }

    #[test]
    fn a_fall_to_nothing_is_seen_and_the_peer_is_blind_to_it() {
        let (series, range) = flat_then(&[0.0; 6]);
        for (compatibility, sees) in [(Compatibility::None, true), (Compatibility::Surveillance1_20, false)] {
            let glr = GlrPoisson { dir: Direction::Dec, compatibility, ..GlrPoisson::default() };
            let points = glr.detect(&series, range.clone());
            assert_eq!(points.iter().any(|point| point.alarm == Some(true)), sees);
        }
    }

    #[test]
    fn an_epidemic_is_seen_and_the_peer_loses_it() {
        // A year below the mean, in which nobody infects, and then a rise.
        let mut counts = vec![2.0; 52];
        counts.extend([4.0, 7.0, 12.0]);
        let (series, range) = flat_then(&counts);
        for (compatibility, sees) in [(Compatibility::None, true), (Compatibility::Surveillance1_20, false)] {
            let glr = GlrPoisson { change: Change::Epi, compatibility, ..GlrPoisson::default() };
            let points = glr.detect(&series, range.clone());
            assert_eq!(points.iter().any(|point| point.alarm == Some(true)), sees);
        }
    }

    #[test]
    fn the_smallest_alarming_count_alarms_and_one_less_does_not() {
        let glr = GlrPoisson { ret: Returned::Cases, ..GlrPoisson::default() };
        let (series, range) = flat_then(&[4.0, 5.0, 0.0]);
        let upper = glr.detect(&series, range.clone())[2].upper.unwrap();
        for (count, alarms) in [(upper, true), (upper - 1.0, false)] {
            let (series, range) = flat_then(&[4.0, 5.0, count]);
            assert_eq!(glr.detect(&series, range)[2].alarm, Some(alarms));
        }
    }
}
