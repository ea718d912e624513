//! Every pathway of every edition, day by day: a person who does everything, and persons who do not.

use base::{Day, Moment};
use followup::{
    Check, Followed, Missed, Offsets, Outcome, Plan, Released, Standing, Taken, TestState, Transfer, plan,
    strip,
};
use packs::{Category, Criterion, NotMovedWho, Pathway, Protocol, Protocols, WatchPlace, shipped};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn noon(day: Day) -> Moment {
    Moment::start_of(day, 480).plus_seconds(12 * 3600)
}

fn negative(day: Day) -> Taken {
    Taken { at: noon(day), day, outcome: Outcome::Negative, ct: None }
}

fn well(day: Day) -> Check {
    Check { at: noon(day), day, celsius: Some(36.6), signs: false }
}

fn protocols() -> Protocols {
    shipped::protocols().unwrap()
}

/// Does everything that is due on a day.
fn do_all(edition: &Protocol, person: &mut Followed, today: Day) {
    let now = plan(edition, person, today).unwrap();
    for phase in now.phases.iter().filter(|phase| !phase.passed) {
        for test in &phase.tests {
            if test.state == TestState::Due || test.state == TestState::Missed {
                person.tests.push(negative(today));
            }
        }
    }
    let phase = now.phases.iter().find(|phase| (phase.first..=phase.last).contains(&today));
    if phase.is_some_and(|phase| phase.checks_per_day > 0) {
        person.checks.push(well(today));
    }
}

/// Plays a diligent person from the first day and lets them go when it is proposed; tells the day of each release.
fn play(edition: &Protocol, mut person: Followed, from: Day, most: i32) -> (Followed, Vec<Day>) {
    let mut gone = Vec::new();
    for ahead in 0..most {
        let today = from + ahead;
        loop {
            let now = plan(edition, &person, today).unwrap();
            match now.standing {
                Standing::ReleaseDue => {
                    assert!(now.criteria.iter().all(|tick| tick.holds), "never before every criterion");
                    person.released.push(Released { phase: now.current, day: today });
                    gone.push(today);
                }
                Standing::Ended => return (person, gone),
                _ => break,
            }
        }
        do_all(edition, &mut person, today);
    }
    panic!("{} {}: no end within {most} days", edition.id, person.category);
}

fn test_days(now: &Plan) -> Vec<Vec<i32>> {
    let of =
        |phase: &followup::PhasePlan| phase.tests.iter().map(|test| test.day - phase.first + 1).collect();
    now.phases.iter().map(of).collect()
}

#[test]
fn whoever_does_everything_goes_on_the_day_after_the_last_of_each_phase() {
    let mut pathways = 0;
    for edition in protocols().iter() {
        for pathway in &edition.pathways {
            // A leap day lies within.
            for zero in ["2022-02-18", "2024-02-20", "2023-12-25"].map(day) {
                let person = Followed::new(pathway.category, zero, zero);
                let (_, gone) = play(edition, person, zero, 120);
                let mut last = zero;
                let expected: Vec<Day> = pathway
                    .phases
                    .iter()
                    .map(|phase| {
                        last = last + i32::from(phase.days.value);
                        last + 1
                    })
                    .collect();
                assert_eq!(gone, expected, "{} {}", edition.id, pathway.category);
            }
            pathways += 1;
        }
    }
    assert!(pathways >= 30, "{pathways}");
}

/// What each category is asked on each day, by the book.
#[test]
fn each_edition_asks_on_its_own_days() {
    let protocols = protocols();
    type Row<'a> = (&'a str, Category, &'a [(WatchPlace, &'a str, &'a str, &'a [&'a str])]);
    let (central, home, monitoring) = (WatchPlace::Central, WatchPlace::Home, WatchPlace::Monitoring);
    let rows: &[Row<'_>] = &[
        (
            "cn-covid-8",
            Category::CloseContact,
            &[
                (
                    central,
                    "2022-02-21",
                    "2022-03-06",
                    &["2022-02-21", "2022-02-24", "2022-02-27", "2022-03-06", "2022-03-06"],
                ),
                (monitoring, "2022-03-07", "2022-03-13", &["2022-03-08", "2022-03-13"]),
            ],
        ),
        (
            "cn-covid-8",
            Category::SecondaryContact,
            &[(central, "2022-02-21", "2022-02-27", &["2022-02-21", "2022-02-24", "2022-02-27"])],
        ),
        (
            "cn-covid-9",
            Category::CloseContact,
            &[
                (
                    central,
                    "2022-02-21",
                    "2022-02-27",
                    &["2022-02-21", "2022-02-22", "2022-02-23", "2022-02-25", "2022-02-27"],
                ),
                (monitoring, "2022-02-28", "2022-03-02", &["2022-03-02"]),
            ],
        ),
        (
            "cn-covid-9",
            Category::SecondaryContact,
            &[(home, "2022-02-21", "2022-02-27", &["2022-02-21", "2022-02-24", "2022-02-27"])],
        ),
        (
            "cn-covid-20m",
            Category::CloseContact,
            &[
                (
                    central,
                    "2022-02-21",
                    "2022-02-25",
                    &["2022-02-21", "2022-02-22", "2022-02-23", "2022-02-25"],
                ),
                (home, "2022-02-26", "2022-02-28", &["2022-02-26", "2022-02-28"]),
            ],
        ),
        (
            "cn-covid-20m",
            Category::HighRiskJob,
            &[(monitoring, "2022-02-21", "2022-02-25", &["2022-02-21", "2022-02-23", "2022-02-25"])],
        ),
        ("cn-covid-10m", Category::CloseContact, &[(home, "2022-02-21", "2022-02-25", &["2022-02-25"])]),
        ("ebola", Category::CloseContact, &[(monitoring, "2022-02-21", "2022-03-13", &[])]),
        ("marburg", Category::CloseContact, &[(monitoring, "2022-02-21", "2022-03-13", &[])]),
        ("cholera", Category::CloseContact, &[(monitoring, "2022-02-21", "2022-02-25", &[])]),
    ];
    for (id, category, phases) in rows {
        let zero = day("2022-02-20");
        let now = plan(protocols.by_id(id).unwrap(), &Followed::new(*category, zero, zero), zero).unwrap();
        assert_eq!(now.phases.len(), phases.len(), "{id} {category}");
        for (ours, (place, first, last, tests)) in now.phases.iter().zip(*phases) {
            assert_eq!(
                (ours.place, ours.first, ours.last),
                (*place, day(first), day(last)),
                "{id} {category}"
            );
            let asked: Vec<String> = ours.tests.iter().map(|test| test.day.to_string()).collect();
            assert_eq!(asked, *tests, "{id} {category}");
        }
    }
}

#[test]
fn whoever_misses_an_item_is_held_by_it_and_somebody_is_told() {
    let protocols = protocols();
    let mut tried = 0;
    for edition in protocols.iter() {
        for pathway in &edition.pathways {
            let zero = day("2022-02-20");
            let whole = plan(edition, &Followed::new(pathway.category, zero, zero), zero).unwrap();
            for (at, phase) in whole.phases.iter().enumerate() {
                for missed in
                    phase.tests.iter().map(|test| test.day).collect::<std::collections::BTreeSet<_>>()
                {
                    miss_one(edition, pathway, at, missed);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 90, "{tried} tests were missed");
}

/// Everything is done but the test of one day, which is made up two days after its window.
fn miss_one(edition: &Protocol, pathway: &Pathway, at: usize, missed: Day) {
    let zero = day("2022-02-20");
    let mut person = Followed::new(pathway.category, zero, zero);
    let window = plan(edition, &person, zero).unwrap().phases[at]
        .tests
        .iter()
        .find(|t| t.day == missed)
        .unwrap()
        .until;
    let planned = plan(edition, &person, zero).unwrap().phases[at].planned_last;
    let name = format!("{} {} {missed}", edition.id, pathway.category);
    for ahead in 0..80 {
        let today = zero + ahead;
        let now = plan(edition, &person, today).unwrap();
        if now.standing == Standing::ReleaseDue {
            person.released.push(Released { phase: now.current, day: today });
            if now.current == at {
                assert!(today > planned + 1, "{name}: released on {today}, planned until {planned}");
                return;
            }
        }
        let owed: Vec<_> =
            now.missed.iter().filter(|one| one.what == Missed::Test && one.day == missed).collect();
        if today > window && today <= window + 2 {
            let told: Vec<i32> = owed.iter().map(|one| i32::from(one.level)).collect();
            assert!(
                !told.is_empty() && told.iter().all(|level| *level == today - window),
                "{name} {today}: {told:?}"
            );
            assert!(now.phases[at].last > planned || now.phases[at].added_days > 0, "{name}: it adds days");
            assert!(now.standing != Standing::ReleaseDue, "{name}: it holds them");
            if today == window + 1 {
                assert_eq!(now.owes_since(&person), Some(today), "{name}");
                let mut tested = person.clone();
                tested.tests.push(Taken { outcome: Outcome::Invalid, ..negative(today) });
                let now = plan(edition, &tested, today).unwrap();
                assert_eq!(
                    now.owes_since(&tested),
                    None,
                    "{name}: whoever came owes nothing, whatever it tells"
                );
            }
        }
        // Whoever may come any day does not come until it is over; the others leave out one day.
        let any = pathway.phases[at].any_tests.is_some();
        let (mut tests, phase) = (0, &now.phases[at]);
        for test in now.phases.iter().flat_map(|phase| &phase.tests) {
            let this = phase.tests.iter().any(|one| one == test) && test.day == missed;
            let open = test.state == TestState::Due && (!this || any && today > window);
            let owed = test.state == TestState::Missed && today >= window + 2;
            tests += usize::from(open || owed);
        }
        // A test taken while the missed one's window is open would stand for it.
        let holds_back = (phase.first..=window).contains(&today)
            && today >= missed - 3
            && tests > 0
            && today < window + 1
            && phase
                .tests
                .iter()
                .any(|test| test.day == missed && test.opens <= today && today <= test.until);
        if !holds_back {
            (0..tests).for_each(|_| person.tests.push(negative(today)));
        }
        person.checks.push(well(today));
    }
    panic!("{name}: no end");
}

#[test]
fn a_test_before_midnight_is_in_time_and_one_after_is_not() {
    let protocols = protocols();
    let edition = protocols.by_id("cn-covid-9").unwrap();
    let china = Offsets::fixed(480);
    let zero = day("2022-07-01");
    for (at, standing) in
        [("2022-07-08T15:59:59Z", TestState::Taken), ("2022-07-08T16:00:00Z", TestState::MadeUp)]
    {
        let mut person = Followed::new(Category::CloseContact, zero, zero);
        for ahead in [1, 2, 3, 5] {
            person.tests.push(negative(zero + ahead));
        }
        let at: Moment = at.parse().unwrap();
        person.tests.push(Taken { at, day: china.day_of(at), outcome: Outcome::Negative, ct: None });
        let now = plan(edition, &person, zero + 9).unwrap();
        let test = now.phases[0].tests.last().unwrap();
        assert_eq!(test.state, standing, "{at}");
        let late = i32::from(standing == TestState::MadeUp);
        assert_eq!(now.phases[0].planned_last, zero + 7);
        assert!(now.phases[0].last - now.phases[0].planned_last >= late, "{now:?}");
    }
}

#[test]
fn the_day_on_which_the_clock_changes_is_one_day_of_a_pathway() {
    let protocols = protocols();
    let edition = protocols.by_id("mers").unwrap();
    let at = |text: &str| text.parse::<Moment>().unwrap();
    let berlin = Offsets::changing(vec![(at("2021-10-31T01:00:00Z"), 60), (at("2022-03-27T01:00:00Z"), 120)]);
    let zero = day("2022-03-20");
    let mut person = Followed::new(Category::CloseContact, zero, zero);
    // Every evening at half past eleven, by the wall clock there.
    for (ahead, hour) in (1..=14).map(|ahead| (ahead, if ahead < 7 { 22 } else { 21 })) {
        let moment = Moment::start_of(zero + ahead, 0).plus_seconds(hour * 3600 + 1800);
        person.checks.push(Check {
            at: moment,
            day: berlin.day_of(moment),
            celsius: Some(36.5),
            signs: false,
        });
    }
    let now = plan(edition, &person, zero + 15).unwrap();
    assert_eq!(now.phases[0].missed_checks, []);
    assert_eq!((now.standing, now.phases[0].last), (Standing::ReleaseDue, day("2022-04-03")));
}

#[test]
fn a_day_without_a_check_adds_a_day_and_is_told_until_somebody_is_seen() {
    let protocols = protocols();
    let edition = protocols.by_id("cn-covid-8").unwrap();
    let zero = day("2022-02-20");
    let mut person = Followed::new(Category::SecondaryContact, zero, zero);
    for ahead in [1, 2, 3] {
        person.checks.push(well(zero + ahead));
    }
    person.tests = vec![negative(zero + 1), negative(zero + 4)];
    let now = plan(edition, &person, zero + 6).unwrap();
    assert_eq!(now.phases[0].missed_checks, [zero + 4, zero + 5]);
    assert_eq!((now.phases[0].added_days, now.last), (2, zero + 9));
    assert_eq!(
        now.missed.iter().map(|one| (one.what, one.day, one.level)).collect::<Vec<_>>(),
        [(Missed::Check, zero + 4, 2)]
    );
    person.checks.push(well(zero + 6));
    let now = plan(edition, &person, zero + 6).unwrap();
    assert_eq!((now.missed.len(), now.phases[0].added_days), (0, 2), "seen again, and the days stay");
}

#[test]
fn what_is_missed_adds_no_more_than_the_edition_allows() {
    let protocols = protocols();
    let edition = protocols.by_id("cn-covid-9").unwrap();
    let zero = day("2022-07-01");
    let person = Followed::new(Category::SecondaryContact, zero, zero);
    let now = plan(edition, &person, zero + 60).unwrap();
    assert_eq!(now.phases[0].added_days, 7, "the days that others' failures cost have an end");
    assert_eq!(
        (now.level(), now.standing),
        (3, Standing::Running),
        "and what is owed holds until it is done"
    );
}

#[test]
fn a_sample_that_told_nothing_is_as_if_it_was_not_taken() {
    let protocols = protocols();
    let edition = protocols.by_id("cn-covid-10m").unwrap();
    let zero = day("2022-12-10");
    let mut person = Followed::new(Category::CloseContact, zero, zero);
    person.checks = (1..=6).map(|ahead| well(zero + ahead)).collect();
    person.tests = vec![Taken { outcome: Outcome::Invalid, ..negative(zero + 5) }];
    let now = plan(edition, &person, zero + 6).unwrap();
    assert_eq!((now.phases[0].tests[0].state, now.standing), (TestState::Missed, Standing::Running));
    person.tests = vec![Taken { outcome: Outcome::Waiting, ..negative(zero + 5) }];
    let now = plan(edition, &person, zero + 6).unwrap();
    let open: Vec<Criterion> =
        now.criteria.iter().filter(|tick| !tick.holds).map(|tick| tick.criterion).collect();
    assert_eq!(open, [Criterion::ResultsNegative], "taken, and not told");
    assert_eq!(now.last, zero + 5, "waiting for a laboratory costs nobody a day");
}

#[test]
fn whoever_must_not_be_moved_stays_at_home_with_the_same_days_and_tests() {
    let protocols = protocols();
    let edition = protocols.by_id("cn-covid-8").unwrap();
    assert_eq!(edition.follow_up.not_moved_as(NotMovedWho::Minor, Some(17.9)), Some(true));
    assert_eq!(edition.follow_up.not_moved_as(NotMovedWho::Minor, Some(18.0)), Some(false));
    assert_eq!(edition.follow_up.not_moved_as(NotMovedWho::Elderly, Some(70.0)), Some(true));
    let zero = day("2022-02-20");
    let moved = Followed::new(Category::CloseContact, zero, zero);
    let stays = Followed { exempt: Some(NotMovedWho::Minor), ..moved.clone() };
    let (moved, stays) = (plan(edition, &moved, zero).unwrap(), plan(edition, &stays, zero).unwrap());
    assert_eq!(moved.phases[0].place, WatchPlace::Central);
    assert_eq!(stays.phases[0].place, WatchPlace::Home);
    assert_eq!(test_days(&moved), test_days(&stays));
    assert_eq!(moved.last, stays.last);
}

#[test]
fn somebody_found_late_is_tested_at_once_and_nothing_before_is_held_against_them() {
    let protocols = protocols();
    let edition = protocols.by_id("cn-covid-8").unwrap();
    let (zero, known) = (day("2022-02-10"), day("2022-02-18"));
    let person = Followed::new(Category::CloseContact, zero, known);
    let now = plan(edition, &person, known).unwrap();
    let states: Vec<(TestState, bool)> = now.phases[0].tests.iter().map(|t| (t.state, t.on_entry)).collect();
    assert_eq!(states[..2], [(TestState::NotAsked, false); 2]);
    // Day 7 may be tested until day 8, which is the day they became known.
    assert_eq!(states[2..], [(TestState::Due, false), (TestState::Ahead, false), (TestState::Ahead, false)]);
    assert_eq!((now.phases[0].missed_checks.len(), now.phases[0].last), (0, zero + 14));
    let later = Followed::new(Category::CloseContact, zero, zero + 10);
    let now = plan(edition, &later, zero + 10).unwrap();
    assert!(now.phases[0].tests.iter().any(|test| test.on_entry && test.state == TestState::Due), "{now:?}");
    let far = Followed::new(Category::CloseContact, zero, zero + 40);
    let now = plan(edition, &far, zero + 40).unwrap();
    assert_eq!((now.phases[0].passed, now.current), (true, 1));
    assert_eq!(now.standing, Standing::Running, "one test, then they go");
}

#[test]
fn a_transfer_is_told_and_counts_no_day_anew() {
    let zero = day("2022-02-20");
    let mut person = Followed::new(Category::CloseContact, zero, zero);
    person.transfers = vec![
        Transfer { day: zero + 1, to: WatchPlace::Home },
        Transfer { day: zero + 3, to: WatchPlace::Central },
    ];
    assert_eq!(person.place_on(zero), None);
    assert_eq!(person.place_on(zero + 2), Some(WatchPlace::Home));
    assert_eq!(person.place_on(zero + 3), Some(WatchPlace::Central));
    let protocols = protocols();
    let edition = protocols.by_id("cn-covid-8").unwrap();
    let still = Followed { transfers: Vec::new(), ..person.clone() };
    assert_eq!(plan(edition, &person, zero + 5), plan(edition, &still, zero + 5));
}

#[test]
fn a_sign_of_illness_is_cleared_by_a_later_negative_test_and_a_well_day() {
    let protocols = protocols();
    let edition = protocols.by_id("ebola").unwrap();
    let zero = day("2022-02-20");
    let mut person = Followed::new(Category::CloseContact, zero, zero);
    person.checks = (1..=21).map(|ahead| well(zero + ahead)).collect();
    person.checks[20].celsius = Some(38.4);
    assert_eq!(plan(edition, &person, zero + 22).unwrap().standing, Standing::Suspected);
    person.tests.push(negative(zero + 22));
    assert_eq!(plan(edition, &person, zero + 22).unwrap().standing, Standing::Suspected);
    person.checks.push(well(zero + 23));
    assert_eq!(plan(edition, &person, zero + 23).unwrap().standing, Standing::ReleaseDue);
}

#[test]
fn a_positive_ends_in_no_release_and_after_discharge_the_ct_decides() {
    let protocols = protocols();
    let edition = protocols.by_id("cn-covid-9").unwrap();
    let zero = day("2022-08-01");
    let positive =
        |ahead: i32, ct: f64| Taken { outcome: Outcome::Positive, ct: Some(ct), ..negative(zero + ahead) };
    let mut contact = Followed::new(Category::CloseContact, zero, zero);
    contact.tests = vec![positive(1, 38.0)];
    assert_eq!(plan(edition, &contact, zero + 2).unwrap().standing, Standing::Positive);
    let mut gone = Followed::new(Category::Discharged, zero, zero);
    gone.checks = (1..=7).map(|ahead| well(zero + ahead)).collect();
    gone.tests = vec![positive(7, 35.0)];
    assert_eq!(plan(edition, &gone, zero + 8).unwrap().standing, Standing::ReleaseDue, "35 infects nobody");
    gone.tests = vec![positive(7, 34.9)];
    assert_eq!(plan(edition, &gone, zero + 8).unwrap().standing, Standing::RePositive);
    assert!(!edition.follow_up.re_positive.as_ref().unwrap().changes_zone.value);
}

#[test]
fn the_strip_has_every_day_once_and_says_which_were_added() {
    let protocols = protocols();
    let edition = protocols.by_id("cn-covid-8").unwrap();
    let zero = day("2022-02-20");
    let person = Followed::new(Category::CloseContact, zero, zero);
    let now = plan(edition, &person, zero + 4).unwrap();
    let cells = strip(&now, &person);
    assert_eq!(cells.first().unwrap().day, zero + 1);
    assert_eq!(cells.last().unwrap().day, now.last);
    assert!(cells.windows(2).all(|two| two[1].day == two[0].day + 1 && two[1].number == two[0].number + 1));
    assert_eq!(cells.iter().filter(|cell| cell.added).count(), usize::from(now.added_days()));
    assert_eq!(cells.iter().filter(|cell| cell.check_missed).count(), 3);
}
