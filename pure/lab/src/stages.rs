//! How many tubes came to each stage, by site, batch, laboratory and hour.
//!
//! Tubes are followed, not counted at counters: those of an hour are the ones sampled in it, so that registered, received, run and
//! reported of one row are the same tubes and may be compared.

use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stages {
    pub registered: u64,
    pub boxed: u64,
    /// Rejected ones included.
    pub received: u64,
    pub rejected: u64,
    /// Stand in a well.
    pub run: u64,
    pub reported: u64,
    /// Registered or boxed, not received, and not yet late.
    pub under_way: u64,
    /// Received whole, not reported, and not yet late.
    pub in_laboratory: u64,
    /// Named in a difference.
    pub differing: u64,
}

impl Stages {
    pub(crate) fn add(&mut self, one: &Stages) {
        self.registered += one.registered;
        self.boxed += one.boxed;
        self.received += one.received;
        self.rejected += one.rejected;
        self.run += one.run;
        self.reported += one.reported;
        self.under_way += one.under_way;
        self.in_laboratory += one.in_laboratory;
        self.differing += one.differing;
    }

    /// Every tube came through: what was registered was received, what was received whole was run, what was run was reported.
    pub fn is_even(&self) -> bool {
        self.registered == self.received
            && self.received - self.rejected == self.run
            && self.run == self.reported
            && self.differing == 0
    }
}

/// The same tubes, counted four ways; `None` are those of whom it is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageCounts {
    pub all: Stages,
    pub by_site: BTreeMap<Option<u32>, Stages>,
    pub by_batch: BTreeMap<Option<u32>, Stages>,
    pub by_lab: BTreeMap<Option<u32>, Stages>,
    /// Hours since 1970-01-01T00:00Z in which the last swab was taken; of unregistered tubes, in which they were first seen.
    pub by_hour: BTreeMap<i64, Stages>,
}

/// Counts while the tubes go by; places by number, not by search.
pub(crate) struct Counting {
    all: Stages,
    sites: Vec<Stages>,
    batches: Vec<Stages>,
    labs: Vec<Stages>,
    hours: BTreeMap<i64, Stages>,
}

/// Where a tube is counted.
pub(crate) struct Place {
    pub site: Option<u32>,
    pub batch: Option<u32>,
    pub lab: Option<u32>,
    pub hour: i64,
}

impl Counting {
    pub(crate) fn of(sites: u32, batches: u32, labs: u32) -> Counting {
        // The last one is for tubes of whom it is not known.
        let empty = |many: u32| vec![Stages::default(); many as usize + 1];
        Counting {
            all: Stages::default(),
            sites: empty(sites),
            batches: empty(batches),
            labs: empty(labs),
            hours: BTreeMap::new(),
        }
    }

    pub(crate) fn count(&mut self, place: &Place, one: &Stages) {
        let at = |list: &mut Vec<Stages>, number: Option<u32>| {
            let unknown = list.len() - 1;
            list[number.map_or(unknown, |number| number as usize)].add(one);
        };
        self.all.add(one);
        at(&mut self.sites, place.site);
        at(&mut self.batches, place.batch);
        at(&mut self.labs, place.lab);
        self.hours.entry(place.hour).or_default().add(one);
    }

    pub(crate) fn finish(self) -> StageCounts {
        let told = |list: Vec<Stages>| {
            let unknown = list.len() - 1;
            let numbered = list.into_iter().enumerate().filter(|(_, stages)| *stages != Stages::default());
            numbered.map(|(number, stages)| ((number < unknown).then_some(number as u32), stages)).collect()
        };
        StageCounts {
            all: self.all,
            by_site: told(self.sites),
            by_batch: told(self.batches),
            by_lab: told(self.labs),
            by_hour: self.hours,
        }
    }
}
