//! A made-up city whose books agree, faults put into them, and the question whether each is found and nothing else.

use base::Moment;
use lab::{
    Books, Boxed, Discrepancy, HandedOver, How, Plated, Received, ReconcileRule, Reconciliation, Registered,
    Reported, RunRead, Stages, reconcile,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What is written down of one tube.
#[derive(Default, Clone)]
struct Life {
    registered: Vec<Registered>,
    boxed: Vec<Boxed>,
    received: Vec<Received>,
    plated: Vec<Plated>,
    reported: Vec<Reported>,
}

/// Runs of `per_run` tubes, which came in two boxes from one site to one laboratory.
struct City {
    lives: Vec<Life>,
    handed_over: Vec<HandedOver>,
    read: Vec<RunRead>,
    per_run: u32,
    as_of: Moment,
}

const SITES: u32 = 7;
const LABS: u32 = 5;
const HOUR: i64 = 3600;

fn start() -> Moment {
    "2022-09-01T00:00:00Z".parse().unwrap()
}

impl City {
    /// Not everything goes straight in a city without a fault: some tubes are rejected, some repeated, some come without a box, and
    /// the last run is not called yet while the tubes of one more are on the road.
    fn clean(runs: u32, per_run: u32) -> City {
        let as_of = start().plus_seconds(i64::from(runs) * 60 + 9 * HOUR);
        let mut city = City { lives: Vec::new(), handed_over: Vec::new(), read: Vec::new(), per_run, as_of };
        for run in 0..runs {
            let sampled = start().plus_seconds(i64::from(run) * 60);
            let lab = run % LABS;
            let called = sampled.plus_seconds(5 * HOUR);
            let mut told = [0, 0];
            for place in 0..per_run {
                let (tube, batch) = (city.lives.len() as u32, 2 * run + place % 2);
                let (loose, rejected) = (place == 1, place == 2 && run.is_multiple_of(4));
                let mut life = Life::default();
                life.registered.push(Registered {
                    tube,
                    site: run % SITES,
                    size: 10,
                    people: 10 - (tube % 4) as u8,
                    sampled,
                });
                if !loose {
                    life.boxed.push(Boxed { tube, batch, at: sampled.plus_seconds(HOUR / 2) });
                    told[(place % 2) as usize] += 1;
                }
                let batch = (!loose).then_some(batch);
                life.received.push(Received {
                    tube,
                    batch,
                    lab,
                    at: sampled.plus_seconds(2 * HOUR),
                    rejected,
                });
                if !rejected {
                    if place == 3 && run > LABS {
                        // Read again: the first well was on the plate of the same laboratory before.
                        life.plated.push(Plated { tube, run: run - LABS, well: 300, void: true });
                        city.read[(run - LABS) as usize].wells_read =
                            city.read[(run - LABS) as usize].wells_read.map(|wells| wells + 1);
                        let (run, at) = (Some(run - LABS), called.plus_seconds(1));
                        life.reported.push(Reported { tube, lab, run, well: Some(300), at, void: true });
                    }
                    life.plated.push(Plated { tube, run, well: place as u16, void: false });
                    let at = called.plus_seconds(HOUR / 4);
                    life.reported.push(Reported {
                        tube,
                        lab,
                        run: Some(run),
                        well: Some(place as u16),
                        at,
                        void: false,
                    });
                }
                city.lives.push(life);
            }
            for (side, told) in (0..).zip(told) {
                let (site, lab) = (Some(run % SITES), Some(lab));
                city.handed_over.push(HandedOver { batch: 2 * run + side, site, lab, told });
            }
            let wells_read = Some(per_run - u32::from(run.is_multiple_of(4)));
            city.read.push(RunRead { run, lab, called: Some(called), wells_read });
        }
        city.leave_the_end_open(runs);
        city
    }

    /// The last run but one is on the plate, the last on the road.
    fn leave_the_end_open(&mut self, runs: u32) {
        let first = ((runs - 2) * self.per_run) as usize;
        let road = first + self.per_run as usize;
        for life in &mut self.lives[first..road] {
            life.reported.clear();
        }
        for life in &mut self.lives[road..] {
            for void in life.plated.iter().filter(|one| one.void) {
                let read = &mut self.read[void.run as usize];
                read.wells_read = read.wells_read.map(|wells| wells - 1);
            }
            (life.received, life.plated, life.reported) = (Vec::new(), Vec::new(), Vec::new());
        }
        for run in [runs - 2, runs - 1] {
            let read = &mut self.read[run as usize];
            (read.called, read.wells_read) = (None, None);
        }
    }

    fn reconciled(&self, turned: usize, rule: &ReconcileRule) -> Reconciliation {
        let mut lives = self.lives.clone();
        let turn = turned % lives.len();
        lives.rotate_left(turn);
        let registered: Vec<_> = lives.iter().flat_map(|life| life.registered.clone()).collect();
        let boxed: Vec<_> = lives.iter().flat_map(|life| life.boxed.clone()).collect();
        let received: Vec<_> = lives.iter().flat_map(|life| life.received.clone()).collect();
        let plated: Vec<_> = lives.iter().flat_map(|life| life.plated.clone()).collect();
        let reported: Vec<_> = lives.iter().flat_map(|life| life.reported.clone()).collect();
        let books = Books {
            tubes: lives.len() as u32,
            sites: SITES,
            batches: self.handed_over.len() as u32,
            labs: LABS,
            runs: self.read.len() as u32,
            registered: &registered,
            boxed: &boxed,
            handed_over: &self.handed_over,
            received: &received,
            read: &self.read,
            plated: &plated,
            reported: &reported,
        };
        reconcile(&books, rule)
    }

    fn found(&self, turned: usize) -> BTreeSet<(How, Vec<u32>)> {
        let found = self.reconciled(turned, &ReconcileRule::at(self.as_of)).differences;
        let many = found.len();
        let told: BTreeSet<(How, Vec<u32>)> =
            found.into_iter().map(|difference| (difference.how, difference.tubes)).collect();
        assert_eq!(told.len(), many, "nothing is named twice");
        told
    }

    /// The tube stood in no well, and the instrument saw none.
    fn take_off_plate(&mut self, tube: u32) {
        let life = &mut self.lives[tube as usize];
        let run = life.plated.pop().expect("a well").run as usize;
        self.read[run].wells_read = self.read[run].wells_read.map(|wells| wells - 1);
    }
}

/// Ways to spoil one run, each with what must be found. Tubes `a` and `b` lie in one box of it.
const FAULTS: usize = 27;

fn plant(city: &mut City, fault: usize, run: u32) -> Vec<(How, Vec<u32>)> {
    if fault < 16 {
        plant_between_stages(city, fault, run)
    } else {
        plant_twice_or_elsewhere(city, fault, run)
    }
}

/// The two tubes that are spoiled.
fn tubes_of(city: &City, run: u32) -> (u32, u32) {
    (run * city.per_run + 6, run * city.per_run + 8)
}

fn in_box(city: &City, batch: u32) -> Vec<u32> {
    let lies = |life: &&Life| life.boxed.first().is_some_and(|one| one.batch == batch);
    city.lives.iter().filter(lies).map(|life| life.boxed[0].tube).collect()
}

/// Over-pooled, lost, unregistered, reported unrun.
fn plant_between_stages(city: &mut City, fault: usize, run: u32) -> Vec<(How, Vec<u32>)> {
    let (a, b) = tubes_of(city, run);
    let (at_a, at_b, box_of_a) = (a as usize, b as usize, 2 * run);
    let one = |how| vec![(how, vec![a])];
    match fault {
        0 => {
            city.lives[at_b].plated[0].well = 6;
            city.lives[at_b].reported[0].well = Some(6);
            city.read[run as usize].wells_read = city.read[run as usize].wells_read.map(|wells| wells - 1);
            vec![(How::SharedWell { well: 6 }, vec![a, b])]
        }
        1 => {
            let mapped = city.read[run as usize].wells_read.unwrap();
            let measured = mapped / 3;
            city.read[run as usize].wells_read = Some(measured);
            let on_plate = |life: &&Life| life.plated.iter().any(|one| one.run == run);
            let tubes = city.lives.iter().filter(on_plate).map(|life| life.plated[0].tube).collect();
            vec![(How::FewerWells { mapped, measured }, tubes)]
        }
        2 => {
            city.lives[at_a].registered[0].people = 13;
            one(How::TooManyPeople { people: 13, size: 10 })
        }
        3 => {
            city.take_off_plate(b);
            city.lives[at_b].reported[0].well = Some(6);
            vec![(How::SharedResult { well: 6 }, vec![a, b])]
        }
        4 | 5 => {
            city.take_off_plate(a);
            city.lives[at_a].received.clear();
            city.lives[at_a].reported.clear();
            let boxed = in_box(city, box_of_a).len() as u32;
            if fault == 4 {
                return one(How::NeverReceived);
            }
            city.handed_over[box_of_a as usize].told -= 1;
            one(How::MissingAtHandOver { boxed, told: boxed - 1 })
        }
        6 => {
            city.take_off_plate(a);
            city.lives[at_a].reported.clear();
            one(How::NeverRun)
        }
        7 => {
            city.lives[at_a].reported.clear();
            one(How::NeverReported)
        }
        8 => {
            city.take_off_plate(a);
            let received = city.lives[at_a].received.clone();
            city.lives[at_a] = Life { received, ..Life::default() };
            one(How::ReceivedUnregistered)
        }
        9 => {
            city.lives[at_a].registered.clear();
            city.lives[at_a].boxed.clear();
            one(How::ReportedUnregistered)
        }
        10 => {
            city.lives[at_a].received.clear();
            one(How::PlatedUnreceived)
        }
        11 => {
            city.take_off_plate(a);
            city.lives[at_a].reported[0].run = None;
            one(How::NoRun)
        }
        12 => {
            city.take_off_plate(a);
            one(How::NoWell)
        }
        13 => {
            city.read[run as usize].called = None;
            let of_run = |life: &&Life| life.reported.iter().any(|one| !one.void && one.run == Some(run));
            let tubes = city.lives.iter().filter(of_run).map(|life| life.registered[0].tube);
            tubes.map(|tube| (How::RunNotCalled, vec![tube])).collect()
        }
        14 => {
            city.lives[at_a].reported[0].at = city.read[run as usize].called.unwrap().plus_seconds(-60);
            one(How::BeforeCall)
        }
        15 => {
            city.lives[at_a].received[0].rejected = true;
            one(How::RejectedReported)
        }
        _ => unreachable!("there are {FAULTS}"),
    }
}

/// Double, swapped.
fn plant_twice_or_elsewhere(city: &mut City, fault: usize, run: u32) -> Vec<(How, Vec<u32>)> {
    let (a, b) = tubes_of(city, run);
    let (at_a, at_b, box_of_a, other_box) = (a as usize, b as usize, 2 * run, 2 * run + 1);
    let one = |how| vec![(how, vec![a])];
    match fault {
        16 => {
            let again = city.lives[at_a].registered[0];
            city.lives[at_a].registered.push(Registered { site: (again.site + 1) % SITES, ..again });
            one(How::TwoRegistrations)
        }
        17 => {
            let again = city.lives[at_a].boxed[0];
            city.lives[at_a].boxed.push(Boxed { batch: other_box, ..again });
            one(How::TwoBatches)
        }
        18 => {
            let again = city.lives[at_a].received[0];
            city.lives[at_a].received.push(Received { lab: (again.lab + 1) % LABS, batch: None, ..again });
            one(How::TwoReceipts)
        }
        19 => {
            let again = city.lives[at_a].plated[0];
            city.lives[at_a].plated.push(Plated { well: 250, ..again });
            city.read[run as usize].wells_read = city.read[run as usize].wells_read.map(|wells| wells + 1);
            one(How::TwoWells)
        }
        20 => {
            let again = city.lives[at_a].reported[0];
            city.lives[at_a].reported.push(again);
            one(How::TwoResults)
        }
        21 => {
            (city.lives[at_a].reported[0].well, city.lives[at_b].reported[0].well) = (Some(8), Some(6));
            vec![
                (How::OtherTubesWell { well: 8, holds: b }, vec![a]),
                (How::OtherTubesWell { well: 6, holds: a }, vec![b]),
            ]
        }
        22 => {
            let tubes = in_box(city, box_of_a);
            let many = tubes.len() as u32;
            city.handed_over[box_of_a as usize].told += 2;
            vec![(How::BatchCount { boxed: many, told: many + 2, received: many }, tubes)]
        }
        23 => {
            let many = in_box(city, box_of_a).len() as u32;
            city.lives[at_a].boxed.clear();
            one(How::BatchCount { boxed: many - 1, told: many, received: many })
        }
        24 => {
            city.lives[at_a].received[0].batch = Some(other_box);
            one(How::OtherBatch { put_into: box_of_a })
        }
        25 => {
            city.lives[at_a].received[0].at = city.lives[at_a].registered[0].sampled.plus_seconds(-HOUR);
            one(How::ReceivedBeforeSampling)
        }
        26 => {
            city.lives[at_a].received[0].at = city.lives[at_a].reported[0].at.plus_seconds(HOUR);
            one(How::ReportedBeforeReceipt)
        }
        _ => unreachable!("there are {FAULTS}"),
    }
}

/// A city long enough ago that what is missing in its first runs is late.
fn city(runs: u32) -> City {
    let mut city = City::clean(runs + 2, 20);
    city.as_of = start().plus_seconds(i64::from(runs) * 60 + 15 * HOUR);
    let (plate, road) = ((runs * 20) as usize, ((runs + 1) * 20) as usize);
    // What is open is young.
    for life in &mut city.lives[plate..road] {
        life.received[0].at = city.as_of.plus_seconds(-2 * HOUR);
    }
    for life in &mut city.lives[road..] {
        life.registered[0].sampled = city.as_of.plus_seconds(-HOUR);
    }
    city
}

#[test]
fn a_city_without_a_fault_has_no_difference_and_its_counts_agree() {
    let city = city(60);
    let told = city.reconciled(0, &ReconcileRule::at(city.as_of));
    assert_eq!(told.differences, []);
    let all = told.counts.all;
    let rejected = 60 / 4 + 1;
    assert_eq!(
        all,
        Stages {
            registered: 62 * 20,
            boxed: 62 * 19,
            received: 61 * 20,
            rejected,
            run: 61 * 20 - rejected,
            reported: 60 * 20 - 60 / 4,
            under_way: 20,
            in_laboratory: 19,
            differing: 0,
        }
    );
    let sums = |parts: Vec<Stages>| parts.iter().map(|one| one.registered).sum::<u64>();
    assert_eq!(sums(told.counts.by_site.into_values().collect()), all.registered);
    assert_eq!(sums(told.counts.by_lab.into_values().collect()), all.registered);
    assert_eq!(sums(told.counts.by_batch.values().copied().collect()), all.registered);
    assert_eq!(sums(told.counts.by_hour.into_values().collect()), all.registered);
    assert!(told.counts.by_batch[&Some(3)].is_even());
    assert!(!told.counts.by_batch[&Some(120)].is_even(), "on the plate");
}

#[test]
fn every_way_to_spoil_the_books_is_found_alone() {
    for fault in 0..FAULTS {
        let mut city = city(12);
        let expected: BTreeSet<_> = plant(&mut city, fault, 5).into_iter().collect();
        assert_eq!(city.found(0), expected, "fault {fault}");
    }
}

#[test]
fn all_six_kinds_are_among_the_ways() {
    let mut kinds = BTreeSet::new();
    for fault in 0..FAULTS {
        kinds.extend(plant(&mut city(12), fault, 5).into_iter().map(|(how, _)| how.kind()));
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), Discrepancy::ALL);
}

#[test]
fn what_is_not_late_yet_is_waited_for() {
    let mut city = city(12);
    plant(&mut city, 4, 5);
    plant(&mut city, 6, 6);
    city.as_of = start().plus_seconds(7 * HOUR);
    for life in &mut city.lives {
        life.reported.retain(|one| one.at <= city.as_of);
        life.registered.retain(|one| one.sampled <= city.as_of);
        life.boxed.retain(|one| one.at <= city.as_of);
        life.received.retain(|one| one.at <= city.as_of);
    }
    city.lives.truncate(12 * 20);
    city.read.truncate(12);
    city.handed_over.truncate(24);
    assert_eq!(city.found(0), BTreeSet::new());
    let counts = city.reconciled(0, &ReconcileRule::at(city.as_of)).counts.all;
    assert_eq!((counts.under_way, counts.in_laboratory), (1, 1));
}

#[test]
fn a_result_that_is_older_than_its_swab_belongs_to_another_tube() {
    let mut city = city(12);
    let (a, _) = tubes_of(&city, 5);
    let life = &mut city.lives[a as usize];
    life.received.clear();
    life.registered[0].sampled = life.reported[0].at.plus_seconds(HOUR);
    let found = city.found(0);
    assert_eq!(found, [(How::PlatedUnreceived, vec![a]), (How::ReportedBeforeSampling, vec![a])].into());
}

#[test]
fn a_tube_alone_on_its_plate_is_measured_too() {
    let mut city = city(12);
    city.read[5].wells_read = Some(0);
    city.lives.iter_mut().for_each(|life| life.plated.retain(|one| one.run != 5));
    let (a, _) = tubes_of(&city, 5);
    let life = &mut city.lives[a as usize];
    life.plated.push(Plated { tube: a, run: 5, well: 6, void: false });
    let fewer = (How::FewerWells { mapped: 1, measured: 0 }, vec![a]);
    assert!(city.found(0).contains(&fewer));
}

#[test]
fn a_village_without_network_is_not_a_fault_while_its_phones_are_waited_for() {
    let mut city = city(12);
    plant(&mut city, 8, 5);
    let patient = ReconcileRule { registration_grace_seconds: 24 * HOUR, ..ReconcileRule::at(city.as_of) };
    assert_eq!(city.reconciled(0, &patient).differences, []);
    assert_eq!(city.found(0).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Fifty faults, each in a run of its own, in whatever order the books are read.
    #[test]
    fn each_of_fifty_planted_faults_is_found_and_nothing_else(
        faults in proptest::collection::vec(0..FAULTS, 50),
        places in proptest::sample::subsequence((0..60_u32).collect::<Vec<_>>(), 50),
        turned in 0..10_000_usize,
    ) {
        let mut city = city(60);
        let mut expected = BTreeSet::new();
        for (fault, run) in faults.iter().zip(&places) {
            expected.extend(plant(&mut city, *fault, *run));
        }
        prop_assert_eq!(city.found(turned), expected);
    }
}
