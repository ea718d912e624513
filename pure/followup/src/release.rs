//! The criteria of release, each by name and ticked or not.

use crate::plan::{PhasePlan, TestState};
use crate::record::{Followed, Outcome, Taken};
use base::Day;
use packs::Criterion;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tick {
    pub criterion: Criterion,
    pub holds: bool,
    /// How many of how many, where that can be said.
    pub done: u16,
    pub of: u16,
}

pub(crate) fn tick(
    criterion: Criterion,
    phase: &PhasePlan,
    person: &Followed,
    today: Day,
    suspected: bool,
    clear: impl Fn(&Taken) -> bool,
) -> Tick {
    let count = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    let (done, of, holds) = match criterion {
        Criterion::DaysServed => {
            let of = phase.last - phase.first + 1;
            let done = (today - phase.first).clamp(0, of);
            (u16::try_from(done).unwrap_or(0), u16::try_from(of).unwrap_or(0), today > phase.last)
        }
        Criterion::TestsTaken => {
            let asked = phase.tests.iter().filter(|test| test.state != TestState::NotAsked);
            let of = asked.clone().count();
            let done = asked.filter(|test| test.taken.is_some()).count();
            (count(done), count(of), done == of)
        }
        Criterion::ResultsNegative => {
            let told = person.tests.iter().filter(|test| test.outcome != Outcome::Invalid);
            let of = told.clone().count();
            let done = told.filter(|test| clear(test)).count();
            (count(done), count(of), done == of)
        }
        Criterion::NoSymptoms => (u16::from(!suspected), 1, !suspected),
        Criterion::SeenAtEnd => {
            let seen = person.checks.last().is_some_and(|check| check.day >= phase.last);
            let holds = phase.checks_per_day == 0 || seen;
            (u16::from(holds), 1, holds)
        }
    };
    Tick { criterion, holds, done, of }
}
