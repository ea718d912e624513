//! What an edition says of everybody who is followed: how days are counted, what a missed item does, who is not moved, when a case is
//! released, and how people under the edition before go on.

use super::{Category, Cited, Confidence};
use crate::fault::Check;
use cases::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// Which day is day 1.
    DayOne, "convention of days" {
        /// The day after the day counted from.
        DayAfter = "day_after",
        /// The day counted from itself.
        SameDay = "same_day",
    }
}

words! {
    /// What becomes of people who are under way when an edition takes over.
    Transition, "rule of transition" {
        /// They go on by the edition they began under.
        FinishOld = "finish_old",
        /// They change over where that ends sooner; days served count. Nobody stays longer for it.
        Shorten = "shorten",
        /// They change over in any case; days served count.
        CreditDays = "credit_days",
    }
}

words! {
    /// Who is not moved to central quarantine, and stays at home with the same days and tests.
    NotMovedWho, "kind of person who is not moved" {
        Minor = "minor",
        Elderly = "elderly",
        Pregnant = "pregnant",
        /// With an illness that needs care, or unable to look after themselves.
        Ill = "ill",
    }
}

words! {
    /// What is done about somebody found positive again after discharge.
    RePositiveDo, "way with somebody positive again" {
        BackToCare = "back_to_care",
        StayAtHome = "stay_at_home",
    }
}

/// What holds for all pathways of an edition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    pub day_one: Cited<DayOne>,
    pub checks_per_day: Cited<u16>,
    /// From this temperature a check tells of fever.
    pub fever_celsius: Cited<f64>,
    /// A test of a day counts when taken so many days before it.
    pub test_early_days: Cited<u16>,
    /// Or so many after it; then it is missed.
    pub test_late_days: Cited<u16>,
    pub missed_test_adds_days: Cited<u16>,
    /// For a day on which nobody was checked at all.
    pub missed_check_adds_days: Cited<u16>,
    /// What is missed never adds more than this to a phase: then people decide.
    pub most_added_days: Cited<u16>,
    /// Hours after which what is overdue is told to the next above: first, second, third.
    pub escalate_after_hours: Cited<Vec<u16>>,
    pub transition: Cited<Transition>,
    /// Whoever is past the new end on the day of the change is tested once more before they go.
    pub past_needs_test: Cited<bool>,
    #[serde(default)]
    pub not_moved: Vec<NotMoved>,
    #[serde(default)]
    pub case_release: Option<CaseRelease>,
    #[serde(default)]
    pub re_positive: Option<RePositive>,
    #[serde(default)]
    pub clocks: Vec<ReportClock>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotMoved {
    pub who: NotMovedWho,
    /// Of minors: younger than this.
    #[serde(default)]
    pub below_age: Option<u16>,
    /// Of the elderly: this old or older.
    #[serde(default)]
    pub from_age: Option<u16>,
    pub source: String,
    pub confidence: Confidence,
}

/// When an infected person is released.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRelease {
    /// So many tests one after the other.
    pub tests: Cited<u16>,
    pub gap_hours: Cited<u16>,
    /// A result counts as negative from this Ct on; absent where only negative does.
    #[serde(default)]
    pub ct_at_least: Option<Cited<f64>>,
    #[serde(default)]
    pub days_without_fever: Option<Cited<u16>>,
    /// No earlier than this day of isolation.
    #[serde(default)]
    pub from_day: Option<Cited<u16>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RePositive {
    /// Below this Ct somebody is positive again; from it on they are not.
    pub ct_below: Cited<f64>,
    pub what: Cited<RePositiveDo>,
    /// Whether it starts the clock of their building anew.
    pub changes_zone: Cited<bool>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportClock {
    pub id: String,
    pub hours: u16,
    pub zh: String,
    pub en: String,
    pub source: String,
    pub confidence: Confidence,
}

impl FollowUp {
    pub(super) fn check(&self, check: &mut Check<'_>) {
        let key = |field: &str| format!("follow_up.{field}");
        let mut cited = |field: &str, source: &str| check.said(source, &key(&format!("{field}.source")));
        cited("day_one", &self.day_one.source);
        cited("checks_per_day", &self.checks_per_day.source);
        cited("transition", &self.transition.source);
        cited("missed_test_adds_days", &self.missed_test_adds_days.source);
        cited("missed_check_adds_days", &self.missed_check_adds_days.source);
        let fever = self.fever_celsius.value;
        check.unless(
            (36.0..=40.0).contains(&fever),
            &key("fever_celsius.value"),
            "is no temperature at which fever begins",
            "write degrees Celsius, such as 37.3",
        );
        check.unless(
            self.checks_per_day.value <= 6,
            &key("checks_per_day.value"),
            "is more than anybody keeps up",
            "write checks a day, such as 2",
        );
        for (field, days) in
            [("test_early_days", &self.test_early_days), ("test_late_days", &self.test_late_days)]
        {
            check.unless(
                days.value <= 3,
                &key(&format!("{field}.value")),
                "makes one test stand for another day's",
                "write days, at most 3",
            );
        }
        check.unless(
            self.missed_test_adds_days.value >= 1,
            &key("missed_test_adds_days.value"),
            "lets a missed test pass in silence",
            "write at least 1",
        );
        check.unless(
            (1..=60).contains(&self.most_added_days.value),
            &key("most_added_days.value"),
            "leaves what is missed without effect, or without end",
            "write days, such as 7",
        );
        let steps = &self.escalate_after_hours.value;
        check.unless(
            steps.len() == 3 && steps.is_sorted(),
            &key("escalate_after_hours.value"),
            "are not three steps one after the other",
            "write three numbers of hours, such as [0, 24, 48]",
        );
        self.check_not_moved(check);
        self.check_release(check);
        let mut seen = BTreeSet::new();
        for clock in &self.clocks {
            let key = |field: &str| format!("follow_up.clocks.{}.{field}", clock.id);
            check.unless(seen.insert(&clock.id), &key("id"), "appears twice", "keep one of the two");
            check.unless(clock.hours > 0, &key("hours"), "leaves no time at all", "state it in hours");
            for (field, said) in [("zh", &clock.zh), ("en", &clock.en), ("source", &clock.source)] {
                check.said(said, &key(field));
            }
        }
    }

    fn check_not_moved(&self, check: &mut Check<'_>) {
        let mut seen = BTreeSet::new();
        for one in &self.not_moved {
            let key = |field: &str| format!("follow_up.not_moved.{}.{field}", one.who);
            check.unless(seen.insert(one.who), &key("who"), "appears twice", "keep one of the two");
            check.said(&one.source, &key("source"));
            check.unless(
                (one.who == NotMovedWho::Minor) == one.below_age.is_some(),
                &key("below_age"),
                "belongs to minors, and to nobody else",
                "give the age below which somebody is a minor",
            );
            check.unless(
                (one.who == NotMovedWho::Elderly) == one.from_age.is_some(),
                &key("from_age"),
                "belongs to the elderly, and to nobody else",
                "give the age from which somebody is not moved",
            );
        }
    }

    fn check_release(&self, check: &mut Check<'_>) {
        if let Some(release) = &self.case_release {
            check.unless(
                (1..=5).contains(&release.tests.value),
                "follow_up.case_release.tests.value",
                "is no number of tests",
                "write 1 to 5",
            );
            let ct = release.ct_at_least.as_ref().map(|ct| ct.value);
            let again = self.re_positive.as_ref().map(|again| again.ct_below.value);
            check.unless(
                ct.zip(again).is_none_or(|(free, again)| again <= free),
                "follow_up.re_positive.ct_below.value",
                "makes positive again who is released",
                "keep it at or below case_release.ct_at_least",
            );
        }
        let again = self.re_positive.as_ref().map(|again| again.ct_below.value);
        check.unless(
            again.is_none_or(|ct| (10.0..=50.0).contains(&ct)),
            "follow_up.re_positive.ct_below.value",
            "is no cycle threshold",
            "write cycles, such as 35",
        );
    }

    /// Whether somebody of this age, or in this state, is not moved; `None` where the edition does not name them.
    pub fn not_moved_as(&self, who: NotMovedWho, age: Option<f64>) -> Option<bool> {
        let rule = self.not_moved.iter().find(|rule| rule.who == who)?;
        Some(match (rule.below_age, rule.from_age, age) {
            (Some(below), _, Some(age)) => age < f64::from(below),
            (_, Some(from), Some(age)) => age >= f64::from(from),
            // Nobody stated an age: whoever decides says so.
            _ => true,
        })
    }
}

/// Editions in which nobody is moved need not say who may not be.
pub(super) fn check_moved(
    follow_up: &FollowUp,
    moved: impl Iterator<Item = Category>,
    check: &mut Check<'_>,
) {
    if let Some(category) = moved.into_iter().next() {
        check.unless(
            !follow_up.not_moved.is_empty(),
            "follow_up.not_moved",
            &format!("is empty, and `{category}` goes to central quarantine"),
            "name who stays at home: minors, the elderly, the pregnant, the ill",
        );
    }
}
