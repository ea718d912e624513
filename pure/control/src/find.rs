//! Somebody found infected, as zones see them: when, how, and where they stayed while they could pass it on.

use crate::Unit;
use base::Day;
use cases::Found;
use packs::{FindEffect, FindEffects, SpreadRisk, StayKind};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stay {
    pub unit: Unit,
    pub kind: StayKind,
    pub risk: SpreadRisk,
    /// Those who were there cannot all be found.
    pub hard_to_trace: bool,
    pub from: Day,
    pub until: Day,
}

/// How somebody was found, as far as clocks of zones are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    Community,
    UnderCare,
    RePositive,
}

impl How {
    /// Where nobody said how they were found, they count as found outside: the stricter of the two.
    pub fn of(found: Option<Found>) -> How {
        match found {
            Some(Found::UnderCare) => How::UnderCare,
            _ => How::Community,
        }
    }

    pub fn effect(self, by: &FindEffects) -> FindEffect {
        match self {
            How::Community => by.community,
            How::UnderCare => by.under_care,
            How::RePositive => by.re_positive,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Find {
    /// The case's own handle.
    pub id: String,
    /// The day of the result.
    pub day: Day,
    pub onset: Option<Day>,
    /// Counts where there are no signs.
    pub sampled: Option<Day>,
    pub how: How,
    /// From then on nobody outside met them.
    pub isolated: Option<Day>,
    pub stays: Vec<Stay>,
}

impl Find {
    /// The first day on which they could pass it on, as far as the rule goes.
    pub fn infectious_from(&self, look_back_days: u16) -> Day {
        self.onset.or(self.sampled).unwrap_or(self.day) - i32::from(look_back_days)
    }

    /// The last day on which somebody outside could meet them.
    pub fn last_outside(&self) -> Day {
        self.isolated.map_or(self.day, |isolated| isolated.min(self.day))
    }

    /// A stay as far as it counts: while they could pass it on, and before they were isolated.
    pub fn counted(&self, stay: &Stay, look_back_days: u16) -> Option<(Day, Day)> {
        let from = stay.from.max(self.infectious_from(look_back_days));
        let until = stay.until.min(self.last_outside());
        (from <= until).then_some((from, until))
    }

    /// The day from which clocks run: the find, or, where the find itself restarts none, the last day outside.
    pub fn clock_day(&self, by: &FindEffects) -> Day {
        match self.how.effect(by) {
            FindEffect::Reset => self.day,
            FindEffect::Keep => self.last_outside(),
        }
    }
}
