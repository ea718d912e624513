//! The alert budget: where the list ends, so that a team is not asked to check more than it can.
//!
//! Deliberately absent: what a signal costs to check. Every one counts the same.

use serde::{Deserialize, Serialize};

/// What uses up the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// A signal counts when it begins; while it lasts it is already being checked.
    New,
    /// Every step of it counts.
    Every,
}

/// How much closer each stream is watched: weights of mean one by which its p-value is divided, so that with the same
/// number of false alarms the most outbreaks of `size` extra cases are found.
///
/// `spreads` are the standard deviations of a normal step. A stream in which the outbreak stands δ = size / spread above
/// normal is found with power Φ(δ − z); the sum of the powers under a fixed sum of levels is greatest where all gain
/// equally from a little more level, which is z = c/δ + δ/2 with one c for all.
///
/// # Source
/// Roeder, Wasserman 2009, Stat Sci 24:398, doi:10.1214/09-STS289, theorem 1; weights keep the error rate when they do not
/// depend on the p-values they weigh: Genovese, Roeder, Wasserman 2006, Biometrika 93:509, doi:10.1093/biomet/93.3.509.
pub fn closeness_weights(spreads: &[f64], size: f64, level: f64) -> Vec<f64> {
    /// However small the chance, a stream is watched a little; and no stream takes it all.
    const BOUNDS: (f64, f64) = (0.1, 10.0);
    if spreads.is_empty() || size <= 0.0 {
        return vec![1.0; spreads.len()];
    }
    let level = level.clamp(1e-9, 0.5);
    let levels = |c: f64| -> Vec<f64> {
        spreads
            .iter()
            .map(|spread| {
                let delta = (size / spread.max(1e-3)).clamp(0.05, 8.0);
                stats::normal_cdf(-(c / delta + delta / 2.0))
            })
            .collect()
    };
    // The larger c, the smaller every level: halve until their mean is `level`.
    let (mut low, mut high) = (-100.0, 100.0);
    for _ in 0..80 {
        let c = (low + high) / 2.0;
        let mean = levels(c).iter().sum::<f64>() / spreads.len() as f64;
        if mean > level {
            low = c;
        } else {
            high = c;
        }
    }
    let mut weights: Vec<f64> =
        levels(high).iter().map(|own| (own / level).clamp(BOUNDS.0, BOUNDS.1)).collect();
    let mean = weights.iter().sum::<f64>() / weights.len() as f64;
    weights.iter_mut().for_each(|weight| *weight /= mean);
    weights
}

/// How loud the units were lately, as a histogram of their p-values on a logarithmic scale: it answers how many signals a
/// threshold would have given.
#[derive(Debug, Clone)]
pub struct Loudness {
    counts: Counts,
    /// Steps that are remembered, and for which a well-behaved past is assumed before any is seen.
    reach: usize,
    prior: f64,
    /// For each bin: signals that begin to count there, less those that cease to.
    bins: Vec<f64>,
    /// What each remembered step added, to take it away again.
    steps: std::collections::VecDeque<Vec<(usize, f64)>>,
}

/// A twentieth of a natural logarithm each, down to e^−60.
const PER_LOG: f64 = 20.0;
const BINS: usize = 1_200;

impl Loudness {
    pub fn of(counts: Counts, reach: usize, prior: f64) -> Loudness {
        Loudness { counts, reach, prior, bins: vec![0.0; BINS + 1], steps: std::collections::VecDeque::new() }
    }

    /// The p-values of this step and of the one before, unit by unit.
    pub fn remember(&mut self, now: &[Option<f64>], before: &[Option<f64>]) {
        let mut added = Vec::new();
        for (place, p) in now.iter().enumerate() {
            let Some(p) = p else { continue };
            let last = before.get(place).copied().flatten().unwrap_or(1.0);
            match self.counts {
                Counts::Every => added.push((bin(*p), 1.0)),
                // Thresholds from p up to the one before make it new; above that it was on already.
                Counts::New if *p < last => added.extend([(bin(*p), 1.0), (bin(last), -1.0)]),
                Counts::New => {}
            }
        }
        for (bin, by) in &added {
            self.bins[*bin] += by;
        }
        self.steps.push_back(added);
        if self.steps.len() > self.reach
            && let Some(old) = self.steps.pop_front()
        {
            for (bin, by) in old {
                self.bins[bin] -= by;
            }
        }
    }

    /// The largest p-value that may signal, so that the past together with `prior` steps of `units` uniform p-values would
    /// have given no more than `budget` signals a step.
    pub fn threshold(&self, budget: f64, units: f64) -> f64 {
        let steps = self.steps.len() as f64;
        let allowed = budget * (steps + self.prior);
        let mut seen = 0.0;
        let mut threshold = 0.0;
        for place in (0..=BINS).rev() {
            // The bin holds p-values up to its upper end; all of them are on when the threshold is that end.
            let end = (-(place as f64) / PER_LOG).exp();
            seen += self.bins[place];
            if seen + self.prior * units * end > allowed {
                break;
            }
            threshold = end;
        }
        threshold
    }
}

fn bin(p: f64) -> usize {
    ((-p.max(1e-300).ln() * PER_LOG).floor().max(0.0) as usize).min(BINS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_past_the_threshold_is_the_budget_shared_out() {
        let quiet = Loudness::of(Counts::Every, 52, 52.0);
        let threshold = quiet.threshold(0.5, 100.0);
        assert!(threshold <= 0.005 && threshold > 0.0047, "{threshold}");
    }

    #[test]
    fn a_loud_past_lowers_it_and_what_lasts_counts_once() {
        let (mut every, mut new) =
            (Loudness::of(Counts::Every, 104, 10.0), Loudness::of(Counts::New, 104, 10.0));
        let mut before = vec![None; 4];
        for t in 0..104 {
            let now = vec![Some(if (20..60).contains(&t) { 1e-4 } else { 0.5 }), Some(0.4), Some(0.6), None];
            every.remember(&now, &before);
            new.remember(&now, &before);
            before = now;
        }
        assert!(every.threshold(0.3, 4.0) < 1e-4);
        assert!(new.threshold(0.3, 4.0) > 0.05);
    }

    #[test]
    fn where_an_outbreak_would_drown_less_level_is_spent() {
        let weights = closeness_weights(&[2.0, 2.0, 50.0], 5.0, 0.01);
        assert!(weights[0] > 1.2 && weights[2] < 0.2, "{weights:?}");
        assert!((weights.iter().sum::<f64>() - 3.0).abs() < 1e-9);
        assert_eq!(closeness_weights(&[2.0, 2.0], 5.0, 0.01), [1.0, 1.0]);
    }
}
