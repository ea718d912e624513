//! Several chains beside each other, and what is kept of them.

use super::chain::{Board, Chain};
use super::evidence::ReconstructionError;
use super::likelihood::Rates;
use super::model::{Compatibility, Situation};
use super::outliers::outliers;
use base::Streams;
use rayon::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub chains: usize,
    /// Sweeps of each chain before the first draw is kept. A sweep draws every case anew.
    pub warm_up: usize,
    /// Draws kept of each chain.
    pub draws: usize,
    /// Sweeps from one draw to the next.
    pub every: usize,
}

impl Default for Run {
    fn default() -> Run {
        Run { chains: 4, warm_up: 500, draws: 1_000, every: 3 }
    }
}

/// One ancestry with its rates.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    pub ancestor: Vec<Option<u32>>,
    pub infected: Vec<i32>,
    pub generations: Vec<u8>,
    pub rates: Rates,
    /// Logarithm of the probability of everything under the model, up to a constant.
    pub log_posterior: f64,
    /// Logarithm of likelihood and priors as outbreaker2 counts them, to set beside its own.
    pub log_outbreaker2: f64,
}

/// The draws of each chain, in the order in which they were made.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub chains: Vec<Vec<Draw>>,
}

/// Unlike chains, which are independent, the draws of one chain follow from each other. The same for the same seed on any
/// number of threads: each chain has a stream of its own.
pub fn sample(situation: &Situation, run: &Run, streams: &Streams) -> Result<Sample, ReconstructionError> {
    for (what, many, least) in
        [("the number of chains", run.chains, 2), ("the draws", run.draws, 8), ("`every`", run.every, 1)]
    {
        if many < least {
            return Err(ReconstructionError::Nothing { what, least });
        }
    }
    let mut introduced = vec![false; situation.cases()];
    if situation.compatibility == Compatibility::Outbreaker2 {
        introduced = outliers(situation, streams.of("outliers"));
    }
    for case in &situation.evidence.imported {
        introduced[*case] = true;
    }
    let board = Board::of(situation, introduced);
    let chains = (0..run.chains)
        .into_par_iter()
        .map(|number| {
            let mut chain = Chain::started(&board, streams.of(&format!("chain {number}")));
            (0..run.warm_up / 2).for_each(|_| chain.settle());
            (run.warm_up / 2..run.warm_up).for_each(|_| chain.sweep());
            (0..run.draws)
                .map(|_| {
                    (0..run.every).for_each(|_| chain.sweep());
                    chain.draw()
                })
                .collect()
        })
        .collect();
    Ok(Sample { chains })
}

impl Chain<'_> {
    pub(super) fn draw(&self) -> Draw {
        let situation = self.board.situation;
        Draw {
            ancestor: self.ancestry.ancestor.iter().map(|a| a.map(|a| a as u32)).collect(),
            infected: self.ancestry.infected.clone(),
            generations: self
                .ancestry
                .generations
                .iter()
                .map(|g| u8::try_from(*g).unwrap_or(u8::MAX))
                .collect(),
            rates: self.rates,
            log_posterior: self.log_posterior(),
            log_outbreaker2: situation.log_likelihood(&self.ancestry, &self.rates).sum()
                + situation.log_prior(&self.rates),
        }
    }
}
