//! The search for shared stays against looking at every pair.

use base::Day;
use proptest::prelude::*;
use trace::overlap::{CaseVisit, Exposure, GapRule, Looking, Minute, Spread, Stay, VisitIndex, shared_stays};

const START: u32 = 27_000_000;

fn stay(subject: u32, place: u32, earliest: u32, minutes: u32) -> Stay {
    Stay {
        subject,
        place,
        earliest: Minute(START + earliest),
        latest: Minute(START + earliest + minutes),
        began_spread: Spread::NONE,
        ended_spread: Spread::NONE,
    }
}

fn some_stay() -> impl Strategy<Value = Stay> {
    let minutes = prop_oneof![8 => 0..120_u32, 1 => 0..3_000_u32];
    (0..40_u32, 0..4_u32, 0..3_000_u32, minutes, 0..100_u32, 0..100_u32).prop_map(
        |(subject, place, earliest, minutes, began, ended)| Stay {
            began_spread: Spread::of(began.min(minutes)),
            ended_spread: Spread::of(ended.min(minutes)),
            ..stay(subject, place, earliest, minutes)
        },
    )
}

/// Every pair looked at, by the words of the rule.
fn by_every_pair(stays: &[Stay], cases: &[CaseVisit], gap: u32, looking: Looking) -> Vec<Exposure> {
    let mut found = Vec::new();
    for CaseVisit { stay: case, onset } in cases {
        for other in stays.iter().filter(|s| s.place == case.place && s.subject != case.subject) {
            let (late, early) = (case.latest.0, case.earliest.0);
            let together = other.earliest.0 <= late && other.latest.0 >= early;
            let lingering = match looking {
                Looking::Onward => other.earliest.0 > late && other.earliest.0 - late <= gap,
                Looking::Back => other.latest.0 < early && early - other.latest.0 <= gap,
            };
            if !together && !lingering {
                continue;
            }
            let from = early.max(other.earliest.0);
            let sure = |s: &Stay| -> Vec<u32> {
                let ends = s.began_spread.minutes().zip(s.ended_spread.minutes()).unwrap();
                (s.earliest.0 + ends.0..s.latest.0.saturating_sub(ends.1)).collect()
            };
            let (ours, theirs) = (sure(case), sure(other));
            found.push(Exposure {
                case: case.subject,
                contact: other.subject,
                place: case.place,
                from: Minute(from),
                surely_minutes: ours.iter().filter(|minute| theirs.contains(minute)).count() as u32,
                at_most_minutes: if together { late.min(other.latest.0) - from } else { 0 },
                apart_minutes: if together { 0 } else { from - late.min(other.latest.0) },
                day_of_illness: onset.map(|onset| Minute(from).day() - onset),
            });
        }
    }
    found
}

fn in_order(mut exposures: Vec<Exposure>) -> Vec<Exposure> {
    exposures.sort_by_key(|e| {
        (e.case, e.contact, e.place, e.from, e.surely_minutes, e.at_most_minutes, e.apart_minutes)
    });
    exposures
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_search_finds_what_looking_at_every_pair_finds(
        stays in prop::collection::vec(some_stay(), 0..300),
        cases in prop::collection::vec(some_stay(), 1..8),
        gap in 0..200_u32,
        back in any::<bool>(),
    ) {
        let looking = if back { Looking::Back } else { Looking::Onward };
        let onset: Option<Day> = "2021-05-03".parse().ok();
        let cases: Vec<CaseVisit> = cases.into_iter().map(|stay| CaseVisit { stay, onset }).collect();
        let expected = by_every_pair(&stays, &cases, gap, looking);
        let index = VisitIndex::of(stays);
        let found = shared_stays(&index, &cases, &GapRule::Everywhere(gap), looking);
        prop_assert_eq!(in_order(found), in_order(expected));
    }
}

#[test]
fn a_guest_after_the_case_left_counts_within_the_gap_of_that_place_only() {
    let index = VisitIndex::of(vec![stay(1, 0, 90, 30), stay(1, 1, 90, 30), stay(2, 0, 30, 40)]);
    let case = |place| CaseVisit { stay: stay(9, place, 0, 60), onset: None };
    let gaps = GapRule::ByPlace(vec![30, 29]);
    let found = shared_stays(&index, &[case(0), case(1)], &gaps, Looking::Onward);
    let told: Vec<(u32, u32, u32, u32)> =
        found.iter().map(|e| (e.contact, e.place, e.at_most_minutes, e.apart_minutes)).collect();
    assert_eq!(told, [(1, 0, 0, 30), (2, 0, 30, 0)]);
    // Looking back, nobody can have infected the case by coming after it.
    let back = shared_stays(&index, &[case(0)], &gaps, Looking::Back);
    assert_eq!(back.iter().map(|e| e.contact).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_place_nobody_visited_and_an_empty_index_have_no_answer_and_no_fault() {
    let case = CaseVisit { stay: stay(9, 77, 0, 60), onset: None };
    let some = VisitIndex::of(vec![stay(1, 0, 0, 60)]);
    for index in [some, VisitIndex::of(Vec::new())] {
        assert!(shared_stays(&index, &[case], &GapRule::Everywhere(60), Looking::Onward).is_empty());
    }
}

#[test]
fn one_resident_does_not_hide_the_guests_and_a_stay_is_at_most_sixteen_bytes() {
    let resident = stay(500_000, 3, 0, 80_000);
    let guests = (0..100_000_u32).map(|guest| stay(guest, 3, guest / 2, 20));
    let index = VisitIndex::of(guests.chain([resident]).collect());
    let case = CaseVisit { stay: stay(9_999_999, 3, 40_000, 10), onset: None };
    let found = shared_stays(&index, &[case], &GapRule::Everywhere(0), Looking::Onward);
    // Those who came from 20 minutes before the case to 10 minutes after, two a minute, and the resident.
    assert_eq!(found.len(), 31 * 2 + 1);
    assert!(found.iter().any(|exposure| exposure.contact == 500_000));
    assert!(index.bytes() <= 16 * index.len(), "{}", index.bytes());
}
