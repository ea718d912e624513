//! Every window of a data set, scored one by one.

use super::cells::running_sums;
use super::likelihood::Scorer;
use super::{Cells, Centre, Stretch};

/// The best window of a centre. `centre` is its place in the list of centres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    pub centre: usize,
    /// The first so many places of the centre's order.
    pub end: usize,
    pub stretch: Stretch,
    pub score: f64,
    /// Cases, or for the negative binomial the weighed surplus.
    pub value: f64,
    pub weight: f64,
}

/// One zone over one stretch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZoneScore {
    pub zone: usize,
    pub stretch: Stretch,
    pub score: f64,
    pub value: f64,
    pub weight: f64,
}

/// Sums over steps of one data set, `steps + 1` a place.
pub(super) struct Sums {
    pub(super) steps: usize,
    pub(super) values: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

impl Sums {
    pub(super) fn of(cells: &Cells, scorer: &Scorer, values: &[f64]) -> Sums {
        let steps = cells.steps;
        Sums {
            steps,
            values: running_sums(values.iter().copied(), steps),
            weights: running_sums(scorer.window_weights(cells).into_iter(), steps),
        }
    }

    pub(super) fn with_values(self, values: &[f64]) -> Sums {
        Sums { values: running_sums(values.iter().copied(), self.steps), ..self }
    }

    /// The best window around a centre that scores above `floor`; of equals the smaller, earlier one. Circles do not grow into
    /// barred places.
    pub(super) fn best_around(
        &self,
        (centre_at, centre): (usize, &Centre),
        stretches: &[Stretch],
        scorer: &Scorer,
        barred: &[bool],
        floor: f64,
    ) -> Option<Found> {
        let width = self.steps + 1;
        let (mut values, mut weights) = (vec![0.0; width], vec![0.0; width]);
        let mut ends = centre.ends.iter().copied().peekable();
        let mut best: Option<Found> = None;
        let mut most = floor;
        for (at, place) in centre.order.iter().enumerate() {
            let place = *place as usize;
            if barred.get(place).is_some_and(|barred| *barred) {
                break;
            }
            let here = place * width..(place + 1) * width;
            add(&mut values, &self.values[here.clone()]);
            add(&mut weights, &self.weights[here]);
            if ends.next_if_eq(&(at + 1)).is_none() {
                continue;
            }
            for stretch in stretches {
                let value = values[stretch.to] - values[stretch.from];
                let weight = weights[stretch.to] - weights[stretch.from];
                // Most windows are far below the best: a bound without logarithms says so.
                if scorer.bound(value, weight) < most {
                    continue;
                }
                let score = scorer.score(value, weight);
                if score > most {
                    most = score;
                    best = Some(Found {
                        centre: centre_at,
                        end: at + 1,
                        stretch: *stretch,
                        score,
                        value,
                        weight,
                    });
                }
            }
        }
        best
    }

    /// The largest score anywhere among every `every`-th centre.
    pub(super) fn largest(
        &self,
        centres: &[Centre],
        every: usize,
        stretches: &[Stretch],
        scorer: &Scorer,
    ) -> f64 {
        centres.iter().enumerate().step_by(every).fold(0.0, |most, centre| {
            self.best_around(centre, stretches, scorer, &[], most).map_or(most, |found| found.score)
        })
    }
}

fn add(to: &mut [f64], more: &[f64]) {
    for (sum, value) in to.iter_mut().zip(more) {
        *sum += value;
    }
}

/// Every zone over every stretch, in that order.
pub fn score_zones(scan: &super::Scan, cells: &Cells, zones: &[Vec<usize>]) -> Vec<ZoneScore> {
    let scorer = Scorer::of(scan, cells);
    let values = scorer.observed_values(cells);
    let weights = scorer.window_weights(cells);
    let mut scores = Vec::with_capacity(zones.len() * scan.stretches.len());
    for (zone, places) in zones.iter().enumerate() {
        for stretch in &scan.stretches {
            let latest_first = || {
                (stretch.from..stretch.to)
                    .rev()
                    .flat_map(|step| places.iter().map(move |place| place * cells.steps + step))
            };
            let (value, weight) =
                (sum_in_turn(&values, latest_first()), sum_in_turn(&weights, latest_first()));
            let score = scorer.score(value, weight);
            scores.push(ZoneScore { zone, stretch: *stretch, score, value, weight });
        }
    }
    scores
}

/// Every other cell to one of two sums. Where as many cases are seen as expected the score is the difference of two numbers a
/// billion times larger, and its digits are those of the rounding: this is the order in which scanstatistics rounds.
fn sum_in_turn(of: &[f64], cells: impl Iterator<Item = usize>) -> f64 {
    let mut sums = [0.0; 2];
    for (turn, cell) in cells.enumerate() {
        sums[turn % 2] += of[cell];
    }
    sums[0] + sums[1]
}
