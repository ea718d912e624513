//! Simulated outbreaks reconstructed, and the answer held against the truth.

use super::evidence::ReconstructionError;
use super::model::{Model, Situation};
use super::posterior::Posterior;
use super::sample::{Run, sample};
use crate::simulated::{OutbreakDesign, simulate_outbreak};
use base::Streams;

/// One outbreak: what was right.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    pub cases: usize,
    /// Cases whose most supported ancestor (or introduction) is the true one.
    pub right: usize,
    /// The sum of the supports of those ancestors: how many the sample itself expects to be right.
    pub expected_right: f64,
    /// Whether the 95 % interval holds the truth: R, k, the mean serial interval between the listed.
    pub holds_reproduction: bool,
    pub holds_dispersion: bool,
    pub holds_serial_interval: bool,
    pub largest_r_hat: f64,
}

/// An outbreak of fewer cases is not looked at: nobody would reconstruct it.
const FEWEST_CASES: usize = 5;

/// `Ok(None)` when the outbreak of this seed has fewer than five cases.
pub fn trial(design: &OutbreakDesign, run: &Run, seed: u64) -> Result<Option<Trial>, ReconstructionError> {
    let outbreak = simulate_outbreak(design, &Streams::seeded(seed));
    let cases = outbreak.evidence.cases();
    if cases < FEWEST_CASES {
        return Ok(None);
    }
    let model = Model {
        observed_from: Some(0),
        observed_until: Some(design.days),
        ..Model::of(design.generation_time.clone(), design.sampling.clone())
    };
    let situation = Situation::of(outbreak.evidence, &model)?;
    let posterior = Posterior::of(&situation, &sample(&situation, run, &Streams::seeded(seed))?);
    let truth = outbreak.ancestor.iter().map(|from| from.map(|(from, _)| from));
    let right = truth.zip(&posterior.consensus).filter(|(truth, told)| truth == *told).count();
    let holds = |name: &str, truth: f64| {
        posterior.measure(name).is_some_and(|measure| measure.low <= truth && truth <= measure.high)
    };
    Ok(Some(Trial {
        cases,
        right,
        expected_right: posterior.expected_right(),
        holds_reproduction: holds("reproduction", design.reproduction),
        holds_dispersion: holds("dispersion", design.dispersion),
        holds_serial_interval: outbreak
            .serial_interval_mean
            .is_none_or(|truth| holds("serial_interval_mean", truth)),
        largest_r_hat: posterior.largest_r_hat(),
    }))
}
