//! Delays seen from their end: of the reports with at most x days of delay, which share had exactly x?
//!
//! # Source
//! Lawless 1994, Canadian Journal of Statistics 22:15-31: the hazard in reverse time (his 2.9), the
//! estimate and the variance of its error (2.13, 2.16). The normal error cut at what is already reported: Höhle and an der
//! Heiden 2014, Biometrics 70:993-1002, doi:10.1111/biom.12194.

use super::{CountChances, Nowcast, NowcastMethod, NowcastRule, NowcastStep};
use crate::reporting_triangle::DelayCounts;
use crate::{Compatibility, Doubt, ReportingTriangle};
use stats::normal_cdf;
use std::ops::Range;

/// The share of each delay among reports with at most that delay, and what follows from it.
struct Delays {
    /// Probability of at most so long a delay, by delay.
    cdf: Vec<f64>,
    /// Variance of its logarithm (Greenwood), by delay.
    log_variance: Vec<f64>,
}

impl Delays {
    fn of(counts: &DelayCounts) -> Delays {
        let longest = counts.reported.len() - 1;
        let mut delays = Delays { cdf: vec![1.0; longest + 1], log_variance: vec![0.0; longest + 1] };
        for x in (1..=longest).rev() {
            let (exactly, at_most) = (counts.reported[x], counts.at_most[x]);
            let hazard = if at_most > 0.0 { exactly / at_most } else { 0.0 };
            let spread = if hazard > 0.0 { hazard / (at_most * (1.0 - hazard)) } else { 0.0 };
            delays.cdf[x - 1] = delays.cdf[x] * (1.0 - hazard);
            delays.log_variance[x - 1] = delays.log_variance[x] + spread;
        }
        delays
    }
}

pub fn nowcast(
    triangle: &ReportingTriangle,
    steps: Range<usize>,
    counts: &DelayCounts,
    rule: &NowcastRule,
) -> Nowcast {
    let mut delays = Delays::of(counts);
    let longest = triangle.longest_delay();
    let step = |t: usize| {
        let n = triangle.reported(t);
        let age = triangle.age(t).min(longest);
        let (seen, log_variance) = (delays.cdf[age], delays.log_variance[age]);
        match chances(n, seen, log_variance, rule) {
            Ok(chances) => NowcastStep::told(t, n, chances, rule.alpha),
            Err(doubt) => NowcastStep::unanswered(t, n, doubt),
        }
    };
    let steps = steps.map(step).collect();
    if rule.compatibility == Compatibility::Surveillance1_20 {
        // The peer lists every delay that any step could have had.
        delays.cdf.resize(triangle.steps().max(longest + 1), 1.0);
    }
    Nowcast { method: NowcastMethod::Lawless, steps, delay_cdf: delays.cdf }
}

/// `seen` is the probability of having been reported by now.
fn chances(n: u32, seen: f64, log_variance: f64, rule: &NowcastRule) -> Result<CountChances, Doubt> {
    let count = f64::from(n);
    let estimate = count / seen;
    let of_the_count = count * (1.0 - seen) / (seen * seen);
    if rule.compatibility == Compatibility::Surveillance1_20 {
        let most = rule.most_cases.unwrap_or(n as usize);
        return Ok(peer_chances(n as usize, estimate, of_the_count.sqrt(), most));
    }
    if seen >= 1.0 {
        return Ok(CountChances::certain(n as usize));
    }
    if n == 0 {
        return Err(Doubt::NothingReported);
    }
    // The delays are estimated too: without this part the interval is too narrow.
    let of_the_delays = estimate * estimate * log_variance;
    let sd = (of_the_count + of_the_delays).sqrt();
    if !(estimate.is_finite() && sd.is_finite() && estimate < 1e7) {
        return Err(Doubt::DelaysUnknown);
    }
    Ok(normal_chances(n as usize, estimate, sd, rule.most_cases))
}

/// A normal error in whole counts, with nothing below what is reported; adds up to one.
fn normal_chances(n: usize, estimate: f64, sd: f64, most: Option<usize>) -> CountChances {
    // Beyond nine standard deviations no double knows a difference.
    let reach = (estimate + 9.0 * sd).ceil() as usize;
    let last = most.unwrap_or(usize::MAX).min(reach).max(n);
    let above = |x: f64| normal_cdf(-(x - estimate) / sd);
    let mut left = above(n as f64 - 0.5);
    let weights = (n..=last).map(|x| {
        let next = above(x as f64 + 0.5);
        let weight = left - next;
        left = next;
        weight
    });
    CountChances::weighed(n, weights.collect())
}

/// The peer's: the cumulative probability is divided by what lies above `n`, but what lies below it is not taken away.
fn peer_chances(n: usize, estimate: f64, sd: f64, most: usize) -> CountChances {
    if sd == 0.0 || !sd.is_finite() {
        return CountChances::certain(n);
    }
    let at_most =
        |x: usize| normal_cdf((x as f64 - estimate) / sd) / (1.0 - normal_cdf((n as f64 - estimate) / sd));
    let mut before = 0.0;
    let chances = (n..=most).map(|x| {
        let now = at_most(x);
        let chance = now - before;
        before = now;
        chance
    });
    CountChances::unweighed(n, chances.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half of all is reported on the day itself, by 40 events seen in full and 20 of the last day.
    fn by_hand() -> Delays {
        Delays::of(&DelayCounts { reported: vec![60.0, 40.0], at_most: vec![60.0, 80.0] })
    }

    #[test]
    fn the_share_seen_and_its_doubt_are_those_by_hand() {
        let delays = by_hand();
        assert_eq!(delays.cdf, [0.5, 1.0]);
        // g = 1/2 of 80: variance of ln(1 − g) is g / (80 (1 − g)).
        assert!((delays.log_variance[0] - 0.5 / (80.0 * 0.5)).abs() < 1e-15);
    }

    #[test]
    fn the_peers_fault_is_reproduced_by_name_only_and_is_one() {
        let delays = by_hand();
        let right = chances(20, 0.5, delays.log_variance[0], &NowcastRule::default()).unwrap();
        let peer = NowcastRule {
            compatibility: Compatibility::Surveillance1_20,
            most_cases: Some(200),
            ..NowcastRule::default()
        };
        let wrong = chances(20, 0.5, delays.log_variance[0], &peer).unwrap();
        assert!((right.sum() - 1.0).abs() < 1e-12, "{}", right.sum());
        assert!((wrong.sum() - 1.0).abs() > 1e-4, "{}", wrong.sum());
        let width =
            |chances: &CountChances| chances.quantile(0.975).unwrap() - chances.quantile(0.025).unwrap();
        // 40 events expected; variance 40 of the count, 20 of the delays.
        assert!(width(&right) > width(&wrong), "{} {}", width(&right), width(&wrong));
    }

    #[test]
    fn nothing_reported_is_no_estimate_of_none() {
        assert_eq!(chances(0, 0.2, 0.1, &NowcastRule::default()), Err(Doubt::NothingReported));
        assert_eq!(chances(3, 0.0, 0.1, &NowcastRule::default()), Err(Doubt::DelaysUnknown));
    }
}
