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
            Err(doubt) => return watch(&self.chart(0.0), series, range, Err(doubt), true),
        };
        if normal.alpha == 0.0 {
            return watch(&self.as_poisson(), series, range, Ok(normal.means), true);
        }
        watch(&self.chart(normal.alpha), series, range, Ok(normal.means), true)
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
        self.mu0.estimate_negative_binomial(series, range, self.alpha, self.compatibility)
    }

    fn chart(&self, alpha: f64) -> Dispersed<'_> {
        Dispersed { asked: self, alpha }
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
}

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

    /// The κ where the ratio is highest, in a window with cases: where Σ (αx + 1) μe^κ / (1 + αμe^κ), which grows with κ, is Σ x.
    /// Newton's steps on its logarithm, which is nearly straight where means are tiny (steps on the ratio itself would leave for infinity
    /// there), kept between a place on the left and one on the right. `leftmost` is where all means would have to be tiny.
    fn highest(&self, seen: &Seen, from: usize, to: usize, leftmost: f64, guess: f64) -> f64 {
        let cases: f64 = seen.counts[from..=to].iter().sum();
        let (mut low, mut high, mut reach) = (leftmost, f64::INFINITY, 4.0);
        let mut kappa = guess.max(leftmost);
        for _ in 0..200 {
            let rate = kappa.exp();
            let (mut level, mut slope) = (0.0, 0.0);
            for i in from..=to {
                let mean = self.alpha * seen.means[i] * rate;
                let term = (seen.counts[i] + 1.0 / self.alpha) * mean / (1.0 + mean);
                level += term;
                slope += term / (1.0 + mean);
            }
            // Counts beyond arithmetic have no maximum to be found.
            if !(level.is_finite() && slope.is_finite()) {
                break;
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
        let rising = self.asked.dir == Direction::Inc;
        let alpha = self.alpha;
        let (mut cases, mut mean, mut slope, mut most) = (0.0, 0.0, 0.0, 0.0);
        let (mut best, mut kappa) = (0.0_f64, 0.0_f64);
        for k in (first..=last).rev() {
            let (x, mu) = (seen.counts[k], seen.means[k]);
            cases += x;
            mean += (alpha * x + 1.0) * mu;
            slope += (x - mu) / (1.0 + alpha * mu);
            // No factor explains a window better than each step its own, so most windows need no search.
            if (x > mu) == rising && x != mu {
                let own = if x > 0.0 { x * (x / mu).ln() } else { 0.0 };
                most += own - (x + 1.0 / alpha) * ((1.0 + alpha * x) / (1.0 + alpha * mu)).ln();
            }
            if k > latest || most <= best || (slope > 0.0) != rising {
                continue;
            }
            let ratio = if cases > 0.0 {
                let leftmost = (cases / mean).ln();
                kappa = self.highest(seen, k, last, leftmost, if rising { kappa.max(0.0) } else { kappa });
                self.ratio(seen, k, last, kappa)
            } else {
                // κ → −∞.
                seen.means[k..=last].iter().map(|mu| (alpha * mu).ln_1p() / alpha).sum()
            };
            best = best.max(ratio);
        }
        best
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

impl Chart for Dispersed<'_> {
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
            assert_eq!(asked.chart(0.3).best(&seen, 0, 3) > 5.0, sees);
        }
    }

    #[test]
    fn one_step_is_half_its_deviance() {
        let asked = GlrNegativeBinomial::default();
        let (x, mu, a) = (12.0_f64, 4.0, 0.5);
        let deviance = x * (x / mu).ln() - (x + 1.0 / a) * ((1.0 + a * x) / (1.0 + a * mu)).ln();
        assert!((asked.chart(a).best(&seen(&[x], &[mu]), 0, 0) - deviance).abs() < 1e-9);
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
            let chart = asked.chart(alpha);
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
