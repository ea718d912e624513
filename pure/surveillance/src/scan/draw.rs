//! Data sets as they would be if nothing happened.

use super::{Cells, Model};
use base::Stream;
use rand_distr::{Distribution, Gamma, Poisson};

/// Draws data sets under the model's null; one call is one data set, from one stream.
pub(super) enum Null {
    /// So many cases, each in a cell by its share.
    Shared { cases: u64, cells: Alias },
    /// The same with a total that varies as well.
    SharedOfVaryingTotal { total: Poisson<f64>, cells: Alias },
    /// So many of the people, without drawing anybody twice; the others when they are fewer.
    People { drawn: u64, cases_are_left: bool, people: Vec<f64>, cells: Alias },
    /// The steps of the cases exchanged among them.
    Exchanged { place_of_case: Vec<u32>, step_of_case: Vec<u32>, steps: usize },
    /// Each cell by itself, rates varying by a gamma distribution.
    Overdispersed { cells: Vec<(f64, Option<Gamma<f64>>)> },
}

/// What a draw needs beside the stream; kept so that replicates do not allocate.
#[derive(Default)]
pub(super) struct Scratch {
    steps: Vec<u32>,
    taken: Vec<u32>,
}

impl Null {
    pub(super) fn of(model: Model, cells: &Cells, size: Option<f64>) -> Null {
        let cases = cells.total_cases();
        let shared = || Alias::of(&cells.weights);
        match model {
            Model::Poisson => Null::Shared { cases, cells: shared() },
            Model::ExpectationPoisson => match Poisson::new(cells.total_weight()) {
                Ok(total) => Null::SharedOfVaryingTotal { total, cells: shared() },
                // No cases expected at all: none are drawn.
                Err(_) => Null::Shared { cases: 0, cells: shared() },
            },
            Model::Bernoulli => {
                let people = cells.total_weight().round() as u64;
                let cases_are_left = cases > people / 2;
                let drawn = if cases_are_left { people - cases } else { cases };
                Null::People { drawn, cases_are_left, people: cells.weights.clone(), cells: shared() }
            }
            Model::Permutation => {
                let each = |of: fn(usize, usize) -> usize| -> Vec<u32> {
                    let repeated = cells.cases.iter().enumerate().flat_map(|(cell, count)| {
                        std::iter::repeat_n(of(cell, cells.steps) as u32, *count as usize)
                    });
                    repeated.collect()
                };
                Null::Exchanged {
                    place_of_case: each(|cell, steps| cell / steps),
                    step_of_case: each(|cell, steps| cell % steps),
                    steps: cells.steps,
                }
            }
            Model::ExpectationNegativeBinomial { .. } => {
                let size = size.unwrap_or(f64::INFINITY);
                let rate = |mean: &f64| (*mean, Gamma::new(size, mean / size).ok());
                Null::Overdispersed { cells: cells.weights.iter().map(rate).collect() }
            }
        }
    }

    /// Tells every case by its cell.
    pub(super) fn draw(&self, stream: &mut Stream, scratch: &mut Scratch, mut tell: impl FnMut(usize)) {
        match self {
            Null::Shared { cases, cells } => (0..*cases).for_each(|_| tell(cells.draw(stream))),
            Null::SharedOfVaryingTotal { total, cells } => {
                (0..total.sample(stream) as u64).for_each(|_| tell(cells.draw(stream)));
            }
            Null::People { drawn, cases_are_left, people, cells } => {
                scratch.taken.clear();
                scratch.taken.resize(people.len(), 0);
                for _ in 0..*drawn {
                    let cell = cells.draw_untaken(stream, people, &scratch.taken);
                    scratch.taken[cell] += 1;
                    if !cases_are_left {
                        tell(cell);
                    }
                }
                if *cases_are_left {
                    for (cell, (people, others)) in people.iter().zip(&scratch.taken).enumerate() {
                        (0..people.round() as u64 - u64::from(*others)).for_each(|_| tell(cell));
                    }
                }
            }
            Null::Exchanged { place_of_case, step_of_case, steps } => {
                scratch.steps.clone_from(step_of_case);
                // Fisher and Yates: the last of those left changes with any of them.
                for last in (0..scratch.steps.len()).rev() {
                    scratch.steps.swap(last, stream.below(last + 1));
                    tell(place_of_case[last] as usize * steps + scratch.steps[last] as usize);
                }
            }
            Null::Overdispersed { cells } => {
                for (cell, (mean, rate)) in cells.iter().enumerate() {
                    let rate = rate.as_ref().map_or(*mean, |rate| rate.sample(stream));
                    let count = Poisson::new(rate).map_or(0.0, |count| count.sample(stream));
                    (0..count as u64).for_each(|_| tell(cell));
                }
            }
        }
    }
}

/// Draws a place of a list by its share, in the same time however long the list.
///
/// # Source
/// Walker 1977, ACM Transactions on Mathematical Software 3:253-256, doi:10.1145/355744.355749; built as in Vose 1991, IEEE
/// Transactions on Software Engineering 17:972-975, doi:10.1109/32.92917.
pub(super) struct Alias {
    /// Below the first number (of 2^64) the place itself, otherwise the other one.
    columns: Vec<(u64, u32)>,
}

const WHOLE: f64 = 18_446_744_073_709_551_616.0;

impl Alias {
    fn of(shares: &[f64]) -> Alias {
        let total: f64 = shares.iter().sum();
        let mut scaled: Vec<f64> = shares.iter().map(|share| share * shares.len() as f64 / total).collect();
        let mut columns: Vec<(u64, u32)> = (0..shares.len() as u32).map(|place| (u64::MAX, place)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..scaled.len()).partition(|place| scaled[*place] < 1.0);
        let heaviest = (0..scaled.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(0);
        while let Some(&more) = large.last()
            && let Some(less) = small.pop()
        {
            // The conversion stops at the largest number by itself.
            columns[less] = ((scaled[less] * WHOLE) as u64, more as u32);
            scaled[more] -= 1.0 - scaled[less];
            if scaled[more] < 1.0 {
                large.pop();
                small.push(more);
            }
        }
        // Rounding leaves columns that are almost full; one that is almost empty must stay so.
        for left in small.into_iter().filter(|left| scaled[*left] < 0.5) {
            columns[left] = ((scaled[left] * WHOLE) as u64, heaviest as u32);
        }
        Alias { columns }
    }

    fn draw(&self, stream: &mut Stream) -> usize {
        let product = u128::from(stream.bits()) * self.columns.len() as u128;
        // The whole part is a column; what is left is uniform within it.
        let column = (product >> 64) as usize;
        let (own, other) = self.columns[column];
        if (product as u64) < own { column } else { other as usize }
    }

    /// Somebody who was not drawn before: whoever of the cell it is, was drawn with the cell's share of those taken.
    fn draw_untaken(&self, stream: &mut Stream, people: &[f64], taken: &[u32]) -> usize {
        loop {
            let cell = self.draw(stream);
            if stream.share() * people[cell] >= f64::from(taken[cell]) {
                return cell;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Streams;

    fn drawn(null: &Null, cells: usize, sets: usize) -> Vec<f64> {
        let mut stream = Streams::seeded(5).of("draws");
        let mut scratch = Scratch::default();
        let mut counts = vec![0.0; cells];
        for _ in 0..sets {
            null.draw(&mut stream, &mut scratch, |cell| counts[cell] += 1.0 / sets as f64);
        }
        counts
    }

    #[test]
    fn every_null_has_the_mean_it_should() {
        let cells = |cases: [u32; 4], weights: [f64; 4]| Cells {
            places: 2,
            steps: 2,
            cases: cases.to_vec(),
            weights: weights.to_vec(),
        };
        let expects = |model, cells: &Cells, size, mean: [f64; 4]| {
            let got = drawn(&Null::of(model, cells, size), 4, 20_000);
            let close = got.iter().zip(mean).all(|(got, mean)| (got - mean).abs() < 0.06 + 0.01 * mean);
            assert!(close, "{model:?} {got:?}");
        };
        let poisson = cells([0, 9, 1, 0], [1.0, 2.0, 0.0, 7.0]);
        expects(Model::Poisson, &poisson, None, [1.0, 2.0, 0.0, 7.0]);
        expects(Model::ExpectationPoisson, &poisson, None, [1.0, 2.0, 0.0, 7.0]);
        let wide = Model::ExpectationNegativeBinomial { size: Some(2.0) };
        expects(wide, &poisson, Some(2.0), [1.0, 2.0, 0.0, 7.0]);
        // 12 of 16 people: a quarter of every cell is left.
        expects(Model::Bernoulli, &cells([1, 1, 8, 2], [1.0, 2.0, 8.0, 5.0]), None, [0.75, 1.5, 6.0, 3.75]);
        expects(Model::Bernoulli, &cells([0, 0, 4, 0], [1.0, 2.0, 8.0, 5.0]), None, [0.25, 0.5, 2.0, 1.25]);
        expects(Model::Permutation, &cells([6, 0, 0, 2], [1.0; 4]), None, [4.5, 1.5, 1.5, 0.5]);
    }
}
