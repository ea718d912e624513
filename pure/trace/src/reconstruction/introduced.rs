//! What the sequence of an introduced case looks like: that of somebody a long way off on the same tree.

use super::likelihood::log_mutated;
use super::model::Situation;

/// An introduction is at most so many generations away from the nearest sequence in the list, and further away than an ancestor
/// may be, since otherwise it would be one through unknown people. Each generation between is as likely as another, as two
/// lineages of a large population meet (Kingman 1982, Stoch Proc Appl 13:235-248, doi:10.1016/0304-4149(82)90011-4).
const LONGEST_WAY: f64 = 2_048.0;
/// So many ways stand for all, each for those around it.
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

/// Logarithm of the mean of the likelihood over the ways, the shortest of which is `shortest` generations.
pub(super) fn log_introduced(sites: u32, genome_length: usize, mutation: f64, shortest: usize) -> f64 {
    let shortest = shortest as f64;
    let step = (LONGEST_WAY / shortest).max(1.0).powf(1.0 / (STEPS - 1) as f64);
    let mut logs = [0.0; STEPS];
    let (mut generations, mut all) = (shortest, 0.0);
    for log in &mut logs {
        let share = (generations * mutation).min(0.5);
        // A way stands for as many others as it is long.
        *log = log_mutated(f64::from(sites), genome_length as f64, share) + generations.ln();
        all += generations;
        generations *= step;
    }
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + (logs.iter().map(|log| (log - most).exp()).sum::<f64>() / all).ln()
}
