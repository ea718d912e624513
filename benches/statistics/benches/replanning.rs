//! The morning's re-planning of 100,000 people on pathways: every plan made anew from what happened, beside reading the same records
//! once and counting them, which nobody can do without. Processor seconds on one core.

use base::{Day, Moment, Streams};
use followup::{Check, Followed, Outcome, Standing, Taken, plan};
use packs::{Category, Protocol, shipped};
use statistics_bench::{Target, least_cpu_seconds, or_stop, ratio, tell};
use std::hint::black_box;

const PEOPLE: usize = 100_000;

fn main() {
    let protocols = or_stop(shipped::protocols(), "the shipped protocols");
    let edition = protocols.by_id("cn-covid-8").unwrap_or_else(|| or_stop(Err("is missing"), "cn-covid-8"));
    let today = Day::of(2022, 3, 20).unwrap_or_else(|| or_stop(Err("is no day"), "today"));
    let people = people(edition, today);
    let (items, plain) = least_cpu_seconds(5, || {
        let within = |person: &Followed, day: Day| day > person.day_zero && day <= today;
        people
            .iter()
            .map(|person| {
                let tests = person.tests.iter().filter(|test| within(person, test.day)).count();
                tests + person.checks.iter().filter(|check| within(person, check.day)).count()
            })
            .sum::<usize>()
    });
    let (standings, took) = least_cpu_seconds(5, || {
        let mut counted = [0_usize; 3];
        for person in &people {
            let now = black_box(plan(edition, person, today));
            let Some(now) = now else { continue };
            counted[0] += usize::from(now.standing == Standing::ReleaseDue);
            counted[1] += usize::from(now.level() > 0);
            counted[2] += usize::from(now.added_days());
        }
        counted
    });
    let told = format!(
        "{items} tests and checks; {} to release, {} with something overdue, {} days added; {}",
        standings[0],
        standings[1],
        standings[2],
        ratio(took, plain, "the same records counted once", "s")
    );
    tell("100,000 people planned anew, one core", took, "s", Target::Below(2.0), &told);
}

/// Contacts of the last three weeks who did what they were asked, all but one item in thirty.
fn people(edition: &Protocol, today: Day) -> Vec<Followed> {
    let mut chance = Streams::seeded(8).of("people");
    let mut one = |place: usize| {
        let category =
            if place.is_multiple_of(6) { Category::CloseContact } else { Category::SecondaryContact };
        let zero = today - (place % 22) as i32;
        let mut person = Followed::new(category, zero, zero);
        let Some(whole) = plan(edition, &person, zero) else { return person };
        for test in whole.phases.iter().flat_map(|phase| &phase.tests).filter(|test| test.day < today) {
            if chance.share() > 1.0 / 30.0 {
                let at = Moment::start_of(test.day, 480).plus_seconds(36_000);
                person.tests.push(Taken { at, day: test.day, outcome: Outcome::Negative, ct: None });
            }
        }
        for day in (zero + 1).through((today - 1).min(whole.last)) {
            for hour in [8, 18] {
                if chance.share() > 1.0 / 30.0 {
                    let at = Moment::start_of(day, 480).plus_seconds(hour * 3_600);
                    person.checks.push(Check { at, day, celsius: Some(36.6), signs: false });
                }
            }
        }
        person
    };
    (0..PEOPLE).map(&mut one).collect()
}
