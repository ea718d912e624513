//! Counts that add up, protected together.

use crate::{Bounds, Policy, Suppressed, bounds};

/// A count of a [`Table`], by its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell(usize);

/// Counts and the sums between them. A whole may be split in several ways (by place, by how cases were found), and parts
/// may be split again; a cell is part of one sum only, so that a table of rows × columns with both totals is none of these.
#[derive(Debug, Clone, Default)]
pub struct Table {
    counts: Vec<u64>,
    /// What no split names: the remainder of a whole. It is never told, and must not be calculable either.
    remainder: Vec<bool>,
    sums: Vec<(usize, Vec<usize>)>,
}

impl Table {
    /// A count that is not part of another.
    pub fn whole(&mut self, count: u64) -> Cell {
        self.counts.push(count);
        self.remainder.push(false);
        Cell(self.counts.len() - 1)
    }

    /// Splits a count into parts; what they leave is kept as a remainder that is never told.
    pub fn split(&mut self, whole: Cell, parts: &[u64]) -> Vec<Cell> {
        let sum: u64 = parts.iter().sum();
        assert!(sum <= self.counts[whole.0], "the parts are more than the whole: a count was taken twice");
        let cells: Vec<Cell> = parts.iter().map(|part| self.whole(*part)).collect();
        let rest = self.whole(self.counts[whole.0] - sum);
        self.remainder[rest.0] = true;
        let members = cells.iter().chain([&rest]).map(|cell| cell.0).collect();
        self.sums.push((whole.0, members));
        cells
    }

    /// The table as it may be told: to whoever has all of it, each small count can still be as many numbers as there are
    /// small ones (1 to 4 for colleagues). Small counts are withheld first; then, one by one, the smallest neighbour of a count that can still be
    /// calculated.
    pub fn told(&self, policy: Policy) -> Told {
        let mut withheld: Vec<bool> = self
            .counts
            .iter()
            .zip(&self.remainder)
            .map(|(count, rest)| *count > 0 && (*rest || policy.is_small(*count)))
            .collect();
        while let Some(exposed) = self.exposed(&withheld, policy) {
            let next = self.neighbour(exposed, &withheld);
            let Some(next) = next else { unreachable!("with everything withheld nothing is calculable") };
            withheld[next] = true;
        }
        let told = self.counts.iter().zip(&withheld).map(|(count, withheld)| {
            if *withheld { Suppressed::Withheld } else { Suppressed::alone(*count, policy) }
        });
        Told(told.collect())
    }

    /// What is known of each cell before anything is calculated: a band, nothing, or that it is not zero.
    fn known(&self, withheld: &[bool], policy: Policy) -> Vec<Bounds> {
        let cells = self.counts.iter().zip(withheld);
        cells
            .map(|(count, withheld)| match (count, withheld) {
                (0, _) => Bounds { least: 0, most: Some(0) },
                (_, true) => Bounds { least: 1, most: None },
                (count, false) => {
                    let (least, most) = policy.band(*count);
                    Bounds { least, most: Some(most) }
                }
            })
            .collect()
    }

    /// The first small count that can be too few numbers.
    fn exposed(&self, withheld: &[bool], policy: Policy) -> Option<usize> {
        let bounds = bounds(&self.known(withheld, policy), &self.sums);
        (0..self.counts.len()).find(|cell| {
            let Bounds { least, most } = bounds[*cell];
            policy.is_small(self.counts[*cell])
                && most.is_some_and(|most| most - least + 1 < policy.floor() - 1)
        })
    }

    /// What to withhold next: the smallest part beside it, else the smallest below those, else the whole; then the same a
    /// level further up.
    fn neighbour(&self, cell: usize, withheld: &[bool]) -> Option<usize> {
        let told = |cell: &usize| !withheld[*cell] && self.counts[*cell] > 0;
        let mut below = cell;
        loop {
            let (whole, parts) = self.sums.iter().find(|(_, parts)| parts.contains(&below))?;
            let beside = parts.iter().copied().filter(|part| told(part));
            if let Some(smallest) = beside.min_by_key(|part| self.counts[*part]) {
                return Some(smallest);
            }
            let further = parts.iter().filter(|part| **part != below).flat_map(|part| self.under(*part));
            if let Some(smallest) = further.filter(|part| told(part)).min_by_key(|part| self.counts[*part]) {
                return Some(smallest);
            }
            if told(whole) {
                return Some(*whole);
            }
            // The whole is split another way as well, and that way tells on it.
            let otherwise = self.under(*whole).into_iter().filter(|part| told(part));
            if let Some(smallest) = otherwise.min_by_key(|part| self.counts[*part]) {
                return Some(smallest);
            }
            below = *whole;
        }
    }

    fn under(&self, whole: usize) -> Vec<usize> {
        let parts: Vec<usize> =
            self.sums.iter().filter(|(of, _)| *of == whole).flat_map(|(_, parts)| parts.clone()).collect();
        parts.iter().flat_map(|part| std::iter::once(*part).chain(self.under(*part))).collect()
    }
}

/// A table as it may be told, cell by cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told(Vec<Suppressed>);

impl Told {
    pub fn of(&self, cell: Cell) -> Suppressed {
        self.0[cell.0]
    }
}
