//! Generalised likelihood ratio for counts: at every step, the best story of a change that began at some step before, against no
//! change at all.
//!
//! Deliberately absent: which change it was; only how well it explains the counts.

use crate::beginnings::{Beginnings, GivesUp, Look, Sum};
use crate::restarting::{Chart, Step, advance, check_limits};
use crate::seasonal_mean::{Normal, SeasonalMean};
use crate::watch::run;
use crate::{Compatibility, Detector, Doubt, Scored, Series, Watch};
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

    fn look(&self) -> Look {
        let unseen = self.mtilde.max(1) - usize::from(!(self.m >= 0 && self.as_surveillance()));
        Look { unseen, back: usize::try_from(self.m).ok() }
    }

    fn best_factor(&self, memory: &PoissonMemory, step: Step) -> f64 {
        let mut best = 0.0_f64;
        memory.beginnings.each(self.look(), self.explained(step), |_, since| {
            // ln r ≤ r − 1 bounds the ratio, so most windows need no logarithm.
            let excess = since.cases - since.mean;
            if excess * excess > best * since.mean {
                best = self.factor(since.cases, since.mean).map_or(best, |ratio| best.max(ratio));
            }
        });
        best
    }

    /// For an epidemic that adds λ y_{t−1}: its likelihood is concave in λ, so the slope at 0 tells whether there is one. It depends on
    /// every step of a window, so each beginning that is left is tried on all of them.
    fn best_epidemic(&self, memory: &PoissonMemory, step: Step) -> f64 {
        let seen: Vec<Step> = memory.seen.iter().copied().chain([step]).collect();
        if self.as_surveillance() {
            let Look { unseen, back } = self.look();
            let some = seen.len() > unseen && back.is_none_or(|back| unseen <= back);
            return if some { best_epidemic_as_surveillance(&seen, seen.len() - unseen) } else { 0.0 };
        }
        let mut best = 0.0_f64;
        memory.beginnings.each(self.look(), self.explained(step), |steps, _| {
            best = best.max(epidemic(&seen[seen.len() - steps..]));
        });
        best
    }

    fn explained(&self, step: Step) -> Explained {
        let Step { count, mean, before } = step;
        let slope = match (self.change, self.dir) {
            (Change::Epi, _) => before * (count / mean - 1.0),
            (Change::Intercept, Direction::Inc) => count - mean,
            (Change::Intercept, Direction::Dec) => mean - count,
        };
        Explained { cases: count, mean, slope }
    }
}

/// What a chart remembers of the steps since it began anew.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct PoissonMemory {
    /// Of a change that is known.
    statistic: f64,
    beginnings: Beginnings<Explained>,
    /// The steps since the oldest beginning, where an epidemic is looked for.
    seen: Vec<Step>,
}

/// What a segment adds up to.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Explained {
    cases: f64,
    mean: f64,
    /// How fast the logarithm of the ratio grows with the first trace of a change.
    slope: f64,
}

impl Sum for Explained {
    fn add(&mut self, other: &Explained) {
        self.cases += other.cases;
        self.mean += other.mean;
        self.slope += other.slope;
    }
}

impl GivesUp<Explained> for GlrPoisson {
    /// The logarithm of the ratio is concave and 0 without a change.
    fn explains_nothing(&self, segment: &Explained) -> bool {
        // The peer does not look at all beginnings alike.
        !self.as_surveillance() && segment.slope <= 0.0
    }

    /// The logarithm of the ratio is straight in the cases and in the mean, so the best beginning is a corner of the convex hull of all.
    /// In terms of segments: the rate ratio grows from one to the next (falls, for a change downwards).
    fn is_bridged(&self, before: &Explained, segment: &Explained) -> bool {
        let rises = self.dir == Direction::Inc;
        let (then, now) = (before.cases * segment.mean, segment.cases * before.mean);
        !self.as_surveillance()
            && self.change == Change::Intercept
            && if rises { then >= now } else { then <= now }
    }
}

impl Chart for GlrPoisson {
    type Memory = PoissonMemory;

    fn limit(&self) -> f64 {
        self.c_arl
    }

    fn statistic(&self, memory: &PoissonMemory, step: Step) -> f64 {
        match (self.theta, self.change) {
            (Some(theta), Change::Intercept) => {
                let ratio = theta * step.count - theta.exp_m1() * step.mean;
                (memory.statistic + ratio).max(0.0)
            }
            (_, Change::Epi) => self.best_epidemic(memory, step),
            (None, Change::Intercept) => self.best_factor(memory, step),
        }
    }

    fn alarms(&self, statistic: f64) -> bool {
        // The known change and the epidemic alarm above the limit, the unknown factor at it.
        let at_limit = self.theta.is_none() && self.change == Change::Intercept;
        statistic > self.c_arl || at_limit && statistic == self.c_arl
    }

    fn take(&self, memory: &mut PoissonMemory, step: Step, statistic: f64) {
        memory.statistic = statistic;
        if self.theta.is_some() && self.change == Change::Intercept {
            return;
        }
        memory.beginnings.take(self.look(), self.explained(step), self);
        if self.change == Change::Epi {
            memory.seen.push(step);
            let needless = memory.seen.len() - memory.beginnings.steps();
            memory.seen.drain(..needless);
        }
    }

    fn tells_upper(&self) -> bool {
        let falls = self.theta.map_or(self.dir == Direction::Dec, |theta| theta <= 0.0);
        self.ret == Returned::Cases && !falls
    }
}

/// A chart at work: what it learnt, and what it remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct GlrPoissonMemory {
    normal: Result<Normal, Doubt>,
    look_back_to: usize,
    chart: PoissonMemory,
}

impl Watch for GlrPoisson {
    type Memory = GlrPoissonMemory;

    fn learn(&self, series: &Series, from: usize) -> GlrPoissonMemory {
        // The peer knows nothing of the step before the first one watched.
        let knows = !(self.as_surveillance() && self.change == Change::Epi);
        GlrPoissonMemory {
            normal: self.mu0.estimate_poisson(series, from),
            look_back_to: if knows { 0 } else { from },
            chart: PoissonMemory::default(),
        }
    }

    fn forget(&self, memory: &mut GlrPoissonMemory) {
        memory.chart = PoissonMemory::default();
    }

    fn advance(&self, memory: &mut GlrPoissonMemory, series: &Series, t: usize) -> Scored {
        let normal = memory.normal.as_ref().map_err(|doubt| *doubt);
        advance(self, &mut memory.chart, series, t, normal, memory.look_back_to)
    }
}

impl Detector for GlrPoisson {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        run(self, series, range)
    }
}

/// Σ x ln(1 + λy/μ) − λy at its highest, λ ≥ 0.
fn epidemic(window: &[Step]) -> f64 {
    let slope = |lambda: f64| -> (f64, f64) {
        let (mut first, mut second) = (0.0, 0.0);
        for Step { count, mean, before } in window {
            let mean = mean + lambda * before;
            first += count * before / mean - before;
            second += count * (before / mean).powi(2);
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
    epidemic_ratio(window, lambda)
}

fn epidemic_ratio(window: &[Step], lambda: f64) -> f64 {
    window
        .iter()
        .map(|Step { count, mean, before }| {
            let added = lambda * before;
            count * (added / mean).ln_1p() - added
        })
        .sum()
}

/// surveillance 1.20 climbs in φ = ln λ by plain Newton steps, begins where the window before ended, and stops when λ moves by less
/// than 1e-6 or φ ≤ −18. A window without an epidemic carries φ down to −18, and no later window comes back.
fn best_epidemic_as_surveillance(seen: &[Step], beginnings: usize) -> f64 {
    let mut lambda = 0.5_f64;
    let mut best = f64::NEG_INFINITY;
    for k in 0..beginnings {
        let (mut was, mut phi) = (2.0_f64, lambda.ln());
        for _ in 0..1000 {
            if !(phi > -18.0 && (phi.exp() - was.exp()).abs() > 1e-6) {
                break;
            }
            was = phi;
            let rate = was.exp();
            let (mut slope, mut bend) = (0.0, 0.0);
            for Step { count: x, mean, before: y } in &seen[k..] {
                let mean = rate * y + mean;
                slope += x * y / mean - y;
                bend += x * y * y / (mean * mean);
            }
            slope *= rate;
            phi = was + slope / (rate * rate * bend - slope);
        }
        lambda = phi.exp();
        let ratio = epidemic_ratio(&seen[k..], lambda);
        if ratio > best {
            best = ratio;
        }
    }
    if best.is_nan() { 0.0 } else { best.max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    /// What a change of one kind explains in a window at its best, searched by thirds.
    fn explained_by_hand(glr: &GlrPoisson, window: &[Step]) -> f64 {
        let at = |strength: f64| -> f64 {
            let one = |step: &Step| match glr.change {
                Change::Intercept => step.count * strength - strength.exp_m1() * step.mean,
                Change::Epi => {
                    let added = strength * step.before;
                    step.count * (added / step.mean).ln_1p() - added
                }
            };
            window.iter().map(one).sum()
        };
        let (mut low, mut high) = (0.0, if glr.dir == Direction::Inc { 20.0 } else { -40.0 });
        if glr.change == Change::Epi {
            high = 1e3;
        }
        for _ in 0..120 {
            let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if at(a) < at(b) {
                low = a;
            } else {
                high = b;
            }
        }
        at(f64::midpoint(low, high)).max(0.0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Giving up beginnings changes nothing: each step's statistic is that of all windows, each searched by itself.
        #[test]
        fn the_best_of_all_windows(
            steps in prop::collection::vec((0_u32..9, -1.0..2.0_f64), 1..60),
            falls: bool, epidemic: bool, m in prop_oneof![Just(-1_i64), 0_i64..12], mtilde in 1_usize..5,
        ) {
            let glr = GlrPoisson {
                dir: if falls { Direction::Dec } else { Direction::Inc },
                change: if epidemic { Change::Epi } else { Change::Intercept },
                m,
                mtilde,
                ..GlrPoisson::default()
            };
            let mut memory = PoissonMemory::default();
            let mut steps_before = Vec::new();
            for (count, log) in steps {
                let before = steps_before.last().map_or(0.0, |step: &Step| step.count);
                let step = Step { count: f64::from(count), mean: log.exp(), before };
                let told = glr.statistic(&memory, step);
                glr.take(&mut memory, step, told);
                steps_before.push(step);
                let all = steps_before.len();
                let windows = (0..all).map(|k| &steps_before[k..]).filter(|window| {
                    window.len() >= mtilde && (m < 0 || window.len() as i64 <= m + 1)
                });
                let best = windows.fold(0.0, |best: f64, window| best.max(explained_by_hand(&glr, window)));
                prop_assert!((told - best).abs() <= 1e-9 * (1.0 + best), "step {all}: {told} {best}");
            }
        }
    }
}
