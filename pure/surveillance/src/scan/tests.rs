//! What a scan must keep whatever it is given.

use super::*;
use base::{Stream, Streams};
use proptest::prelude::*;

const PLACES: usize = 12;
const STEPS: usize = 4;

/// Cases thrown over places of different size on a square.
fn thrown(stream: &mut Stream, cases: usize) -> (Vec<Place>, Cells) {
    let places = (0..PLACES).map(|_| Place::Plane { x: stream.share(), y: stream.share() }).collect();
    // Place and step have nothing to do with each other, which is what permutation takes for nothing.
    let mut sizes = |n: usize| (0..n).map(|_| 0.2 + stream.share()).collect::<Vec<f64>>();
    let (by_place, by_step) = (sizes(PLACES), sizes(STEPS));
    let weights: Vec<f64> =
        (0..PLACES * STEPS).map(|cell| by_place[cell / STEPS] * by_step[cell % STEPS]).collect();
    let total: f64 = weights.iter().sum();
    let mut cells = Cells {
        places: PLACES,
        steps: STEPS,
        cases: vec![0; PLACES * STEPS],
        weights: weights.iter().map(|weight| weight * cases as f64 / total).collect(),
    };
    for _ in 0..cases {
        let mut at = stream.share() * cases as f64;
        let cell = cells.weights.iter().position(|weight| {
            at -= weight;
            at < 0.0
        });
        cells.cases[cell.unwrap_or(0)] += 1;
    }
    (places, cells)
}

fn scan_of(model: Model, places: &[Place], cells: &Cells) -> Scan {
    let measure = cells.weights.chunks(cells.steps).map(|place| place.iter().sum()).collect();
    Scan {
        model,
        areas: Areas::High,
        centres: zones_around(places, &Reach::Share { measure, share: 0.5 }),
        stretches: stretches(cells.steps, Look::AnyTime { longest: 2 }),
        least_cases: 2,
        most_clusters: 10,
        replicates: 0,
        seed: 1,
        compatibility: Compatibility::None,
    }
}

/// The cells a model is at home with.
fn fitting(model: Model, cells: &Cells) -> Cells {
    let weights = match model {
        Model::Permutation => expected_by_margins(&cells.cases, cells.steps),
        Model::Bernoulli => {
            cells.weights.iter().zip(&cells.cases).map(|(w, c)| w.ceil() + f64::from(*c)).collect()
        }
        _ => cells.weights.clone(),
    };
    Cells { weights, ..cells.clone() }
}

const MODELS: [Model; 5] = [
    Model::Poisson,
    Model::Bernoulli,
    Model::Permutation,
    Model::ExpectationPoisson,
    Model::ExpectationNegativeBinomial { size: Some(3.0) },
];

fn run(scan: &Scan, cells: &Cells) -> Scanned {
    scan.run(cells, &|_| {})
}

#[test]
fn a_rise_put_into_the_data_is_found_where_it_was_put() {
    let mut stream = Streams::seeded(3).of("rise");
    let (places, mut cells) = thrown(&mut stream, 200);
    let before = Cells { cases: cells.cases.clone(), ..cells.clone() };
    cells.cases[5 * STEPS + 2] += 25;
    for model in MODELS {
        let cells = fitting(model, &cells);
        let scan = Scan { replicates: 99, ..scan_of(model, &places, &cells) };
        let best = &run(&scan, &cells).clusters[0];
        assert!(best.places.contains(&5) && best.stretch.from <= 2 && 2 < best.stretch.to, "{model:?}");
        assert_eq!(best.p_value, Some(0.01), "{model:?}");
        assert!(best.cases >= u64::from(before.cases[5 * STEPS + 2]) + 25);
    }
}

#[test]
fn clusters_share_no_place_and_fall_in_score() {
    let mut stream = Streams::seeded(4).of("overlap");
    for _ in 0..5 {
        let (places, cells) = thrown(&mut stream, 120);
        let clusters = run(&scan_of(Model::Poisson, &places, &cells), &cells).clusters;
        let mut all: Vec<usize> = clusters.iter().flat_map(|cluster| cluster.places.clone()).collect();
        let told = all.len();
        all.sort_unstable();
        all.dedup();
        assert!(told == all.len() && clusters.len() > 1);
        assert!(clusters.windows(2).all(|two| two[0].score >= two[1].score));
    }
}

/// The screened replicates are those of the plain search, to the last bit, in every model and direction.
#[test]
fn no_window_is_lost_in_the_screen() {
    let mut stream = Streams::seeded(5).of("screen");
    for (model, areas) in
        MODELS[..4].iter().flat_map(|m| [Areas::High, Areas::Low, Areas::Both].map(|a| (*m, a)))
    {
        let (places, cells) = thrown(&mut stream, 150);
        let cells = fitting(model, &cells);
        let scan = Scan { areas, replicates: 130, ..scan_of(model, &places, &cells) };
        let scorer = likelihood::Scorer::of(&scan, &cells);
        let (merged, stretches) = cells.merged(&scan.stretches);
        let scan = Scan { stretches, ..scan };
        let screened = monte_carlo::replicates(&scan, &merged, &scorer, &|_| {}).largest;
        let plainly = monte_carlo::largest_plainly(&scan, &merged, &scorer);
        assert_eq!(screened, plainly, "{model:?} {areas:?}");
        assert!(plainly.iter().all(|largest| *largest > 0.0));
    }
}

#[test]
fn the_same_answer_on_one_thread_and_on_four() {
    let mut stream = Streams::seeded(6).of("threads");
    for model in MODELS {
        let (places, cells) = thrown(&mut stream, 80);
        let cells = fitting(model, &cells);
        let scan = Scan { replicates: 199, ..scan_of(model, &places, &cells) };
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(&scan, &cells))
        };
        let (one, four) = (on(1), on(4));
        assert_eq!((one.replicates, one.clusters), (four.replicates, four.clusters));
    }
}

/// A seed gives the first replicates of a longer run.
#[test]
fn more_replicates_begin_with_the_fewer() {
    let (places, cells) = thrown(&mut Streams::seeded(7).of("longer"), 80);
    let scan = scan_of(Model::Poisson, &places, &cells);
    let of = |replicates| run(&Scan { replicates, ..scan.clone() }, &cells).replicates.largest;
    assert_eq!(of(150)[..70], of(70));
}

/// If nothing happens, p-values are as often below 0.1 as 0.1 says, and so on: Kolmogorov's distance at the 0.1 % level.
#[test]
fn p_values_are_uniform_when_nothing_happens() {
    const SETS: usize = 400;
    const REPLICATES: usize = 99;
    let mut stream = Streams::seeded(8).of("null");
    for model in [Model::Poisson, Model::Permutation, Model::Bernoulli] {
        let mut values: Vec<f64> = (0..SETS)
            .filter_map(|set| {
                let (places, cells) = thrown(&mut stream, 60);
                let mut cells = fitting(model, &cells);
                if model == Model::Bernoulli {
                    // Anybody of those there may be the case.
                    let people = cells.weights.iter().map(|w| w.ceil() as u32).collect::<Vec<_>>();
                    let everybody: u32 = people.iter().sum();
                    cells.cases = people
                        .iter()
                        .map(|p| {
                            (0..*p).filter(|_| stream.share() < 60.0 / f64::from(everybody)).count() as u32
                        })
                        .collect();
                }
                let scan =
                    Scan { replicates: REPLICATES, seed: set as u64, ..scan_of(model, &places, &cells) };
                let scanned = run(&scan, &cells);
                scanned.clusters.first().map_or(Some(1.0), |best| best.p_value)
            })
            .collect();
        values.sort_by(f64::total_cmp);
        // P(p ≤ x) is at most x, and with few ties nearly x: both sides of the step are looked at.
        let distance = |(i, p): (usize, &f64)| {
            let (below, upto) = (i as f64 / SETS as f64, (i + 1) as f64 / SETS as f64);
            (upto - p).max(p - 1.0 / (REPLICATES + 1) as f64 - below)
        };
        let farthest = values.iter().enumerate().map(distance).fold(0.0, f64::max);
        let limit = 1.95 / (SETS as f64).sqrt();
        assert!(farthest < limit + 0.01, "{model:?}: {farthest} against {limit}");
    }
}

/// One place, one window over all time: no replicate can be larger, and none can be smaller.
#[test]
fn a_tie_counts_against_a_cluster_unless_the_peer_is_to_be_met() {
    let places = [0.0, 1.0].map(|x| Place::Plane { x, y: 0.0 });
    let cells = Cells { places: 2, steps: 2, cases: vec![6, 3, 1, 2], weights: vec![3.0, 3.0, 3.0, 3.0] };
    let scan = Scan {
        centres: zones_around(&places, &Reach::Nearest(1)),
        stretches: stretches(2, Look::WholePeriod),
        replicates: 99,
        ..scan_of(Model::Permutation, &places, &cells)
    };
    assert_eq!(run(&scan, &cells).clusters[0].p_value, Some(1.0));
    let peer = Scan { compatibility: Compatibility::Scanstatistics1_1, ..scan };
    assert_eq!(run(&peer, &cells).clusters[0].p_value, Some(0.01));
}

/// A village without a case and without anybody adds nothing to its neighbour's cluster, wherever it stands in the list.
#[test]
fn an_empty_place_belongs_to_no_cluster() {
    let places = [0.0, 1.0, 5.0, 6.0].map(|x| Place::Plane { x, y: 0.0 });
    for (empty, full) in [(0, 1), (1, 0)] {
        let mut cases = vec![20; 4 * STEPS];
        cases[empty * STEPS..][..STEPS].fill(0);
        cases[full * STEPS + 2] = 60;
        let weights = expected_by_margins(&cases, STEPS);
        let cells = Cells { places: 4, steps: STEPS, cases, weights };
        let best = run(&scan_of(Model::Permutation, &places, &cells), &cells).clusters.remove(0);
        assert_eq!(best.places, [full]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_places_changes_nothing(seed in 0_u64..1000, turn in 1..PLACES, which in 0..5_usize) {
        let model = MODELS[which];
        let (places, cells) = thrown(&mut Streams::seeded(seed).of("order"), 90);
        let cells = fitting(model, &cells);
        let (mut turned_places, mut turned) = (places.clone(), cells.clone());
        turned_places.rotate_left(turn);
        turned.cases.rotate_left(turn * STEPS);
        turned.weights.rotate_left(turn * STEPS);
        let one = run(&scan_of(model, &places, &cells), &cells).clusters;
        let other = run(&scan_of(model, &turned_places, &turned), &turned).clusters;
        prop_assert!((one[0].score - other[0].score).abs() <= 1e-9 * one[0].score);
        // It is the same window, or another that is exactly as likely among the places as they were first listed.
        let scan = scan_of(model, &places, &cells);
        let scorer = likelihood::Scorer::of(&scan, &cells);
        let values = scorer.observed_values(&cells);
        let weights = scorer.window_weights(&cells);
        let within = |of: &[f64]| -> f64 {
            let found = other[0].places.iter().map(|p| (p + turn) % PLACES);
            found.map(|p| of[p * STEPS..][other[0].stretch.from..other[0].stretch.to].iter().sum::<f64>()).sum()
        };
        let as_first_listed = scorer.score(within(&values), within(&weights));
        prop_assert!((one[0].score - as_first_listed).abs() <= 1e-9 * one[0].score);
    }

    #[test]
    fn scores_are_never_below_zero_and_never_above_their_bound(
        seed in 0_u64..1000, which in 0..4_usize, count in 0_u32..60, share in 0.01..0.9,
    ) {
        let model = MODELS[which];
        let (places, cells) = thrown(&mut Streams::seeded(seed).of("bound"), 90);
        let cells = fitting(model, &cells);
        let scan = Scan { areas: Areas::Both, ..scan_of(model, &places, &cells) };
        let scorer = likelihood::Scorer::of(&scan, &cells);
        let (value, weight) = (f64::from(count), share * cells.total_weight());
        prop_assume!(model != Model::Bernoulli || value <= weight && 90.0 - value <= cells.total_weight() - weight);
        let score = scorer.score(value, weight);
        prop_assert!(score >= 0.0 && score <= scorer.bound(value, weight) * (1.0 + 1e-9) + 1e-12);
    }

    /// Ten times the people with the same cases are the same expectation.
    #[test]
    fn scaling_the_population_changes_nothing(seed in 0_u64..1000, factor in 0.01..1000.0) {
        let (places, cells) = thrown(&mut Streams::seeded(seed).of("scale"), 90);
        let of = |factor: f64| {
            let people: Vec<f64> = cells.weights.iter().map(|w| w * factor).collect();
            let weights = expected_by_strata(&[Stratum { cases: 90.0, person_time: people }]).unwrap();
            let cells = Cells { weights, ..cells.clone() };
            run(&scan_of(Model::Poisson, &places, &cells), &cells).clusters.remove(0)
        };
        let (one, other) = (of(1.0), of(factor));
        prop_assert!((one.score - other.score).abs() < 1e-9);
    }
}
