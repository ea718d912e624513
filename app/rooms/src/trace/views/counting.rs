//! Which meetings count, by who may have infected whom: onward from a case, or back to whoever infected it.

use super::candidates::{Candidate, Other};
use crate::cases::Case;
use crate::cases::reach::case_within;
use crate::trace::interview::InterviewRecord;
use crate::trace::suspects::LOOK_BACK_DAYS;
use crate::trace::wall::day_of;
use base::{Day, Id};
use packs::Protocol;
use std::collections::BTreeMap;
use store::{Query, Result, Scope};
use trace::look_back;
use trace::overlap::Looking;

/// From when to when somebody can have infected others, and the day they fell ill.
#[derive(Debug, Clone, Copy)]
struct Infectious {
    from: Day,
    until: Option<Day>,
    onset: Day,
}

pub(super) struct Counting {
    pub looking: Looking,
    rules: &'static Protocol,
    /// Of the case that is asked: the day it fell ill.
    onset: Option<Day>,
    others: BTreeMap<Id<Case>, Option<Infectious>>,
}

impl Counting {
    pub fn of(interview: &InterviewRecord, onset: Option<Day>, looking: Looking) -> Counting {
        Counting { looking, rules: interview.rules(), onset, others: BTreeMap::new() }
    }

    /// The day days of illness are counted from when looking onward; looking back it is the other's.
    pub fn own_onset(&self) -> Option<Day> {
        self.onset.filter(|_| self.looking == Looking::Onward)
    }

    /// Minutes from and until which the own visits count; all of them while nobody knows the onset.
    pub fn own_days(&self) -> (i64, i64) {
        let minutes = |day: Day| i64::from(day.number()) * 1_440;
        let Some(onset) = self.onset else { return (i64::MIN, i64::MAX) };
        match self.looking {
            Looking::Onward => (minutes(look_back(self.rules, onset, None).0), i64::MAX),
            Looking::Back => (minutes(onset - LOOK_BACK_DAYS), minutes(onset + 1)),
        }
    }

    /// Looking back: it lies within the longest incubation before the own onset, and in days on which the other could infect.
    /// What a lot or a surface left behind counts on any day.
    pub fn counted(
        &mut self,
        query: &mut dyn Query,
        scope: &Scope,
        other: &Other,
        met: Candidate,
    ) -> Result<Option<Candidate>> {
        if self.looking == Looking::Onward {
            return Ok(Some(met));
        }
        let Some(day) = day_of(met.from) else { return Ok(None) };
        let too_late_or_early = |onset: Day| day > onset || day < onset - LOOK_BACK_DAYS;
        if self.onset.is_some_and(too_late_or_early) {
            return Ok(None);
        }
        if !other.is_somebody() {
            return Ok(Some(met));
        }
        let Some(case) = other.case else { return Ok(None) };
        let infectious = self.infectious(query, scope, case);
        let counts = infectious
            .filter(|days| day >= days.from && days.until.is_none_or(|until| day <= until))
            .map(|days| met.on_day_of_illness(day - days.onset));
        Ok(counts)
    }

    fn infectious(&mut self, query: &mut dyn Query, scope: &Scope, case: Id<Case>) -> Option<Infectious> {
        if let Some(known) = self.others.get(&case) {
            return *known;
        }
        // A case that has moved out of reach since shows no days here.
        let case_record = case_within(query, scope, case).ok();
        let days = case_record.and_then(|record| {
            let onset = record.dates.illness_day()?;
            let (from, until) = look_back(self.rules, onset, record.dates.isolated_day());
            Some(Infectious { from, until, onset })
        });
        self.others.insert(case, days);
        days
    }
}
