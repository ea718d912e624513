//! What holds for everybody, whatever they do and whenever somebody looks.

use base::{Day, Moment};
use followup::{Check, Followed, Outcome, Released, Standing, Taken, TestState, plan};
use packs::{NotMovedWho, Protocols, shipped};
use proptest::prelude::*;
use std::sync::LazyLock;

static PROTOCOLS: LazyLock<Protocols> = LazyLock::new(|| shipped::protocols().unwrap());

fn zero() -> Day {
    Day::of(2022, 2, 20).unwrap()
}

fn at(ahead: i32, second: i64) -> Moment {
    Moment::start_of(zero() + ahead, 480).plus_seconds(second)
}

fn outcome(word: u8) -> Outcome {
    match word {
        0..=6 => Outcome::Negative,
        7 => Outcome::Waiting,
        8 => Outcome::Invalid,
        _ => Outcome::Positive,
    }
}

prop_compose! {
    /// Which pathway, when they became known, tests and checks at any time, with any outcome.
    fn somebody()(
        edition in 0..PROTOCOLS.iter().count(), pathway in 0..20_usize, known in 0..30_i32, exempt in any::<bool>(),
        tests in prop::collection::vec((0..40_i32, 0..86_400_i64, 0..10_u8, 20.0..45.0_f64), 0..14),
        checks in prop::collection::vec((0..40_i32, 0..86_400_i64, 35.5..39.0_f64, 0..40_u8), 0..50),
    ) -> Option<(usize, Followed)> {
        let pathways = &PROTOCOLS.iter().nth(edition)?.pathways;
        let category = pathways.get(pathway % pathways.len().max(1))?.category;
        let mut person = Followed::new(category, zero(), zero() + known);
        person.exempt = exempt.then_some(NotMovedWho::Ill);
        person.tests = tests
            .into_iter()
            .map(|(ahead, second, word, ct)| Taken {
                at: at(ahead, second), day: zero() + ahead, outcome: outcome(word), ct: Some(ct),
            })
            .collect();
        person.checks = checks
            .into_iter()
            .map(|(ahead, second, celsius, signs)| Check {
                at: at(ahead, second), day: zero() + ahead, celsius: Some(celsius), signs: signs == 0,
            })
            .collect();
        person.tests.sort_by_key(|test| test.at);
        person.checks.sort_by_key(|check| check.at);
        Some((edition, person))
    }
}

/// What had happened by the end of a day.
fn until(person: &Followed, day: Day) -> Followed {
    let mut known = person.clone();
    known.tests.retain(|test| test.day <= day);
    known.checks.retain(|check| check.day <= day);
    known
}

proptest! {
    #[test]
    fn phases_follow_each_other_and_none_ends_before_it_was_to((edition, person) in somebody().prop_filter_map("followed", |one| one), look in 0..60_i32) {
        let edition = PROTOCOLS.iter().nth(edition).unwrap();
        let now = plan(edition, &person, zero() + look).unwrap();
        for two in now.phases.windows(2) {
            prop_assert_eq!(two[1].first, two[0].last + 1);
        }
        for phase in &now.phases {
            prop_assert!(phase.first <= phase.planned_last && phase.planned_last <= phase.last);
            prop_assert!(phase.added_days <= edition.follow_up.most_added_days.value);
        }
        let own: Vec<_> = now.phases.iter().flat_map(|phase| &phase.tests).filter_map(|test| test.taken).collect();
        prop_assert!(own.len() <= person.tests.len(), "one sample is one test");
    }

    #[test]
    fn clocks_never_run_backwards((edition, person) in somebody().prop_filter_map("followed", |one| one), look in 0..50_i32) {
        let edition = PROTOCOLS.iter().nth(edition).unwrap();
        let known = until(&person, zero() + look);
        let (now, later) = (
            plan(edition, &known, zero() + look).unwrap(),
            plan(edition, &known, zero() + look + 1).unwrap(),
        );
        prop_assert!(later.last >= now.last, "{} before {}", later.last, now.last);
        for (before, after) in now.phases.iter().zip(&later.phases) {
            prop_assert!(after.last >= before.last && after.first >= before.first);
            prop_assert!(after.missed_checks.len() >= before.missed_checks.len());
        }
    }

    #[test]
    fn nobody_is_proposed_before_every_criterion((edition, person) in somebody().prop_filter_map("followed", |one| one), look in 0..60_i32) {
        let edition = PROTOCOLS.iter().nth(edition).unwrap();
        let today = zero() + look;
        let now = plan(edition, &person, today).unwrap();
        let pathway = edition.pathway(person.category).unwrap();
        prop_assert_eq!(now.criteria.len(), pathway.criteria().len());
        if now.standing == Standing::ReleaseDue {
            let phase = now.phase();
            prop_assert!(now.criteria.iter().all(|tick| tick.holds));
            prop_assert!(today > phase.last);
            let waits = |state| matches!(state, TestState::Ahead | TestState::Due | TestState::Missed);
            prop_assert!(!phase.tests.iter().any(|test| waits(test.state)));
        }
    }

    #[test]
    fn every_pathway_ends_for_whoever_does_what_is_asked((edition, person) in somebody().prop_filter_map("followed", |one| one), from in 0..40_i32) {
        let edition = PROTOCOLS.iter().nth(edition).unwrap();
        let start = zero() + from;
        let mut person = until(&person, start);
        // Ill or positive people leave by another door.
        person.tests.retain(|test| test.outcome == Outcome::Negative);
        person.checks.iter_mut().for_each(|check| (check.celsius, check.signs) = (None, false));
        let mut ended = false;
        for ahead in 1..90 {
            let today = start + ahead;
            loop {
                let now = plan(edition, &person, today).unwrap();
                ended = now.standing == Standing::Ended;
                if now.standing != Standing::ReleaseDue {
                    break;
                }
                person.released.push(Released { phase: now.current, day: today });
            }
            if ended {
                break;
            }
            let now = plan(edition, &person, today).unwrap();
            let waits = |state| matches!(state, TestState::Due | TestState::Missed);
            for _ in now.phases.iter().flat_map(|phase| &phase.tests).filter(|test| waits(test.state)) {
                person.tests.push(Taken { at: at(from + ahead, 40_000), day: today, outcome: Outcome::Negative, ct: None });
            }
            person.checks.push(Check { at: at(from + ahead, 50_000), day: today, celsius: Some(36.5), signs: false });
        }
        prop_assert!(ended, "{} {}", edition.id, person.category);
    }
}
