//! Cases that fit to no other, as outbreaker2 finds introductions: before the run, by how much each weighs down the likelihood.

use super::chain::{Board, Chain};
use super::model::Situation;
use base::Stream;

/// A case that weighs more than so many average cases was introduced.
const TIMES_THE_MEAN: f64 = 5.0;
const SWEEPS: usize = 300;
const WARM_UP: usize = 100;

/// # Source
/// `find_import` of outbreaker2 1.1.4: everybody infected by somebody in the list, without unknown generations; a case whose
/// minus log-likelihood is on average above five times the mean of all is an introduction.
pub(super) fn outliers(situation: &Situation, stream: Stream) -> Vec<bool> {
    let cases = situation.cases();
    let mut board = Board::of(situation, vec![false; cases]);
    board.most_generations = 1;
    let mut chain = Chain::started(&board, stream);
    let mut weights = vec![0.0; cases];
    for sweep in 0..SWEEPS {
        chain.sweep();
        if sweep >= WARM_UP {
            for (case, weight) in weights.iter_mut().enumerate() {
                *weight += chain.weight_of(case);
            }
        }
    }
    let mean = weights.iter().sum::<f64>() / cases as f64;
    weights.iter().map(|weight| *weight > TIMES_THE_MEAN * mean).collect()
}

impl Chain<'_> {
    /// Minus the log-likelihood of one case: its days, its sequence, its reporting.
    fn weight_of(&self, case: usize) -> f64 {
        let situation = self.board.situation;
        let infected = self.ancestry.infected[case];
        let mut log = situation.sampling.share(situation.evidence.days[case] - infected).ln();
        if let Some(ancestor) = self.ancestry.ancestor[case] {
            let generations = self.ancestry.generations[case];
            log += situation.delays.share(generations, infected - self.ancestry.infected[ancestor]).ln()
                + self.rates.reporting.ln()
                + situation.log_mutations(case, ancestor, generations, self.rates.mutation);
        }
        -log
    }
}
