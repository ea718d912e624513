//! A delay between two events of which only windows are known: exposed between these days, ill between those.
//!
//! Deliberately absent: delays not yet finished on the day of the analysis; `delay` corrects for those.
//!
//! # Source
//! Likelihood of doubly interval-censored delays, both events uniform within their windows: Reich, Lessler, Cummings,
//! Brookmeyer 2009, Stat Med 28:2769-2784, doi:10.1002/sim.3659 (package coarseDataTools).

use crate::delay::Estimate;
use crate::gamma::gamma_quantile;
use crate::normal::{normal_cdf, normal_density, normal_quantile};
use crate::simplex::minimise;
use crate::special::gamma_shares;
use crate::student::student_quantile;
use crate::summary::quantile;
use base::Streams;
use serde::Serialize;
use std::{fmt, str::FromStr};

/// The family the delay is sought in, by the parameters it is reported with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DelayFamily {
    /// shape, scale
    Gamma,
    /// meanlog, sdlog
    Lognormal,
    /// shape, scale
    Weibull,
}

impl DelayFamily {
    pub fn parameters(self) -> [&'static str; 2] {
        match self {
            DelayFamily::Lognormal => ["meanlog", "sdlog"],
            DelayFamily::Gamma | DelayFamily::Weibull => ["shape", "scale"],
        }
    }
}

impl FromStr for DelayFamily {
    type Err = String;
    fn from_str(text: &str) -> Result<DelayFamily, String> {
        match text.trim().to_lowercase().as_str() {
            "gamma" | "g" => Ok(DelayFamily::Gamma),
            "lognormal" | "log-normal" | "l" => Ok(DelayFamily::Lognormal),
            "weibull" | "w" => Ok(DelayFamily::Weibull),
            _ => Err(format!("`{text}` is not a family for windows; choose gamma, lognormal or weibull")),
        }
    }
}

impl fmt::Display for DelayFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DelayFamily::Gamma => "gamma",
            DelayFamily::Lognormal => "lognormal",
            DelayFamily::Weibull => "weibull",
        })
    }
}

/// Two events, each known to lie between two moments (in days, any origin). Equal moments: known exactly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Windows {
    pub first: (f64, f64),
    pub second: (f64, f64),
}

impl Windows {
    /// Whether some delay of more than 0 days fits both windows.
    pub fn possible(self) -> bool {
        let all = [self.first.0, self.first.1, self.second.0, self.second.1];
        all.iter().all(|day| day.is_finite())
            && self.first.0 <= self.first.1
            && self.second.0 <= self.second.1
            && self.second.1 > self.first.0
    }

    fn middle(self) -> f64 {
        f64::midpoint(self.second.0, self.second.1) - f64::midpoint(self.first.0, self.first.1)
    }
}

/// A quantity with its standard error and interval, in days where it is a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantity {
    pub name: &'static str,
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub se: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CensoredDelayFit {
    pub family: DelayFamily,
    /// Pairs of windows used.
    pub n: usize,
    /// Pairs left out: no delay above 0 days fits them.
    pub impossible: usize,
    /// Both parameters, percentiles 5, 50 and 95, mean and standard deviation.
    pub quantities: Vec<Quantity>,
    pub log_likelihood: f64,
    /// Akaike's criterion, to compare families on the same pairs: smaller is better.
    pub aic: f64,
    /// Repetitions of the bootstrap that gave a fit; 0 when the intervals are Student's.
    pub repetitions: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CensoredFitError {
    #[error("{n} usable pairs of windows are too few for a distribution; at least {FEWEST} are needed")]
    TooFew { n: usize },
    #[error(
        "the {family} fit finds no end; the windows are too wide to say how long the delay is, or all the same"
    )]
    Unbounded { family: DelayFamily },
}

const FEWEST: usize = 5;
const SHARES: [(&str, f64); 3] = [("p5", 0.05), ("p50", 0.5), ("p95", 0.95)];

/// Maximum likelihood. Intervals at the confidence `level` are percentiles of `repetitions` bootstrap samples (stream
/// `censored delay bootstrap`); with 0 repetitions Student's t times the standard error, which the curvature of the
/// likelihood gives (delta method).
pub fn estimate_censored_delay(
    pairs: &[Windows],
    family: DelayFamily,
    level: f64,
    repetitions: usize,
    streams: &Streams,
) -> Result<CensoredDelayFit, CensoredFitError> {
    let kept: Vec<Windows> = pairs.iter().copied().filter(|pair| pair.possible()).collect();
    if kept.len() < FEWEST {
        return Err(CensoredFitError::TooFew { n: kept.len() });
    }
    let unbounded = CensoredFitError::Unbounded { family };
    let (point, height) = fit(&kept, family).ok_or(unbounded)?;
    let covariance = covariance(&kept, family, point).ok_or(unbounded)?;
    let values = Delay::at(family, point).quantities();
    let errors = standard_errors(family, point, covariance);
    let t = student_quantile(0.5 + level / 2.0, (kept.len() - 1) as f64);

    let mut stream = streams.of("censored delay bootstrap");
    let mut again: Vec<[f64; 7]> = Vec::new();
    for _ in 0..repetitions {
        let sample: Vec<Windows> = (0..kept.len()).map(|_| *stream.pick(&kept)).collect();
        again.extend(fit(&sample, family).map(|(point, _)| Delay::at(family, point).quantities()));
    }
    let [one, other] = family.parameters();
    let names = [one, other, SHARES[0].0, SHARES[1].0, SHARES[2].0, "mean", "sd"];
    let quantities = names.into_iter().enumerate().map(|(i, name)| {
        let (value, se) = (values[i], errors[i]);
        let mut sorted: Vec<f64> = again.iter().map(|values| values[i]).collect();
        sorted.sort_by(f64::total_cmp);
        let interval = if sorted.is_empty() {
            Estimate { value, low: value - t * se, high: value + t * se }
        } else {
            let at = |share| quantile(&sorted, share);
            Estimate { value, low: at(0.5 - level / 2.0), high: at(0.5 + level / 2.0) }
        };
        Quantity { name, value, low: interval.low, high: interval.high, se }
    });
    Ok(CensoredDelayFit {
        family,
        n: kept.len(),
        impossible: pairs.len() - kept.len(),
        quantities: quantities.collect(),
        log_likelihood: -height,
        aic: 4.0 + 2.0 * height,
        repetitions: again.len(),
    })
}

type Point = [f64; 2];

/// Where −log-likelihood is lowest, and how low.
fn fit(pairs: &[Windows], family: DelayFamily) -> Option<(Point, f64)> {
    let n = pairs.len() as f64;
    // Half a day is the least that keeps a delay within one window off the logarithm's edge.
    let logs: Vec<f64> = pairs.iter().map(|pair| pair.middle().max(0.5).ln()).collect();
    let mean = logs.iter().sum::<f64>() / n;
    let sd = (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / n).sqrt().max(0.2);
    let start = match family {
        DelayFamily::Lognormal => [mean, sd.ln()],
        // A gamma's coefficient of variation is 1/√shape; the second coordinate is its mean.
        DelayFamily::Gamma => [-2.0 * sd.ln(), mean],
        // The logarithm of a Weibull delay has standard deviation π / (√6 shape).
        DelayFamily::Weibull => [(1.28 / sd).ln(), mean],
    };
    let (point, height) = minimise(|point| height(pairs, family, point), start, [0.3, 0.3])?;
    // Parameters a thousand times off any start are the flank of a likelihood without a top.
    let near = (0..2).all(|i| (point[i] - start[i]).abs() < 7.0);
    (height.is_finite() && near).then_some((point, height))
}

fn height(pairs: &[Windows], family: DelayFamily, point: Point) -> f64 {
    let delay = Delay::at(family, point);
    let sum: f64 = pairs.iter().map(|pair| delay.likelihood(*pair).ln()).sum();
    if sum.is_nan() { f64::INFINITY } else { -sum }
}

/// Inverse of the curvature of −log-likelihood by central differences, or `None` when it is no valley.
fn covariance(pairs: &[Windows], family: DelayFamily, point: Point) -> Option<[[f64; 2]; 2]> {
    // The third root of the rounding error, where the two errors of a second difference balance.
    const STEP: f64 = 1e-3;
    let at = |a: f64, b: f64| height(pairs, family, [point[0] + a * STEP, point[1] + b * STEP]);
    let here = at(0.0, 0.0);
    let aa = (at(1.0, 0.0) - 2.0 * here + at(-1.0, 0.0)) / STEP.powi(2);
    let bb = (at(0.0, 1.0) - 2.0 * here + at(0.0, -1.0)) / STEP.powi(2);
    let ab = (at(1.0, 1.0) - at(1.0, -1.0) - at(-1.0, 1.0) + at(-1.0, -1.0)) / (4.0 * STEP.powi(2));
    let determinant = aa * bb - ab * ab;
    (aa > 0.0 && determinant > 0.0)
        .then(|| [[bb / determinant, -ab / determinant], [-ab / determinant, aa / determinant]])
}

fn standard_errors(family: DelayFamily, point: Point, covariance: [[f64; 2]; 2]) -> [f64; 7] {
    const STEP: f64 = 1e-5;
    let moved = |a: f64, b: f64| Delay::at(family, [point[0] + a * STEP, point[1] + b * STEP]).quantities();
    let (right, left, up, down) = (moved(1.0, 0.0), moved(-1.0, 0.0), moved(0.0, 1.0), moved(0.0, -1.0));
    std::array::from_fn(|i| {
        let slope = [(right[i] - left[i]) / (2.0 * STEP), (up[i] - down[i]) / (2.0 * STEP)];
        let variance: f64 =
            (0..2).map(|j| (0..2).map(|k| slope[j] * covariance[j][k] * slope[k]).sum::<f64>()).sum();
        variance.max(0.0).sqrt()
    })
}

#[derive(Debug, Clone, Copy)]
struct Delay {
    family: DelayFamily,
    /// As [`DelayFamily::parameters`] names them.
    one: f64,
    other: f64,
}

/// A pair that the distribution all but excludes must not be infinitely unlikely.
const LEAST: f64 = 1e-300;

impl Delay {
    /// From the coordinates the search walks in.
    fn at(family: DelayFamily, [a, b]: Point) -> Delay {
        let (one, other) = match family {
            DelayFamily::Lognormal => (a, b.exp()),
            DelayFamily::Gamma => (a.exp(), (b - a).exp()),
            DelayFamily::Weibull => (a.exp(), b.exp()),
        };
        Delay { family, one, other }
    }

    fn quantities(self) -> [f64; 7] {
        let at = |share| self.quantile(share);
        let (mean, sd) = self.moments();
        [self.one, self.other, at(SHARES[0].1), at(SHARES[1].1), at(SHARES[2].1), mean, sd]
    }

    /// Up to a factor that is the same for all distributions.
    fn likelihood(self, pair: Windows) -> f64 {
        let Windows { first: (el, er), second: (sl, sr) } = pair;
        let chance = match (er > el, sr > sl) {
            (true, true) => {
                // The double integral over both windows is a second difference of E[(x − delay)⁺]; the mirror
                // E[(delay − x)⁺] has the same one, and the smaller of both keeps its digits.
                let corners = [sr - el, sr - er, sl - el, sl - er].map(|x| self.shares(x));
                let short = pair.middle() < self.moments().0;
                let [a, b, c, d] = corners.map(|shares| if short { shares.2 } else { shares.3 });
                a - b - c + d
            }
            (false, false) => self.density(sl - el),
            _ => {
                let (near, far) = (self.shares(sl - er), self.shares(sr - el));
                if near.0 < 0.5 { far.0 - near.0 } else { near.1 - far.1 }
            }
        };
        if chance.is_nan() { chance } else { chance.max(LEAST) }
    }

    /// P(delay ≤ x), P(delay > x), E[(x − delay)⁺], E[(delay − x)⁺].
    fn shares(self, x: f64) -> (f64, f64, f64, f64) {
        let mean = self.moments().0;
        if x <= 0.0 {
            return (0.0, 1.0, 0.0, mean - x);
        }
        let ((below, above), (mean_below, mean_above)) = match self.family {
            DelayFamily::Gamma => {
                (gamma_shares(self.one, x / self.other), gamma_shares(self.one + 1.0, x / self.other))
            }
            DelayFamily::Weibull => {
                let power = (x / self.other).powf(self.one);
                ((-(-power).exp_m1(), (-power).exp()), gamma_shares(1.0 + self.one.recip(), power))
            }
            DelayFamily::Lognormal => {
                let z = (x.ln() - self.one) / self.other;
                let tilted = z - self.other;
                ((normal_cdf(z), normal_cdf(-z)), (normal_cdf(tilted), normal_cdf(-tilted)))
            }
        };
        (below, above, x * below - mean * mean_below, mean * mean_above - x * above)
    }

    fn density(self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let Delay { one, other, .. } = self;
        match self.family {
            DelayFamily::Gamma => {
                ((one - 1.0) * (x / other).ln() - x / other - libm::lgamma(one)).exp() / other
            }
            DelayFamily::Weibull => {
                let power = (x / other).powf(one);
                one / x * power * (-power).exp()
            }
            DelayFamily::Lognormal => normal_density((x.ln() - one) / other) / (x * other),
        }
    }

    fn quantile(self, share: f64) -> f64 {
        match self.family {
            DelayFamily::Gamma => gamma_quantile(share, self.one, self.other),
            DelayFamily::Weibull => self.other * (-(-share).ln_1p()).powf(self.one.recip()),
            DelayFamily::Lognormal => (self.one + self.other * normal_quantile(share)).exp(),
        }
    }

    /// Mean and standard deviation.
    fn moments(self) -> (f64, f64) {
        let Delay { one, other, .. } = self;
        match self.family {
            DelayFamily::Gamma => (one * other, one.sqrt() * other),
            DelayFamily::Weibull => {
                let moment = |order: f64| libm::tgamma(1.0 + order / one);
                let mean = moment(1.0);
                (other * mean, other * (moment(2.0) - mean * mean).max(0.0).sqrt())
            }
            DelayFamily::Lognormal => {
                let mean = (one + other * other / 2.0).exp();
                (mean, mean * (other * other).exp_m1().sqrt())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FAMILIES: [DelayFamily; 3] = [DelayFamily::Gamma, DelayFamily::Lognormal, DelayFamily::Weibull];

    #[test]
    fn known_delays_are_found_again_through_windows_of_a_day() {
        let mut stream = Streams::seeded(5).of("delays");
        for family in FAMILIES {
            let truth =
                Delay { family, one: 2.0, other: if family == DelayFamily::Lognormal { 0.5 } else { 3.0 } };
            let pairs: Vec<Windows> = (0..3_000)
                .map(|_| {
                    let start = 10.0 * stream.share();
                    let end = start + truth.quantile(stream.share().max(1e-12));
                    Windows {
                        first: (start.floor(), start.floor() + 1.0),
                        second: (end.floor(), end.floor() + 1.0),
                    }
                })
                .collect();
            let fit = estimate_censored_delay(&pairs, family, 0.95, 0, &Streams::seeded(1)).unwrap();
            for (quantity, truth) in fit.quantities.iter().zip(truth.quantities()) {
                let apart = (quantity.value - truth).abs();
                assert!(apart < 4.0 * quantity.se && apart < 0.1 * truth, "{family} {quantity:?} {truth}");
            }
        }
    }

    #[test]
    fn exact_and_half_exact_pairs_are_limits_of_narrow_windows() {
        let exact = Windows { first: (1.0, 1.0), second: (5.0, 5.0) };
        let half = Windows { second: (5.0, 6.0), ..exact };
        let narrow = |end: (f64, f64)| Windows { first: (1.0 - 1e-4, 1.0 + 1e-4), second: end };
        for family in FAMILIES {
            let delay = Delay { family, one: 1.5, other: 0.9 };
            let ratio = |a: f64, b: f64| (a / b - 1.0).abs();
            let both = delay.likelihood(narrow((5.0 - 1e-4, 5.0 + 1e-4))) / 4e-8;
            assert!(ratio(both, delay.likelihood(exact)) < 1e-4, "{family}");
            assert!(
                ratio(delay.likelihood(narrow((5.0, 6.0))) / 2e-4, delay.likelihood(half)) < 1e-6,
                "{family}"
            );
        }
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let pair = |days: f64| Windows { first: (0.0, 1.0), second: (days, days + 1.0) };
        let fit = |pairs: &[Windows]| {
            estimate_censored_delay(pairs, DelayFamily::Gamma, 0.95, 0, &Streams::seeded(1))
        };
        assert_eq!(fit(&[pair(2.0); 4]), Err(CensoredFitError::TooFew { n: 4 }));
        assert_eq!(fit(&[pair(-9.0); 9]), Err(CensoredFitError::TooFew { n: 0 }));
        assert!(matches!(fit(&[pair(f64::NAN); 9]), Err(CensoredFitError::TooFew { .. })));
    }

    proptest! {
        #[test]
        fn all_windows_of_the_second_event_share_out_the_first(one in 0.6..4.0_f64, other in 0.4..3.0_f64, el in 0..5_i32) {
            let first = (f64::from(el), f64::from(el) + 1.5);
            for family in FAMILIES {
                let delay = Delay { family, one, other };
                let sum: f64 = (0..4_000)
                    .map(|day| (f64::from(day) / 8.0 + first.0, f64::from(day + 1) / 8.0 + first.0))
                    .map(|second| delay.likelihood(Windows { first, second }))
                    .sum();
                let far = delay.shares(500.0 - 1.5).1;
                prop_assert!((sum / 1.5 - 1.0).abs() < 1e-6 + far, "{family} {sum}");
            }
        }
    }
}
