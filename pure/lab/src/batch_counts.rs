//! Counts of each box: what was scanned into it, told at hand-over, and taken out of it.
//!
//! A count that differs because of a tube that is named by itself (in two boxes, out of another box, never registered) is explained.

use crate::books::{Books, HandedOver};
use crate::difference::{Difference, How};
use crate::grouped::Grouped;
use crate::joined::Joined;

/// True for tubes that are named as missing.
pub(crate) fn name_batches(books: &Books<'_>, joined: &Joined<'_>, found: &mut Vec<Difference>) -> Vec<bool> {
    let boxed = Grouped::by(books.batches, books.boxed.iter().map(|one| one.batch));
    // The last group is for tubes that came by themselves.
    let received =
        Grouped::by(books.batches + 1, books.received.iter().map(|one| one.batch.unwrap_or(books.batches)));
    let mut told_missing = vec![false; books.tubes as usize];
    for handed in books.handed_over {
        let mut sums = Sums::default();
        for place in boxed.members(handed.batch) {
            sums.put_in(books.boxed[*place as usize].tube, handed.batch, joined);
        }
        for place in received.members(handed.batch) {
            sums.take_out(books.received[*place as usize].tube, handed.batch, joined, found);
        }
        judge(handed, sums, &mut told_missing, found);
    }
    told_missing
}

#[derive(Default)]
struct Sums {
    /// Scanned into this box.
    boxed: Vec<u32>,
    /// Those of them that have come to no laboratory.
    missing: Vec<u32>,
    /// Came out without having been scanned into any box.
    unscanned: Vec<u32>,
    received: u32,
    /// Counted here by some and not by others, for a reason that is named at the tube.
    more_at_most: u32,
    fewer_at_most: u32,
}

impl Sums {
    fn put_in(&mut self, tube: u32, batch: u32, joined: &Joined<'_>) {
        let row = joined.row(tube);
        self.boxed.push(tube);
        if row.is_in_two_batches() || row.out_of().is_some_and(|out_of| out_of != batch) {
            self.fewer_at_most += 1;
        } else if !row.is_received() {
            self.missing.push(tube);
        }
    }

    fn take_out(&mut self, tube: u32, batch: u32, joined: &Joined<'_>, found: &mut Vec<Difference>) {
        let row = joined.row(tube);
        self.received += 1;
        match row.put_into() {
            _ if row.is_in_two_batches() => {}
            Some(put_into) if put_into == batch => {}
            Some(put_into) => {
                self.more_at_most += 1;
                found.push(row.difference(How::OtherBatch { put_into }, tube));
            }
            None if !row.is_registered() => self.more_at_most += 1,
            None => self.unscanned.push(tube),
        }
    }

    fn explain(&self, told: u32) -> bool {
        let boxed = self.boxed.len() as u32;
        (boxed.saturating_sub(self.fewer_at_most)..=boxed + self.more_at_most).contains(&told)
    }
}

fn judge(handed: &HandedOver, sums: Sums, told_missing: &mut [bool], found: &mut Vec<Difference>) {
    let (boxed, told, received) = (sums.boxed.len() as u32, handed.told, sums.received);
    let difference = |how, mut tubes: Vec<u32>| {
        tubes.sort_unstable();
        let (site, lab) = (handed.site, handed.lab);
        Difference { how, tubes, site, batch: Some(handed.batch), lab, run: None }
    };
    let miscounted = How::BatchCount { boxed, told, received };
    if !sums.unscanned.is_empty() {
        found.push(difference(miscounted, sums.unscanned));
    } else if sums.explain(told) {
        // What is missing now was handed over; it is lost when it is late.
    } else if received > 0 && sums.explain(told.saturating_add(sums.missing.len() as u32)) {
        // As many came as were told: what did not come was not in the box.
        for tube in sums.missing {
            told_missing[tube as usize] = true;
            found.push(difference(How::MissingAtHandOver { boxed, told }, vec![tube]));
        }
    } else {
        found.push(difference(miscounted, sums.boxed));
    }
}
