//! What must hold whatever is found, wherever and in whatever order.

use base::{Day, Territory};
use control::{
    AboveSeen, Area, Board, ContactsSeen, Find, FindInside, How, Missing, RoundHeld, Standing, Stay, Unit,
    ZoneSeen, clock, demands, if_clean, leave, promotion, propose,
};
use packs::{LeaveRule, Protocols, SpreadRisk, StayKind, UnitKind, ZoneScheme};
use proptest::prelude::*;
use std::sync::OnceLock;

const EDITIONS: [&str; 4] = ["cn-covid-8", "cn-covid-9", "cn-covid-20m", "cn-covid-10m"];

fn scheme(edition: &str) -> ZoneScheme {
    static PROTOCOLS: OnceLock<Protocols> = OnceLock::new();
    let protocols = PROTOCOLS.get_or_init(|| packs::shipped::protocols().expect("sound packs"));
    protocols.by_id(edition).and_then(|one| one.zones.clone()).expect("an edition with zones")
}

fn day(after: i32) -> Day {
    Day::of(2022, 7, 1).expect("a day") + after
}

fn township(number: usize) -> Territory {
    ["14/1407/140703/140703101", "14/1407/140703/140703102", "14/1408/140802/140802101"][number % 3]
        .parse()
        .expect("a township")
}

fn some_unit() -> impl Strategy<Value = Unit> {
    (0..3_usize, 0..3_usize).prop_map(|(place, below)| match below {
        0 => Unit::whole(township(place)),
        1 => Unit::part(township(place), &["甲小区"], UnitKind::Compound),
        _ => Unit::part(township(place), &["甲小区", "1号楼"], UnitKind::Building),
    })
}

fn some_how() -> impl Strategy<Value = How> {
    prop_oneof![3 => Just(How::Community), 2 => Just(How::UnderCare), 1 => Just(How::RePositive)]
}

prop_compose! {
    fn some_stay()(
        unit in some_unit(), kind in 0..4_usize, risk in 0..3_usize, hard_to_trace: bool, from in -10..20_i32,
        lasts in 0..6_i32
    ) -> Stay {
        let kinds = [StayKind::Residence, StayKind::Surroundings, StayKind::Activity, StayKind::Stopover];
        let risks = [SpreadRisk::Low, SpreadRisk::Some, SpreadRisk::High];
        Stay { unit, kind: kinds[kind], risk: risks[risk], hard_to_trace, from: day(from), until: day(from + lasts) }
    }
}

prop_compose! {
    fn some_find()(
        number in 0..1000_u32, found in 0..20_i32, onset in proptest::option::of(-4..20_i32), how in some_how(),
        isolated in proptest::option::of(-6..22_i32), stays in proptest::collection::vec(some_stay(), 0..4)
    ) -> Find {
        Find {
            id: format!("case {number}"),
            day: day(found),
            onset: onset.map(|onset| day(onset.min(found))),
            sampled: Some(day(found)),
            how,
            isolated: isolated.map(day),
            stays,
        }
    }
}

fn some_finds() -> impl Strategy<Value = Vec<Find>> {
    proptest::collection::vec(some_find(), 0..8)
}

prop_compose! {
    fn some_round()(
        began in -3..25_i32, lasts in 0..3_i32, open: bool, people in 0..400_u64, share in 0..101_u64,
        found in 0..2_u64, unresolved in 0..2_u64
    ) -> RoundHeld {
        RoundHeld {
            began: day(began),
            ended: (!open).then(|| day(began + lasts)),
            people,
            with_result: people * share / 100,
            positives_community: found,
            unresolved,
        }
    }
}

prop_compose! {
    fn some_zone()(
        edition in 0..4_usize, level in 0..3_usize, since in 0..10_i32, after_higher: bool,
        finds in proptest::collection::vec((0..25_i32, some_how()), 0..5),
        rounds in proptest::collection::vec(some_round(), 0..5),
        contacts in proptest::option::of((proptest::option::of(-5..12_i32), 0..2_u32)), above in 0..2_u32
    ) -> (ZoneScheme, ZoneSeen) {
        let scheme = scheme(EDITIONS[edition]);
        let level = scheme.levels[level % scheme.levels.len()].id.clone();
        let finds = finds.into_iter().enumerate();
        let find = |(number, (on, how))| FindInside { day: day(on), id: format!("case {number}"), how };
        let zone = ZoneSeen {
            level,
            since: day(since),
            after_higher,
            finds: finds.map(find).collect(),
            rounds,
            contacts: contacts.map(|(last, without_result)| ContactsSeen {
                last_exposure: last.map(day),
                without_result,
            }),
            above: AboveSeen { places: above, last_leaves: None },
        };
        (scheme, zone)
    }
}

/// All over again from the finds, township by township: what the board must say, and what its bench is held against.
fn from_the_finds(scheme: &ZoneScheme, finds: &[Find], places: &[Territory], on: Day) -> Vec<Standing> {
    let strictest = |place: &Territory| {
        let place = Unit::whole(place.clone());
        let all = finds.iter().filter(|find| find.day <= on).flat_map(|find| demands(scheme, 2, find));
        let near = all.filter(|demand| demand.unit.touches(&place) && demand.clock <= on);
        near.filter_map(|demand| if_clean(scheme, demand.level, demand.clock, on)).min()
    };
    let judge = |place: &Territory| match strictest(place) {
        Some(level) => Standing { level: Some(level), as_rest: false },
        None => {
            let as_rest = strictest(&place.at_depth(3)).is_some();
            let rest = scheme.levels.iter().position(|level| level.rest_of_county);
            Standing { level: rest.filter(|_| as_rest), as_rest }
        }
    };
    places.iter().map(judge).collect()
}

proptest! {
    #[test]
    fn the_board_says_what_counting_all_over_says(edition in 0..4_usize, finds in some_finds(), on in 0..45_i32) {
        let scheme = scheme(EDITIONS[edition]);
        let mut board = Board::new(&scheme, 2);
        finds.iter().filter(|find| find.day <= day(on)).for_each(|find| board.add(find));
        let places: Vec<Territory> = (0..3).map(township).collect();
        prop_assert_eq!(board.levels(&places, day(on)), from_the_finds(&scheme, &finds, &places, day(on)));
    }

    #[test]
    fn the_order_of_cases_does_not_matter(
        edition in 0..4_usize, finds in some_finds(), turned in 0..8_usize, on in 0..30_i32
    ) {
        let scheme = scheme(EDITIONS[edition]);
        let mut other = finds.clone();
        other.reverse();
        let by = turned % other.len().max(1);
        other.rotate_left(by);
        other.extend(finds.first().cloned());
        prop_assert_eq!(propose(&scheme, 2, &finds, &[], day(on)), propose(&scheme, 2, &other, &[], day(on)));
    }

    #[test]
    fn a_proposal_is_never_lower_than_what_a_find_demands(edition in 0..4_usize, finds in some_finds()) {
        let scheme = scheme(EDITIONS[edition]);
        for find in &finds {
            let told = propose(&scheme, 2, &finds, &[], find.day);
            for demand in demands(&scheme, 2, find).iter().filter(|demand| demand.clock == find.day) {
                let covering = told.iter().filter(|proposal| proposal.unit.holds(&demand.unit));
                let strictest = covering.filter_map(|proposal| scheme.place_of(&proposal.level)).min();
                prop_assert!(strictest.is_some_and(|level| level <= demand.level), "{demand:?} {told:?}");
            }
        }
    }

    #[test]
    fn nothing_is_proposed_where_something_as_strict_is_in_force(
        edition in 0..4_usize, finds in some_finds(), on in 0..30_i32
    ) {
        let scheme = scheme(EDITIONS[edition]);
        let strictest = scheme.levels[0].id.clone();
        let counties = (0..3).map(|number| Unit::whole(township(number).at_depth(3)));
        let everywhere = Area::of(counties.collect());
        prop_assert!(propose(&scheme, 2, &finds, &[(everywhere, strictest)], day(on)).is_empty());
    }

    #[test]
    fn somebody_positive_again_changes_nothing(edition in 0..4_usize, finds in some_finds(), on in 0..30_i32) {
        let scheme = scheme(EDITIONS[edition]);
        let without: Vec<Find> = finds.iter().filter(|find| find.how != How::RePositive).cloned().collect();
        prop_assert_eq!(propose(&scheme, 2, &finds, &[], day(on)), propose(&scheme, 2, &without, &[], day(on)));
    }

    #[test]
    fn a_zone_is_ready_only_when_all_criteria_hold((scheme, zone) in some_zone(), after in 0..45_i32) {
        let on = zone.since + after;
        let told = leave(&scheme, &zone, on).expect("a level of the edition");
        prop_assert_eq!(told.ready, told.criteria.iter().all(|one| one.met));
        for one in &told.criteria {
            prop_assert_eq!(one.met, one.missing.is_empty());
            prop_assert!(!one.met || one.on.is_some_and(|met| met <= on), "met, and not before: {one:?}");
        }
        if !told.ready {
            let last = told.criteria.iter().filter(|one| !one.met).filter_map(|one| one.on).max();
            prop_assert!(last.is_none_or(|last| last >= on), "missing, and in the past: {told:?}");
        }
        let wanted = scheme.level(&zone.level).expect("its level");
        let lowered = zone.after_higher && !wanted.leave_after_higher.is_empty();
        let rules = if lowered { &wanted.leave_after_higher } else { &wanted.leave };
        prop_assert_eq!(told.criteria.len(), rules.len(), "no criterion is left out");
    }

    #[test]
    fn clocks_never_run_backwards(
        (scheme, zone) in some_zone(), on in 0..40_i32, later in 0..10_i32, more in 0..25_i32, how in some_how()
    ) {
        let (before, _) = clock(&scheme, &zone, day(on));
        let (after, _) = clock(&scheme, &zone, day(on + later));
        prop_assert!(zone.since <= before && before <= after);
        let mut found = zone.clone();
        found.finds.push(FindInside { day: day(more), id: "one more".to_owned(), how });
        let (with, _) = clock(&scheme, &found, day(on));
        prop_assert!(before <= with);
        if how != How::Community {
            prop_assert_eq!(before, with, "who was under care restarts nothing");
        }
        let (told, more_found) = (leave(&scheme, &zone, day(on)), leave(&scheme, &found, day(on)));
        let (first, second) = (told.and_then(|told| told.on), more_found.and_then(|told| told.on));
        if let (Some(first), Some(second)) = (first, second) {
            prop_assert!(first <= second || first < day(on), "a find brings no release nearer: {first} {second}");
        }
    }

    #[test]
    fn a_zone_is_raised_for_a_find_outside_care_and_for_nothing_else((scheme, zone) in some_zone(), on in 0..40_i32) {
        let up = promotion(&scheme, &zone, &[], day(on));
        let counts = |find: &FindInside| {
            find.how == How::Community && (zone.since..=day(on)).contains(&find.day)
        };
        let rises = scheme.level(&zone.level).is_some_and(|level| level.on_find.is_some());
        prop_assert_eq!(up.is_some(), zone.finds.iter().any(counts) && rises);
        if let Some((level, _)) = up {
            prop_assert!(scheme.is_stricter(level, &zone.level));
        }
    }
}

fn quiet(level: &str) -> ZoneSeen {
    ZoneSeen {
        level: level.to_owned(),
        since: day(0),
        after_higher: false,
        finds: Vec::new(),
        rounds: Vec::new(),
        contacts: None,
        above: AboveSeen::default(),
    }
}

fn clean_round(on: i32) -> RoundHeld {
    RoundHeld {
        began: day(on),
        ended: Some(day(on)),
        people: 400,
        with_result: 400,
        positives_community: 0,
        unresolved: 0,
    }
}

#[test]
fn seven_days_and_the_round_of_the_seventh_let_a_high_risk_area_go() {
    let seventh_day = |round: Option<RoundHeld>| {
        let zone = ZoneSeen { rounds: round.into_iter().collect(), ..quiet("high") };
        leave(&scheme("cn-covid-9"), &zone, day(7)).expect("a level")
    };
    let clean = clean_round(7);
    let told = seventh_day(Some(clean.clone()));
    assert!(told.ready && told.on == Some(day(7)) && told.to.as_deref() == Some("medium"), "{told:?}");
    let missing = |round: Option<RoundHeld>| seventh_day(round).criteria[1].missing.clone();
    assert_eq!(missing(None), [Missing::NoRound]);
    assert_eq!(missing(Some(clean_round(6))), [Missing::NoRound], "a day early");
    assert_eq!(missing(Some(RoundHeld { with_result: 399, ..clean.clone() })), [Missing::RoundCoverage]);
    assert_eq!(missing(Some(RoundHeld { ended: None, ..clean.clone() })), [Missing::RoundNotEnded]);
    assert_eq!(missing(Some(RoundHeld { unresolved: 1, ..clean.clone() })), [Missing::RoundUnresolved]);
    assert_eq!(missing(Some(RoundHeld { people: 0, with_result: 0, ..clean })), [Missing::RoundCoverage]);
}

#[test]
fn a_round_after_the_clean_one_undoes_it_only_by_what_it_found() {
    let after = |later: RoundHeld| {
        let zone = ZoneSeen { rounds: vec![clean_round(7), later], ..quiet("high") };
        leave(&scheme("cn-covid-9"), &zone, day(8)).expect("a level").criteria[1].missing.clone()
    };
    let few = RoundHeld { with_result: 10, ..clean_round(8) };
    assert_eq!(after(few.clone()), [], "who was asked for a test again shut nobody in");
    assert_eq!(after(RoundHeld { ended: None, ..few.clone() }), []);
    let found = RoundHeld { positives_community: 1, ..few };
    assert_eq!(after(found), [Missing::RoundFound, Missing::RoundCoverage]);
    assert_eq!(after(RoundHeld { unresolved: 1, ..clean_round(8) }), [Missing::RoundUnresolved]);
}

#[test]
fn medium_after_high_is_left_in_three_days_and_fresh_in_seven() {
    let scheme = scheme("cn-covid-9");
    let lowered = ZoneSeen { after_higher: true, ..quiet("medium") };
    let told = leave(&scheme, &lowered, day(3)).expect("a level");
    assert!(told.ready && told.on == Some(day(3)) && told.to.is_none(), "{told:?}");
    let fresh = leave(&scheme, &quiet("medium"), day(3)).expect("a level");
    assert!(!fresh.ready && fresh.on == Some(day(7)), "{fresh:?}");
}

#[test]
fn contacts_nobody_spoke_of_keep_a_lockdown() {
    let scheme = scheme("cn-covid-8");
    let wanted = scheme.level("lockdown").expect("lockdown");
    assert!(wanted.leave.iter().any(|rule| matches!(rule, LeaveRule::ContactsAge { .. })));
    let mut zone = ZoneSeen { rounds: vec![clean_round(13)], ..quiet("lockdown") };
    let told = leave(&scheme, &zone, day(14)).expect("a level");
    assert!(!told.ready && told.on.is_none(), "nobody can say when: {told:?}");
    zone.contacts = Some(ContactsSeen { last_exposure: Some(day(1)), without_result: 0 });
    assert_eq!(leave(&scheme, &zone, day(14)).expect("a level").on, Some(day(15)));
    zone.contacts = Some(ContactsSeen { last_exposure: None, without_result: 0 });
    assert!(leave(&scheme, &zone, day(14)).expect("a level").ready, "no contact was exposed here");
}

#[test]
fn counts_decide_between_low_medium_and_high() {
    let scheme = scheme("cn-covid-7");
    let mut board = Board::new(&scheme, 2);
    let home = |number: i32, on: i32, how| Find {
        id: format!("case {number}"),
        day: day(on),
        onset: None,
        sampled: None,
        how,
        isolated: None,
        stays: vec![Stay {
            unit: Unit::whole(township(0)),
            kind: StayKind::Residence,
            risk: SpreadRisk::Some,
            hard_to_trace: false,
            from: day(on - 5),
            until: day(on),
        }],
    };
    let levels = |board: &Board<'_>, on: i32| {
        let told = board.levels(&[township(0), township(1), township(2)], day(on));
        told.iter().map(|one| one.level.map(|level| scheme.levels[level].id.clone())).collect::<Vec<_>>()
    };
    board.add(&home(0, 0, How::UnderCare));
    assert_eq!(levels(&board, 0), [None, None, None], "found in quarantine: not counted");
    (1..=50).for_each(|number| board.add(&home(number, 1, How::Community)));
    let low = Some("low".to_owned());
    assert_eq!(
        levels(&board, 1),
        [Some("medium".to_owned()), low.clone(), None],
        "fifty are not more than fifty"
    );
    board.add(&home(51, 2, How::Community));
    assert_eq!(levels(&board, 2), [Some("high".to_owned()), low.clone(), None]);
    assert_eq!(
        levels(&board, 15),
        [Some("medium".to_owned()), low, None],
        "one within 14 days is no cluster"
    );
    assert_eq!(levels(&board, 16), [None, None, None], "14 days without anybody");
}
