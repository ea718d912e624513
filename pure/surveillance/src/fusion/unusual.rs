//! How unusual the last steps of a series are: the last one, and the last few together, so that a slow rise is seen too.
//!
//! Deliberately absent: any memory beyond the longest window; an outbreak that has ended is forgotten.

use super::combine::combine_dependent;
use super::count::{middle_tail, quantile};
use super::fuse::Evidence;
use super::normal_step::{Baseline, NormalStep, NormalSum};
use crate::{Detector, Doubt, Scored, Series};
use serde::{Deserialize, Serialize};

use std::ops::Range;

/// The detector of recent sums: counts of the last 1, 2, 4 weeks against what a normal step looks like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecentCounts {
    pub baseline: Baseline,
    /// Lengths of the windows, in steps; empty chooses: 1, 2, 4 weeks; 1, 3, 7 days.
    pub lags: Vec<usize>,
    /// For its own alarms, when it is used alone.
    pub alpha: f64,
}

impl Default for RecentCounts {
    fn default() -> RecentCounts {
        RecentCounts { baseline: Baseline::default(), lags: Vec::new(), alpha: 0.01 }
    }
}

impl RecentCounts {
    /// The same against the level of the last months alone, without a season: what is right while the season is not learnt, and
    /// when it comes early or late. It takes what lasts longer than its guard for normal.
    pub fn of_the_level(per_year: usize) -> RecentCounts {
        let (guard, half_life, reach) = match per_year {
            101.. => (3, 14, 56),
            20..=100 => (3, 13, 52),
            _ => (1, 6, 24),
        };
        let baseline = Baseline { guard, half_life, reach, harmonics: 0, ..Baseline::default() };
        RecentCounts { baseline, ..RecentCounts::default() }
    }

    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        if self.lags.contains(&0) {
            return Err("`lags` has a 0; the shortest window is 1 step".to_owned());
        }
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(format!("`alpha` is {}; write a share between 0 and 1, such as 0.01", self.alpha));
        }
        if self.baseline.harmonics > 2 {
            return Err(format!(
                "`harmonics` is {}; 0, 1 or 2 yearly waves are known",
                self.baseline.harmonics
            ));
        }
        if self.baseline.down_weight_above.is_nan() || self.baseline.down_weight_above <= 0.0 {
            return Err(format!(
                "`down_weight_above` is {}; write a number above 0, such as 2.58",
                self.baseline.down_weight_above
            ));
        }
        Ok(())
    }

    fn lags(&self, per_year: usize) -> Vec<usize> {
        match (self.lags.is_empty(), per_year) {
            (false, _) => self.lags.clone(),
            (true, 101..) => vec![1, 3, 7],
            (true, 20..) => vec![1, 2, 4],
            _ => vec![1, 2, 3],
        }
    }

    /// The evidence of each step of `range`, or why there is none.
    ///
    /// Each window is a negative binomial of the summed means; its p-value is the middle one. Windows longer than one step
    /// count only while the latest two steps are not below normal: what is over needs nobody to look at it.
    pub fn evidence(&self, series: &Series, range: Range<usize>) -> Vec<Result<Evidence, Doubt>> {
        let baseline = self.baseline.chosen(series.per_year);
        let lags = self.lags(series.per_year);
        let mut last: Option<NormalStep> = None;
        range
            .map(|t| {
                if series.counts.get(t).is_none_or(|count| count.is_nan()) {
                    return Err(Doubt::NotReported);
                }
                let normal =
                    NormalStep::of(series, t, &baseline, last.as_ref()).or_else(|doubt| match last {
                        // A start that leads nowhere is given up for a fresh one.
                        Some(_) => NormalStep::of(series, t, &baseline, None),
                        None => Err(doubt),
                    })?;
                let evidence = weigh(series, t, &normal, &lags);
                last = Some(normal);
                Ok(evidence)
            })
            .collect()
    }
}

fn weigh(series: &Series, t: usize, normal: &NormalStep, lags: &[usize]) -> Evidence {
    let of = |lag: usize| {
        let steps = (t + 1).saturating_sub(lag)..t + 1;
        let observed: f64 =
            series.counts[steps.clone()].iter().filter(|count| !count.is_nan()).sum::<f64>().round();
        let sum = normal.sum(series, steps);
        (middle_tail(observed, sum.expected, sum.variance), observed, sum)
    };
    let still_rising = of(2).0 < 0.5;
    let mut strongest: Option<(f64, f64, NormalSum, usize)> = None;
    let mut parts = Vec::with_capacity(lags.len());
    for lag in lags {
        if *lag > t + 1 || (*lag > 2 && !still_rising) {
            continue;
        }
        let (p, observed, sum) = of(*lag);
        parts.push((p, 1.0));
        if strongest.is_none_or(|(least, ..)| p < least) {
            strongest = Some((p, observed, sum, *lag));
        }
    }
    let (p, observed, sum, steps) = strongest.unwrap_or_else(|| {
        let (p, observed, sum) = of(1);
        (p, observed, sum, 1)
    });
    Evidence {
        p: combine_dependent(parts).unwrap_or(p),
        steps,
        observed: Some(observed),
        expected: Some(sum.expected),
        usual: Some((quantile(0.1, sum.expected, sum.variance), quantile(0.9, sum.expected, sum.variance))),
    }
}

impl Detector for RecentCounts {
    fn first_step(&self, series: &Series) -> usize {
        let baseline = self.baseline.chosen(series.per_year);
        baseline.guard + baseline.least - 1
    }

    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        let alpha = self.alpha;
        self.evidence(series, range.clone())
            .into_iter()
            .zip(range)
            .map(|(evidence, t)| match evidence {
                Ok(evidence) => Scored {
                    expected: evidence.expected,
                    upper: evidence.usual.map(|(_, high)| high),
                    // 1 where the alarm begins, 2 at its square.
                    score: Some(evidence.p.max(1e-300).ln() / alpha.ln()),
                    p_value: Some(evidence.p),
                    alarm: Some(evidence.p <= alpha),
                    ..Scored::blank(series, t)
                },
                Err(doubt) => Scored::unanswered(series, t, doubt),
            })
            .collect()
    }
}

/// Evidence in words: `27 in the last 4 weeks, normally 5 to 13 (p 0.0004)`.
pub fn describe(evidence: &Evidence, step: &str) -> String {
    let number = |value: f64| {
        if value >= 10.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
    };
    let p = if evidence.p < 1e-4 { format!("{:.0e}", evidence.p) } else { format!("{:.4}", evidence.p) };
    let when = match evidence.steps {
        1 => format!("this {step}"),
        several => format!("in the last {several} {step}s"),
    };
    match (evidence.observed, evidence.usual, evidence.expected) {
        (Some(observed), Some((low, high)), _) => {
            format!("{} {when}, normally {} to {} (p {p})", number(observed), number(low), number(high))
        }
        (Some(observed), None, Some(expected)) => {
            format!("{} {when}, {} expected (p {p})", number(observed), number(expected))
        }
        (Some(observed), None, None) => format!("{} {when} (p {p})", number(observed)),
        (None, ..) => format!("p {p} {when}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_rise_is_seen_in_the_sum_before_any_single_week_stands_out() {
        let mut counts: Vec<f64> = (0..120).map(|t| [2.0, 3.0, 4.0, 3.0][t % 4]).collect();
        for (t, extra) in (112..120).zip([1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0]) {
            counts[t] += extra;
        }
        let series = Series::of("measles", counts, 52);
        let all =
            RecentCounts { lags: vec![1, 2, 4, 8], ..RecentCounts::default() }.evidence(&series, 100..120);
        let last = all[19].unwrap();
        assert!(last.steps == 8 && last.p < 0.01, "{last:?}");
        assert!(all[10].unwrap().p > 0.1);
        let told = describe(&last, "week");
        assert!(told.starts_with("41 in the last 8 weeks, normally "), "{told}");
    }

    #[test]
    fn against_the_level_alone_what_lasts_is_soon_normal_and_what_is_sudden_is_not() {
        let mut counts: Vec<f64> = (0..150).map(|t| [18.0, 22.0, 20.0, 16.0, 24.0][t % 5]).collect();
        counts[100..].iter_mut().for_each(|count| *count += 15.0);
        let series = Series::of("visits", counts, 52);
        let p = |recent: &RecentCounts, t: usize| recent.evidence(&series, t..t + 1)[0].unwrap().p;
        let (level, usual) = (RecentCounts::of_the_level(52), RecentCounts::default());
        assert!(p(&level, 102) < 1e-4 && p(&usual, 102) < 1e-4);
        assert!(p(&level, 149) > 0.05 && p(&usual, 149) < 0.01, "{} {}", p(&level, 149), p(&usual, 149));
    }

    #[test]
    fn a_step_nobody_reported_and_a_short_past_say_so() {
        let mut series = Series::of("measles", vec![1.0; 40], 52);
        series.counts[39] = f64::NAN;
        let all = RecentCounts::default().detect(&series, 0..40);
        assert_eq!(all[5].doubt, Some(Doubt::ShortHistory));
        assert_eq!(all[39].doubt, Some(Doubt::NotReported));
        assert!(all[38].p_value.is_some_and(|p| p > 0.05));
    }
}
