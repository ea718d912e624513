//! EARS C1, C2 and C3: today against a week or so of yesterdays. They need no past years and no model.
//!
//! Deliberately absent: the day of the week. Where Sundays are quiet, a baseline of whole weeks helps a little; Farrington helps more.

use crate::watch::Forgetful;
use crate::{Compatibility, Detector, Doubt, Scored, Series};
use serde::{Deserialize, Serialize};
use stats::{normal_quantile, student_tail};
use std::ops::Range;

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum EarsMethod {
    /// Against the steps just before.
    #[default]
    C1,
    /// Two steps are left out between, so that a growing outbreak does not hide itself.
    C2,
    /// What this step and the two before it are above their own C2 expectation, added up.
    C3,
}

/// Steps that C2 and C3 leave out before the step they look at.
const LAG: usize = 2;
/// Counts up to here have sums and squares that are exact in a double, for baselines up to a thousand steps.
const LARGEST_EXACT_COUNT: f64 = 65_536.0;
const LONGEST_EXACT_BASELINE: usize = 1_000;

/// A moving mean and standard deviation.
///
/// # Source
/// Hutwagner, Thompson, Seeman, Treadwell 2003, J Urban Health 80(S1):i89, doi:10.1007/pl00022319 (PMID 12791783); Fricker,
/// Hegler, Dunfee 2008, Stat Med 27:3407, doi:10.1002/sim.3197. The published limit of 3 standard deviations is α = 0.001, that
/// of 2 for C3 is α = 0.025. The level is not kept: with seven steps the spread itself is hardly known, and C1 and C2 alarm more than
/// ten times as often as α says. The `p_value` is honest about it (Student's t for a new observation); C3 has none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ears {
    pub method: EarsMethod,
    /// Steps whose mean and spread are the comparison; at least 3.
    pub baseline: usize,
    /// The spread is never taken to be smaller.
    pub min_sigma: f64,
    /// Share of normal steps above the bound if counts were normal and their spread known; without one, 0.001 (C1, C2) or 0.025 (C3).
    pub alpha: Option<f64>,
    /// `surveillance_1_20`: C3 puts the day's own count where its expectation belongs, so that the count cannot alarm by
    /// itself, and gives no answer where a baseline does not vary.
    pub compatibility: Compatibility,
}

impl Default for Ears {
    fn default() -> Ears {
        Ears {
            method: EarsMethod::C1,
            baseline: 7,
            min_sigma: 0.0,
            alpha: None,
            compatibility: Compatibility::None,
        }
    }
}

/// What a step is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EarsBound {
    pub t: usize,
    pub mean: f64,
    pub spread: f64,
    /// NaN when the baseline has a gap, or when the compatible C3 has no answer.
    pub upper: f64,
}

impl Ears {
    pub fn of(method: EarsMethod) -> Ears {
        Ears { method, ..Ears::default() }
    }

    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        if self.baseline < 3 {
            return Err(format!(
                "`baseline` is {}; the spread of fewer than 3 steps says nothing",
                self.baseline
            ));
        }
        if !(self.min_sigma >= 0.0 && self.min_sigma.is_finite()) {
            return Err(format!("`min_sigma` is {}; write 0 or more", self.min_sigma));
        }
        match self.alpha {
            Some(alpha) if !(alpha > 0.0 && alpha < 1.0) => {
                Err(format!("`alpha` is {alpha}; write a share between 0 and 1, such as 0.001"))
            }
            _ => Ok(()),
        }
    }

    fn z(&self) -> f64 {
        let usual = if self.method == EarsMethod::C3 { 0.025 } else { 0.001 };
        -normal_quantile(self.alpha.unwrap_or(usual))
    }

    fn lag(&self) -> usize {
        if self.method == EarsMethod::C1 { 0 } else { LAG }
    }

    /// The bound of each step of `range` that has the history for it, in order: the part of the work that must be fast.
    pub fn bounds(&self, counts: &[f64], range: Range<usize>, mut tell: impl FnMut(EarsBound)) {
        let z = self.z();
        let range = range.start.max(self.first_step())..range.end.min(counts.len());
        if self.method != EarsMethod::C3 {
            return moments(counts, range, self.baseline, self.lag(), |t, mean, sd| {
                let spread = sd.max(self.min_sigma);
                tell(EarsBound { t, mean, spread, upper: mean + z * spread });
            });
        }
        let compatible = self.compatibility == Compatibility::Surveillance1_20;
        let first = range.start;
        // How far each of the two steps before was above its own expectation.
        let (mut before, mut yesterday) = (0.0, 0.0);
        moments(counts, first - LAG..range.end.max(first - LAG), self.baseline, LAG, |t, mean, sd| {
            let spread = if sd.is_nan() { sd } else { sd.max(self.min_sigma) };
            if t >= first {
                let upper = if compatible {
                    largest(0.0, counts[t] + spread * (z - (before + yesterday)))
                } else {
                    c3_upper(mean, spread, z, before + yesterday)
                };
                tell(EarsBound { t, mean, spread, upper });
            }
            before = yesterday;
            yesterday = if compatible {
                largest(0.0, (counts[t] - mean) / spread - 1.0)
            } else {
                excess(counts[t], mean, spread)
            };
        });
    }

    fn scored(&self, series: &Series, bound: EarsBound) -> Scored {
        let EarsBound { t, mean, spread, upper } = bound;
        if mean.is_nan() {
            return Scored::unanswered(series, t, Doubt::MissingHistory);
        }
        if upper.is_nan() {
            let known = Scored::unanswered(series, t, self.no_bound(series, t));
            return Scored { expected: Some(mean), ..known };
        }
        let sure = self.method != EarsMethod::C3 && spread > 0.0;
        // A new observation strays by its own spread and by that of the mean of the baseline.
        let n = self.baseline as f64;
        let strays = (series.counts[t] - mean) / (spread * (1.0 + 1.0 / n).sqrt());
        let p_value = sure.then(|| student_tail(strays, self.baseline as u32 - 1));
        let scored = Scored::above(series, t, mean, upper, p_value);
        let doubt = match (mean == 0.0, spread == 0.0) {
            (true, true) => Some(Doubt::ZeroHistory),
            (false, true) => Some(Doubt::NoSpread),
            _ => None,
        };
        Scored { doubt: scored.doubt.or(doubt), ..scored }
    }

    /// Why there is an expectation and no bound.
    fn no_bound(&self, series: &Series, t: usize) -> Doubt {
        let gap = series.counts[t - LAG..t].iter().any(|count| count.is_nan());
        match (series.counts[t].is_nan(), gap) {
            (true, _) => Doubt::NotReported,
            (_, true) => Doubt::MissingHistory,
            _ => Doubt::NoSpread,
        }
    }

    fn first_step(&self) -> usize {
        self.baseline + self.lag() + if self.method == EarsMethod::C3 { LAG } else { 0 }
    }
}

impl Forgetful for Ears {}

impl Detector for Ears {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        let mut scored = Vec::with_capacity(range.len());
        let short = range.start..self.first_step().min(range.end).max(range.start);
        scored.extend(short.map(|t| Scored::unanswered(series, t, Doubt::ShortHistory)));
        self.bounds(&series.counts, range, |bound| scored.push(self.scored(series, bound)));
        scored
    }

    fn first_step(&self, _: &Series) -> usize {
        self.first_step()
    }
}

/// C3 alarms when the excesses of three steps add up to more than `z`; this is the count at which they do. Once the two before
/// are enough, any case keeps the alarm, and a step without a case ends it.
fn c3_upper(mean: f64, spread: f64, z: f64, before: f64) -> f64 {
    if before.is_nan() {
        return f64::NAN;
    }
    if before > z { 0.0 } else { mean + spread * (1.0 + z - before) }
}

/// max(0, C2 − 1). Over a baseline that does not vary, any excess is boundless.
fn excess(count: f64, mean: f64, spread: f64) -> f64 {
    if spread == 0.0 {
        return if count.is_nan() {
            f64::NAN
        } else if count > mean {
            f64::INFINITY
        } else {
            0.0
        };
    }
    largest(0.0, (count - mean) / spread - 1.0)
}

/// NaN when either is.
fn largest(a: f64, b: f64) -> f64 {
    if b.is_nan() { b } else { a.max(b) }
}

/// Mean and standard deviation (divisor n − 1) of `length` steps ending `lag` steps before each step of `range`.
fn moments(
    counts: &[f64],
    range: Range<usize>,
    length: usize,
    lag: usize,
    tell: impl FnMut(usize, f64, f64),
) {
    if range.is_empty() {
        return;
    }
    let needed = &counts[range.start - lag - length..range.end - 1 - lag];
    // Adding 2^52 rounds to a whole number; NaN and fractions differ from themselves afterwards.
    let whole =
        |x: f64| (x + 4_503_599_627_370_496.0) - 4_503_599_627_370_496.0 == x && x <= LARGEST_EXACT_COUNT;
    if length <= LONGEST_EXACT_BASELINE && needed.iter().fold(true, |all, x| all & whole(*x)) {
        running_moments(counts, range, length, lag, tell);
    } else {
        direct_moments(counts, range, length, lag, tell);
    }
}

/// Sums that take in one step and give up another. With whole counts below the limit nothing is ever rounded, so the millionth
/// window is as exact as the first.
fn running_moments(
    counts: &[f64],
    range: Range<usize>,
    length: usize,
    lag: usize,
    mut tell: impl FnMut(usize, f64, f64),
) {
    let first = range.start - lag - length;
    let (mut sum, mut squares) = (0.0, 0.0);
    for x in &counts[first..first + length] {
        sum += x;
        squares += x * x;
    }
    let n = length as f64;
    let pairs = n * (n - 1.0);
    let leaving = &counts[first..];
    let entering = &counts[first + length..];
    for (place, t) in range.enumerate() {
        tell(t, sum / n, ((n * squares - sum * sum) / pairs).sqrt());
        let (old, new) = (leaving[place], entering.get(place).copied().unwrap_or(0.0));
        sum += new - old;
        squares += new * new - old * old;
    }
}

fn direct_moments(
    counts: &[f64],
    range: Range<usize>,
    length: usize,
    lag: usize,
    mut tell: impl FnMut(usize, f64, f64),
) {
    let n = length as f64;
    for t in range {
        let window = &counts[t - lag - length..t - lag];
        let mean = window.iter().sum::<f64>() / n;
        let squares: f64 = window.iter().map(|x| (x - mean) * (x - mean)).sum();
        tell(t, mean, (squares / (n - 1.0)).sqrt());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upper(method: EarsMethod, counts: &[f64]) -> Scored {
        let series = Series::of("s", counts.to_vec(), 365);
        Ears::of(method).detect(&series, counts.len() - 1..counts.len())[0]
    }

    /// By hand: 1, 2, 3, 4, 5, 6, 7 have mean 4 and variance 28/6; z at 0.001 is 3.090232.
    #[test]
    fn c1_and_c2_are_as_by_hand() {
        let bound = 4.0 + 3.090_232_306_167_813 * (28.0_f64 / 6.0).sqrt();
        let c1 = upper(EarsMethod::C1, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 11.0]);
        assert!((c1.upper.unwrap() - bound).abs() < 1e-12 && c1.alarm == Some(true));
        // Two wild steps in between change nothing for C2.
        let c2 = upper(EarsMethod::C2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 90.0, 99.0, 10.0]);
        assert!((c2.upper.unwrap() - bound).abs() < 1e-12 && c2.alarm == Some(false));
    }

    /// By hand, α = 0.025, z = 1.96: the baseline 0, 2, 0, 2, 0, 2 has mean 1 and variance 6/5.
    #[test]
    fn a_count_alone_can_raise_c3_unless_the_peer_is_followed() {
        let mut counts: Vec<f64> = (0..11).map(|t| f64::from(t % 2 * 2)).collect();
        counts.push(40.0);
        let series = Series::of("s", counts, 365);
        let ours = Ears { baseline: 6, ..Ears::of(EarsMethod::C3) };
        let theirs = Ears { compatibility: Compatibility::Surveillance1_20, ..ours.clone() };
        let (ours, theirs) = (ours.detect(&series, 11..12)[0], theirs.detect(&series, 11..12)[0]);
        let bound = 1.0 + 1.2_f64.sqrt() * (1.0 + 1.959_963_984_540_054);
        assert!((ours.upper.unwrap() - bound).abs() < 1e-12 && ours.alarm == Some(true));
        assert_eq!(theirs.alarm, Some(false));
        assert!(theirs.upper.unwrap() > 40.0);
    }

    #[test]
    fn where_nothing_varies_c3_answers_with_care_and_the_peer_not_at_all() {
        let mut counts = vec![3.0; 14];
        counts[13] = 4.0;
        let series = Series::of("s", counts, 365);
        let ours = Ears::of(EarsMethod::C3);
        let theirs = Ears { compatibility: Compatibility::Surveillance1_20, ..ours.clone() };
        let [quiet, loud] = ours.detect(&series, 12..14)[..] else { panic!("two steps") };
        assert_eq!((quiet.alarm, loud.alarm), (Some(false), Some(true)));
        assert_eq!(loud.doubt, Some(Doubt::NoSpread));
        let peer = theirs.detect(&series, 13..14)[0];
        assert_eq!((peer.alarm, peer.doubt), (None, Some(Doubt::NoSpread)));
    }

    #[test]
    fn gaps_and_short_histories_are_said() {
        let mut counts: Vec<f64> = (0..30).map(|t| f64::from(t % 5)).collect();
        counts[15] = f64::NAN;
        let series = Series::of("s", counts, 365);
        let points = Ears::of(EarsMethod::C2).detect(&series, 8..30);
        let doubt = |t: usize| points[t - 8].doubt;
        assert_eq!(doubt(8), Some(Doubt::ShortHistory));
        assert_eq!(doubt(9), None);
        assert_eq!((doubt(15), points[7].upper.is_some()), (Some(Doubt::NotReported), true));
        assert_eq!(
            (doubt(17), doubt(18), doubt(24), doubt(25)),
            (None, Some(Doubt::MissingHistory), Some(Doubt::MissingHistory), None)
        );
    }

    #[test]
    fn running_sums_are_as_exact_as_fresh_ones() {
        let counts: Vec<f64> = (0..5000).map(|t| f64::from(t * t * 31 % 60_013)).collect();
        let (mut running, mut direct) = (Vec::new(), Vec::new());
        running_moments(&counts, 7..5000, 7, 0, |_, mean, sd| running.push((mean, sd)));
        direct_moments(&counts, 7..5000, 7, 0, |_, mean, sd| direct.push((mean, sd)));
        for (a, b) in running.iter().zip(&direct) {
            assert!(a.0 == b.0 && (a.1 - b.1).abs() <= 1e-12 * b.1, "{a:?} {b:?}");
        }
    }
}
