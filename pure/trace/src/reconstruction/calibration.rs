//! Simulation-based calibration: where the truth lies among the draws, when outbreaks come from the model's own priors. Over many
//! outbreaks every place is as frequent as any other, or the sampler is wrong.
//!
//! # Source
//! Talts, Betancourt, Simpson, Vehtari, Gelman 2018, arXiv:1804.06788. Ranks of the log posterior too: Modrák et al. 2023,
//! Bayesian Analysis, doi:10.1214/23-BA1404.

use super::chain::{Board, Chain};
use super::evidence::ReconstructionError;
use super::from_priors::{OutbreakOfPriors, PriorDesign, outbreak_of_priors};
use super::model::{Model, Situation};
use super::posterior::{Posterior, readings};
use super::sample::{Draw, Run, sample};
use base::{Stream, Streams};

/// One outbreak of the priors.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub cases: usize,
    /// Of each measure: the share of the draws below the truth, 0 to 1, evenly spread over many outbreaks.
    pub places: Vec<(&'static str, f64)>,
    /// Cases whose most supported ancestor is the true one, and how many the supports expect.
    pub right: usize,
    pub expected_right: f64,
    pub largest_r_hat: f64,
}

/// `Ok(None)` when the outbreak of this seed has too few cases or too many.
pub fn placed(design: &PriorDesign, run: &Run, seed: u64) -> Result<Option<Placed>, ReconstructionError> {
    let streams = Streams::seeded(seed);
    let Some(outbreak) = outbreak_of_priors(design, &streams) else { return Ok(None) };
    let model = Model {
        most_generations: design.most_generations,
        observed_from: Some(0),
        observed_until: Some(design.days),
        ..Model::of(design.generation_time.clone(), design.sampling.clone())
    };
    let situation = Situation::of(outbreak.evidence.clone(), &model)?;
    let drawn = sample(&situation, run, &streams)?;
    let truth = truth(&situation, &outbreak, &streams);
    let draws: Vec<&Draw> = drawn.chains.iter().flatten().collect();
    let mut ties = streams.of("ties");
    let places = readings(&situation)
        .into_iter()
        .map(|(name, reading)| {
            let values: Vec<f64> = draws.iter().map(|draw| reading(&situation, draw)).collect();
            (name, place(&values, reading(&situation, &truth), &mut ties))
        })
        .collect();
    let posterior = Posterior::of(&situation, &drawn);
    let true_ancestors = outbreak.ancestry.ancestor.iter();
    Ok(Some(Placed {
        cases: situation.cases(),
        places,
        right: true_ancestors.zip(&posterior.consensus).filter(|(truth, told)| truth == told).count(),
        expected_right: posterior.expected_right(),
        largest_r_hat: posterior.largest_r_hat(),
    }))
}

fn truth(situation: &Situation, outbreak: &OutbreakOfPriors, streams: &Streams) -> Draw {
    let board = Board::of(situation, vec![false; situation.cases()]);
    let mut chain = Chain::started(&board, streams.of("truth"));
    chain.stand_at(outbreak.ancestry.clone(), outbreak.rates);
    chain.draw()
}

/// Among equal ones anywhere.
fn place(values: &[f64], truth: f64, ties: &mut Stream) -> f64 {
    let near = |value: f64| (value - truth).abs() <= 1e-9 * truth.abs().max(1.0);
    let equal = values.iter().filter(|value| near(**value)).count() as f64;
    let below = values.iter().filter(|value| **value < truth && !near(**value)).count() as f64;
    (below + ties.share() * (equal + 1.0)) / (values.len() + 1) as f64
}
