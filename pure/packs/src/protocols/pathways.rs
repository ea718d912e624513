//! Pathways: the phases somebody of a category goes through, each with its days, tests and checks, and what must hold before it ends.

use super::follow_up::FollowUp;
use super::{Cited, Confidence};
use crate::fault::Check;
use cases::words;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// As whom somebody is followed.
    Category, "category of people followed" {
        CloseContact = "close_contact",
        SecondaryContact = "secondary_contact",
        GeneralContact = "general_contact",
        /// Whoever arrives from abroad.
        Inbound = "inbound",
        HighRiskArea = "high_risk_area",
        MediumRiskArea = "medium_risk_area",
        LowRiskArea = "low_risk_area",
        /// Somebody of a high-risk job who leaves its closed loop.
        HighRiskJob = "high_risk_job",
        /// Infected, and released from care.
        Discharged = "discharged",
    }
}

words! {
    /// Where a phase is spent.
    WatchPlace, "place of a phase" {
        /// Central quarantine.
        Central = "central",
        /// Isolated at home.
        Home = "home",
        /// Health monitoring: not isolated, checked, and out as little as can be.
        Monitoring = "monitoring",
    }
}

words! {
    /// The day from which a pathway counts.
    CountedFrom, "day counted from" {
        LastExposure = "last_exposure",
        Arrival = "arrival",
        Leaving = "leaving",
        Discharge = "discharge",
    }
}

words! {
    Swab, "kind of swab" { Nasopharyngeal = "nasopharyngeal", Oropharyngeal = "oropharyngeal" }
}

words! {
    /// What must hold before a phase ends; all that a pathway names.
    Criterion, "criterion of release" {
        DaysServed = "days_served",
        TestsTaken = "tests_taken",
        ResultsNegative = "results_negative",
        NoSymptoms = "no_symptoms",
        /// A check was made on the last day, or after it.
        SeenAtEnd = "seen_at_end",
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pathway {
    pub category: Category,
    /// Another category of the same edition whose phases and criteria hold here too.
    #[serde(default)]
    pub same_as: Option<Category>,
    pub counted_from: CountedFrom,
    /// Of the places and of what no value cites by itself.
    pub source: String,
    pub confidence: Confidence,
    #[serde(default)]
    pub release: Option<Cited<Vec<Criterion>>>,
    #[serde(default)]
    pub phases: Vec<Phase>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    pub place: WatchPlace,
    pub days: Cited<u16>,
    /// Days of this phase on which somebody is tested.
    #[serde(default)]
    pub tests: Option<Cited<Vec<u16>>>,
    /// So many tests, each on a day of its own, whichever.
    #[serde(default)]
    pub any_tests: Option<Cited<u16>>,
    #[serde(default)]
    pub swab: Option<Cited<Swab>>,
    /// The last test is two swabs, examined with two reagents.
    #[serde(default)]
    pub double_last: Option<Cited<bool>>,
    /// Where it is not what the edition says for all.
    #[serde(default)]
    pub checks_per_day: Option<Cited<u16>>,
}

impl Phase {
    pub fn checks(&self, follow_up: &FollowUp) -> u16 {
        self.checks_per_day.as_ref().map_or(follow_up.checks_per_day.value, |own| own.value)
    }

    pub fn tested(&self) -> bool {
        self.tests.as_ref().is_some_and(|tests| !tests.value.is_empty())
            || self.any_tests.as_ref().is_some_and(|tests| tests.value > 0)
    }

    fn check(&self, key: &str, check: &mut Check<'_>) {
        let days = self.days.value;
        let key = |field: &str| format!("{key}.{field}");
        check.unless(
            days > 0,
            &key("days.value"),
            "ends before it begins",
            "write how many days the phase lasts, at least 1",
        );
        check.unless(
            days <= 90,
            &key("days.value"),
            "is a pathway without an end",
            "write days, at most 90; nobody is held longer by a rule of contacts",
        );
        check.said(&self.days.source, &key("days.source"));
        if let Some(tests) = &self.tests {
            check.said(&tests.source, &key("tests.source"));
            let ordered = tests.value.windows(2).all(|two| two[0] < two[1]);
            check.unless(ordered, &key("tests.value"), "are not in order, or twice", "write each day once");
            for day in tests.value.iter().filter(|day| !(1..=days).contains(*day)) {
                check.fault(
                    &key("tests.value"),
                    format!("a test on day {day} lies outside its phase of {days} days"),
                    format!("name days from 1 to {days}, counted in the phase"),
                );
            }
        }
        if let Some(any) = &self.any_tests {
            check.unless(
                any.value <= days,
                &key("any_tests.value"),
                "is more tests than days",
                "each has a day of its own: write fewer",
            );
        }
        check.unless(
            self.double_last.as_ref().is_none_or(|double| !double.value || self.tests.is_some()),
            &key("double_last.value"),
            "doubles a test that is not there",
            "name the days of tests, or leave it out",
        );
    }
}

impl Pathway {
    /// Days of all phases together.
    pub fn days(&self) -> u16 {
        self.phases.iter().map(|phase| phase.days.value).sum()
    }

    pub fn criteria(&self) -> &[Criterion] {
        self.release.as_ref().map_or(&[], |release| &release.value)
    }

    fn check(&self, follow_up: &FollowUp, check: &mut Check<'_>) {
        let key = |field: &str| format!("pathways.{}.{field}", self.category);
        check.said(&self.source, &key("source"));
        if self.same_as.is_some() {
            check.unless(
                self.phases.is_empty() && self.release.is_none(),
                &key("same_as"),
                "stands beside phases or criteria of its own",
                "keep one of the two",
            );
            return;
        }
        check.unless(
            !self.phases.is_empty(),
            &key("phases"),
            "are missing, so that this pathway has no end",
            "add [[pathways.phases]] with a place and days, or name another category in same_as",
        );
        for (at, phase) in self.phases.iter().enumerate() {
            phase.check(&format!("pathways.{}.phases[{at}]", self.category), check);
        }
        let criteria = self.criteria();
        let mut twice = BTreeSet::new();
        check.unless(
            criteria.iter().all(|one| twice.insert(*one)),
            &key("release.value"),
            "names a criterion twice",
            "keep one of the two",
        );
        check.unless(
            criteria.contains(&Criterion::DaysServed),
            &key("release.value"),
            "lets somebody go before their days are over",
            "name days_served",
        );
        let tested = self.phases.iter().any(Phase::tested);
        let needs = [Criterion::TestsTaken, Criterion::ResultsNegative];
        check.unless(
            !tested || needs.iter().all(|need| criteria.contains(need)),
            &key("release.value"),
            "lets a missed test pass in silence",
            "name tests_taken and results_negative, or take the tests out",
        );
        let checked = self.phases.iter().any(|phase| phase.checks(follow_up) > 0);
        let adds = follow_up.missed_check_adds_days.value > 0;
        check.unless(
            !checked || adds || criteria.contains(&Criterion::SeenAtEnd),
            &key("release.value"),
            "lets missed checks pass in silence",
            "name seen_at_end, or let follow_up.missed_check_adds_days be at least 1",
        );
    }
}

pub(super) fn check_all(pathways: &[Pathway], follow_up: &FollowUp, check: &mut Check<'_>) {
    let mut seen = BTreeSet::new();
    for pathway in pathways {
        let key = format!("pathways.{}.category", pathway.category);
        check.unless(seen.insert(pathway.category), &key, "appears twice", "keep one of the two");
        pathway.check(follow_up, check);
    }
}

/// Pathways that are like another's get its phases and criteria.
pub(super) fn lend(pathways: &mut [Pathway], check: &mut Check<'_>) {
    let like: BTreeMap<Category, Option<Category>> =
        pathways.iter().map(|one| (one.category, one.same_as)).collect();
    let own: Vec<Pathway> = pathways.to_vec();
    for pathway in pathways {
        let Some(first) = pathway.same_as else { continue };
        let key = format!("pathways.{}.same_as", pathway.category);
        let mut way = vec![pathway.category];
        let mut next = first;
        loop {
            if way.contains(&next) {
                let round: Vec<&str> = way.iter().chain([&next]).map(|one| one.word()).collect();
                check.fault(
                    &key,
                    format!("goes round in a circle: {}", round.join(" → ")),
                    "let one of them state its phases",
                );
                break;
            }
            way.push(next);
            match like.get(&next) {
                None => {
                    check.fault(
                        &key,
                        format!("`{next}` is no pathway of this edition"),
                        "name a category that states its phases",
                    );
                    break;
                }
                Some(Some(further)) => next = *further,
                Some(None) => {
                    let lender = own.iter().find(|one| one.category == next).expect("a pathway known above");
                    pathway.phases = lender.phases.clone();
                    pathway.release = lender.release.clone();
                    break;
                }
            }
        }
    }
}
