//! Generalised likelihood ratio for counts that vary more than Poisson counts: the best story of a change that began at some step
//! before, against no change at all.
//!
//! Deliberately absent: an epidemic that feeds on the step before; `glr_poisson` has it.

use crate::beginnings::{Beginnings, GivesUp, Look, Sum};
use crate::glr_poisson::{Change, Direction, GlrPoisson, PoissonMemory, Returned};
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
pub struct GlrNegativeBinomial {
    /// The alarm is given from here.
    pub c_arl: f64,
    /// Steps that a change must have lasted before it is looked for.
    pub mtilde: usize,
    /// Steps back that are looked at for the beginning of a change; −1 is all since the last alarm.
    pub m: i64,
    pub dir: Direction,
    /// Whether `upper` is worked out: the smallest count that would alarm.
    pub ret: Returned,
    /// The logarithm of the rate ratio, when the change to be found is known.
    pub theta: Option<f64>,
    /// Variance μ + αμ². Estimated from the steps before when not given.
    pub alpha: Option<f64>,
    pub mu0: SeasonalMean,
    /// surveillance 1.20 looks for the maximum by plain Newton steps, which leave for infinity where means are tiny and counts large
    /// (influenza out of season), and then says 0.
    pub compatibility: Compatibility,
}

impl Default for GlrNegativeBinomial {
    fn default() -> GlrNegativeBinomial {
        GlrNegativeBinomial {
            c_arl: 5.0,
            mtilde: 1,
            m: -1,
            dir: Direction::Inc,
            ret: Returned::Value,
            theta: None,
            alpha: None,
            mu0: SeasonalMean::default(),
            compatibility: Compatibility::None,
        }
    }
}

/// A chart at work: what it learnt, and what it remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct GlrNegativeBinomialMemory {
    normal: Result<Normal, Doubt>,
    chart: Remembered,
}

#[derive(Debug, Clone, PartialEq)]
enum Remembered {
    Dispersed(DispersedMemory),
    /// Counts that vary no more than Poisson counts are judged as such.
    Poisson(PoissonMemory),
}

impl Watch for GlrNegativeBinomial {
    type Memory = GlrNegativeBinomialMemory;

    fn learn(&self, series: &Series, from: usize) -> GlrNegativeBinomialMemory {
        let normal = self.normal(series, from);
        let chart = match &normal {
            Ok(Normal { alpha, .. }) if *alpha > 0.0 => Remembered::Dispersed(DispersedMemory::default()),
            _ => Remembered::Poisson(PoissonMemory::default()),
        };
        GlrNegativeBinomialMemory { normal, chart }
    }

    fn forget(&self, memory: &mut GlrNegativeBinomialMemory) {
        match &mut memory.chart {
            Remembered::Dispersed(chart) => *chart = DispersedMemory::default(),
            Remembered::Poisson(chart) => *chart = PoissonMemory::default(),
        }
    }

    fn advance(&self, memory: &mut GlrNegativeBinomialMemory, series: &Series, t: usize) -> Scored {
        let normal = memory.normal.as_ref().map_err(|doubt| *doubt);
        match &mut memory.chart {
            Remembered::Poisson(chart) => advance(&self.as_poisson(), chart, series, t, normal, 0),
            Remembered::Dispersed(chart) => {
                let alpha = normal.map_or(0.0, |normal| normal.alpha);
                advance(&Dispersed { asked: self, alpha }, chart, series, t, normal, 0)
            }
        }
    }
}

impl Detector for GlrNegativeBinomial {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        run(self, series, range)
    }
}

impl GlrNegativeBinomial {
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        check_limits(self.c_arl, self.theta)?;
        match self.alpha {
            Some(alpha) if !(alpha >= 0.0 && alpha.is_finite()) => {
                Err(format!("`alpha` is {alpha}; write 0 (Poisson) or more, or leave it out to estimate it"))
            }
            _ => self.mu0.check(),
        }
    }

    /// The α with which the range would be watched, for those who want to see it.
    pub fn alpha(&self, series: &Series, range: &Range<usize>) -> Option<f64> {
        self.normal(series, range.start).ok().map(|normal| normal.alpha)
    }

    fn normal(&self, series: &Series, from: usize) -> Result<Normal, Doubt> {
        self.mu0.estimate_negative_binomial(series, from, self.alpha, self.compatibility)
    }

    fn as_surveillance(&self) -> bool {
        self.compatibility == Compatibility::Surveillance1_20
    }

    fn as_poisson(&self) -> GlrPoisson {
        GlrPoisson {
            c_arl: self.c_arl,
            mtilde: self.mtilde,
            m: self.m,
            change: Change::Intercept,
            dir: self.dir,
            ret: self.ret,
            theta: self.theta,
            mu0: self.mu0,
            compatibility: self.compatibility,
        }
    }
}

struct Dispersed<'a> {
    asked: &'a GlrNegativeBinomial,
    alpha: f64,
}

/// What a chart remembers of the steps since it began anew.
#[derive(Debug, Clone, PartialEq, Default)]
struct DispersedMemory {
    /// Of a change that is known.
    statistic: f64,
    beginnings: Beginnings<Explained>,
    /// Counts and means since the oldest beginning.
    counts: Vec<f64>,
    means: Vec<f64>,
}

/// What a segment adds up to. With p = αμ/(1 + αμ) and the weight w = x + 1/α of a step, the logarithm of the ratio is
/// Σ κx − w ln(1 + p(e^κ − 1)).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Explained {
    cases: f64,
    /// Σ wp
    weighted: f64,
    /// Σ w(1 − p)
    weighted_rest: f64,
    /// How fast the logarithm of the ratio grows with the first trace of a change.
    slope: f64,
    /// The smallest and the largest αμ.
    least: f64,
    most: f64,
}

impl Sum for Explained {
    fn add(&mut self, other: &Explained) {
        self.cases += other.cases;
        self.weighted += other.weighted;
        self.weighted_rest += other.weighted_rest;
        self.slope += other.slope;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }
}

/// Where the best factor of a beginning is to be sought, and what it explains at most.
#[derive(Debug, Clone, Copy)]
struct Promise {
    steps: usize,
    at_most: f64,
    between: (f64, f64),
}

/// The steps a change lasts, the last one apart.
#[derive(Clone, Copy)]
struct Lasting<'a> {
    counts: &'a [f64],
    means: &'a [f64],
    end: Step,
}

impl Lasting<'_> {
    fn steps(&self) -> impl Iterator<Item = (f64, f64)> {
        let before = self.counts.iter().copied().zip(self.means.iter().copied());
        before.chain([(self.end.count, self.end.mean)])
    }
}

impl Dispersed<'_> {
    /// What the factor e^κ explains: Σ κx − w ln(1 + p(e^κ − 1)).
    fn ratio(&self, lasting: Lasting, kappa: f64) -> f64 {
        let (alpha, rate, more) = (self.alpha, kappa.exp(), kappa.exp_m1());
        let one = |(x, mean): (f64, f64)| {
            let over = 1.0 / (1.0 + alpha * mean);
            let p = alpha * mean * over;
            // Whichever of the two loses no digit.
            let log = if p * more > -0.5 { (p * more).ln_1p() } else { (over + p * rate).ln() };
            kappa * x - (x + 1.0 / alpha) * log
        };
        lasting.steps().map(one).sum()
    }

    /// The κ where the ratio is highest, over steps with cases, known to lie between `low` and `high`: where
    /// Σ (αx + 1) μe^κ / (1 + αμe^κ), which grows with κ, is Σ x. Newton's steps on its logarithm, which is nearly straight where means are
    /// tiny (steps on the ratio itself would leave for infinity there), kept between the two.
    fn highest(&self, lasting: Lasting, cases: f64, (mut low, mut high): (f64, f64)) -> f64 {
        let size = 1.0 / self.alpha;
        let mut reach = 4.0;
        let mut kappa = if high.is_finite() { f64::midpoint(low, high) } else { low };
        for _ in 0..200 {
            let rate = self.alpha * kappa.exp();
            let (mut level, mut slope) = (0.0, 0.0);
            for (x, mean) in lasting.steps() {
                let over = 1.0 / (1.0 + rate * mean);
                let term = (x + size) * rate * mean * over;
                level += term;
                slope += term * over;
            }
            if level < cases {
                low = kappa;
            } else {
                high = kappa;
            }
            let mut next = kappa + (cases / level).ln() * level / slope;
            // What is left after one of Newton's steps is of the order of its square.
            let mut enough = 1e-6;
            if !(low..=high).contains(&next) || next - kappa > reach {
                next = if high.is_finite() { f64::midpoint(low, high) } else { low + reach };
                reach *= 2.0;
                enough = 1e-12;
            }
            let done = (next - kappa).abs() <= enough * (1.0 + kappa.abs());
            kappa = next;
            if done {
                break;
            }
        }
        kappa
    }

    fn explained(&self, Step { count, mean, .. }: Step) -> Explained {
        let (weight, level) = (count + 1.0 / self.alpha, self.alpha * mean);
        let over = 1.0 / (1.0 + level);
        let slope = (count - mean) * over;
        Explained {
            cases: count,
            weighted: weight * level * over,
            weighted_rest: weight * over,
            slope: if self.rises() { slope } else { -slope },
            least: level,
            most: level,
        }
    }

    fn rises(&self) -> bool {
        self.asked.dir == Direction::Inc
    }

    fn look(&self) -> Look {
        Look { unseen: self.asked.mtilde.max(1) - 1, back: usize::try_from(self.asked.m).ok() }
    }

    /// The best of all beginnings left. Each promises something from its sums alone; those that promise most are searched first, until
    /// no promise is better than what was found.
    fn best(&self, memory: &DispersedMemory, step: Step) -> f64 {
        if self.asked.as_surveillance() {
            return self.best_as_surveillance(memory, step);
        }
        let mut promises = Vec::new();
        let mut floor = 0.0_f64;
        memory.beginnings.each(self.look(), self.explained(step), |steps, since| {
            if since.slope > 0.0 {
                let (at_least, promise) = self.promise(steps, since);
                floor = floor.max(at_least);
                promises.push(promise);
            }
        });
        promises.sort_unstable_by(|a, b| b.at_most.total_cmp(&a.at_most));
        let mut best = 0.0_f64;
        for promise in promises {
            if promise.at_most < best.max(floor) {
                break;
            }
            let from = memory.counts.len() + 1 - promise.steps;
            let (counts, means) = (&memory.counts[from..], &memory.means[from..]);
            best = best.max(self.found(Lasting { counts, means, end: step }, promise.between));
        }
        best
    }

    /// What the best factor explains since a beginning, at least and at most, and where that factor lies.
    ///
    /// ln(1 + p(e^κ − 1)) is concave in p. So its weighted sum is at most that of the mean p, and at least that of the smallest and the
    /// largest p, weighted to have the same mean. For both the best factor is known: of one p it is a quotient, of two it solves a
    /// quadratic equation. Where p does not vary, the bounds are one.
    fn promise(&self, steps: usize, since: &Explained) -> (f64, Promise) {
        let Explained { cases, weighted, weighted_rest, least, most, .. } = *since;
        let weight = weighted + weighted_rest;
        // Σ w − Σ x, without a subtraction.
        let sizes = steps as f64 / self.alpha;
        let (p, q) = (weighted / weight, weighted_rest / weight);
        let (low_p, low_q) = (least / (1.0 + least), 1.0 / (1.0 + least));
        let (high_p, high_q) = (most / (1.0 + most), 1.0 / (1.0 + most));
        let share = ((p - low_p) / (high_p - low_p)).clamp(0.0, 1.0);
        let high = if share.is_nan() { 0.0 } else { share * weight };
        let low = weight - high;

        let of_mean = cases * q / (sizes * p);
        let square = sizes * low_p * high_p;
        let linear = (low - sizes) * low_q * high_p + (high - sizes) * low_p * high_q;
        let product = 4.0 * square * cases * low_q * high_q;
        let root = (linear * linear + product).sqrt();
        let of_two = match () {
            // A mean so extreme that the equation leaves the range of numbers: search without a promise.
            () if cases > 0.0 && !product.is_normal() => f64::NAN,
            () if linear > 0.0 => (linear + root) / (2.0 * square),
            () => 2.0 * cases * low_q * high_q / (root - linear),
        };

        let log = |rate: f64| if cases > 0.0 { cases * rate.ln() } else { 0.0 };
        let at_least = log(of_mean) - weight * (q + p * of_mean).ln();
        let at_most =
            log(of_two) - low * (low_q + low_p * of_two).ln() - high * (high_q + high_p * of_two).ln();
        // What rounding may have taken from one and given to the other.
        let doubt = 1e-9 * (1.0 + at_least.abs()) + 1e-14 * (weight + log(of_two).abs());
        let sure = |value: f64, otherwise: f64| if value.is_finite() { value } else { otherwise };
        let (one, other) = (of_mean.ln(), of_two.ln());
        let slack = 1e-9 * (1.0 + one.abs());
        let between = if self.rises() {
            (sure(one - slack, 0.0).max(0.0), sure(other + slack, f64::INFINITY))
        } else {
            (sure(other - slack, f64::NEG_INFINITY), sure(one + slack, 0.0).min(0.0))
        };
        let at_most = sure(at_most + doubt, f64::INFINITY);
        (sure(at_least - doubt, 0.0), Promise { steps, at_most, between })
    }

    /// What the best factor explains, known to lie between two.
    fn found(&self, lasting: Lasting, between: (f64, f64)) -> f64 {
        let cases: f64 = lasting.steps().map(|(x, _)| x).sum();
        if cases == 0.0 {
            // κ → −∞.
            return lasting.steps().map(|(_, mean)| (self.alpha * mean).ln_1p() / self.alpha).sum();
        }
        let (low, high) = between;
        let low = if low.is_finite() {
            low
        } else {
            // Where all means would have to be tiny.
            let mean: f64 = lasting.steps().map(|(x, mean)| (self.alpha * x + 1.0) * mean).sum();
            (cases / mean).ln().min(high)
        };
        self.ratio(lasting, self.highest(lasting, cases, (low, high)))
    }

    /// Plain Newton steps on the ratio, from where the window before ended.
    fn best_as_surveillance(&self, memory: &DispersedMemory, end: Step) -> f64 {
        let Look { unseen, back } = self.look();
        let beginnings = (memory.counts.len() + 1).saturating_sub(unseen);
        if back.is_some_and(|back| back < unseen) {
            return 0.0;
        }
        let sign = if self.asked.dir == Direction::Inc { 1.0 } else { -1.0 };
        let mut best = f64::NEG_INFINITY;
        let mut kappa = 0.5_f64;
        for k in 0..beginnings {
            let lasting = Lasting { counts: &memory.counts[k..], means: &memory.means[k..], end };
            let mut was = 0.4;
            for _ in 0..1000 {
                if !(kappa > -18.0 && (kappa - was).abs() > 1e-6) {
                    break;
                }
                was = kappa;
                let rate = was.exp();
                let (mut slope, mut bend) = (0.0, 0.0);
                for (x, mean) in lasting.steps() {
                    let over = 1.0 + self.alpha * mean * rate;
                    slope += (x - mean * rate) / over;
                    bend += rate * mean * (self.alpha * x + 1.0) / (over * over);
                }
                kappa = was + slope / bend;
            }
            kappa = sign * (sign * kappa).max(0.0);
            let ratio = self.ratio(lasting, kappa);
            if ratio > best {
                best = ratio;
            }
        }
        best.max(0.0)
    }
}

impl GivesUp<Explained> for Dispersed<'_> {
    /// The logarithm of the ratio is concave and 0 without a change.
    fn explains_nothing(&self, segment: &Explained) -> bool {
        // The peer searches all beginnings in turn, each from where the one before ended.
        !self.asked.as_surveillance() && segment.slope <= 0.0
    }

    /// With means that differ there is no plane in which the beginnings would have a hull.
    fn is_bridged(&self, _: &Explained, _: &Explained) -> bool {
        false
    }
}

impl Chart for Dispersed<'_> {
    type Memory = DispersedMemory;

    fn limit(&self) -> f64 {
        self.asked.c_arl
    }

    fn statistic(&self, memory: &DispersedMemory, step: Step) -> f64 {
        match self.asked.theta {
            Some(theta) => {
                let alone = Lasting { counts: &[], means: &[], end: step };
                (memory.statistic + self.ratio(alone, theta)).max(0.0)
            }
            None => self.best(memory, step),
        }
    }

    fn alarms(&self, statistic: f64) -> bool {
        statistic > self.asked.c_arl || self.asked.theta.is_none() && statistic == self.asked.c_arl
    }

    fn take(&self, memory: &mut DispersedMemory, step: Step, statistic: f64) {
        memory.statistic = statistic;
        if self.asked.theta.is_some() {
            return;
        }
        memory.beginnings.take(self.look(), self.explained(step), self);
        memory.counts.push(step.count);
        memory.means.push(step.mean);
        let needless = memory.counts.len() - memory.beginnings.steps();
        memory.counts.drain(..needless);
        memory.means.drain(..needless);
    }

    fn tells_upper(&self) -> bool {
        let falls = self.asked.theta.map_or(self.asked.dir == Direction::Dec, |theta| theta <= 0.0);
        self.asked.ret == Returned::Cases && !falls
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The statistic after each step of a chart that never begins anew.
    fn statistics(asked: &GlrNegativeBinomial, alpha: f64, steps: &[(f64, f64)]) -> Vec<f64> {
        let chart = Dispersed { asked, alpha };
        let mut memory = DispersedMemory::default();
        let mut told = Vec::new();
        for (count, mean) in steps {
            let step = Step { count: *count, mean: *mean, before: 0.0 };
            told.push(chart.statistic(&memory, step));
            chart.take(&mut memory, step, told[told.len() - 1]);
        }
        told
    }

    /// What a factor explains, step by step.
    fn by_hand(steps: &[(f64, f64)], alpha: f64, kappa: f64) -> f64 {
        let one = |(x, mean): &(f64, f64)| {
            kappa * x + (x + 1.0 / alpha) * ((1.0 + alpha * mean) / (1.0 + alpha * mean * kappa.exp())).ln()
        };
        steps.iter().map(one).sum()
    }

    /// The highest of a concave function between 0 and `far`.
    fn highest_by_thirds(far: f64, f: impl Fn(f64) -> f64) -> f64 {
        let (mut low, mut high) = (0.0, far);
        for _ in 0..120 {
            let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if f(a) < f(b) {
                low = a;
            } else {
                high = b;
            }
        }
        f(f64::midpoint(low, high)).max(0.0)
    }

    #[test]
    fn influenza_out_of_season_alarms_and_the_peer_says_nothing() {
        // A mean of a hundred-thousandth and then twenty, forty, eighty cases.
        let steps = [0.0, 20.0, 40.0, 80.0].map(|count| (count, 1e-5));
        for (compatibility, sees) in [(Compatibility::None, true), (Compatibility::Surveillance1_20, false)] {
            let asked = GlrNegativeBinomial { compatibility, ..GlrNegativeBinomial::default() };
            assert_eq!(statistics(&asked, 0.3, &steps)[3] > 5.0, sees);
        }
    }

    #[test]
    fn one_step_is_half_its_deviance() {
        // The last mean is that of a trend that went astray.
        for (dir, mu) in [(Direction::Inc, 4.0), (Direction::Dec, 30.0), (Direction::Dec, 1e170)] {
            let asked = GlrNegativeBinomial { dir, ..GlrNegativeBinomial::default() };
            let (x, a) = (12.0_f64, 0.5);
            let deviance = x * (x / mu).ln() - (x + 1.0 / a) * ((1.0 + a * x) / (1.0 + a * mu)).ln();
            let told = statistics(&asked, a, &[(x, mu)])[0];
            assert!((told / deviance - 1.0).abs() < 1e-9, "{told} {deviance}");
        }
    }

    fn steps(most: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
        // Seasons of every depth, means that jump, and counts that follow them or do not.
        let one = (0_u32..40, -25.0..8.0_f64, 0.0..1.0_f64).prop_map(|(any, log, chance)| {
            let mean = log.exp();
            (if chance < 0.5 { f64::from(any) } else { (mean * 4.0 * chance).floor() }, mean)
        });
        let calm = (0_u32..12, 0.5..1.5_f64).prop_map(|(count, log)| (f64::from(count), log.exp()));
        prop_oneof![proptest::collection::vec(one, 1..most), proptest::collection::vec(calm, 1..most)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Giving up beginnings and trusting promises changes nothing: each step's statistic is that of all windows, each searched by
        /// itself.
        #[test]
        fn the_best_of_all_windows(
            steps in steps(40), log_alpha in -11.0..4.0_f64, falls: bool, m in prop_oneof![Just(-1_i64), 0_i64..12],
            mtilde in 1_usize..5,
        ) {
            let alpha = log_alpha.exp();
            let dir = if falls { Direction::Dec } else { Direction::Inc };
            let asked = GlrNegativeBinomial { dir, m, mtilde, ..GlrNegativeBinomial::default() };
            let told = statistics(&asked, alpha, &steps);
            for (last, told) in told.iter().enumerate() {
                let windows = (0..=last).map(|k| &steps[k..=last]).filter(|window| {
                    window.len() >= mtilde && (m < 0 || window.len() as i64 <= m + 1)
                });
                let best = windows.fold(0.0, |best: f64, window| {
                    let far = if falls { -60.0 } else { 60.0 };
                    best.max(highest_by_thirds(far, |kappa| by_hand(window, alpha, kappa)))
                });
                prop_assert!((told - best).abs() <= 1e-9 * (1.0 + best), "step {last}: {told} {best}");
            }
        }
    }
}
