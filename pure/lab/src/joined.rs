//! What all books say of one tube, in one row of one cache line: the books come in any order, and two million rows are visited by
//! number several times.

use crate::books::{Books, RunRead};
use crate::difference::{Difference, How};
use base::Moment;

pub(crate) const NONE: u32 = u32::MAX;

const REGISTERED: u8 = 1;
const BOXED: u8 = 2;
const RECEIVED: u8 = 4;
const REJECTED: u8 = 8;
const PLATED: u8 = 16;
const REPORTED: u8 = 32;
const TWO_BATCHES: u8 = 64;

#[derive(Clone, Copy)]
pub(crate) struct Row {
    flags: u8,
    pub size: u8,
    pub people: u8,
    well: u16,
    site: u32,
    put_into: u32,
    out_of: u32,
    received_lab: u32,
    reported_lab: u32,
    /// Of its well; of its result where it has none.
    run: u32,
    sampled: Moment,
    boxed: Moment,
    received: Moment,
    reported: Moment,
}

fn known(number: u32) -> Option<u32> {
    (number != NONE).then_some(number)
}

impl Row {
    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// True the second time.
    fn set(&mut self, flag: u8) -> bool {
        let before = self.has(flag);
        self.flags |= flag;
        before
    }

    fn at(&self, flag: u8, moment: Moment) -> Option<Moment> {
        self.has(flag).then_some(moment)
    }

    pub(crate) fn is_registered(&self) -> bool {
        self.has(REGISTERED)
    }

    pub(crate) fn is_boxed(&self) -> bool {
        self.has(BOXED)
    }

    pub(crate) fn is_received(&self) -> bool {
        self.has(RECEIVED)
    }

    pub(crate) fn is_rejected(&self) -> bool {
        self.has(REJECTED)
    }

    pub(crate) fn is_plated(&self) -> bool {
        self.has(PLATED)
    }

    pub(crate) fn is_reported(&self) -> bool {
        self.has(REPORTED)
    }

    pub(crate) fn is_in_two_batches(&self) -> bool {
        self.has(TWO_BATCHES)
    }

    pub(crate) fn sampled(&self) -> Option<Moment> {
        self.at(REGISTERED, self.sampled)
    }

    pub(crate) fn boxed(&self) -> Option<Moment> {
        self.at(BOXED, self.boxed)
    }

    pub(crate) fn received(&self) -> Option<Moment> {
        self.at(RECEIVED, self.received)
    }

    pub(crate) fn reported(&self) -> Option<Moment> {
        self.at(REPORTED, self.reported)
    }

    pub(crate) fn site(&self) -> Option<u32> {
        known(self.site)
    }

    pub(crate) fn put_into(&self) -> Option<u32> {
        known(self.put_into)
    }

    /// The batch it was received in.
    pub(crate) fn out_of(&self) -> Option<u32> {
        known(self.out_of)
    }

    pub(crate) fn lab(&self) -> Option<u32> {
        known(self.received_lab).or(known(self.reported_lab))
    }

    pub(crate) fn run(&self) -> Option<u32> {
        known(self.run)
    }

    pub(crate) fn difference(&self, how: How, tube: u32) -> Difference {
        let batch = self.out_of().or(self.put_into());
        Difference { how, tubes: vec![tube], site: self.site(), batch, lab: self.lab(), run: self.run() }
    }
}

pub(crate) struct Joined<'a> {
    pub rows: Vec<Row>,
    books: &'a Books<'a>,
    /// Place of a run in its book.
    read: Vec<u32>,
}

impl<'a> Joined<'a> {
    /// Where a tube may stand once, the second time is a fault and the first is kept.
    pub(crate) fn of(books: &'a Books<'a>, found: &mut Vec<Difference>) -> Joined<'a> {
        let empty = Row {
            flags: 0,
            size: 0,
            people: 0,
            well: 0,
            site: NONE,
            put_into: NONE,
            out_of: NONE,
            received_lab: NONE,
            reported_lab: NONE,
            run: NONE,
            sampled: Moment(0),
            boxed: Moment(0),
            received: Moment(0),
            reported: Moment(0),
        };
        let mut rows = vec![empty; books.tubes as usize];
        let mut twice: Vec<(How, u32)> = Vec::new();
        for one in books.registered {
            assert!(one.site < books.sites, "site {} of {}", one.site, books.sites);
            let row = &mut rows[one.tube as usize];
            if !row.set(REGISTERED) {
                (row.site, row.size, row.people, row.sampled) = (one.site, one.size, one.people, one.sampled);
            } else if row.site != one.site {
                twice.push((How::TwoRegistrations, one.tube));
            }
        }
        for one in books.boxed {
            let row = &mut rows[one.tube as usize];
            if !row.set(BOXED) {
                (row.put_into, row.boxed) = (one.batch, one.at);
            } else if row.put_into != one.batch {
                row.set(TWO_BATCHES);
                twice.push((How::TwoBatches, one.tube));
            }
        }
        for one in books.received {
            assert!(one.lab < books.labs, "laboratory {} of {}", one.lab, books.labs);
            let row = &mut rows[one.tube as usize];
            if !row.set(RECEIVED) {
                (row.received_lab, row.received) = (one.lab, one.at);
                row.out_of = one.batch.unwrap_or(NONE);
                row.flags |= if one.rejected { REJECTED } else { 0 };
            } else if row.received_lab != one.lab {
                twice.push((How::TwoReceipts, one.tube));
            }
        }
        for one in books.plated.iter().filter(|one| !one.void) {
            let row = &mut rows[one.tube as usize];
            if !row.set(PLATED) {
                (row.run, row.well) = (one.run, one.well);
            } else if (row.run, row.well) != (one.run, one.well) {
                twice.push((How::TwoWells, one.tube));
            }
        }
        for one in books.reported.iter().filter(|one| !one.void) {
            assert!(one.lab < books.labs, "laboratory {} of {}", one.lab, books.labs);
            let row = &mut rows[one.tube as usize];
            if !row.set(REPORTED) {
                (row.reported_lab, row.reported) = (one.lab, one.at);
                row.run = known(row.run).or(one.run).unwrap_or(NONE);
            } else {
                twice.push((How::TwoResults, one.tube));
            }
        }
        twice.sort_unstable();
        twice.dedup();
        found.extend(twice.into_iter().map(|(how, tube)| rows[tube as usize].difference(how, tube)));
        let mut read = vec![NONE; books.runs as usize];
        for (place, one) in books.read.iter().enumerate() {
            read[one.run as usize] = place as u32;
        }
        Joined { rows, books, read }
    }

    pub(crate) fn row(&self, tube: u32) -> &Row {
        &self.rows[tube as usize]
    }

    pub(crate) fn read(&self, run: u32) -> Option<&'a RunRead> {
        self.books.read.get(*self.read.get(run as usize)? as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_fills_one_cache_line() {
        assert!(size_of::<Row>() <= 64, "{}", size_of::<Row>());
    }
}
