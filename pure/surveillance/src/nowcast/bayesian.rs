//! Nowcasts with a prior on delays and on counts.
//!
//! # Source
//! Höhle and an der Heiden 2014, Biometrics 70:993-1002, doi:10.1111/biom.12194.

use super::delay_prior::DelayPosterior;
use super::{CountChances, CountPrior, Nowcast, NowcastMethod, NowcastRule, NowcastStep};
use crate::reporting_triangle::DelayCounts;
use crate::{Compatibility, Doubt, ReportingTriangle};
use rayon::prelude::*;
use std::ops::Range;

/// Counts this far above what is reported are not looked at when nothing else bounds them.
const FARTHEST: usize = 100_000;
/// Chances smaller than this, next to the largest, change no digit that is shown.
const LEAST: f64 = 1e-14;

/// Delay distributions are drawn from their posterior; given one, what is still to come of a step is negative binomial.
pub fn nowcast_by_draws(
    triangle: &ReportingTriangle,
    steps: Range<usize>,
    counts: &DelayCounts,
    method: NowcastMethod,
    rule: &NowcastRule,
) -> Nowcast {
    let posterior = DelayPosterior::of(counts, rule.prior_weight, method == NowcastMethod::BayesTruncated);
    let delay_cdf = posterior.mean_cdf();
    let prior = rule.count_prior.unwrap_or_else(|| recent_level(triangle, &delay_cdf));
    let drawn = posterior.drawn_cdfs(rule.draws, rule.seed);
    let longest = triangle.longest_delay();
    let step = |t: usize| {
        let n = triangle.reported(t);
        let age = triangle.age(t);
        if age >= longest {
            return NowcastStep::told(t, n, CountChances::certain(n as usize), rule.alpha);
        }
        let farthest = rule.most_cases.map_or(FARTHEST, |most| most - n as usize);
        let mut sum = Vec::new();
        for cdf in &drawn {
            add_still_to_come(&mut sum, f64::from(n), cdf[age], prior, farthest);
        }
        NowcastStep::told(t, n, CountChances::weighed(n as usize, sum), rule.alpha)
    };
    let steps = steps.into_par_iter().map(step).collect();
    Nowcast { method, steps, delay_cdf }
}

/// Where nothing is known of the level: that of the steps still being reported, what is reported of them over what should
/// have been. The expectation's spread is as large as itself, so that a doubling within these steps surprises nobody.
fn recent_level(triangle: &ReportingTriangle, delay_cdf: &[f64]) -> CountPrior {
    let last = triangle.steps() - 1;
    let from = last.saturating_sub(triangle.longest_delay());
    let (mut reported, mut seen) = (0.0, 0.0);
    for t in from..=last {
        reported += f64::from(triangle.reported(t));
        seen += delay_cdf[triangle.age(t).min(delay_cdf.len() - 1)];
    }
    // Half an event: a prior of none at all could never be moved.
    let mean = (reported + 0.5) / seen.max(0.5);
    CountPrior { mean, variance: mean + mean * mean }
}

/// Adds the chances of 0, 1, … events still to come, given `n` reported with probability `seen` each.
///
/// With a negative binomial prior of the count (mean m, size r = m²/(variance − m)), what is missing is negative binomial
/// with size r + n and q = (1 − seen) m/(m + r): binomial likelihood times prior, in closed form.
fn add_still_to_come(sum: &mut Vec<f64>, n: f64, seen: f64, prior: CountPrior, farthest: usize) {
    let size = prior.mean * prior.mean / (prior.variance - prior.mean);
    let q = (1.0 - seen) * prior.mean / (prior.mean + size);
    let shape = size + n;
    if q <= 0.0 {
        add(sum, 0, 1.0);
        return;
    }
    // From the mode in both directions: chances of large counts would vanish if one began at nought.
    let mode = (((shape - 1.0) * q / (1.0 - q)).floor().max(0.0)).min(farthest as f64) as usize;
    let ratio = |u: usize| (shape + u as f64) / (u as f64 + 1.0) * q;
    let (mut total, mut weight) = (1.0, 1.0);
    let mut down = mode;
    while down > 0 && weight > LEAST {
        down -= 1;
        weight /= ratio(down);
        total += weight;
    }
    weight = 1.0;
    let mut up = mode;
    while up < farthest && weight > LEAST {
        weight *= ratio(up);
        up += 1;
        total += weight;
    }
    weight = 1.0 / total;
    add(sum, mode, weight);
    for u in (down..mode).rev() {
        weight /= ratio(u);
        sum[u] += weight;
    }
    weight = 1.0 / total;
    for u in mode..up {
        weight *= ratio(u);
        add(sum, u + 1, weight);
    }
}

fn add(sum: &mut Vec<f64>, place: usize, weight: f64) {
    if sum.len() <= place {
        sum.resize(place + 1, 0.0);
    }
    sum[place] += weight;
}

/// A flat prior of the count and a beta of the share seen: the rest is beta-negative-binomial.
pub fn nowcast_in_closed_form(
    triangle: &ReportingTriangle,
    steps: Range<usize>,
    counts: &DelayCounts,
    rule: &NowcastRule,
) -> Nowcast {
    let posterior = DelayPosterior::of(counts, rule.prior_weight, false);
    let longest = triangle.longest_delay();
    let weights: Vec<f64> = counts.reported.iter().map(|n| rule.prior_weight + n).collect();
    let step = |t: usize| {
        let n = triangle.reported(t);
        let age = triangle.age(t);
        if age >= longest {
            return NowcastStep::told(t, n, CountChances::certain(n as usize), rule.alpha);
        }
        let (seen, unseen) = (weights[..=age].iter().sum(), weights[age + 1..].iter().sum());
        let farthest = rule.most_cases.map_or(FARTHEST, |most| most - n as usize);
        let chances = beta_negative_binomial(f64::from(n) + 1.0, seen, unseen, farthest);
        let chances = match rule.compatibility {
            Compatibility::Surveillance1_20 => CountChances::unweighed(n as usize, chances),
            _ => CountChances::weighed(n as usize, chances),
        };
        let mut step = NowcastStep::told(t, n, chances, rule.alpha);
        // With so little weight on the share seen the expectation does not exist; the cut-off sum would be an invention.
        if seen <= 1.0 && rule.most_cases.is_none() {
            step.mean = None;
            step.doubt = Some(Doubt::DelaysUnknown);
        }
        step
    };
    Nowcast {
        method: NowcastMethod::BayesBetaNegativeBinomial,
        steps: steps.into_par_iter().map(step).collect(),
        delay_cdf: posterior.mean_cdf(),
    }
}

/// Chances of u = 0, 1, … failures before `n` successes whose probability is beta(`a`, `b`).
///
/// # Source
/// Johnson, Kemp, Kotz 2005, Univariate discrete distributions, 6.2.3, doi:10.1002/0471715816.
fn beta_negative_binomial(n: f64, a: f64, b: f64, farthest: usize) -> Vec<f64> {
    // P(0) = B(a + n, b) / B(a, b); each further one from the one before, in logarithms because P(0) may be tiny.
    let mut log = libm::lgamma(a + n) - libm::lgamma(a + b + n) + libm::lgamma(a + b) - libm::lgamma(a);
    let mut chances = Vec::new();
    let mut seen = 0.0;
    for u in 0..=farthest {
        let chance = log.exp();
        chances.push(chance);
        seen += chance;
        if seen > 0.5 && chance < LEAST {
            break;
        }
        let u = u as f64;
        log += ((n + u) * (b + u) / ((u + 1.0) * (a + b + n + u))).ln();
    }
    chances
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3 reported with probability 0.4, prior mean 5 and size 5: binomial times negative binomial, by brute force.
    #[test]
    fn the_closed_form_is_likelihood_times_prior() {
        let prior = CountPrior { mean: 5.0, variance: 10.0 };
        let mut sum = Vec::new();
        add_still_to_come(&mut sum, 3.0, 0.4, prior, 60);
        let g = libm::lgamma;
        let term = |u: f64| {
            let count = 3.0 + u;
            let binomial = (g(count + 1.0) - g(u + 1.0) + u * 0.6_f64.ln()).exp();
            let size = 5.0;
            binomial * (g(count + size) - g(count + 1.0) + count * 0.5_f64.ln()).exp()
        };
        let all: f64 = (0..=60).map(|u| term(f64::from(u))).sum();
        for (u, chance) in sum.iter().take(20).enumerate() {
            assert!((chance - term(u as f64) / all).abs() < 1e-12, "{u}");
        }
        assert!((sum.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn thousands_of_reports_do_not_vanish() {
        let mut sum = Vec::new();
        add_still_to_come(&mut sum, 9000.0, 0.1, CountPrior { mean: 80_000.0, variance: 6.4e9 }, FARTHEST);
        let mean: f64 = sum.iter().enumerate().map(|(u, c)| u as f64 * c).sum();
        assert!((mean - 81_000.0).abs() < 500.0, "{mean}");
    }

    /// With one success and a uniform share, P(u) = 1 / ((u + 1)(u + 2)).
    #[test]
    fn a_beta_negative_binomial_by_hand() {
        for (u, chance) in beta_negative_binomial(1.0, 1.0, 1.0, 8).iter().enumerate() {
            let by_hand = 1.0 / ((u + 1) as f64 * (u + 2) as f64);
            assert!((chance - by_hand).abs() < 1e-12, "{u}");
        }
    }
}
