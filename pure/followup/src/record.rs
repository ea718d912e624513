//! What happened with one person who is followed: all that a plan is made from.

use base::{Day, Moment};
use cases::words;
use packs::{Category, NotMovedWho, WatchPlace};
use serde::{Deserialize, Serialize};

words! {
    /// What a test told. A sample that told nothing is as if it had not been taken.
    Outcome, "outcome of a test" {
        Waiting = "waiting",
        Negative = "negative",
        Positive = "positive",
        Invalid = "invalid",
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    pub at: Moment,
    /// The day it was where the person was.
    pub day: Day,
    pub outcome: Outcome,
    /// The lowest of the targets, where the laboratory told it.
    pub ct: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Check {
    pub at: Moment,
    pub day: Day,
    pub celsius: Option<f64>,
    /// Any sign of illness.
    pub signs: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    pub day: Day,
    pub to: WatchPlace,
}

/// Somebody with permission decided that a phase is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    pub phase: usize,
    pub day: Day,
}

/// The day on which they changed over to this edition, and whether a test is asked of them for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    pub day: Day,
    pub test: bool,
}

/// One person on a pathway. `tests` and `checks` come in the order in which they happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    pub category: Category,
    /// The day the pathway counts from: last exposure, arrival, leaving, discharge.
    pub day_zero: Day,
    /// The day on which they were first known to us: nothing was asked of them before.
    pub known: Day,
    /// Not to be moved: the days and tests of central quarantine at home.
    pub exempt: Option<NotMovedWho>,
    pub switched: Option<Switched>,
    pub transfers: Vec<Transfer>,
    pub tests: Vec<Taken>,
    pub checks: Vec<Check>,
    pub released: Vec<Released>,
}

impl Followed {
    pub fn new(category: Category, day_zero: Day, known: Day) -> Followed {
        Followed {
            category,
            day_zero,
            known,
            exempt: None,
            switched: None,
            transfers: Vec::new(),
            tests: Vec::new(),
            checks: Vec::new(),
            released: Vec::new(),
        }
    }

    /// Nothing is missed that lay before this day.
    pub(crate) fn asked_from(&self) -> Day {
        self.switched.map_or(self.known, |switched| switched.day.max(self.known))
    }

    /// Where they are, as far as anybody wrote it down.
    pub fn place_on(&self, day: Day) -> Option<WatchPlace> {
        self.transfers
            .iter()
            .filter(|transfer| transfer.day <= day)
            .max_by_key(|one| one.day)
            .map(|one| one.to)
    }
}
