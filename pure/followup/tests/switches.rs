//! People under one edition when the next takes over.

use base::{Day, Moment};
use followup::{Check, EffectKind, Followed, Outcome, Standing, Taken, plan, switch};
use packs::{Category, Protocol, Transition, WatchPlace, shipped};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn at(day: Day) -> Moment {
    Moment::start_of(day, 480).plus_seconds(9 * 3600)
}

/// Somebody who did everything until the day before.
fn diligent(edition: &Protocol, category: Category, zero: Day, until: Day) -> Followed {
    let mut person = Followed::new(category, zero, zero);
    let whole = plan(edition, &person, zero).unwrap();
    for phase in &whole.phases {
        for test in phase.tests.iter().filter(|test| test.day < until) {
            person.tests.push(Taken {
                at: at(test.day),
                day: test.day,
                outcome: Outcome::Negative,
                ct: None,
            });
        }
    }
    for day in (zero + 1).through(until - 1) {
        person.checks.push(Check { at: at(day), day, celsius: Some(36.4), signs: false });
    }
    person
}

#[test]
fn from_the_eighth_to_the_ninth_edition_nobody_stays_longer() {
    let protocols = shipped::protocols().unwrap();
    let (old, new) = (protocols.by_id("cn-covid-8").unwrap(), protocols.by_id("cn-covid-9").unwrap());
    let today = day("2022-06-28");
    for (served, kind, last, place, test) in [
        (3, EffectKind::Shorter, 7 + 3, WatchPlace::Central, false),
        // Day 9 of fourteen: central quarantine is over by the new rule, and they go home after one more test.
        (9, EffectKind::Shorter, 7 + 3, WatchPlace::Monitoring, true),
        (12, EffectKind::PastEnd, 7 + 3 + 2, WatchPlace::Monitoring, true),
    ] {
        let zero = today - served;
        let person = diligent(old, Category::CloseContact, zero, today);
        let told = switch(old, new, &person, today).unwrap();
        assert_eq!(told.what, kind, "{served}");
        assert_eq!(told.old_last, zero + 21, "{served}");
        assert_eq!(told.new_last, Some(zero + last), "{served}");
        assert_eq!(told.new_place, Some(place), "{served}");
        assert_eq!(told.switched.map(|switched| switched.test), Some(test), "{served}");
    }
}

#[test]
fn whoever_is_past_the_end_goes_after_one_more_test() {
    let protocols = shipped::protocols().unwrap();
    let (old, new) = (protocols.by_id("cn-covid-8").unwrap(), protocols.by_id("cn-covid-9").unwrap());
    let today = day("2022-06-28");
    let mut person = diligent(old, Category::CloseContact, today - 12, today);
    person.switched = switch(old, new, &person, today).unwrap().switched;
    let now = plan(new, &person, today).unwrap();
    assert_eq!(now.standing, Standing::Running);
    assert_eq!(now.phase().tests.iter().filter(|test| test.on_entry).count(), 1);
    person.tests.push(Taken { at: at(today), day: today, outcome: Outcome::Negative, ct: None });
    person.checks.push(Check { at: at(today), day: today, celsius: None, signs: false });
    assert_eq!(plan(new, &person, today + 1).unwrap().standing, Standing::ReleaseDue);
}

#[test]
fn what_was_owed_under_the_old_edition_is_owed_under_the_new() {
    let protocols = shipped::protocols().unwrap();
    let (old, new) = (protocols.by_id("cn-covid-9").unwrap(), protocols.by_id("cn-covid-10m").unwrap());
    let today = day("2022-12-07");
    let mut person = diligent(old, Category::CloseContact, today - 3, today);
    assert_eq!(switch(old, new, &person, today).unwrap().switched.map(|one| one.test), Some(false));
    person.tests.remove(0);
    person.tests.remove(0);
    assert_eq!(switch(old, new, &person, today).unwrap().switched.map(|one| one.test), Some(true));
}

#[test]
fn a_category_that_is_followed_no_more_is_let_go() {
    let protocols = shipped::protocols().unwrap();
    let (old, new) = (protocols.by_id("cn-covid-9").unwrap(), protocols.by_id("cn-covid-20m").unwrap());
    let today = day("2022-11-11");
    let person = diligent(old, Category::SecondaryContact, today - 2, today);
    let told = switch(old, new, &person, today).unwrap();
    assert_eq!((told.what, told.new_last, told.days_fewer), (EffectKind::NoLonger, None, 6));
    let bb = protocols.by_id("cn-covid-bb").unwrap();
    let close = diligent(old, Category::CloseContact, today - 2, today);
    assert_eq!(switch(old, bb, &close, today).unwrap().what, EffectKind::NoLonger);
}

#[test]
fn the_pack_says_whether_people_finish_shorten_or_change_over() {
    let protocols = shipped::protocols().unwrap();
    let (eight, nine) = (protocols.by_id("cn-covid-8").unwrap(), protocols.by_id("cn-covid-9").unwrap());
    let today = day("2022-07-10");
    let person = diligent(nine, Category::CloseContact, today - 4, today);
    // The 8th edition finishes what was begun; back to longer rules nobody goes by `shorten` either.
    assert_eq!(switch(nine, eight, &person, today).unwrap().what, EffectKind::StaysOld);
    let mut longer = eight.clone();
    longer.follow_up.transition.value = Transition::Shorten;
    assert_eq!(switch(nine, &longer, &person, today).unwrap().what, EffectKind::StaysOld);
    longer.follow_up.transition.value = Transition::CreditDays;
    let told = switch(nine, &longer, &person, today).unwrap();
    assert_eq!((told.what, told.days_fewer), (EffectKind::Longer, -11));
    let mut finishing = nine.clone();
    finishing.follow_up.transition.value = Transition::FinishOld;
    let begun = diligent(eight, Category::CloseContact, today - 4, today);
    assert_eq!(switch(eight, &finishing, &begun, today).unwrap().what, EffectKind::StaysOld);
}
