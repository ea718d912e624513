//! How large the largest score becomes by chance alone.
//!
//! Every replicate has a stream of its own, named by its number: the answer is the same on any number of threads, and the
//! first hundred of a thousand replicates are those of a run of a hundred.

use super::draw::{Null, Scratch};
use super::gumbel::Gumbel;
use super::likelihood::Scorer;
use super::screen::{Batch, Count, NARROW, TOGETHER, Thresholds};
use super::search::Sums;
use super::{Cells, Model, Scan};
use crate::Compatibility;
use base::{Stream, Streams};
use rayon::prelude::*;

/// The largest scores of the replicates, in the order of their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicates {
    pub largest: Vec<f64>,
    gumbel: Option<Gumbel>,
    /// The peer's fault: only replicates that are strictly larger count, so that a window which no replicate can beat is always
    /// "significant".
    strictly: bool,
}

/// Scores that differ by less are the same window summed in another order.
const SAME: f64 = 1e-9;

impl Replicates {
    fn of(largest: Vec<f64>, compatibility: Compatibility) -> Replicates {
        let gumbel = Gumbel::fitted(&largest);
        Replicates { largest, gumbel, strictly: compatibility == Compatibility::Scanstatistics1_1 }
    }

    /// The rank of the score among the replicates and itself, over their number; a tie counts against it.
    ///
    /// # Source
    /// Dwass 1957, Annals of Mathematical Statistics 28:181-187, doi:10.1214/aoms/1177707045.
    pub fn p_value(&self, score: f64) -> Option<f64> {
        let as_large = self.largest.iter().filter(|largest| {
            if self.strictly { **largest > score * (1.0 + SAME) } else { **largest >= score * (1.0 - SAME) }
        });
        let n = self.largest.len();
        (n > 0).then(|| (1 + as_large.count()) as f64 / (1 + n) as f64)
    }

    pub fn gumbel_p_value(&self, score: f64) -> Option<f64> {
        self.gumbel.map(|gumbel| gumbel.at_least(score))
    }
}

pub(super) fn replicates(
    scan: &Scan,
    cells: &Cells,
    scorer: &Scorer,
    done: &(dyn Fn(usize) + Sync),
) -> Replicates {
    let run = Run::of(scan, cells, scorer);
    let largest = if scan.replicates == 0 {
        Vec::new()
    } else if !scorer.counts_whole() {
        run.one_by_one(done)
    } else if run.most_cases_of_a_replicate() <= NARROW {
        run.together::<i16>(done)
    } else {
        run.together::<i32>(done)
    };
    Replicates::of(largest, scan.compatibility)
}

struct Run<'a> {
    scan: &'a Scan,
    cells: &'a Cells,
    scorer: &'a Scorer,
    null: Null,
    streams: Streams,
    sums: Sums,
}

impl<'a> Run<'a> {
    fn of(scan: &'a Scan, cells: &'a Cells, scorer: &'a Scorer) -> Run<'a> {
        Run {
            scan,
            cells,
            scorer,
            null: Null::of(scan.model, cells, scorer.size()),
            streams: Streams::seeded(scan.seed),
            sums: Sums::of(cells, scorer, &vec![0.0; cells.cases.len()]),
        }
    }

    fn stream(&self, replicate: usize) -> Stream {
        self.streams.of(&format!("replicate {replicate}"))
    }

    /// A total that varies by chance does not reach twice its mean and a few hundred.
    fn most_cases_of_a_replicate(&self) -> u64 {
        match self.scan.model {
            Model::ExpectationPoisson => 400 + 2 * self.cells.total_weight().ceil() as u64,
            _ => self.cells.total_cases(),
        }
    }

    fn one_by_one(&self, done: &(dyn Fn(usize) + Sync)) -> Vec<f64> {
        let one = |replicate: usize| {
            let largest = self.exactly(replicate, 1);
            done(1);
            largest
        };
        (0..self.scan.replicates).into_par_iter().map(one).collect()
    }

    /// The largest score of one replicate around every `every`-th centre.
    fn exactly(&self, replicate: usize, every: usize) -> f64 {
        let mut counts = vec![0_u32; self.cells.cases.len()];
        self.null.draw(&mut self.stream(replicate), &mut Scratch::default(), |cell| counts[cell] += 1);
        let values = self.scorer.values(self.cells, |cell| f64::from(counts[cell]));
        let sums = Sums { steps: self.sums.steps, weights: self.sums.weights.clone(), values: Vec::new() };
        sums.with_values(&values).largest(&self.scan.centres, every, &self.scan.stretches, self.scorer)
    }

    fn together<T: Count>(&self, done: &(dyn Fn(usize) + Sync)) -> Vec<f64> {
        let level = self.level_most_exceed();
        let cases = self.most_cases_of_a_replicate().min(u64::from(u32::MAX)) as u32;
        let (weights, stretches) = (&self.sums.weights, &self.scan.stretches);
        let thresholds: Thresholds<T> =
            Thresholds::of(self.scorer, level, weights, stretches, self.cells.places, cases);
        let batches: Vec<Vec<f64>> = (0..self.scan.replicates.div_ceil(TOGETHER))
            .into_par_iter()
            .map_init(
                || (Batch::of(self.cells.cases.len(), self.cells.steps, &thresholds), Scratch::default()),
                |(batch, scratch), number| {
                    let largest = self.batch(batch, scratch, number, &thresholds);
                    done(largest.len());
                    largest
                },
            )
            .collect();
        batches.concat()
    }

    fn batch<T: Count>(
        &self,
        batch: &mut Batch<T>,
        scratch: &mut Scratch,
        number: usize,
        thresholds: &Thresholds<T>,
    ) -> Vec<f64> {
        let first = number * TOGETHER;
        let replicates = first..(first + TOGETHER).min(self.scan.replicates);
        batch.clear();
        for (side, replicate) in replicates.clone().enumerate() {
            self.null.draw(&mut self.stream(replicate), scratch, |cell| batch.add(cell, side));
        }
        batch.sum_over_steps();
        let largest = batch.largest(&self.scan.centres, &self.sums.weights, self.scorer, thresholds);
        // A replicate in which nothing reached the level is looked at window by window.
        let settled = |(side, replicate)| {
            if largest[side] > 0.0 { largest[side] } else { self.exactly(replicate, 1) }
        };
        replicates.enumerate().map(settled).collect()
    }

    /// A score that nearly every replicate exceeds: the least of a few, each looked at around some of the centres only.
    fn level_most_exceed(&self) -> f64 {
        const FEW: usize = 16;
        const SOME: usize = 50;
        let every = (self.scan.centres.len() / SOME).max(1);
        let largest = (0..self.scan.replicates.min(FEW)).into_par_iter().map(|i| self.exactly(i, every));
        largest.reduce(|| f64::INFINITY, f64::min)
    }
}

/// Every replicate window by window: what the screen must agree with.
#[cfg(test)]
pub(super) fn largest_plainly(scan: &Scan, cells: &Cells, scorer: &Scorer) -> Vec<f64> {
    let run = Run::of(scan, cells, scorer);
    (0..scan.replicates).map(|replicate| run.exactly(replicate, 1)).collect()
}
