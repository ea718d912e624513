//! From the windows of one data set to a list of clusters that do not overlap.

use super::likelihood::Scorer;
use super::search::{Found, Sums};
use super::{Areas, Cells, Scan, Stretch};
use rayon::prelude::*;

/// A window that stands out.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// The places in it, the centre first, then by distance.
    pub places: Vec<usize>,
    pub stretch: Stretch,
    /// Logarithm of the likelihood ratio; for the negative binomial the score statistic.
    pub score: f64,
    pub cases: u64,
    pub expected: f64,
    /// Share of data sets, drawn and seen, whose largest score is at least this. `None` without replicates.
    pub p_value: Option<f64>,
    /// The same from the fitted Gumbel distribution, which can tell one in a million.
    pub gumbel_p_value: Option<f64>,
}

/// The best window, then the best that shares no place with those before it, and so on. Clusters of high and of low rates may
/// share places: one can be inside the other, at another time.
///
/// # Source
/// SaTScan 10.3 does the same by default ("no geographical overlap").
pub(super) fn clusters_of(scan: &Scan, cells: &Cells, scorer: &Scorer) -> Vec<Cluster> {
    let sums = Sums::of(cells, scorer, &scorer.observed_values(cells));
    let sides: &[Areas] = match scan.areas {
        Areas::High => &[Areas::High],
        Areas::Low => &[Areas::Low],
        Areas::Both => &[Areas::High, Areas::Low],
    };
    let mut found: Vec<Found> =
        sides.iter().flat_map(|side| apart(scan, &sums, &scorer.for_areas(*side))).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(scan.most_clusters);
    found.iter().map(|found| cluster(scan, cells, found)).collect()
}

fn apart(scan: &Scan, sums: &Sums, scorer: &Scorer) -> Vec<Found> {
    let mut taken = vec![false; scan.places()];
    let best_around = |centre: usize, taken: &[bool]| {
        sums.best_around((centre, &scan.centres[centre]), &scan.stretches, scorer, taken, 0.0)
    };
    let mut best: Vec<Option<Found>> =
        (0..scan.centres.len()).into_par_iter().map(|centre| best_around(centre, &taken)).collect();
    let mut found = Vec::new();
    while found.len() < scan.most_clusters {
        // Of equals the smaller: a place where nothing is expected and nothing was seen belongs to no cluster. Then that of
        // the centre listed first.
        let better = |a: Option<Found>, b: Option<Found>| match (a, b) {
            (Some(a), Some(b)) => {
                let smaller = b.score == a.score && b.end < a.end;
                Some(if b.score > a.score || smaller { b } else { a })
            }
            (a, b) => a.or(b),
        };
        let Some(next) = best.iter().copied().fold(None, better) else { break };
        places_of(scan, &next).for_each(|place| taken[place] = true);
        found.push(next);
        // Only a centre whose best window lost a place has to be looked around again.
        best.par_iter_mut().enumerate().for_each(|(centre, best)| {
            if best.is_some_and(|best| places_of(scan, &best).any(|place| taken[place])) {
                *best = best_around(centre, &taken);
            }
        });
    }
    found
}

fn places_of<'a>(scan: &'a Scan, found: &Found) -> impl Iterator<Item = usize> + use<'a> {
    scan.centres[found.centre].order[..found.end].iter().map(|place| *place as usize)
}

fn cluster(scan: &Scan, cells: &Cells, found: &Found) -> Cluster {
    let places: Vec<usize> = places_of(scan, found).collect();
    let inside = |place: &usize| {
        let first = place * cells.steps;
        first + found.stretch.from..first + found.stretch.to
    };
    let cases = places.iter().flat_map(inside).map(|cell| u64::from(cells.cases[cell])).sum();
    Cluster {
        stretch: found.stretch,
        score: found.score,
        cases,
        expected: places.iter().flat_map(inside).map(|cell| cells.weights[cell]).sum(),
        places,
        p_value: None,
        gumbel_p_value: None,
    }
}
