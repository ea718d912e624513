//! Generalised likelihood ratio for counts that vary more than Poisson counts: the best story of a change that began at some step
//! before, against no change at all.
//!
//! Deliberately absent: an epidemic that feeds on the step before; `glr_poisson` has it.

use crate::glr_poisson::{Change, Direction, GlrPoisson, Returned};
use crate::restarting::{Chart, Seen, check_limits, smallest_alarm, watch};
use crate::seasonal_mean::{Normal, SeasonalMean};
use crate::{Compatibility, Detector, Doubt, Scored, Series};
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

impl Detector for GlrNegativeBinomial {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        let normal = match self.normal(series, &range) {
            Ok(normal) => normal,
            Err(doubt) => return watch(self.chart(0.0), series, range, Err(doubt), true),
        };
        if normal.alpha == 0.0 {
            return watch(&self.as_poisson(), series, range.clone(), normal.means(range), true);
        }
        watch(self.chart(normal.alpha), series, range.clone(), normal.means(range), true)
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
        self.normal(series, range).ok().map(|normal| normal.alpha)
    }

    fn normal(&self, series: &Series, range: &Range<usize>) -> Result<Normal, Doubt> {
        self.mu0.estimate_negative_binomial(series, range.start, self.alpha, self.compatibility)
    }

    fn chart(&self, alpha: f64) -> Dispersed<'_> {
        Dispersed { asked: self, alpha, rungs: Vec::new() }
    }

    /// Counts that vary no more than Poisson counts are judged as such.
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
    /// From no factor to the largest looked for; empty until prepared.
    rungs: Vec<Rung>,
}

/// One factor e^κ, tried on every step: sums over the first 0, 1, 2, … steps, so that a window costs one subtraction.
struct Rung {
    kappa: f64,
    ratios: Vec<f64>,
    slopes: Vec<f64>,
}

/// The better the factor is known beforehand the fewer windows need a search; long windows have factors near 1.
const KAPPAS: [f64; 26] = [
    0.0, 0.02, 0.04, 0.07, 0.1, 0.14, 0.19, 0.25, 0.32, 0.4, 0.5, 0.62, 0.76, 0.93, 1.13, 1.4, 1.7, 2.1, 2.6,
    3.2, 4.0, 5.0, 7.0, 10.0, 15.0, 25.0,
];

impl Dispersed<'_> {
    /// Σ κx + (x + 1/α) ln((1 + αμ)/(1 + αμe^κ)) over a window.
    fn ratio(&self, seen: &Seen, from: usize, to: usize, kappa: f64) -> f64 {
        let (alpha, rate) = (self.alpha, kappa.exp());
        (from..=to)
            .map(|i| {
                let (x, mean) = (seen.counts[i], alpha * seen.means[i]);
                kappa * x + (x + 1.0 / alpha) * ((1.0 + mean) / (1.0 + mean * rate)).ln()
            })
            .sum()
    }

    /// The ratio of one step under a factor, and its slope in κ.
    fn one(&self, x: f64, mu: f64, kappa: f64) -> (f64, f64) {
        let alpha = self.alpha;
        let changed = mu * kappa.exp();
        let ratio = kappa * x + (x + 1.0 / alpha) * ((1.0 + alpha * mu) / (1.0 + alpha * changed)).ln();
        (ratio, (x - changed) / (1.0 + alpha * changed))
    }

    /// The κ where the ratio is highest, in a window with cases, known to lie between `low` and `high`: where
    /// Σ (αx + 1) μe^κ / (1 + αμe^κ), which grows with κ, is Σ x. Newton's steps on its logarithm, which is nearly straight where means are
    /// tiny (steps on the ratio itself would leave for infinity there), kept between the two.
    fn highest(
        &self,
        seen: &Seen,
        from: usize,
        to: usize,
        (mut low, mut high): (f64, f64),
        guess: f64,
    ) -> f64 {
        let cases: f64 = seen.counts[from..=to].iter().sum();
        let mut reach = 4.0;
        let mut kappa = guess;
        for _ in 0..200 {
            let rate = kappa.exp();
            let (mut level, mut slope) = (0.0, 0.0);
            for (x, mu) in seen.counts[from..=to].iter().zip(&seen.means[from..=to]) {
                let mean = self.alpha * mu * rate;
                let share = mean / (1.0 + mean);
                let term = (x + 1.0 / self.alpha) * share;
                level += term;
                slope += term * (1.0 - share);
            }
            if level < cases {
                low = kappa;
            } else {
                high = kappa;
            }
            let mut next = kappa + (cases / level).ln() * level / slope;
            if !(low..=high).contains(&next) || next - kappa > reach {
                next = if high.is_finite() { f64::midpoint(low, high) } else { low + reach };
                reach *= 2.0;
            }
            // Near the maximum the ratio is flat: this leaves its first nine digits and more.
            let done = (next - kappa).abs() <= 1e-8 * (1.0 + kappa.abs());
            kappa = next;
            if done {
                break;
            }
        }
        kappa
    }

    fn best(&self, seen: &Seen, start: usize, last: usize) -> f64 {
        let Some((first, latest)) = self.windows(start, last) else { return 0.0 };
        if self.asked.compatibility == Compatibility::Surveillance1_20 {
            return self.best_as_surveillance(seen, first, latest, last);
        }
        // The last step is added afresh, since `upper` tries other counts there.
        let ends: Vec<(f64, f64)> =
            self.rungs.iter().map(|rung| self.one(seen.counts[last], seen.means[last], rung.kappa)).collect();
        let reach = Reach { rungs: &self.rungs, ends: &ends, last, rises: self.asked.dir == Direction::Inc };
        // What some factor of the ladder explains, some window will explain at least.
        let mut place = 0;
        let floor = (first..=latest).rev().map(|k| reach.of(k, &mut place).at_least).fold(0.0, f64::max);
        place = 0;
        let mut best = 0.0_f64;
        for k in (first..=latest).rev() {
            let Explained { at_most, between, guess, .. } = reach.of(k, &mut place);
            // Differences of long sums are a little off.
            if at_most <= best.max(floor - 1e-7 * (1.0 + floor)) {
                continue;
            }
            best = best.max(self.explained(seen, k, last, between, guess));
        }
        best
    }

    /// What the best factor explains in a window, known to lie between two.
    fn explained(&self, seen: &Seen, k: usize, last: usize, between: (f64, f64), guess: f64) -> f64 {
        let (counts, means) = (&seen.counts[k..=last], &seen.means[k..=last]);
        let cases: f64 = counts.iter().sum();
        if cases == 0.0 {
            // κ → −∞.
            return means.iter().map(|mu| (self.alpha * mu).ln_1p() / self.alpha).sum();
        }
        let (low, high) = between;
        let low = if low.is_finite() {
            low
        } else {
            // Where all means would have to be tiny.
            let mean: f64 = counts.iter().zip(means).map(|(x, mu)| (self.alpha * x + 1.0) * mu).sum();
            (cases / mean).ln().min(high)
        };
        let guess = if guess.is_finite() { guess.clamp(low, high) } else { low };
        let kappa = self.highest(seen, k, last, (low, high), guess);
        self.ratio(seen, k, last, kappa)
    }

    fn windows(&self, start: usize, last: usize) -> Option<(usize, usize)> {
        let back = self.asked.m;
        let first = if back < 0 { start } else { start.max(last.saturating_sub(back as usize)) };
        let latest = last.checked_sub(self.asked.mtilde.max(1) - 1)?;
        (latest >= first).then_some((first, latest))
    }

    /// Plain Newton steps on the ratio, from where the window before ended.
    fn best_as_surveillance(&self, seen: &Seen, first: usize, latest: usize, last: usize) -> f64 {
        let sign = if self.asked.dir == Direction::Inc { 1.0 } else { -1.0 };
        let mut best = f64::NEG_INFINITY;
        let mut kappa = 0.5_f64;
        for k in first..=latest {
            let mut was = 0.4;
            for _ in 0..1000 {
                if !(kappa > -18.0 && (kappa - was).abs() > 1e-6) {
                    break;
                }
                was = kappa;
                let rate = was.exp();
                let (mut slope, mut bend) = (0.0, 0.0);
                for i in k..=last {
                    let (x, mean) = (seen.counts[i], seen.means[i]);
                    let over = 1.0 + self.alpha * mean * rate;
                    slope += (x - mean * rate) / over;
                    bend += rate * mean * (self.alpha * x + 1.0) / (over * over);
                }
                kappa = was + slope / bend;
            }
            kappa = sign * (sign * kappa).max(0.0);
            let ratio = self.ratio(seen, k, last, kappa);
            if ratio > best {
                best = ratio;
            }
        }
        best.max(0.0)
    }
}

/// The ladder over the steps of one chart up to `last`.
struct Reach<'a> {
    rungs: &'a [Rung],
    /// Ratio and slope of the last step on each rung.
    ends: &'a [(f64, f64)],
    last: usize,
    rises: bool,
}

/// What is known of a window's best factor without a search.
struct Explained {
    at_least: f64,
    at_most: f64,
    between: (f64, f64),
    guess: f64,
}

impl Reach<'_> {
    fn on(&self, rung: usize, k: usize) -> (f64, f64) {
        let Rung { ratios, slopes, .. } = &self.rungs[rung];
        let (ratio, slope) = self.ends[rung];
        (ratios[self.last] - ratios[k] + ratio, slopes[self.last] - slopes[k] + slope)
    }

    /// The ratio is concave in κ. So the best factor lies where the slope turns, and the ratio there is at most where the tangents on
    /// either side meet. `place` is where the turn was last, and is moved.
    fn of(&self, k: usize, place: &mut usize) -> Explained {
        let further = |slope: f64| (slope > 0.0) == self.rises && slope != 0.0;
        while *place > 0 && !further(self.on(*place, k).1) {
            *place -= 1;
        }
        while *place + 1 < self.rungs.len() && further(self.on(*place + 1, k).1) {
            *place += 1;
        }
        let (ratio, slope) = self.on(*place, k);
        let kappa = self.rungs[*place].kappa;
        if !further(slope) {
            // Only at the bottom: no factor explains anything.
            return Explained { at_least: 0.0, at_most: 0.0, between: (0.0, 0.0), guess: 0.0 };
        }
        let ordered = |far: f64| if self.rises { (kappa, far) } else { (far, kappa) };
        let Some(next) = self.rungs.get(*place + 1) else {
            let far = if self.rises { f64::INFINITY } else { f64::NEG_INFINITY };
            return Explained {
                at_least: ratio,
                at_most: f64::INFINITY,
                between: ordered(far),
                guess: kappa,
            };
        };
        let (next_ratio, next_slope) = self.on(*place + 1, k);
        let width = next.kappa - kappa;
        let meet = (next_ratio - next_slope * width - ratio) / (slope - next_slope);
        Explained {
            at_least: ratio.max(next_ratio),
            at_most: ratio + slope * meet,
            between: ordered(next.kappa),
            guess: kappa + meet,
        }
    }
}

impl Chart for Dispersed<'_> {
    fn prepare(&mut self, seen: &Seen) {
        let plain = self.asked.theta.is_some() || self.asked.compatibility == Compatibility::Surveillance1_20;
        if plain || self.alpha == 0.0 {
            return;
        }
        let sign = if self.asked.dir == Direction::Inc { 1.0 } else { -1.0 };
        let rung = |kappa: f64| {
            let (mut ratio, mut slope) = (0.0, 0.0);
            let mut rung = Rung { kappa, ratios: vec![0.0], slopes: vec![0.0] };
            for (x, mu) in seen.counts.iter().zip(&seen.means) {
                let (more, steeper) = self.one(*x, *mu, kappa);
                ratio += more;
                slope += steeper;
                rung.ratios.push(ratio);
                rung.slopes.push(slope);
            }
            rung
        };
        self.rungs = KAPPAS.iter().map(|kappa| rung(sign * kappa)).collect();
    }

    fn limit(&self) -> f64 {
        self.asked.c_arl
    }

    fn statistic(&self, seen: &Seen, start: usize, last: usize, before: f64) -> f64 {
        match self.asked.theta {
            Some(theta) => (before + self.ratio(seen, last, last, theta)).max(0.0),
            None => self.best(seen, start, last),
        }
    }

    fn alarms(&self, statistic: f64) -> bool {
        statistic > self.asked.c_arl || self.asked.theta.is_none() && statistic == self.asked.c_arl
    }

    fn upper(&self, seen: &mut Seen, start: usize, last: usize, before: f64) -> Option<f64> {
        let falls = self.asked.theta.map_or(self.asked.dir == Direction::Dec, |theta| theta <= 0.0);
        if self.asked.ret == Returned::Value || falls {
            return None;
        }
        smallest_alarm(seen, last, |seen| self.alarms(self.statistic(seen, start, last, before)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(counts: &[f64], means: &[f64]) -> Seen {
        Seen { counts: counts.to_vec(), means: means.to_vec(), before: vec![0.0; counts.len()] }
    }

    #[test]
    fn influenza_out_of_season_alarms_and_the_peer_says_nothing() {
        // A mean of a hundred-thousandth and then twenty, forty, eighty cases.
        let seen = seen(&[0.0, 20.0, 40.0, 80.0], &[1e-5; 4]);
        for (compatibility, sees) in [(Compatibility::None, true), (Compatibility::Surveillance1_20, false)] {
            let asked = GlrNegativeBinomial { compatibility, ..GlrNegativeBinomial::default() };
            let mut chart = asked.chart(0.3);
            chart.prepare(&seen);
            assert_eq!(chart.best(&seen, 0, 3) > 5.0, sees);
        }
    }

    #[test]
    fn one_step_is_half_its_deviance() {
        let asked = GlrNegativeBinomial::default();
        let (x, mu, a) = (12.0_f64, 4.0, 0.5);
        let deviance = x * (x / mu).ln() - (x + 1.0 / a) * ((1.0 + a * x) / (1.0 + a * mu)).ln();
        let mut chart = asked.chart(a);
        chart.prepare(&seen(&[x], &[mu]));
        assert!((chart.best(&seen(&[x], &[mu]), 0, 0) - deviance).abs() < 1e-9);
    }

    proptest! {
        /// The best factor is the best: no other κ in any window explains more.
        #[test]
        fn no_other_factor_explains_more(
            steps in proptest::collection::vec((0_u32..40, -9.0..4.0_f64), 1..15),
            alpha in 0.01..3.0_f64,
            kappa in 0.0..12.0_f64,
            falls in proptest::bool::ANY,
        ) {
            let (counts, means): (Vec<f64>, Vec<f64>) =
                steps.iter().map(|(count, log)| (f64::from(*count), log.exp())).unzip();
            let seen = seen(&counts, &means);
            let dir = if falls { Direction::Dec } else { Direction::Inc };
            let asked = GlrNegativeBinomial { dir, ..GlrNegativeBinomial::default() };
            let mut chart = asked.chart(alpha);
            chart.prepare(&seen);
            let last = counts.len() - 1;
            let best = chart.best(&seen, 0, last);
            prop_assert!(best.is_finite());
            let kappa = if falls { -kappa } else { kappa };
            for k in 0..=last {
                prop_assert!(chart.ratio(&seen, k, last, kappa) <= best + 1e-8 * (1.0 + best));
            }
        }
    }
}
