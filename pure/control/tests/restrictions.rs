//! Whatever people try in whatever order: nobody is restricted without two approvers of two other organisations, evidence that
//! holds and an end that is to come; and what is over stays over.

use base::{Day, Moment};
use control::{
    BadTerm, Clocks, Course, RestrictionEnd, RestrictionState, Signatory, Unfit, judge_term, latest_end,
};
use packs::{LimitFrom, Undecided};
use proptest::prelude::*;
use std::collections::BTreeSet;

const CLOCKS: Clocks = Clocks { proposal_hours: 24, appeal_hours: 24, undecided: Undecided::Suspend };
const HOUR: i64 = 3_600;

fn party(account: &str, organisation: &str) -> Signatory {
    Signatory::of(&[(format!("account_{account}"), Some(organisation.to_owned()))]).unwrap()
}

fn start() -> Moment {
    "2022-02-18T02:00:00Z".parse().unwrap()
}

fn proposed() -> Course {
    let now = start();
    Course::proposed_by(party("a", "CDC"), now, now, now.plus_seconds(14 * 24 * HOUR))
}

fn in_force() -> Course {
    let mut course = proposed();
    course.approve(start(), party("b", "Health bureau"), true, &CLOCKS).unwrap();
    course.approve(start(), party("c", "County government"), true, &CLOCKS).unwrap();
    course
}

#[derive(Debug, Clone)]
enum Try {
    Approve(usize, usize),
    Decline,
    Appeal,
    Decide(usize, usize, bool),
    Lift,
    Settle,
    /// The evidence is withdrawn, or comes back.
    Evidence(bool),
}

fn tries() -> impl Strategy<Value = Vec<(Try, i64)>> {
    let one = prop_oneof![
        6 => (0..5_usize, 0..4_usize).prop_map(|(who, of)| Try::Approve(who, of)),
        1 => Just(Try::Decline),
        2 => Just(Try::Appeal),
        2 => (0..5_usize, 0..4_usize, any::<bool>()).prop_map(|(who, of, won)| Try::Decide(who, of, won)),
        1 => Just(Try::Lift),
        1 => Just(Try::Settle),
        1 => any::<bool>().prop_map(Try::Evidence),
    ];
    proptest::collection::vec((one, 0..40_i64), 0..30)
}

const PEOPLE: [&str; 5] = ["a", "b", "c", "d", "e"];
const ORGANISATIONS: [&str; 4] = ["CDC", "Health bureau", "County government", "Court"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_restricted_without_two_others_evidence_and_an_end(tries in tries()) {
        let (mut course, mut now, mut holds) = (proposed(), start(), true);
        let mut was_over = None;
        for (one, hours) in tries {
            now = now.plus_seconds(hours * HOUR);
            let before = course.clone();
            let who = |who: usize, of: usize| party(PEOPLE[who], ORGANISATIONS[of]);
            match one {
                Try::Approve(by, of) => drop(course.approve(now, who(by, of), holds, &CLOCKS)),
                Try::Decline => drop(course.decline(now, holds, &CLOCKS)),
                Try::Appeal => drop(course.appeal(now, holds, &CLOCKS)),
                Try::Decide(by, of, won) => drop(course.decide(now, &who(by, of), won)),
                Try::Lift => drop(course.end(now, RestrictionEnd::Lifted)),
                Try::Settle => drop(course.settle(now, holds, &CLOCKS)),
                // What the house has written down as over does not come back with the row.
                Try::Evidence(there) => holds = there,
            }
            let state = course.state(now, holds, &CLOCKS);
            if matches!(state, RestrictionState::InForce | RestrictionState::Upcoming | RestrictionState::Suspended) {
                prop_assert!(holds && now < course.ends && course.ended.is_none());
                prop_assert_eq!(course.approvals.len(), 2);
                let parties: Vec<&Signatory> =
                    std::iter::once(&course.proposer).chain(course.approvals.iter().map(|(_, by)| by)).collect();
                let accounts: BTreeSet<&str> = parties.iter().flat_map(|one| one.accounts()).collect();
                let organisations: BTreeSet<&str> = parties.iter().flat_map(|one| one.organisations()).collect();
                prop_assert_eq!((accounts.len(), organisations.len()), (3, 3));
            }
            if let Some(end) = was_over {
                prop_assert_eq!(course.ended, Some(end), "what is over stays as it ended");
                prop_assert_eq!(&course.approvals, &before.approvals);
            }
            was_over = was_over.or(course.ended);
            prop_assert!(!matches!(course.state(course.ends, holds, &CLOCKS), RestrictionState::InForce));
        }
    }

    #[test]
    fn withdrawn_evidence_a_refusal_and_a_won_appeal_always_lift(hours in 0..2_000_i64, at in 0..4_usize) {
        let mut course = if at == 0 { proposed() } else { in_force() };
        let now = start().plus_seconds(HOUR);
        match at {
            0 => course.decline(now, true, &CLOCKS).unwrap(),
            1 => {
                prop_assert_eq!(course.settle(now, false, &CLOCKS), Some(RestrictionEnd::EvidenceGone));
            }
            2 => {
                course.appeal(now, true, &CLOCKS).unwrap();
                course.decide(now, &party("d", "Court"), true).unwrap();
            }
            _ => course.end(now, RestrictionEnd::Unsound).unwrap(),
        }
        let later = now.plus_seconds(hours * HOUR);
        prop_assert!(matches!(course.state(later, true, &CLOCKS), RestrictionState::Over(_)));
    }

    #[test]
    fn no_end_lies_beyond_the_longest_time(days in 1..60_u16, begins in -50..2_000_i64, lasts in -100..3_000_i64) {
        let (now, begins) = (start(), start().plus_seconds(begins * HOUR));
        let ends = begins.plus_seconds(lasts * HOUR);
        let exposure: Day = "2022-02-17".parse().unwrap();
        for from in [LimitFrom::Begins, LimitFrom::Exposure] {
            let latest = latest_end(days, from, begins, Some(exposure), 480).unwrap();
            if judge_term(now, begins, ends, latest).is_ok() {
                prop_assert!(begins < ends && now < ends && ends <= latest);
            }
        }
    }
}

#[test]
fn whoever_may_not_approve_is_told_why() {
    let mut course = proposed();
    let refused =
        |course: &mut Course, by: Signatory| course.approve(start(), by, true, &CLOCKS).unwrap_err();
    assert_eq!(refused(&mut course, party("a", "Court")), Unfit::OwnProposal);
    assert_eq!(refused(&mut course, party("b", "cdc")), Unfit::ProposersOrganisation);
    assert_eq!(refused(&mut course, party("b", " Ｃ Ｄ Ｃ　")), Unfit::ProposersOrganisation);
    course.approve(start(), party("b", "Health bureau"), true, &CLOCKS).unwrap();
    assert_eq!(refused(&mut course, party("b", "Court")), Unfit::OwnApproval);
    assert_eq!(refused(&mut course, party("c", "HEALTH BUREAU")), Unfit::ApproversOrganisation);
    assert_eq!(
        course.state(start(), true, &CLOCKS),
        RestrictionState::Proposed,
        "one approval restricts nobody"
    );
    course.approve(start(), party("c", "County government"), true, &CLOCKS).unwrap();
    assert_eq!(course.state(start(), true, &CLOCKS), RestrictionState::InForce);
    assert_eq!(refused(&mut course, party("d", "Court")), Unfit::NotWaiting);
    assert_eq!(Signatory::of(&[("account_x".to_owned(), None)]), Err(Unfit::NoOrganisation));
    assert_eq!(Signatory::of(&[("account_x".to_owned(), Some("  ".to_owned()))]), Err(Unfit::NoOrganisation));
}

#[test]
fn whoever_acts_for_somebody_is_both_of_them() {
    let lent = Signatory::of(&[
        ("account_d".to_owned(), Some("Court".to_owned())),
        ("account_a".to_owned(), Some("CDC".to_owned())),
    ]);
    assert_eq!(proposed().may_approve(&lent.clone().unwrap()), Err(Unfit::OwnProposal));
    let kept = lent.unwrap();
    assert_eq!(Signatory::read(&kept.kept()), Some(kept));
    assert_eq!(Signatory::read("account_a"), None);
}

#[test]
fn an_appeal_nobody_decides_suspends_and_a_late_answer_goes_on() {
    let mut course = in_force();
    let due = course.appeal(start(), true, &CLOCKS).unwrap();
    assert_eq!(due, start().plus_seconds(24 * HOUR));
    assert_eq!(course.appeal(start(), true, &CLOCKS), Err(Unfit::AppealOpen));
    assert_eq!(course.state(due.plus_seconds(-1), true, &CLOCKS), RestrictionState::InForce);
    assert_eq!(course.state(due, true, &CLOCKS), RestrictionState::Suspended);
    let stands = Clocks { undecided: Undecided::Stand, ..CLOCKS };
    assert_eq!(course.state(due, true, &stands), RestrictionState::InForce);
    for (who, of, why) in [
        ("a", "Court", Unfit::OwnProposal),
        ("d", "CDC", Unfit::ProposersOrganisation),
        ("b", "Court", Unfit::OwnApproval),
        ("d", "County government", Unfit::ApproversOrganisation),
    ] {
        assert_eq!(course.decide(due, &party(who, of), true), Err(why));
    }
    course.decide(due, &party("d", "Court"), false).unwrap();
    assert_eq!(course.state(due, true, &CLOCKS), RestrictionState::InForce);
    assert_eq!(course.decide(due, &party("d", "Court"), false), Err(Unfit::NoAppeal));
    assert_eq!(proposed().appeal(start(), true, &CLOCKS), Err(Unfit::NotApproved));
}

#[test]
fn a_time_that_cannot_be_is_refused_with_the_latest_that_can() {
    let now = start();
    let day = |text: &str| text.parse::<Day>().unwrap();
    let latest = latest_end(7, LimitFrom::Exposure, now, Some(day("2022-02-15")), 480).unwrap();
    assert_eq!(
        latest.to_string(),
        "2022-02-22T16:00:00Z",
        "the end of the seventh day after, where people live"
    );
    assert_eq!(latest_end(7, LimitFrom::Exposure, now, None, 480), Err(BadTerm::NoExposure));
    let hours = |count: i64| now.plus_seconds(count * HOUR);
    assert_eq!(judge_term(now, hours(-2), hours(20), latest), Err(BadTerm::BeginsInThePast));
    assert_eq!(judge_term(now, now, latest.plus_seconds(1), latest), Err(BadTerm::TooLong(latest)));
    assert_eq!(judge_term(now, hours(5), hours(5), latest), Err(BadTerm::EndsBeforeItBegins));
    assert_eq!(judge_term(now, hours(-1), latest, latest), Ok(()));
}

#[test]
fn a_proposal_is_over_after_a_day_and_a_restriction_at_its_end() {
    let course = proposed();
    assert_eq!(
        course.state(start().plus_seconds(24 * HOUR), true, &CLOCKS),
        RestrictionState::Over(RestrictionEnd::Expired)
    );
    let mut course = in_force();
    assert_eq!(course.state(course.ends, true, &CLOCKS), RestrictionState::Over(RestrictionEnd::Lapsed));
    assert_eq!(course.settle(course.ends, true, &CLOCKS), Some(RestrictionEnd::Lapsed));
    assert_eq!(course.settle(course.ends, true, &CLOCKS), None);
}
