//! The days of a case, each with precision and source.

use crate::words;
use base::{Day, StatedDay};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    /// In the order in which they usually happen.
    DateKind, "kind of date" {
        /// First possible exposure; its `until` is the last possible one.
        Exposure = "exposure",
        Onset = "onset",
        FirstVisit = "first_visit",
        Specimen = "specimen",
        /// The laboratory result that confirmed the case.
        Result = "result",
        /// Reported to the health authority.
        Report = "report",
        Isolation = "isolation",
        Admission = "admission",
        Recovery = "recovery",
        Death = "death",
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Dates(pub BTreeMap<DateKind, StatedDay>);

impl Dates {
    pub fn stated(&self, kind: DateKind) -> Option<&StatedDay> {
        self.0.get(&kind)
    }

    /// The (first possible) day of that kind.
    pub fn day(&self, kind: DateKind) -> Option<Day> {
        self.0.get(&kind).map(|stated| stated.day)
    }

    pub fn set(&mut self, kind: DateKind, stated: StatedDay) {
        self.0.insert(kind, stated);
    }

    /// Onset, or of somebody without signs the day of the result: what infectious days are counted from.
    pub fn illness_day(&self) -> Option<Day> {
        self.day(DateKind::Onset).or_else(|| self.day(DateKind::Result))
    }

    /// From when on the person met nobody: isolated, or admitted.
    pub fn isolated_day(&self) -> Option<Day> {
        self.day(DateKind::Isolation).or_else(|| self.day(DateKind::Admission))
    }

    /// The day the case stands at on a curve: onset, else the first later day that is known, and which kind it is.
    pub fn curve_day(&self) -> Option<(DateKind, Day)> {
        use DateKind::{Admission, FirstVisit, Onset, Report, Result, Specimen};
        [Onset, FirstVisit, Specimen, Result, Report, Admission]
            .into_iter()
            .find_map(|kind| self.day(kind).map(|day| (kind, day)))
    }
}
