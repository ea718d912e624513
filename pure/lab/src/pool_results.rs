//! What came out of the pools of a day, and what a prevalence would have made likely.

use crate::assay::Assay;
use crate::people::{Households, People};
use crate::refusal::{LabError, demand};
use crate::scheme::MOST_IN_A_POOL;

/// Pools of one size: how many were read, and how many of them were positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolResult {
    pub size: usize,
    pub pools: u64,
    pub positive: u64,
}

/// Results of one or several sizes that belong to one prevalence.
pub(crate) struct Day<'a> {
    pub results: &'a [PoolResult],
    pub assay: &'a Assay,
    pub households: Households,
}

/// How the chance that a pool is positive moves with the prevalence.
struct Reading {
    positive: f64,
    /// d ln π and −d ln(1 − π), by the prevalence.
    of_positive: f64,
    of_negative: f64,
    /// π″/π′.
    bend: f64,
}

/// Score, information and third cumulant of the score, and the sum of the bias.
pub(crate) struct Slopes {
    pub score: f64,
    /// Which way the results lean where the chance that a pool is positive no longer moves with the prevalence.
    pub lean: f64,
    pub information: f64,
    pub skew: f64,
    pub bias: f64,
}

/// More pools than people on earth are a slip.
const MOST_POOLS: u64 = 1_000_000_000;

impl Day<'_> {
    pub fn refuse_the_senseless(&self) -> Result<(), LabError> {
        demand(!self.results.is_empty(), "results", "empty", "give at least one row of pools")?;
        for PoolResult { size, pools, positive } in self.results {
            demand(
                (1..=MOST_IN_A_POOL).contains(size),
                "pool_size",
                size,
                "give the people of one pool, 1 to 1000",
            )?;
            demand((1..=MOST_POOLS).contains(pools), "pools", pools, "give how many were read, 1 or more")?;
            demand(positive <= pools, "positive", positive, "no more can be positive than were read")?;
            demand(
                self.assay.shown_in(*size) > 0.0,
                "pool_size",
                size,
                "a mix of that many shows nobody at these Ct values; use smaller pools",
            )?;
        }
        Ok(())
    }

    pub fn positive(&self) -> u64 {
        self.results.iter().map(|result| result.positive).sum()
    }

    pub fn pools(&self) -> u64 {
        self.results.iter().map(|result| result.pools).sum()
    }

    fn people_at(&self, prevalence: f64) -> Option<People> {
        People::of(prevalence, self.households).ok()
    }

    /// Chance that a pool of that many is positive.
    pub fn chance_of_positive(&self, size: usize, prevalence: f64) -> f64 {
        match self.people_at(prevalence) {
            None if prevalence <= 0.0 => self.assay.false_positive(),
            None => self.assay.sensitivity(),
            Some(people) => {
                let silent = people.log_silence(size, 1.0 - self.assay.shown_in(size)).value;
                self.assay.positive(-silent.exp_m1())
            }
        }
    }

    fn reading(&self, size: usize, people: &People) -> Reading {
        let log = people.log_silence(size, 1.0 - self.assay.shown_in(size));
        let (silent, contrast) = (log.value.exp(), self.assay.contrast());
        let positive = self.assay.positive(-log.value.exp_m1());
        let slope = -contrast * silent * log.slope;
        // A perfect test still tells how far from 1 the prevalence is: there the silence cancels.
        let missed = 1.0 - self.assay.sensitivity();
        let of_negative = if missed == 0.0 { -log.slope } else { slope / (missed + contrast * silent) };
        Reading {
            positive,
            of_positive: slope / positive,
            of_negative,
            bend: log.bend / log.slope + log.slope,
        }
    }

    pub fn slopes(&self, prevalence: f64) -> Slopes {
        let mut sum = Slopes { score: 0.0, lean: 0.0, information: 0.0, skew: 0.0, bias: 0.0 };
        let Some(people) = self.people_at(prevalence) else { return sum };
        for result in self.results {
            let read = self.reading(result.size, &people);
            let (positive, negative) = (result.positive as f64, (result.pools - result.positive) as f64);
            let information = result.pools as f64 * read.of_positive * read.of_negative;
            sum.score += positive * read.of_positive - negative * read.of_negative;
            sum.lean += positive - result.pools as f64 * read.positive;
            sum.information += information;
            sum.skew += information * (read.of_positive - read.of_negative);
            sum.bias += information * read.bend;
        }
        sum
    }

    /// ln of the likelihood, without what does not depend on the prevalence.
    pub fn log_likelihood(&self, prevalence: f64) -> f64 {
        let Some(people) = self.people_at(prevalence) else { return f64::NEG_INFINITY };
        let missed = 1.0 - self.assay.sensitivity();
        let of = |result: &PoolResult| {
            let (positive, negative) = (result.positive as f64, (result.pools - result.positive) as f64);
            let log = people.log_silence(result.size, 1.0 - self.assay.shown_in(result.size)).value;
            let chance = self.reading(result.size, &people).positive;
            // ln 0 of something that never was counts nothing.
            let yes = if positive > 0.0 { positive * chance.ln() } else { 0.0 };
            let clear = if missed == 0.0 {
                self.assay.contrast().ln() + log
            } else {
                (missed + self.assay.contrast() * log.exp()).ln()
            };
            yes + if negative > 0.0 { negative * clear } else { 0.0 }
        };
        self.results.iter().map(of).sum()
    }
}
