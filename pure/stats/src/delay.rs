//! The delay distribution behind pairs of days, corrected for the pairs that have not shown themselves yet.
//!
//! While an outbreak grows, most infectors are recent, and only their fast infectees have fallen ill by the
//! day of the analysis. The plain mean is therefore too short. Each pair is weighed against what could have
//! been seen.
//!
//! # Source
//! Likelihood conditional on being observable by the last day, with both events known to the day:
//! Park et al. 2024, medRxiv, doi:10.1101/2024.01.12.24301247; Charniga et al. 2024, PLoS Comput Biol
//! 20:e1012520, doi:10.1371/journal.pcbi.1012520 (recommendations); Seaman, Presanis, Jackson 2022, Stat
//! Methods Med Res 31:1656-1672, doi:10.1177/09622802211023955 (right truncation). Both events are taken as
//! uniform within their day.

use crate::normal::{normal_cdf, normal_density};
use crate::serial::OnsetPair;
use crate::simplex::minimise;
use crate::special::gamma_shares;
use crate::summary::quantile;
use base::{Day, Streams};
use serde::Serialize;
use std::collections::BTreeMap;
use std::{fmt, str::FromStr};

/// The family the delay is sought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Also below zero: the only family that keeps infectees who fell ill before their infector.
    /// Used for the serial interval of COVID-19 by Du et al. 2020, Emerg Infect Dis 26:1341,
    /// doi:10.3201/eid2606.200357.
    Normal,
    Gamma,
    Lognormal,
}

impl FromStr for Shape {
    type Err = String;
    fn from_str(text: &str) -> Result<Shape, String> {
        match text.trim().to_lowercase().as_str() {
            "normal" => Ok(Shape::Normal),
            "gamma" => Ok(Shape::Gamma),
            "lognormal" | "log-normal" => Ok(Shape::Lognormal),
            _ => Err(format!("`{text}` is not a distribution known here; choose normal, gamma or lognormal")),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shape::Normal => "normal",
            Shape::Gamma => "gamma",
            Shape::Lognormal => "lognormal",
        })
    }
}

/// A value with its confidence interval, in days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DelayFit {
    pub shape: Shape,
    /// The last day on which an onset could have been seen; absent when nothing is held to be cut off.
    pub last_day: Option<Day>,
    /// Pairs used.
    pub n: usize,
    /// Pairs left out because one of the two fell ill after the last day: nobody knew them as a pair by then.
    pub after_last_day: usize,
    /// Pairs left out because the family knows no negative delay.
    pub impossible: usize,
    /// Of the whole distribution, as if everybody had been waited for.
    pub mean: Estimate,
    pub sd: Estimate,
    pub log_likelihood: f64,
    /// Akaike's criterion, to compare families on the same pairs: smaller is better.
    pub aic: f64,
    /// Repetitions of the bootstrap that gave a fit, and how many were drawn.
    pub repetitions: (usize, usize),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    #[error("{n} usable pairs are too few for a distribution; at least {FEWEST_PAIRS} are needed")]
    TooFew { n: usize },
    #[error("all usable pairs are {days} days apart; a distribution needs a spread")]
    NoSpread { days: i32 },
    #[error(
        "the {shape} fit finds no end: too much lies beyond the last day to say how long the delay is; choose an \
         earlier window of infector onsets, a later last day, or another distribution"
    )]
    Unbounded { shape: Shape },
}

impl DelayFit {
    /// Probability of this many days between both onsets, had everybody been waited for.
    pub fn probability(&self, days: i32) -> f64 {
        Delay { shape: self.shape, mean: self.mean.value, sd: self.sd.value }.exactly(days)
    }
}

/// Probability of so many days between two events whose delay has this family, mean and standard deviation (in days), when
/// both are known to the day only and are uniform within it.
pub fn delay_probability(shape: Shape, mean: f64, sd: f64, days: i32) -> f64 {
    Delay { shape, mean, sd }.exactly(days)
}

/// Two parameters need a few pairs each; below this the bootstrap mostly repeats the same two pairs.
const FEWEST_PAIRS: usize = 5;

/// Pairs as they count for a fit: how many have this delay and could have been seen up to that many days.
#[derive(Debug, Clone, Default)]
struct ObservedPairs {
    kept: Vec<Observation>,
    after_last_day: usize,
    impossible: usize,
    last_day: Option<Day>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Observation {
    days: i32,
    /// The longest delay that could have been seen: from the infector's onset to the last day.
    longest: Option<i32>,
}

impl ObservedPairs {
    /// `last_day` is the day up to which onsets are known; `None` holds that everybody has been waited for.
    fn of(pairs: &[OnsetPair], shape: Shape, last_day: Option<Day>) -> ObservedPairs {
        let mut observed = ObservedPairs { last_day, ..ObservedPairs::default() };
        for pair in pairs {
            if last_day.is_some_and(|last| pair.infectee_onset.max(pair.infector_onset) > last) {
                observed.after_last_day += 1;
            } else if shape != Shape::Normal && pair.days() < 0 {
                observed.impossible += 1;
            } else {
                let longest = last_day.map(|last| last - pair.infector_onset);
                observed.kept.push(Observation { days: pair.days(), longest });
            }
        }
        observed
    }
}

/// Mean and standard deviation of the delay in days, with intervals by the percentiles of `repetitions`
/// bootstrap samples of the pairs (drawn from the stream `delay bootstrap`), at the confidence `level` such
/// as 0.95.
pub fn estimate_truncated_delay(
    pairs: &[OnsetPair],
    shape: Shape,
    last_day: Option<Day>,
    level: f64,
    repetitions: usize,
    streams: &Streams,
) -> Result<DelayFit, FitError> {
    let observed = ObservedPairs::of(pairs, shape, last_day);
    let n = observed.kept.len();
    refuse_the_hopeless(&observed.kept)?;
    let (delay, log_likelihood) = fit(&observed.kept, shape).ok_or(FitError::Unbounded { shape })?;

    let mut stream = streams.of("delay bootstrap");
    let (mut means, mut sds) = (Vec::new(), Vec::new());
    for _ in 0..repetitions {
        let sample: Vec<Observation> = (0..n).map(|_| *stream.pick(&observed.kept)).collect();
        if let Some((delay, _)) = fit(&sample, shape) {
            means.push(delay.mean);
            sds.push(delay.sd);
        }
    }
    Ok(DelayFit {
        shape,
        last_day: observed.last_day,
        n,
        after_last_day: observed.after_last_day,
        impossible: observed.impossible,
        mean: percentiles(delay.mean, &mut means, level),
        sd: percentiles(delay.sd, &mut sds, level),
        log_likelihood,
        aic: 4.0 - 2.0 * log_likelihood,
        repetitions: (means.len(), repetitions),
    })
}

fn refuse_the_hopeless(kept: &[Observation]) -> Result<(), FitError> {
    if kept.len() < FEWEST_PAIRS {
        return Err(FitError::TooFew { n: kept.len() });
    }
    if kept.iter().all(|seen| seen.days == kept[0].days) {
        return Err(FitError::NoSpread { days: kept[0].days });
    }
    Ok(())
}

/// Without any repetition the interval is unknown, and NaN says so in arithmetic as `null` does in JSON.
fn percentiles(value: f64, repeated: &mut [f64], level: f64) -> Estimate {
    repeated.sort_by(f64::total_cmp);
    let at = |share| if repeated.is_empty() { f64::NAN } else { quantile(repeated, share) };
    Estimate { value, low: at(0.5 - level / 2.0), high: at(0.5 + level / 2.0) }
}

/// Maximum likelihood over the logarithms of what must stay positive.
fn fit(kept: &[Observation], shape: Shape) -> Option<(Delay, f64)> {
    let mut counts: BTreeMap<Observation, f64> = BTreeMap::new();
    for seen in kept {
        *counts.entry(*seen).or_default() += 1.0;
    }
    let (mean, sd) = crude_moments(kept);
    let start = match shape {
        Shape::Normal => [mean, sd.ln()],
        // A day of its own width keeps a mean of zero days off the logarithm's edge.
        Shape::Gamma | Shape::Lognormal => [mean.max(0.5).ln(), sd.ln()],
    };
    let read = |[a, b]: [f64; 2]| Delay {
        shape,
        mean: if shape == Shape::Normal { a } else { a.exp() },
        sd: b.exp(),
    };
    let step = [if shape == Shape::Normal { sd / 2.0 } else { 0.3 }, 0.3];
    let (at, height) = minimise(|point| -log_likelihood(&counts, read(point)), start, step)?;
    let delay = read(at);
    // Truncated likelihoods may rise for ever along "longer and wider"; an answer far beyond what was waited
    // for is not one.
    let widest = kept.iter().filter_map(|seen| seen.longest).max();
    let unbounded = widest.is_some_and(|widest| delay.mean.abs() > 3.0 * f64::from(widest.max(1)));
    (height.is_finite() && delay.sd.is_finite() && !unbounded).then_some((delay, -height))
}

fn crude_moments(kept: &[Observation]) -> (f64, f64) {
    let n = kept.len() as f64;
    let mean = kept.iter().map(|seen| f64::from(seen.days)).sum::<f64>() / n;
    let variance = kept.iter().map(|seen| (f64::from(seen.days) - mean).powi(2)).sum::<f64>() / n;
    // A sample of equal days (a bootstrap may draw one) starts from the width of a day.
    (mean, variance.sqrt().max(0.3))
}

fn log_likelihood(counts: &BTreeMap<Observation, f64>, delay: Delay) -> f64 {
    // The chance of being seen is shared by all pairs with the same infector onset.
    let mut seen_within: BTreeMap<i32, f64> = BTreeMap::new();
    let mut sum = 0.0;
    for (seen, count) in counts {
        sum += count * delay.exactly(seen.days).ln();
        if let Some(longest) = seen.longest {
            sum -= count * seen_within.entry(longest).or_insert_with(|| delay.seen_within(longest)).ln();
        }
    }
    if sum.is_nan() { f64::NEG_INFINITY } else { sum }
}

/// A delay by its mean and standard deviation in days.
#[derive(Debug, Clone, Copy)]
struct Delay {
    shape: Shape,
    mean: f64,
    sd: f64,
}

/// Below this a probability is lost in rounding; the floor keeps one outlier from being infinitely unlikely.
const LEAST: f64 = 1e-14;

impl Delay {
    /// Probability that two events fall so many days apart in the calendar. With both uniform within their
    /// days this is the second difference of G(x) = E[(x − delay)⁺], the integral of the cumulative
    /// distribution.
    fn exactly(self, days: i32) -> f64 {
        let x = f64::from(days);
        // G and its mirror E[(delay − x)⁺] have the same second difference; the smaller one loses fewer
        // digits.
        let part = |at: f64| if x < self.mean { self.shortfall(at) } else { self.excess(at) };
        (part(x + 1.0) - 2.0 * part(x) + part(x - 1.0)).max(LEAST)
    }

    /// Probability that the calendar delay is at most so many days.
    fn seen_within(self, days: i32) -> f64 {
        let x = f64::from(days);
        (self.shortfall(x + 1.0) - self.shortfall(x)).clamp(LEAST, 1.0)
    }

    /// E[(x − delay)⁺].
    fn shortfall(self, x: f64) -> f64 {
        let (below, mean_below, ..) = self.parts(x);
        x * below - mean_below
    }

    /// E[(delay − x)⁺].
    fn excess(self, x: f64) -> f64 {
        let (.., above, mean_above) = self.parts(x);
        mean_above - x * above
    }

    /// P(delay ≤ x), E[delay; delay ≤ x], P(delay > x), E[delay; delay > x].
    fn parts(self, x: f64) -> (f64, f64, f64, f64) {
        match self.shape {
            Shape::Normal => {
                let z = (x - self.mean) / self.sd;
                let (below, above, bump) = (normal_cdf(z), normal_cdf(-z), self.sd * normal_density(z));
                (below, self.mean * below - bump, above, self.mean * above + bump)
            }
            Shape::Gamma => {
                let shape = (self.mean / self.sd).powi(2);
                let rate = self.mean / self.sd.powi(2);
                let (below, above) = gamma_shares(shape, x * rate);
                let (mean_below, mean_above) = gamma_shares(shape + 1.0, x * rate);
                (below, self.mean * mean_below, above, self.mean * mean_above)
            }
            Shape::Lognormal => {
                if x <= 0.0 {
                    return (0.0, 0.0, 1.0, self.mean);
                }
                let variance = (self.sd / self.mean).powi(2).ln_1p();
                let sigma = variance.sqrt();
                let z = (x.ln() - self.mean.ln() + variance / 2.0) / sigma;
                let (below, above) = (normal_cdf(z), normal_cdf(-z));
                (below, self.mean * normal_cdf(z - sigma), above, self.mean * normal_cdf(sigma - z))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::normal_quantile;
    use crate::serial::serial_interval;
    use proptest::prelude::*;

    const SHAPES: [Shape; 3] = [Shape::Normal, Shape::Gamma, Shape::Lognormal];

    /// An outbreak that doubles every 4 days up to `last`, its serial interval lognormal or normal: (onsets
    /// of infector and infectee) for everybody who will ever fall ill.
    fn growing_outbreak(shape: Shape, mean: f64, sd: f64, last: i32, pairs: usize) -> Vec<OnsetPair> {
        let streams = Streams::seeded(20_220_221);
        let (mut when, mut long) = (streams.of("infector onset"), streams.of("delay"));
        let variance = (sd / mean).powi(2).ln_1p();
        (0..pairs)
            .map(|_| {
                let before = -(1.0 - when.share()).ln() * 4.0 / std::f64::consts::LN_2;
                let infector = f64::from(last) + 1.0 - before;
                let z = normal_quantile(long.share().max(1e-12));
                let delay = match shape {
                    Shape::Normal => mean + sd * z,
                    _ => (mean.ln() - variance / 2.0 + variance.sqrt() * z).exp(),
                };
                let day = |at: f64| Day::from_number(at.floor() as i32).unwrap();
                OnsetPair { infector_onset: day(infector), infectee_onset: day(infector + delay) }
            })
            .collect()
    }

    #[test]
    fn in_a_growing_outbreak_the_plain_mean_is_too_short_and_the_fit_is_not() {
        let last = 18_300;
        let last_day = Day::from_number(last).unwrap();
        for (shape, mean, sd) in [(Shape::Lognormal, 5.0, 2.0), (Shape::Normal, 5.0, 3.0)] {
            let pairs = growing_outbreak(shape, mean, sd, last, 6_000);
            let seen: Vec<OnsetPair> =
                pairs.iter().copied().filter(|p| p.infectee_onset <= last_day).collect();
            let plain = serial_interval(&seen, 0.95).unwrap().days.mean;
            let fit = estimate_truncated_delay(&pairs, shape, Some(last_day), 0.95, 0, &Streams::seeded(1))
                .unwrap();
            // Growth at rate r weighs a delay s by e^(−rs), which shortens the mean by about r·sd² =
            // 0.17·sd².
            assert!(plain < mean - 0.5, "{shape}: {plain}");
            assert!((fit.mean.value - mean).abs() < 0.3, "{shape}: {:?}", fit.mean);
            assert!((fit.sd.value - sd).abs() < 0.25, "{shape}: {:?}", fit.sd);
            assert_eq!(fit.after_last_day, pairs.len() - seen.len());
        }
    }

    #[test]
    fn when_everybody_was_waited_for_the_fit_of_a_normal_is_the_plain_mean() {
        let pairs = growing_outbreak(Shape::Normal, 6.0, 3.0, 18_300, 500);
        let plain = serial_interval(&pairs, 0.95).unwrap().days;
        let fit =
            estimate_truncated_delay(&pairs, Shape::Normal, None, 0.95, 100, &Streams::seeded(1)).unwrap();
        assert!((fit.mean.value - plain.mean).abs() < 1e-3);
        // Two uniform days blur the spread by a sixth of a day squared (Sheppard's correction, twice).
        let spread = (fit.sd.value.powi(2) + 1.0 / 6.0).sqrt();
        assert!((spread - plain.sd.unwrap()).abs() < 0.02, "{spread}");
        let interval_ratio = (fit.mean.high - fit.mean.low) / (plain.high.unwrap() - plain.low.unwrap());
        assert!((0.7..1.3).contains(&interval_ratio), "{interval_ratio}");
        assert_eq!(fit.repetitions, (100, 100));
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let pairs = growing_outbreak(Shape::Lognormal, 5.0, 2.0, 18_300, 60);
        let run =
            |seed| estimate_truncated_delay(&pairs, Shape::Gamma, None, 0.95, 20, &Streams::seeded(seed));
        assert_eq!(run(7), run(7));
        assert_ne!(run(7).unwrap().mean.low, run(8).unwrap().mean.low);
    }

    #[test]
    fn a_family_without_negative_delays_says_how_many_pairs_it_left_out() {
        let mut pairs = growing_outbreak(Shape::Lognormal, 5.0, 2.0, 18_300, 50);
        let first = pairs[0];
        pairs.push(OnsetPair {
            infector_onset: first.infector_onset,
            infectee_onset: first.infector_onset - 2,
        });
        let fit =
            |shape| estimate_truncated_delay(&pairs, shape, None, 0.95, 0, &Streams::seeded(1)).unwrap();
        assert_eq!((fit(Shape::Gamma).impossible, fit(Shape::Gamma).n), (1, 50));
        assert_eq!((fit(Shape::Normal).impossible, fit(Shape::Normal).n), (0, 51));
    }

    #[test]
    fn what_cannot_be_fitted_is_refused_with_a_remedy() {
        let pair = |days| OnsetPair {
            infector_onset: Day::from_number(18_300).unwrap(),
            infectee_onset: Day::from_number(18_300 + days).unwrap(),
        };
        let fit = |pairs: &[OnsetPair], last| {
            estimate_truncated_delay(pairs, Shape::Gamma, last, 0.95, 0, &Streams::seeded(1))
        };
        assert_eq!(fit(&[pair(1), pair(3)], None), Err(FitError::TooFew { n: 2 }));
        assert_eq!(fit(&[pair(4); 9], None), Err(FitError::NoSpread { days: 4 }));
        // Ever more pairs up to the very last day: nothing says where the distribution ends.
        let rising: Vec<OnsetPair> = (0..=6).flat_map(|days| vec![pair(days); 1 << days]).collect();
        let last = Some(Day::from_number(18_306).unwrap());
        assert_eq!(fit(&rising, last), Err(FitError::Unbounded { shape: Shape::Gamma }));
    }

    proptest! {
        #[test]
        fn the_days_of_a_delay_share_out_all_probability(mean in 0.5..15.0_f64, spread in 0.1..1.5_f64) {
            for shape in SHAPES {
                let delay = Delay { shape, mean, sd: mean * spread };
                let up_to = |last: i32| (-200..=last).map(|d| delay.exactly(d)).sum::<f64>();
                for last in [0, 3, 10, 40] {
                    prop_assert!((up_to(last) - delay.seen_within(last)).abs() < 1e-9, "{shape} {last}");
                }
            }
        }
    }
}
