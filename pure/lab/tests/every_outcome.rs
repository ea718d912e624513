//! The arithmetic of each scheme beside what it means: every infection of four or nine people and every result of every mix,
//! counted one by one.

use lab::{Assay, CtValues, Dilution, Households, People, Scheme, perform};

/// Somebody infected is seen in mixes up to this many people; 0 is not infected.
type Seen = usize;

/// Every state of `people` in households that stand next to each other, with its chance.
fn every_state(
    people: usize,
    household: usize,
    p: f64,
    rho: f64,
    seen: &[(Seen, f64)],
) -> Vec<(Vec<Seen>, f64)> {
    let mut states = vec![(Vec::new(), 1.0)];
    for person in 0..people {
        let before = person % household;
        states =
            states
                .into_iter()
                .flat_map(|(state, chance)| {
                    let infected = state[person - before..].iter().filter(|seen: &&Seen| **seen > 0).count();
                    let next = (p * (1.0 - rho) + infected as f64 * rho) / (1.0 - rho + before as f64 * rho);
                    let mut all = vec![([state.clone(), vec![0]].concat(), chance * (1.0 - next))];
                    all.extend(seen.iter().map(|(up_to, share)| {
                        ([state.clone(), vec![*up_to]].concat(), chance * next * share)
                    }));
                    all
                })
                .collect();
    }
    states
}

/// The mixes of a scheme, as lists of people.
fn mixes(scheme: Scheme, people: usize) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..people).collect();
    let lines = |side: usize| {
        let rows = (0..side).map(move |row| (0..side).map(|column| row * side + column).collect());
        rows.chain((0..side).map(move |column| (0..side).map(|row| row * side + column).collect()))
    };
    match scheme {
        Scheme::Single => Vec::new(),
        Scheme::TwoStage { .. } => vec![all],
        Scheme::Confirmed { .. } | Scheme::Twice { .. } => vec![all.clone(), all],
        Scheme::ThreeStage { part, .. } => {
            let parts: Vec<Vec<usize>> = all.chunks(part).map(<[usize]>::to_vec).collect();
            [vec![all], parts].concat()
        }
        Scheme::Array { side } => lines(side).collect(),
        Scheme::MasterArray { side } => std::iter::once(all).chain(lines(side)).collect(),
    }
}

/// What follows from the results of the mixes.
struct Followed {
    tests: f64,
    /// How often each person is tested alone.
    alone: Vec<usize>,
    held: Vec<bool>,
    waits_for_sample: usize,
    waits_for_reading: usize,
}

fn followed(scheme: Scheme, people: usize, positive: &[bool]) -> Followed {
    let mut told = Followed {
        tests: 0.0,
        alone: vec![0; people],
        held: vec![false; people],
        waits_for_sample: 0,
        waits_for_reading: 0,
    };
    let everybody = |yes: bool| vec![usize::from(yes); people];
    let square = |lines: &[bool], side: usize| -> Vec<usize> {
        let (rows, columns) = lines.split_at(side);
        let (no_row, no_column) = (rows.iter().all(|row| !row), columns.iter().all(|column| !column));
        let person = |at: usize| {
            let (row, column) = (rows[at / side], columns[at % side]);
            usize::from(row && (column || no_column) || column && no_row)
        };
        (0..side * side).map(person).collect()
    };
    match scheme {
        Scheme::Single => {
            told.alone = everybody(true);
        }
        Scheme::TwoStage { .. } => {
            told.tests = 1.0;
            told.alone = everybody(positive[0]);
            told.waits_for_sample = told.alone.iter().sum();
        }
        Scheme::Confirmed { .. } => {
            told.tests = 1.0 + f64::from(u8::from(positive[0]));
            told.alone = everybody(positive[0] && positive[1]);
            told.waits_for_reading = people * usize::from(positive[0]);
            told.waits_for_sample = told.alone.iter().sum();
            told.held = vec![positive[0]; people];
        }
        Scheme::Twice { .. } => {
            told.tests = 2.0;
            told.alone = vec![usize::from(positive[0]) + usize::from(positive[1]); people];
            told.waits_for_sample = told.alone.iter().sum();
        }
        Scheme::ThreeStage { part, .. } => {
            told.tests = 1.0 + if positive[0] { (people / part) as f64 } else { 0.0 };
            told.alone = (0..people).map(|at| usize::from(positive[0] && positive[1 + at / part])).collect();
            told.waits_for_sample = people * usize::from(positive[0]) + told.alone.iter().sum::<usize>();
            told.held = vec![positive[0]; people];
        }
        Scheme::Array { side } => {
            told.tests = 2.0 * side as f64;
            told.alone = square(positive, side);
            told.waits_for_sample = told.alone.iter().sum();
        }
        Scheme::MasterArray { side } => {
            told.tests = 1.0;
            if positive[0] {
                told.tests += 2.0 * side as f64;
                told.alone = square(&positive[1..], side);
                told.held = vec![true; people];
            }
            told.waits_for_sample = people * usize::from(positive[0]) + told.alone.iter().sum::<usize>();
        }
    }
    if scheme != Scheme::Single {
        for (held, alone) in told.held.iter_mut().zip(&told.alone) {
            *held |= *alone > 0;
        }
    }
    told.tests += told.alone.iter().sum::<usize>() as f64;
    told
}

fn check(
    scheme: Scheme,
    people: usize,
    states: &[(Vec<Seen>, f64)],
    p: f64,
    households: Households,
    assay: &Assay,
) {
    let mixes = mixes(scheme, people);
    let (mut tests, mut held, mut samples, mut readings) = (0.0, 0.0, 0.0, 0.0);
    let (mut found, mut missed, mut wrong, mut cleared) = (0.0, 0.0, 0.0, 0.0);
    for (state, chance) in states {
        let positive = |mix: &Vec<usize>| {
            let shows = mix.iter().any(|person| state[*person] >= mix.len());
            if shows { assay.sensitivity() } else { assay.false_positive() }
        };
        let chances: Vec<f64> = mixes.iter().map(positive).collect();
        for bits in 0_u32..1 << mixes.len() {
            let results: Vec<bool> = (0..mixes.len()).map(|mix| bits >> mix & 1 == 1).collect();
            let weight: f64 =
                chances.iter().zip(&results).map(|(c, yes)| if *yes { *c } else { 1.0 - c }).product();
            let weight = weight * chance / people as f64;
            let told = followed(scheme, people, &results);
            tests += weight * told.tests;
            held += weight * told.held.iter().filter(|held| **held).count() as f64;
            samples += weight * told.waits_for_sample as f64;
            readings += weight * told.waits_for_reading as f64;
            for (seen, alone) in state.iter().zip(&told.alone) {
                let each = if *seen > 0 { assay.sensitivity() } else { assay.false_positive() };
                let never = (1.0 - each).powi(*alone as i32);
                if *seen > 0 {
                    found += weight * (1.0 - never);
                    missed += weight * never;
                } else {
                    wrong += weight * (1.0 - never);
                    cleared += weight * never;
                }
            }
        }
    }
    let got = perform(scheme, &People::of(p, households).unwrap(), assay).unwrap();
    let (sensitivity, specificity) = (found / p, cleared / (1.0 - p));
    for (what, counted, calculated) in [
        ("tests", tests, got.tests),
        ("sensitivity", sensitivity, got.sensitivity),
        ("specificity", specificity, got.specificity),
        ("predictive value, positive", found / (found + wrong), got.positive_predictive_value),
        ("predictive value, negative", cleared / (cleared + missed), got.negative_predictive_value),
        ("held", held, got.held),
        ("waits for a sample", samples, got.waits_for_sample),
        ("waits for a reading", readings, got.waits_for_reading),
    ] {
        // A sum of half a million terms is itself known no better.
        let close = if people > 4 { 1e-11 } else { 1e-12 };
        assert!((counted - calculated).abs() < close, "{scheme:?}, {p}: {what} {counted}, not {calculated}");
    }
}

const HIERARCHIES: [Scheme; 5] = [
    Scheme::Single,
    Scheme::TwoStage { pool: 4 },
    Scheme::Confirmed { pool: 4 },
    Scheme::Twice { pool: 4 },
    Scheme::ThreeStage { pool: 4, part: 2 },
];

/// Seen by all mixes of four, only by two, only alone: 3, 1 and 1 of 5.
fn thinned() -> Assay {
    let ct = CtValues::Found(vec![30.0, 30.0, 30.0, 38.5, 39.5]);
    Assay::of(0.9, 0.97, Some(Dilution::of(ct, 40.0, 1.0).unwrap())).unwrap()
}
const SEEN_THINNED: [(Seen, f64); 3] = [(4, 0.6), (2, 0.2), (1, 0.2)];

#[test]
fn every_scheme_does_what_counting_says_with_and_without_thinning() {
    let all =
        [HIERARCHIES.as_slice(), &[Scheme::Array { side: 2 }, Scheme::MasterArray { side: 2 }]].concat();
    for p in [0.001, 0.1, 0.6] {
        for scheme in &all {
            let plain = Assay::of(0.9, 0.97, None).unwrap();
            check(*scheme, 4, &every_state(4, 1, p, 0.0, &[(99, 1.0)]), p, Households::APART, &plain);
            check(*scheme, 4, &every_state(4, 1, p, 0.0, &SEEN_THINNED), p, Households::APART, &thinned());
        }
    }
}

#[test]
fn a_square_of_nine_does_what_counting_says() {
    let assay = Assay::of(0.85, 0.95, None).unwrap();
    for p in [0.02, 0.3] {
        let states = every_state(9, 1, p, 0.0, &[(99, 1.0)]);
        check(Scheme::Array { side: 3 }, 9, &states, p, Households::APART, &assay);
        check(Scheme::MasterArray { side: 3 }, 9, &states, p, Households::APART, &assay);
    }
}

#[test]
fn households_in_one_pool_do_what_counting_says() {
    for (p, rho) in [(0.01, 0.3), (0.2, 0.7), (0.4, 0.0)] {
        let pairs = Households::together(2, rho).unwrap();
        let states = every_state(4, 2, p, rho, &SEEN_THINNED);
        for scheme in HIERARCHIES {
            check(scheme, 4, &states, p, pairs, &thinned());
        }
        // Three of one household and one of another; a whole household of four; a part of one of six.
        for size in [3, 4, 6] {
            let states = every_state(4, size, p, rho, &SEEN_THINNED);
            let households = Households::together(size, rho).unwrap();
            for scheme in &HIERARCHIES[..4] {
                check(*scheme, 4, &states, p, households, &thinned());
            }
        }
    }
}
