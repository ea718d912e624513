//! From when people fell ill back to when they were infected.
//!
//! Deliberately absent: how long the incubation is; it comes in as a distribution.
//!
//! # Source
//! Becker, Watson, Carlin 1991, Statistics in Medicine 10:1527-1542, doi:10.1002/sim.4780101005 (expectation, maximisation
//! and smoothing); Yip et al. 2008, Communications in Statistics, Simulation and Computation 37:425-433 (the bootstrap).

use crate::{Compatibility, Doubt};
use base::Streams;
use rand_distr::{Distribution, Poisson};
use rayon::prelude::*;
use stats::quantile;

#[derive(Debug, Clone, PartialEq)]
pub struct BackProjectionRule {
    /// Each smoothing averages over so many neighbours beside the step itself (even); 0 smooths nothing.
    pub smoothing: usize,
    /// Iteration ends when the curve changes by less than this share of itself.
    pub enough: f64,
    pub most_iterations: usize,
    /// The same two for the unsmoothed fit from which the bootstrap draws.
    pub bootstrap_enough: f64,
    pub bootstrap_most_iterations: usize,
    /// Steps before the first count in which people may have been infected.
    pub lead: usize,
    /// Series drawn and projected again for the interval; 0 gives none.
    pub bootstraps: usize,
    /// The interval holds 1 − alpha.
    pub alpha: f64,
    pub seed: u64,
    /// surveillance 1.20 knows no infection before the first count and calls those not yet visible none.
    pub compatibility: Compatibility,
}

impl Default for BackProjectionRule {
    fn default() -> BackProjectionRule {
        BackProjectionRule {
            smoothing: 2,
            enough: 0.005,
            most_iterations: 250,
            bootstrap_enough: 0.005,
            bootstrap_most_iterations: 250,
            lead: 0,
            bootstraps: 0,
            alpha: 0.05,
            seed: 1,
            compatibility: Compatibility::None,
        }
    }
}

/// Below this share the curve is mostly what it started from.
const HARDLY: f64 = 0.1;

/// Infections of one step, on average. What cannot be said is `None`, and then `doubt` says why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Infections {
    /// Steps from the first count; negative before it.
    pub step: i64,
    pub expected: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    /// Share of those infected then who fell ill within the steps that were counted.
    pub visible: f64,
    pub doubt: Option<Doubt>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct BackProjection {
    pub infections: Vec<Infections>,
    pub iterations: usize,
    pub converged: bool,
    /// Cases whom no infection within the steps could explain.
    pub unexplained: f64,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BackProjectionError {
    #[error("the chances of the incubation add up to {0}; they are 0 or more each, and 1 together")]
    Incubation(f64),
    #[error("`k` is {0}; smoothing takes as many neighbours before as after, so it is 0 or even")]
    Smoothing(usize),
    #[error("there is no case in the series; nothing can be projected back")]
    NoCases,
    #[error("step {t} counts {count}; a count is 0 or more, and blank where nobody reported")]
    Count { t: usize, count: f64 },
    #[error("`{0}` is out of range; `eps` is above 0, `iter_max` at least 1, `alpha` between 0 and 1")]
    Rule(&'static str),
}

/// Infections per step, from cases per step (NaN where nobody reported) and the chances of 0, 1, 2, … steps of incubation.
pub fn estimate_infections(
    counts: &[f64],
    incubation: &[f64],
    rule: &BackProjectionRule,
) -> Result<BackProjection, BackProjectionError> {
    check(counts, incubation, rule)?;
    let peer = rule.compatibility == Compatibility::Surveillance1_20;
    let lead = if peer { 0 } else { rule.lead };
    let projector = Projector::of(counts, incubation, lead);
    let fit = projector.fit(counts, rule.smoothing, rule.enough, rule.most_iterations);
    let bands = bootstrap(&projector, counts, rule);
    let infections = (0..projector.steps()).map(|i| {
        let visible = projector.visible[i];
        let expected = (visible > 0.0 || peer).then_some(fit.curve[i]);
        let doubt = (visible < HARDLY && !peer).then_some(Doubt::HardlyVisible);
        let band = bands.as_ref().filter(|_| visible > 0.0).map(|bands| bands[i]);
        Infections {
            step: i as i64 - lead as i64,
            expected,
            lower: band.map(|(lower, _)| lower),
            upper: band.map(|(_, upper)| upper),
            visible,
            doubt,
        }
    });
    Ok(BackProjection {
        infections: infections.collect(),
        iterations: fit.iterations,
        converged: fit.converged,
        unexplained: projector.unexplained(counts),
    })
}

fn check(counts: &[f64], incubation: &[f64], rule: &BackProjectionRule) -> Result<(), BackProjectionError> {
    let sum: f64 = incubation.iter().sum();
    // Printed distributions are rounded; a hundredth is more than rounding.
    let possible = incubation.iter().all(|chance| *chance >= 0.0) && (sum - 1.0).abs() < 0.01;
    if !possible {
        return Err(BackProjectionError::Incubation(sum));
    }
    if rule.smoothing % 2 == 1 {
        return Err(BackProjectionError::Smoothing(rule.smoothing));
    }
    for (name, wrong) in [
        ("eps", !(rule.enough > 0.0 && rule.bootstrap_enough > 0.0)),
        ("iter_max", rule.most_iterations == 0 || rule.bootstrap_most_iterations == 0),
        ("alpha", !(rule.alpha > 0.0 && rule.alpha < 1.0)),
    ] {
        if wrong {
            return Err(BackProjectionError::Rule(name));
        }
    }
    if let Some(t) = counts.iter().position(|count| *count < 0.0 || count.is_infinite()) {
        return Err(BackProjectionError::Count { t: t + 1, count: counts[t] });
    }
    if counts.iter().filter(|count| !count.is_nan()).sum::<f64>() <= 0.0 {
        return Err(BackProjectionError::NoCases);
    }
    Ok(())
}

/// What stays the same from fit to fit.
struct Projector<'a> {
    incubation: &'a [f64],
    lead: usize,
    /// Which steps were counted.
    counted: Vec<bool>,
    /// For each step of infection, the chance of falling ill in a counted step.
    visible: Vec<f64>,
}

struct Fit {
    curve: Vec<f64>,
    iterations: usize,
    converged: bool,
}

impl Projector<'_> {
    fn of<'a>(counts: &[f64], incubation: &'a [f64], lead: usize) -> Projector<'a> {
        let counted: Vec<bool> = counts.iter().map(|count| !count.is_nan()).collect();
        let steps = lead + counts.len();
        let chance_of_being_counted = |i: usize| {
            incubation
                .iter()
                .enumerate()
                .filter(|(delay, _)| {
                    (i + delay).checked_sub(lead).is_some_and(|t| counted.get(t) == Some(&true))
                })
                .map(|(_, chance)| chance)
                .sum()
        };
        let visible = (0..steps).map(chance_of_being_counted).collect();
        Projector { incubation, lead, counted, visible }
    }

    fn steps(&self) -> usize {
        self.visible.len()
    }

    /// Cases expected in each counted step when infections follow `curve`.
    fn cases(&self, curve: &[f64], into: &mut Vec<f64>) {
        into.clear();
        into.extend((0..self.counted.len()).map(|t| {
            let last = t + self.lead;
            let longest = self.incubation.len().min(last + 1);
            (0..longest).map(|delay| curve[last - delay] * self.incubation[delay]).sum::<f64>()
        }));
    }

    /// Cases in steps at which nobody infected within the steps can fall ill.
    fn unexplained(&self, counts: &[f64]) -> f64 {
        let mut cases = Vec::new();
        self.cases(&vec![1.0; self.steps()], &mut cases);
        counts
            .iter()
            .zip(&cases)
            .filter(|(count, can)| !count.is_nan() && **can == 0.0)
            .map(|(count, _)| count)
            .sum()
    }

    /// Expectation, maximisation, smoothing, from a flat curve on.
    fn fit(&self, counts: &[f64], smoothing: usize, enough: f64, most_iterations: usize) -> Fit {
        let known: Vec<f64> = counts.iter().copied().filter(|count| !count.is_nan()).collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        let weights = binomial_weights(smoothing);
        let steps = self.steps();
        let mut curve = vec![mean; steps];
        let (mut cases, mut ratio) = (Vec::with_capacity(counts.len()), vec![0.0; counts.len()]);
        let (mut raised, mut next) = (vec![0.0; steps], vec![0.0; steps]);
        for iteration in 1.. {
            self.cases(&curve, &mut cases);
            for t in 0..counts.len() {
                // A step nobody counted says nothing; one that cannot have cases explains none.
                ratio[t] = if self.counted[t] && cases[t] > 0.0 { counts[t] / cases[t] } else { 0.0 };
            }
            for i in 0..steps {
                let first = self.lead.saturating_sub(i);
                let longest = self.incubation.len().min(steps - i);
                let explained: f64 =
                    (first..longest).map(|delay| ratio[i + delay - self.lead] * self.incubation[delay]).sum();
                raised[i] = if self.visible[i] > 0.0 { curve[i] / self.visible[i] * explained } else { 0.0 };
            }
            smooth(&raised, &weights, &mut next);
            let change: f64 = next.iter().zip(&curve).map(|(new, old)| (new - old).powi(2)).sum();
            let size: f64 = curve.iter().map(|old| old * old).sum();
            std::mem::swap(&mut curve, &mut next);
            let converged = change.sqrt() < enough * size.sqrt();
            // One more than the most, as the peer counts; it makes no difference but to its numbers.
            if converged || iteration > most_iterations {
                return Fit { curve, iterations: iteration, converged };
            }
        }
        unreachable!("the iterations end")
    }
}

/// Weights choose(k, j) / 2^k.
fn binomial_weights(k: usize) -> Vec<f64> {
    let mut weights = vec![0.5_f64.powi(k as i32)];
    for j in 0..k {
        weights.push(weights[j] * (k - j) as f64 / (j + 1) as f64);
    }
    weights
}

/// Weighted mean of neighbours; at the ends of those there are.
fn smooth(raised: &[f64], weights: &[f64], into: &mut [f64]) {
    let half = weights.len() / 2;
    for (i, smoothed) in into.iter_mut().enumerate() {
        let (mut sum, mut total) = (0.0, 0.0);
        for (j, weight) in weights.iter().enumerate() {
            if let Some(value) = (i + j).checked_sub(half).and_then(|place| raised.get(place)) {
                sum += weight * value;
                total += weight;
            }
        }
        *smoothed = sum / total;
    }
}

/// Percentiles of the curve over series drawn from the unsmoothed fit, one stream per series.
fn bootstrap(projector: &Projector, counts: &[f64], rule: &BackProjectionRule) -> Option<Vec<(f64, f64)>> {
    if rule.bootstraps == 0 {
        return None;
    }
    let plain = projector.fit(counts, 0, rule.bootstrap_enough, rule.bootstrap_most_iterations);
    let mut cases = Vec::new();
    projector.cases(&plain.curve, &mut cases);
    let streams = Streams::seeded(rule.seed);
    let curves: Vec<Vec<f64>> = (0..rule.bootstraps)
        .into_par_iter()
        .map(|replicate| {
            let mut stream = streams.of(&format!("back-projection {replicate}"));
            let drawn: Vec<f64> = cases
                .iter()
                .zip(&projector.counted)
                .map(|(mean, counted)| match counted {
                    true => Poisson::new(*mean).map_or(0.0, |poisson| poisson.sample(&mut stream)),
                    false => f64::NAN,
                })
                .collect();
            projector.fit(&drawn, rule.smoothing, rule.enough, rule.most_iterations).curve
        })
        .collect();
    let band = |i: usize| {
        let mut values: Vec<f64> = curves.iter().map(|curve| curve[i]).collect();
        values.sort_by(f64::total_cmp);
        (quantile(&values, rule.alpha / 2.0), quantile(&values, 1.0 - rule.alpha / 2.0))
    };
    Some((0..projector.steps()).map(band).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(counts: &[f64], incubation: &[f64], rule: &BackProjectionRule) -> Vec<Option<f64>> {
        let answer = estimate_infections(counts, incubation, rule).unwrap();
        answer.infections.iter().map(|step| step.expected).collect()
    }

    #[test]
    fn an_incubation_of_exactly_two_steps_moves_the_curve_by_two() {
        let rule = BackProjectionRule { smoothing: 0, lead: 2, ..BackProjectionRule::default() };
        let curve = told(&[4.0, 9.0, 2.0], &[0.0, 0.0, 1.0], &rule);
        assert_eq!(curve, [Some(4.0), Some(9.0), Some(2.0), None, None]);
    }

    #[test]
    fn smoothing_keeps_to_binomial_weights_and_the_ends() {
        assert_eq!(binomial_weights(4), [1.0, 4.0, 6.0, 4.0, 1.0].map(|w| w / 16.0));
        let mut smoothed = [0.0; 3];
        smooth(&[3.0, 0.0, 9.0], &binomial_weights(2), &mut smoothed);
        assert_eq!(smoothed, [2.0, 3.0, 6.0]);
    }

    #[test]
    fn cases_of_the_first_days_were_infected_before_them() {
        let rule = BackProjectionRule { smoothing: 0, lead: 3, ..BackProjectionRule::default() };
        let answer = estimate_infections(&[8.0, 0.0, 0.0, 0.0], &[0.0, 0.5, 0.5], &rule).unwrap();
        assert_eq!(answer.unexplained, 0.0);
        // Without the lead the first day's cases have nobody who infected them.
        let none =
            estimate_infections(&[8.0, 0.0, 0.0, 0.0], &[0.0, 0.5, 0.5], &BackProjectionRule::default());
        assert_eq!(none.unwrap().unexplained, 8.0);
    }

    #[test]
    fn the_peer_calls_the_not_yet_visible_none_and_we_do_not() {
        let last = |compatibility| {
            let rule = BackProjectionRule { compatibility, ..BackProjectionRule::default() };
            let answer = estimate_infections(&[1.0, 4.0, 9.0], &[0.0, 0.5, 0.5], &rule).unwrap();
            (answer.infections[2].expected, answer.infections[2].doubt)
        };
        assert!(last(Compatibility::Surveillance1_20).0.is_some());
        assert_eq!(last(Compatibility::None), (None, Some(Doubt::HardlyVisible)));
    }

    #[test]
    fn what_cannot_be_projected_is_refused_in_words() {
        let refused = |counts: &[f64], incubation: &[f64], smoothing| {
            let rule = BackProjectionRule { smoothing, ..BackProjectionRule::default() };
            estimate_infections(counts, incubation, &rule).unwrap_err().to_string()
        };
        assert!(refused(&[1.0], &[0.5, 0.2], 2).contains("add up to 0.7"));
        assert!(refused(&[1.0], &[1.0], 3).contains("0 or even"));
        assert!(refused(&[0.0, f64::NAN], &[1.0], 2).contains("no case"));
        assert!(refused(&[0.0, -1.0], &[1.0], 2).contains("step 2 counts -1"));
    }

    #[test]
    fn the_interval_is_the_same_however_it_is_computed_and_holds_the_curve() {
        let counts = [0.0, 2.0, 5.0, 9.0, 14.0, 22.0, 19.0, 11.0, 6.0, 2.0, 1.0, 0.0];
        let incubation = [0.0, 0.3, 0.4, 0.2, 0.1];
        let rule = BackProjectionRule { lead: 4, bootstraps: 100, ..BackProjectionRule::default() };
        let answer = estimate_infections(&counts, &incubation, &rule).unwrap();
        assert_eq!(answer, estimate_infections(&counts, &incubation, &rule).unwrap());
        let middle = answer.infections[8];
        assert!(middle.lower < middle.expected && middle.expected < middle.upper, "{middle:?}");
    }

    proptest! {
        /// Without smoothing, those who are expected to have fallen ill are those who did.
        #[test]
        fn cases_are_conserved(
            counts in proptest::collection::vec(0..60_u32, 3..40),
            weights in proptest::collection::vec(1..20_u32, 1..9),
            lead in 0..9_usize,
        ) {
            let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
            let total: f64 = weights.iter().map(|w| f64::from(*w)).sum();
            let incubation: Vec<f64> = weights.iter().map(|w| f64::from(*w) / total).collect();
            let rule = BackProjectionRule { smoothing: 0, lead, ..BackProjectionRule::default() };
            let Ok(answer) = estimate_infections(&counts, &incubation, &rule) else { return Ok(()) };
            let back: f64 = answer.infections.iter().map(|s| s.expected.unwrap_or(0.0) * s.visible).sum();
            let cases: f64 = counts.iter().sum();
            prop_assert!((back + answer.unexplained - cases).abs() < 1e-6 * cases, "{back} {cases}");
        }

        #[test]
        fn any_series_gives_an_answer_or_a_reason(
            counts in proptest::collection::vec(proptest::num::f64::ANY, 0..30),
            incubation in proptest::collection::vec(0.0..1.0_f64, 0..5),
            smoothing in 0..8_usize,
            lead in 0..5_usize,
        ) {
            let rule = BackProjectionRule { smoothing, lead, bootstraps: 2, ..BackProjectionRule::default() };
            if let Ok(answer) = estimate_infections(&counts, &incubation, &rule) {
                for step in answer.infections {
                    prop_assert!(!step.expected.is_some_and(f64::is_nan), "{step:?}");
                }
            }
        }
    }
}
