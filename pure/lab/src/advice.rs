//! Which pool size to use tomorrow, from the pools of today, and how sure that is.
//!
//! Deliberately absent: how the prevalence will move by tomorrow. The advice holds for the prevalence of the days given.

use crate::assay::Assay;
use crate::compatibility::Compatibility;
use crate::interval::{IntervalMethod, PointMethod, Prevalence, estimate_prevalence};
use crate::log_odds::{log_odds, share};
use crate::people::{Households, People};
use crate::plan::{Offer, Wishes, offer};
use crate::pool_results::{Day, PoolResult};
use crate::refusal::LabError;
use crate::scheme::Scheme;

/// One size, over all prevalences that the results leave possible.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SizeOffered {
    /// 1: everybody alone.
    pub size: usize,
    /// For one person, the mean over what is not known of the prevalence.
    pub cost: f64,
    pub tests: f64,
    pub hours_held: f64,
    pub held: f64,
    /// At the low end of the prevalence, where it is lowest.
    pub sensitivity: f64,
    pub sensitive_enough: bool,
    /// Probability that no other size that is sensitive enough costs less.
    pub cheapest: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    pub prevalence: Prevalence,
    /// In the order of the sizes.
    pub sizes: Vec<SizeOffered>,
    /// The size to use, and for one person how much more it costs than if the prevalence were known.
    pub size: usize,
    pub price_of_doubt: f64,
}

impl Advice {
    /// The line of the size to use.
    pub fn best(&self) -> &SizeOffered {
        let best = self.sizes.iter().find(|offered| offered.size == self.size);
        best.expect("the size that was chosen is among those offered")
    }
}

/// Prevalences weighed by what the results say of them. Steps of log odds.
const STEPS: usize = 400;

/// # Source
/// Weights are likelihood times Jeffreys' prior (Jeffreys 1946, docs/sources.md#jeffreys-1946); the size is the one of the least
/// expected cost.
pub fn advise(
    results: &[PoolResult],
    assay: &Assay,
    households: Households,
    wishes: &Wishes,
    level: f64,
) -> Result<Advice, LabError> {
    wishes.refuse_the_senseless()?;
    let prevalence = estimate_prevalence(
        results,
        assay,
        households,
        PointMethod::Gart,
        IntervalMethod::SkewScore,
        level,
        Compatibility::None,
    )?;
    let weighed = weighed_prevalences(&Day { results, assay, households });
    let mut sizes: Vec<usize> = wishes.sizes.clone();
    sizes.sort_unstable();
    sizes.dedup();
    let low = quantile(&weighed, (1.0 - level) / 2.0);
    let mut offered = Vec::new();
    let mut costs: Vec<Vec<f64>> = Vec::new();
    for size in sizes {
        let scheme = if size == 1 { Scheme::Single } else { Scheme::TwoStage { pool: size } };
        let at = |p: f64| offer(scheme, &People::of(p, households)?, assay, wishes);
        let all: Vec<Offer> = weighed.iter().map(|(p, _)| at(*p)).collect::<Result<_, _>>()?;
        let mean = |of: fn(&Offer) -> f64| -> f64 {
            all.iter().zip(&weighed).map(|(offer, (_, weight))| of(offer) * weight).sum()
        };
        let at_low = at(low)?;
        offered.push(SizeOffered {
            size,
            cost: mean(|offer| offer.cost),
            tests: mean(|offer| offer.performance.tests),
            hours_held: mean(|offer| offer.hours_held),
            held: mean(|offer| offer.performance.held),
            sensitivity: at_low.performance.sensitivity,
            sensitive_enough: at_low.sensitive_enough,
            cheapest: 0.0,
        });
        costs.push(all.iter().map(|offer| offer.cost).collect());
    }
    let enough: Vec<usize> = (0..offered.len()).filter(|i| offered[*i].sensitive_enough).collect();
    let Some(best) = enough.iter().copied().min_by(|a, b| offered[*a].cost.total_cmp(&offered[*b].cost))
    else {
        return Err(LabError::of(
            "least_sensitivity",
            wishes.least_sensitivity,
            "no size offered reaches it; offer smaller sizes or 1, or ask for less",
        ));
    };
    let mut known = 0.0;
    for (at, (_, weight)) in weighed.iter().enumerate() {
        let cheapest = enough.iter().copied().min_by(|a, b| costs[*a][at].total_cmp(&costs[*b][at]));
        if let Some(cheapest) = cheapest {
            offered[cheapest].cheapest += weight;
            known += weight * costs[cheapest][at];
        }
    }
    let (size, price_of_doubt) = (offered[best].size, (offered[best].cost - known).max(0.0));
    Ok(Advice { prevalence, sizes: offered, size, price_of_doubt })
}

/// Weights that sum to 1, fine where the weight is.
fn weighed_prevalences(day: &Day) -> Vec<(f64, f64)> {
    let (low, high) = (-32.0, 12.0);
    let coarse = weigh(day, low, high);
    // What holds all but a millionth of the weight, once more in fine steps.
    let (from, to) = (quantile(&coarse, 1e-6), quantile(&coarse, 1.0 - 1e-6));
    let step = (high - low) / STEPS as f64;
    weigh(day, (log_odds(from) - step).max(low), (log_odds(to) + step).min(high))
}

fn weigh(day: &Day, low: f64, high: f64) -> Vec<(f64, f64)> {
    let logs: Vec<(f64, f64)> = (0..STEPS)
        .map(|step| {
            let p = share(low + (high - low) * (step as f64 + 0.5) / STEPS as f64);
            // Equal steps of log odds are steps of p(1 − p).
            let prior = 0.5 * day.slopes(p).information.ln() + (p * (1.0 - p)).ln();
            (p, day.log_likelihood(p) + prior)
        })
        .collect();
    let most = logs.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.iter().map(|(_, log)| (log - most).exp()).sum();
    logs.into_iter().map(|(p, log)| (p, (log - most).exp() / sum)).collect()
}

fn quantile(weighed: &[(f64, f64)], share: f64) -> f64 {
    let mut sum = 0.0;
    for (p, weight) in weighed {
        sum += weight;
        if sum >= share {
            return *p;
        }
    }
    weighed.last().map_or(0.5, |(p, _)| *p)
}
