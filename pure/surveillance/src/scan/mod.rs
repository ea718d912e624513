//! Scans over space and time: is there a circle of places and a stretch of steps with more cases than chance explains?
//!
//! Every window (a circle of places, a stretch of steps) is scored by a likelihood ratio; the largest is compared with the
//! largest of many data sets drawn as if nothing happened, so that looking everywhere is paid for.
//!
//! Deliberately absent: ellipses and flexible shapes, which find longer clusters at a cost in power, and files.
//!
//! # Source
//! Kulldorff 1997, Communications in Statistics 26:1481-1496, doi:10.1080/03610929708831995 (spatial); Kulldorff 2001, Journal of
//! the Royal Statistical Society A 164:61-72, doi:10.1111/1467-985X.00186 (prospective space-time); Kulldorff et al. 2005, PLoS
//! Medicine 2:e59, doi:10.1371/journal.pmed.0020059 (permutation).

mod cells;
mod clusters;
mod draw;
mod expected;
mod gumbel;
mod likelihood;
mod monte_carlo;
mod places;
mod screen;
mod search;
mod windows;
mod zones;

pub use cells::{Cells, CellsError};
pub use clusters::Cluster;
pub use expected::{
    Stratum, expected_by_margins, expected_by_shares_within_steps, expected_by_strata, person_time,
};
pub use gumbel::Gumbel;
pub use likelihood::{Areas, Model};
pub use monte_carlo::Replicates;
pub use places::{Place, Span};
pub use search::{ZoneScore, score_zones};
pub use windows::{Look, Stretch, stretches};
pub use zones::{Centre, Reach, distinct_zones, zones_around};

use crate::Compatibility;
use clusters::clusters_of;
use likelihood::Scorer;

/// What is looked for, and where.
#[derive(Debug, Clone)]
pub struct Scan {
    pub model: Model,
    pub areas: Areas,
    /// Circles of places.
    pub centres: Vec<Centre>,
    /// Stretches of steps.
    pub stretches: Vec<Stretch>,
    /// Fewer cases than this are never a cluster of high rates.
    pub least_cases: u32,
    pub most_clusters: usize,
    /// Data sets drawn as if nothing happened; 999 lets a p-value be 0.001.
    pub replicates: usize,
    pub seed: u64,
    pub compatibility: Compatibility,
}

/// What a scan found.
#[derive(Debug, Clone)]
pub struct Scanned {
    /// The most likely cluster first, then those that share no place with an earlier one.
    pub clusters: Vec<Cluster>,
    pub replicates: Replicates,
    /// The size of the negative binomial, when that model was used: stated, or estimated from the cells.
    pub size: Option<f64>,
}

impl Scan {
    /// How many places the circles speak of.
    fn places(&self) -> usize {
        let named = self.centres.iter().flat_map(|centre| &centre.order);
        named.max().map_or(0, |last| *last as usize + 1)
    }

    /// `done` is told how many replicates have been scanned since it was last told; from any thread.
    pub fn run(&self, cells: &Cells, done: &(dyn Fn(usize) + Sync)) -> Scanned {
        let scorer = Scorer::of(self, cells);
        let found = clusters_of(self, cells, &scorer);
        // Steps that no stretch tells apart need not be drawn apart, unless each has its own variance.
        let replicates = if scorer.counts_whole() {
            let (merged, stretches) = cells.merged(&self.stretches);
            let scan = Scan { stretches, ..self.clone() };
            monte_carlo::replicates(&scan, &merged, &scorer, done)
        } else {
            monte_carlo::replicates(self, cells, &scorer, done)
        };
        let clusters = found
            .into_iter()
            .map(|cluster| Cluster {
                p_value: replicates.p_value(cluster.score),
                gumbel_p_value: replicates.gumbel_p_value(cluster.score),
                ..cluster
            })
            .collect();
        Scanned { clusters, size: scorer.size(), replicates }
    }
}

#[cfg(test)]
mod tests;
