//! What the sequence of an introduced case looks like: that of somebody a long way off on the same tree.

use super::likelihood::log_mutated;
use super::model::Situation;

/// An introduction is at most so many generations away from the nearest sequence in the list. It is further away than an
/// ancestor may be, since otherwise it would be one through unknown people; each order of magnitude between is as likely as
/// another.
const LONGEST_WAY: f64 = 2_048.0;
const STEPS: usize = 12;

/// The sequence an introduced one is told beside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nearest {
    sites: u32,
    /// Out of how many it is the nearest: it could have been near to any of them, and that it is near to one is no wonder.
    of: f64,
}

/// Of the cases dated no later, or of all for the first; `None` without a sequence.
pub(super) fn nearest(situation: &Situation) -> Vec<Option<Nearest>> {
    let Some(distances) = &situation.evidence.distances else { return vec![None; situation.cases()] };
    let days = &situation.evidence.days;
    (0..situation.cases())
        .map(|case| {
            let near = |earlier_only: bool| {
                let others = (0..situation.cases()).filter(|other| *other != case);
                let others = others.filter(|other| !earlier_only || days[*other] <= days[case]);
                let sites: Vec<u32> = others.filter_map(|other| distances.sites[case][other]).collect();
                sites.iter().min().map(|least| Nearest { sites: *least, of: sites.len() as f64 })
            };
            near(true).or_else(|| near(false))
        })
        .collect()
}

/// Logarithm of the mean of the likelihood over the ways, the shortest of which is `shortest` generations.
pub(super) fn log_introduced(near: Nearest, genome_length: usize, mutation: f64, shortest: usize) -> f64 {
    let shortest = shortest as f64;
    let step = (LONGEST_WAY / shortest).max(1.0).powf(1.0 / (STEPS - 1) as f64);
    let mut logs = [0.0; STEPS];
    let mut generations = shortest;
    for log in &mut logs {
        *log = log_mutated(f64::from(near.sites), genome_length as f64, (generations * mutation).min(0.5));
        generations *= step;
    }
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + (logs.iter().map(|log| (log - most).exp()).sum::<f64>() / STEPS as f64).ln() - near.of.ln()
}
