//! The plan of one person: phases with their days, tests with their windows, what was missed and what it costs, and where they stand.
//!
//! # Rules
//! Day 1 is the day after the day counted from, unless the edition says otherwise. A test counts in its window. A missed test is owed
//! until it is made up, adds days, and the phase does not end before; a day without any check adds days too; what is missed never adds
//! more than the edition allows. Days go on counting while a result or a decision is waited for: the delay of others costs nobody days.

use crate::record::{Check, Followed, Outcome, Taken};
use crate::release::{Tick, tick};
use base::Day;
use cases::words;
use packs::{Category, DayOne, FollowUp, Pathway, Phase, Protocol, RePositive, WatchPlace};
use serde::Serialize;

words! {
    /// Where somebody on a pathway stands.
    Standing, "standing on a pathway" {
        Running = "running",
        /// Every criterion of the current phase holds: somebody may decide.
        ReleaseDue = "release_due",
        /// The last phase was released.
        Ended = "ended",
        /// A sign of illness that no later negative test and well day has cleared.
        Suspected = "suspected",
        Positive = "positive",
        /// After discharge, below the edition's Ct.
        RePositive = "re_positive",
    }
}

words! {
    TestState, "state of a test that is due" {
        /// Its window has not opened.
        Ahead = "ahead",
        Due = "due",
        Taken = "taken",
        /// Its window is over and nothing was taken.
        Missed = "missed",
        MadeUp = "made_up",
        /// It lay before anybody asked.
        NotAsked = "not_asked",
    }
}

words! {
    Missed, "kind of missed item" { Test = "test", Check = "check" }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DueTest {
    /// The day it belongs to: the first of its window, unless it may be early.
    pub day: Day,
    /// Last day on which it is in time.
    pub until: Day,
    pub opens: Day,
    /// Asked because an edition changed or somebody was found late.
    pub on_entry: bool,
    pub state: TestState,
    /// Day on which it was taken or made up.
    pub taken: Option<Day>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhasePlan {
    /// Where it is spent, exemption counted in.
    pub place: WatchPlace,
    pub first: Day,
    /// As the edition has it.
    pub planned_last: Day,
    /// With what was missed.
    pub last: Day,
    pub added_days: u16,
    pub checks_per_day: u16,
    pub tests: Vec<DueTest>,
    /// Whole days on which nobody was checked.
    pub missed_checks: Vec<Day>,
    pub released: Option<Day>,
    /// Over before they were known, or before they changed over to this edition.
    pub passed: bool,
}

/// Something that was missed and is still open, and how far up it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MissedItem {
    pub what: Missed,
    pub day: Day,
    /// 1 for the worker, 2 for who leads them, 3 for the level above.
    pub level: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    pub phases: Vec<PhasePlan>,
    /// The first phase that nobody released.
    pub current: usize,
    pub standing: Standing,
    pub missed: Vec<MissedItem>,
    pub criteria: Vec<Tick>,
    /// Last day of the last phase, as things stand.
    pub last: Day,
}

impl Plan {
    pub fn phase(&self) -> &PhasePlan {
        &self.phases[self.current.min(self.phases.len() - 1)]
    }

    /// How far up something is told: 0 when nothing is overdue.
    pub fn level(&self) -> u8 {
        self.missed.iter().map(|one| one.level).max().unwrap_or(0)
    }

    /// The day from which on a test is owed: the day after the last window that ran out, as long as nobody took a sample since.
    pub fn owes_since(&self, person: &Followed) -> Option<Day> {
        let open = self.phases.iter().filter(|phase| phase.released.is_none() && !phase.passed);
        let missed = open.flat_map(|phase| &phase.tests).filter(|test| test.state == TestState::Missed);
        let since = missed.map(|test| test.until + 1).max()?;
        let taken = person.tests.iter().any(|sample| sample.day >= since);
        (!taken).then_some(since)
    }

    /// Tests that were missed and are owed until they are made up.
    pub fn owed_tests(&self) -> u16 {
        let owed = self.missed.iter().filter(|one| one.what == Missed::Test).count();
        u16::try_from(owed).unwrap_or(u16::MAX)
    }

    /// Days that were added by what was missed.
    pub fn added_days(&self) -> u16 {
        self.phases.iter().map(|phase| phase.added_days).sum()
    }
}

/// The plan as of a day; `None` where the edition follows nobody of this category.
pub fn plan(edition: &Protocol, person: &Followed, today: Day) -> Option<Plan> {
    let pathway = edition.pathway(person.category)?;
    Some(Planner { rule: &edition.follow_up, pathway, person, today }.plan())
}

struct Planner<'a> {
    rule: &'a FollowUp,
    pathway: &'a Pathway,
    person: &'a Followed,
    today: Day,
}

impl Planner<'_> {
    fn plan(&self) -> Plan {
        let mut used = vec![false; self.person.tests.len()];
        let mut phases: Vec<PhasePlan> = Vec::with_capacity(self.pathway.phases.len());
        let mut first = match self.rule.day_one.value {
            DayOne::DayAfter => self.person.day_zero + 1,
            DayOne::SameDay => self.person.day_zero,
        };
        for (at, phase) in self.pathway.phases.iter().enumerate() {
            let planned_last = first + i32::from(phase.days.value) - 1;
            let laid = if planned_last < self.person.asked_from() && at + 1 < self.pathway.phases.len() {
                self.passed(phase, first, planned_last)
            } else {
                self.lay(phase, at, first, planned_last, &mut used)
            };
            first = laid.last + 1;
            phases.push(laid);
        }
        let open = phases.iter().position(|phase| !phase.passed && phase.released.is_none());
        let current = open.unwrap_or(phases.len() - 1);
        let last = phases.iter().map(|phase| phase.last).max().expect("a pathway has phases");
        let missed = self.missed(&phases);
        let (positive, again) = self.positive();
        let suspected = self.suspected();
        let criteria = self
            .pathway
            .criteria()
            .iter()
            .map(|one| tick(*one, &phases[current], self.person, self.today, suspected, |t| self.clear(t)))
            .collect::<Vec<_>>();
        let standing = match () {
            () if open.is_none() => Standing::Ended,
            () if again => Standing::RePositive,
            () if positive => Standing::Positive,
            () if suspected => Standing::Suspected,
            () if criteria.iter().all(|tick| tick.holds) => Standing::ReleaseDue,
            () => Standing::Running,
        };
        Plan { phases, current, standing, missed, criteria, last }
    }

    fn place(&self, phase: &Phase) -> WatchPlace {
        match phase.place {
            WatchPlace::Central if self.person.exempt.is_some() => WatchPlace::Home,
            place => place,
        }
    }

    fn passed(&self, phase: &Phase, first: Day, last: Day) -> PhasePlan {
        PhasePlan {
            place: self.place(phase),
            first,
            planned_last: last,
            last,
            added_days: 0,
            checks_per_day: phase.checks(self.rule),
            tests: Vec::new(),
            missed_checks: Vec::new(),
            released: None,
            passed: true,
        }
    }

    fn lay(&self, phase: &Phase, at: usize, first: Day, planned_last: Day, used: &mut [bool]) -> PhasePlan {
        let released = self.person.released.iter().find(|one| one.phase == at).map(|one| one.day);
        let mut tests = self.due_tests(phase, first, planned_last);
        // Days are looked at until today, and no further than the day on which somebody decided.
        let today = released.map_or(self.today, |day| day.min(self.today));
        self.take(&mut tests, used, today);
        let missed_tests = {
            let mut days: Vec<Day> =
                tests.iter().filter(|test| was_missed(test.state)).map(|test| test.day).collect();
            days.dedup();
            u16::try_from(days.len()).unwrap_or(u16::MAX)
        };
        let most = self.rule.most_added_days.value;
        let mut added = missed_tests.saturating_mul(self.rule.missed_test_adds_days.value).min(most);
        let checks_per_day = phase.checks(self.rule);
        let mut missed_checks = Vec::new();
        if checks_per_day > 0 {
            // On the day they become known nobody can be asked for a whole day.
            let mut day = if first > self.person.asked_from() { first } else { self.person.asked_from() + 1 };
            while day < today && day <= planned_last + i32::from(added) {
                if !checked_on(&self.person.checks, day) {
                    missed_checks.push(day);
                    added = added.saturating_add(self.rule.missed_check_adds_days.value).min(most);
                }
                day = day + 1;
            }
        }
        let mut last = planned_last + i32::from(added);
        for test in &tests {
            match test.state {
                TestState::Missed => last = last.max(today),
                TestState::MadeUp | TestState::Taken => last = last.max(test.taken.unwrap_or(last)),
                TestState::Due => last = last.max(today),
                TestState::Ahead | TestState::NotAsked => {}
            }
        }
        let place = self.place(phase);
        PhasePlan {
            place,
            first,
            planned_last,
            last,
            added_days: added,
            checks_per_day,
            tests,
            missed_checks,
            released,
            passed: false,
        }
    }

    fn due_tests(&self, phase: &Phase, first: Day, planned_last: Day) -> Vec<DueTest> {
        let due = |day: Day, opens: Day, until: Day, on_entry: bool| DueTest {
            day,
            until,
            opens,
            on_entry,
            state: TestState::Ahead,
            taken: None,
        };
        let mut tests = Vec::new();
        let days = phase.tests.as_ref().map_or(&[][..], |tests| &tests.value);
        let (early, late) =
            (i32::from(self.rule.test_early_days.value), i32::from(self.rule.test_late_days.value));
        for day in days {
            let day = first + i32::from(*day) - 1;
            tests.push(due(day, (day - early).max(first), (day + late).min(planned_last), false));
        }
        if phase.double_last.as_ref().is_some_and(|double| double.value)
            && let Some(last) = tests.last().copied()
        {
            tests.push(last);
        }
        for _ in 0..phase.any_tests.as_ref().map_or(0, |any| any.value) {
            tests.push(due(first, first, planned_last, false));
        }
        let asked = self.person.asked_from();
        for test in &mut tests {
            if test.until < asked {
                test.state = TestState::NotAsked;
            }
        }
        let holds = first <= asked;
        let late =
            self.person.switched.is_none() && tests.iter().any(|test| test.state == TestState::NotAsked);
        let changed = self.person.switched.is_some_and(|switched| switched.test);
        let that_day = tests.iter().any(|test| test.opens <= asked && asked <= test.until);
        if holds && (late && phase.tested() && !that_day || changed) {
            tests.push(due(asked, asked, asked + i32::from(self.rule.test_late_days.value), true));
        }
        tests
    }

    /// Which sample is which test: in their windows first, then what makes up for a missed one.
    fn take(&self, tests: &mut [DueTest], used: &mut [bool], today: Day) {
        let samples = &self.person.tests;
        let any = tests.iter().filter(|test| test.opens < test.day || test.until > test.day).count() > 0;
        for at in 0..tests.len() {
            let test = tests[at];
            // Two tests on days of one's own choosing are not two swabs of one morning.
            let mine: Vec<Day> = if any {
                tests[..at]
                    .iter()
                    .filter(|one| one.opens == test.opens && one.until == test.until && one.day == test.day)
                    .filter_map(|one| one.taken)
                    .collect()
            } else {
                Vec::new()
            };
            let double = self.double(&tests[..at], &test);
            let fits = |sample: &Taken| {
                sample.outcome != Outcome::Invalid
                    && (test.opens..=test.until).contains(&sample.day)
                    && sample.day <= today
                    && (double || !mine.contains(&sample.day))
            };
            if let Some(found) = (0..samples.len()).find(|at| !used[*at] && fits(&samples[*at])) {
                used[found] = true;
                (tests[at].state, tests[at].taken) = (TestState::Taken, Some(samples[found].day));
            } else if test.state != TestState::NotAsked {
                tests[at].state = match () {
                    () if today > test.until => TestState::Missed,
                    () if today >= test.opens => TestState::Due,
                    () => TestState::Ahead,
                };
            }
        }
        for test in tests.iter_mut().filter(|test| test.state == TestState::Missed) {
            let makes_up = |sample: &Taken| {
                sample.outcome != Outcome::Invalid && sample.day > test.until && sample.day <= today
            };
            if let Some(found) = (0..samples.len()).find(|at| !used[*at] && makes_up(&samples[*at])) {
                used[found] = true;
                (test.state, test.taken) = (TestState::MadeUp, Some(samples[found].day));
            }
        }
    }

    /// Whether this is the second swab of a doubled test, which may be of the same day.
    fn double(&self, before: &[DueTest], test: &DueTest) -> bool {
        let fixed =
            self.pathway.phases.iter().any(|phase| phase.double_last.as_ref().is_some_and(|d| d.value));
        fixed && before.last().is_some_and(|one| one.day == test.day && one.until == test.until)
    }

    /// Negative, or after discharge at or above the edition's Ct.
    fn clear(&self, test: &Taken) -> bool {
        match test.outcome {
            Outcome::Negative => true,
            Outcome::Positive => {
                self.again().is_some_and(|rule| test.ct.is_some_and(|ct| ct >= rule.ct_below.value))
            }
            Outcome::Waiting | Outcome::Invalid => false,
        }
    }

    fn again(&self) -> Option<&RePositive> {
        self.rule.re_positive.as_ref().filter(|_| self.person.category == Category::Discharged)
    }

    /// Positive, and positive again after discharge.
    fn positive(&self) -> (bool, bool) {
        let found =
            self.person.tests.iter().any(|test| test.outcome == Outcome::Positive && !self.clear(test));
        (found, found && self.person.category == Category::Discharged)
    }

    fn ill(&self, check: &Check) -> bool {
        check.signs || check.celsius.is_some_and(|celsius| celsius >= self.rule.fever_celsius.value)
    }

    /// The last sign of illness stands until a negative test after it and a well check after it.
    fn suspected(&self) -> bool {
        let Some(last) = self.person.checks.iter().rev().find(|check| self.ill(check)) else { return false };
        let tested = self.person.tests.iter().any(|test| test.at > last.at && self.clear(test));
        let well = self.person.checks.iter().any(|check| check.at > last.at);
        !(tested && well)
    }

    fn missed(&self, phases: &[PhasePlan]) -> Vec<MissedItem> {
        let level = |since: Day| {
            let hours = i64::from(self.today - since) * 24;
            let steps = &self.rule.escalate_after_hours.value;
            u8::try_from(steps.iter().filter(|step| i64::from(**step) <= hours).count()).unwrap_or(3).max(1)
        };
        let mut out = Vec::new();
        for phase in phases.iter().filter(|phase| phase.released.is_none() && !phase.passed) {
            let owed = phase.tests.iter().filter(|test| test.state == TestState::Missed);
            out.extend(owed.map(|test| MissedItem {
                what: Missed::Test,
                day: test.day,
                level: level(test.until + 1),
            }));
            // Open until somebody is seen again.
            let seen = self.person.checks.last().map(|check| check.day);
            let open = phase.missed_checks.iter().find(|day| seen.is_none_or(|seen| **day > seen));
            out.extend(open.map(|day| MissedItem { what: Missed::Check, day: *day, level: level(*day + 1) }));
        }
        out.dedup();
        out
    }
}

fn was_missed(state: TestState) -> bool {
    matches!(state, TestState::Missed | TestState::MadeUp)
}

fn checked_on(checks: &[Check], day: Day) -> bool {
    let at = checks.partition_point(|check| check.day < day);
    checks.get(at).is_some_and(|check| check.day == day)
}
