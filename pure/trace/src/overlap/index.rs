//! Millions of stays, lying so that those at one place around one time are found without looking at the others.

use super::{Minute, Spread, Stay};
use rayon::slice::ParallelSliceMut;
use std::ops::Range;

/// Stays that share one entry of how far they reach.
const BLOCK: usize = 64;

/// Stays sorted by place and by when they can first have begun; 14 bytes a stay, and a little for each place and block.
///
/// Within one place, whoever may have been there between two minutes begins before the second, which a bisection finds, and ends
/// after the first. So that one long stay does not make the search look at all before it, every block of stays keeps how late its
/// own and how late all up to it can have ended: the search skips by the one and stops by the other.
#[derive(Debug)]
pub struct VisitIndex {
    subjects: Vec<u32>,
    earliest: Vec<u32>,
    latest: Vec<u32>,
    spreads: Vec<[Spread; 2]>,
    /// Where the stays of each place begin, and one more.
    first_of_place: Vec<u32>,
    /// Of the place in which each block ends: the latest minute of the block's stays there, and of all up to the block's end.
    reach: Vec<Reach>,
}

#[derive(Debug, Clone, Copy)]
struct Reach {
    block: u32,
    so_far: u32,
}

impl VisitIndex {
    /// Panics at 2³² stays or more: four thousand million.
    pub fn of(stays: Vec<Stay>) -> VisitIndex {
        VisitIndex::with(stays.into_iter().map(|stay| (stay, ())).collect()).0
    }

    /// What goes with each stay comes back in the order of the index.
    pub(super) fn with<T: Copy + Send>(mut stays: Vec<(Stay, T)>) -> (VisitIndex, Vec<T>) {
        u32::try_from(stays.len()).expect("fewer than 2³² stays");
        stays.par_sort_by_key(|(stay, _)| (stay.place, stay.earliest, stay.latest, stay.subject));
        let places = stays.last().map_or(0, |(stay, _)| stay.place as usize + 1);
        let mut first_of_place = vec![0_u32; places + 1];
        for (stay, _) in &stays {
            first_of_place[stay.place as usize + 1] += 1;
        }
        for place in 0..places {
            first_of_place[place + 1] += first_of_place[place];
        }
        let reach = reaches(&stays);
        let index = VisitIndex {
            subjects: stays.iter().map(|(stay, _)| stay.subject).collect(),
            earliest: stays.iter().map(|(stay, _)| stay.earliest.0).collect(),
            latest: stays.iter().map(|(stay, _)| stay.latest.0).collect(),
            spreads: stays.iter().map(|(stay, _)| [stay.began_spread, stay.ended_spread]).collect(),
            first_of_place,
            reach,
        };
        (index, stays.into_iter().map(|(_, with)| with).collect())
    }

    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// Bytes in memory, everything counted.
    pub fn bytes(&self) -> usize {
        4 * (self.subjects.capacity() + self.earliest.capacity() + self.latest.capacity())
            + size_of::<[Spread; 2]>() * self.spreads.capacity()
            + 4 * self.first_of_place.capacity()
            + size_of::<Reach>() * self.reach.capacity()
    }

    /// Calls `found` with the number of every stay at `place` that may have touched the time from `from` to `to`, both included;
    /// the one that began last comes first.
    pub(super) fn each_possible(&self, place: u32, from: Minute, to: Minute, mut found: impl FnMut(usize)) {
        let stays = self.of_place(place);
        let begun = self.earliest[stays.clone()].partition_point(|earliest| *earliest <= to.0);
        let mut end = stays.start + begun;
        while end > stays.start {
            let block = (end - 1) / BLOCK;
            let first = (block * BLOCK).max(stays.start);
            let ends_here = ((block + 1) * BLOCK).min(self.len()) <= stays.end;
            if ends_here && self.reach[block].so_far < from.0 {
                return;
            }
            if !ends_here || self.reach[block].block >= from.0 {
                (first..end).rev().filter(|stay| self.latest[*stay] >= from.0).for_each(&mut found);
            }
            end = first;
        }
    }

    pub(super) fn subject(&self, stay: usize) -> u32 {
        self.subjects[stay]
    }

    pub(super) fn stay(&self, stay: usize, place: u32) -> Stay {
        Stay {
            subject: self.subjects[stay],
            place,
            earliest: Minute(self.earliest[stay]),
            latest: Minute(self.latest[stay]),
            began_spread: self.spreads[stay][0],
            ended_spread: self.spreads[stay][1],
        }
    }

    fn of_place(&self, place: u32) -> Range<usize> {
        let first = |place: usize| self.first_of_place.get(place).copied();
        match (first(place as usize), first(place as usize + 1)) {
            (Some(start), Some(end)) => start as usize..end as usize,
            _ => 0..0,
        }
    }
}

fn reaches<T>(stays: &[(Stay, T)]) -> Vec<Reach> {
    let mut reach: Vec<Reach> = Vec::with_capacity(stays.len().div_ceil(BLOCK));
    let mut before: Option<(u32, u32)> = None;
    for block in stays.chunks(BLOCK) {
        let place = block[block.len() - 1].0.place;
        let here = block.iter().filter(|(stay, _)| stay.place == place);
        let latest = here.map(|(stay, _)| stay.latest.0).max().unwrap_or(0);
        let so_far =
            before.filter(|(same, _)| *same == place).map_or(latest, |(_, so_far)| so_far.max(latest));
        reach.push(Reach { block: latest, so_far });
        before = Some((place, so_far));
    }
    reach
}
