//! How many each case infects and how many come from elsewhere, as part of the model: the probability of a forest of
//! transmission trees before anybody looks at contacts and sequences.
//!
//! A case infects at a rate of its own, drawn from a gamma distribution of mean R and shape k, spread over the generation time.
//! Who was infected too recently to be in the list yet is not counted against it: only what could have been seen by the last
//! day is. Introductions come at an even rate. The rates of the cases are integrated out.
//!
//! # Source
//! Gamma rates and so negative binomial offspring: Lloyd-Smith et al. 2005, Nature 438:355-359, doi:10.1038/nature04153. The
//! rest is the likelihood of a marked point process, with unknown people in between taken at their mean.

use super::likelihood::{Ancestry, Rates};
use super::model::Situation;

/// What could have been seen of a case's infectees by the last day, by the days since its own infection.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    /// At `[generations − 1][days since infection]`: the share of descendants who would be in the list.
    by_generations: Vec<Vec<f64>>,
    /// Days of the list on which an introduction can be seen.
    pub(super) introduction_days: f64,
}

impl Reach {
    pub(super) fn of(situation: &Situation) -> Reach {
        let days =
            (situation.last_day - situation.evidence.first_day()) as usize + situation.sampling.longest() + 1;
        let mut seen_within = vec![0.0; days + 1];
        let mut so_far = 0.0;
        for (day, within) in seen_within.iter_mut().enumerate() {
            so_far += situation.sampling.share(day as i32);
            *within = so_far;
        }
        let reach = |shares: &[f64], since: usize| {
            let upto = shares.iter().enumerate().take(since + 1);
            upto.map(|(delay, share)| share * seen_within[since - delay]).sum::<f64>()
        };
        let by_generations = (1..=situation.delays.most())
            .map(|generations| {
                (0..=days).map(|since| reach(situation.delays.of_generations(generations), since)).collect()
            })
            .collect();
        let introduction_days = f64::from(situation.last_day - situation.looked_from + 1);
        Reach { by_generations, introduction_days }
    }

    /// Seen descendants, through at most so many generations, of a case that infects one person on average; by days since
    /// its infection. Written into `into`.
    pub(super) fn exposure(&self, rates: &Rates, into: &mut Vec<f64>) {
        let unseen = rates.reproduction * (1.0 - rates.reporting);
        into.clear();
        into.resize(self.by_generations[0].len(), 0.0);
        let mut factor = rates.reporting;
        for shares in &self.by_generations {
            for (sum, share) in into.iter_mut().zip(shares) {
                *sum += factor * share;
            }
            factor *= unseen;
        }
    }
}

/// Offspring of each case, and the exposure table for the rates they are asked under.
#[derive(Debug, Clone)]
pub(super) struct Forest {
    pub(super) exposure: Vec<f64>,
}

impl Forest {
    pub(super) fn of(reach: &Reach, rates: &Rates) -> Forest {
        let mut exposure = Vec::new();
        reach.exposure(rates, &mut exposure);
        Forest { exposure }
    }

    fn rate_of(&self, since: i32, rates: &Rates) -> f64 {
        rates.dispersion / rates.reproduction + self.exposure[since as usize]
    }

    /// The factor by which one more infectee of a case with `offspring` others changes the probability.
    pub(super) fn one_more(&self, offspring: u32, since: i32, rates: &Rates) -> f64 {
        (rates.dispersion + f64::from(offspring)) / self.rate_of(since, rates)
    }

    /// Logarithm of how the day of infection of a case with `offspring` infectees enters.
    pub(super) fn log_day(&self, offspring: u32, since: i32, rates: &Rates) -> f64 {
        -(rates.dispersion + f64::from(offspring)) * self.rate_of(since, rates).ln()
    }

    /// All cases together, without the generation times and the reporting of those seen.
    pub(super) fn log_offspring(
        &self,
        situation: &Situation,
        ancestry: &Ancestry,
        offspring: &[u32],
        rates: &Rates,
    ) -> f64 {
        let (k, r) = (rates.dispersion, rates.reproduction);
        let (log_gamma_k, log_rate) = (libm::lgamma(k), k * (k / r).ln());
        let one = |case: usize| {
            let many = offspring[case];
            let ratio = if many == 0 { 0.0 } else { libm::lgamma(k + f64::from(many)) - log_gamma_k };
            ratio + log_rate + self.log_day(many, situation.last_day - ancestry.infected[case], rates)
        };
        let unknown: usize = (0..situation.cases())
            .filter(|case| ancestry.ancestor[*case].is_some())
            .map(|case| ancestry.generations[case] - 1)
            .sum();
        (0..situation.cases()).map(one).sum::<f64>() + unknown as f64 * r.ln()
    }
}
