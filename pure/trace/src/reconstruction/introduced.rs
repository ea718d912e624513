//! What the sequence of an introduced case looks like: that of somebody a long way off on the same tree.

use super::likelihood::log_mutated;
use super::model::Situation;

/// An introduction is 1 to this many generations away from the nearest sequence in the list, each order of magnitude as
/// likely as another.
const LONGEST_WAY: f64 = 2_048.0;
const STEPS: usize = 12;

/// Differing sites to the nearest sequence of a case dated no later, and to the nearest of all for the first; `None` without
/// a sequence.
pub(super) fn nearest_sites(situation: &Situation) -> Vec<Option<u32>> {
    let Some(distances) = &situation.evidence.distances else { return vec![None; situation.cases()] };
    let days = &situation.evidence.days;
    (0..situation.cases())
        .map(|case| {
            let others = || (0..situation.cases()).filter(|other| *other != case);
            let earlier = others().filter(|other| days[*other] <= days[case]);
            let near = earlier.filter_map(|other| distances.sites[case][other]).min();
            near.or_else(|| others().filter_map(|other| distances.sites[case][other]).min())
        })
        .collect()
}

/// Logarithm of the mean of the likelihood over the ways.
pub(super) fn log_introduced(sites: u32, genome_length: usize, mutation: f64) -> f64 {
    let step = LONGEST_WAY.powf(1.0 / (STEPS - 1) as f64);
    let mut logs = [0.0; STEPS];
    let mut generations = 1.0;
    for log in &mut logs {
        *log = log_mutated(f64::from(sites), genome_length as f64, (generations * mutation).min(0.5));
        generations *= step;
    }
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + (logs.iter().map(|log| (log - most).exp()).sum::<f64>() / STEPS as f64).ln()
}
