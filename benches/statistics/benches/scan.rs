//! Scans of 400 places over 14 days with 999 replicates, beside SaTScan and R's scanstatistics.

use statistics_bench::{Columns, against, least_cpu_seconds, or_stop, text};
use surveillance::Compatibility;
use surveillance::scan::{
    Areas, Cells, Look, Model, Place, Reach, Scan, Scanned, expected_by_margins,
    expected_by_shares_within_steps, stretches, zones_around,
};

const SATSCAN: &str = "SaTScan 10.3.2 (median of three runs on two busy cores of the same kind)";
const SCANSTATISTICS: &str = "scanstatistics 1.1.2 (R 4.2.2, the same)";
const REPLICATES: usize = 999;

struct Lattice {
    names: Vec<String>,
    places: Vec<Place>,
    steps: usize,
    cases: Vec<u32>,
    people: Vec<f64>,
}

fn read() -> Lattice {
    let listed = Columns::read("scan_400_locations.csv.gz");
    let counts = Columns::read("scan_400_counts.csv.gz");
    let names = listed.words("location").to_vec();
    let place = |(x, y): (&f64, &f64)| Place::Plane { x: *x, y: *y };
    let steps = counts.numbers("t").len();
    Lattice {
        places: listed.numbers("x").iter().zip(&listed.numbers("y")).map(place).collect(),
        cases: names.iter().flat_map(|name| counts.numbers(name)).map(|count| count as u32).collect(),
        people: listed.numbers("population").iter().flat_map(|people| vec![*people; steps]).collect(),
        names,
        steps,
    }
}

/// What one program found in this data.
struct Expected {
    score: f64,
    places: Vec<String>,
    /// Some programs name only the centre and the number of places.
    number: usize,
    p_value: f64,
}

fn main() {
    let lattice = read();
    let total = lattice.cases.iter().map(|count| f64::from(*count)).sum();
    let by_people = expected_by_shares_within_steps(&lattice.people, lattice.steps, total);
    let by_margins = expected_by_margins(&lattice.cases, lattice.steps);
    let share = |weights: &[f64]| Reach::Share {
        measure: weights.chunks(lattice.steps).map(|place| place.iter().sum()).collect(),
        share: 0.5,
    };
    let (week, ongoing) = (Look::AnyTime { longest: 7 }, Look::Ongoing { longest: 7, from: 13 });
    let last = Look::Ongoing { longest: 14, from: 13 };
    let near = || Reach::Nearest(20);
    let satscan = expected_of_satscan();
    let runs = [
        (
            "Poisson, circles up to half",
            Model::Poisson,
            &by_people,
            share(&by_people),
            week,
            SATSCAN,
            13.9,
            10.0,
            &satscan[1],
        ),
        (
            "permutation, circles up to half",
            Model::Permutation,
            &by_margins,
            share(&by_margins),
            ongoing,
            SATSCAN,
            2.53,
            4.0,
            &satscan[0],
        ),
        (
            "Poisson, 20 nearest",
            Model::Poisson,
            &by_people,
            near(),
            last,
            SCANSTATISTICS,
            6.93,
            10.0,
            &of_scanstatistics("scan_pb_poisson"),
        ),
        (
            "expectation-based Poisson, 20 nearest",
            Model::ExpectationPoisson,
            &by_people,
            near(),
            last,
            SCANSTATISTICS,
            6.08,
            10.0,
            &of_scanstatistics("scan_eb_poisson"),
        ),
        (
            "permutation, 20 nearest",
            Model::Permutation,
            &by_margins,
            near(),
            last,
            SCANSTATISTICS,
            6.54,
            10.0,
            &of_scanstatistics("scan_permutation"),
        ),
    ];
    for (what, model, weights, reach, look, peer, peer_seconds, times_less, expected) in runs {
        let cells = Cells {
            places: lattice.names.len(),
            steps: lattice.steps,
            cases: lattice.cases.clone(),
            weights: weights.clone(),
        };
        let (scanned, took) = least_cpu_seconds(3, || {
            // The circles are part of the work.
            let scan = Scan {
                model,
                areas: Areas::High,
                centres: zones_around(&lattice.places, &reach),
                stretches: stretches(lattice.steps, look),
                least_cases: 2,
                most_clusters: 10,
                replicates: REPLICATES,
                seed: 1,
                compatibility: Compatibility::None,
            };
            scan.run(&cells, &|_| {})
        });
        against(&format!("Scan, 400 × 14 × 999, {what}"), took, peer, peer_seconds, times_less);
        compare(&scanned, expected, &lattice);
    }
}

fn compare(scanned: &Scanned, expected: &Expected, lattice: &Lattice) {
    let best = &scanned.clusters[0];
    let mut names: Vec<&str> = best.places.iter().map(|place| lattice.names[*place].as_str()).collect();
    let centre = names[0];
    names.sort_unstable();
    let same_places = names.len() == expected.number
        && if expected.places.len() == 1 { centre == expected.places[0] } else { names == expected.places };
    let same_score = (best.score - expected.score).abs() < 1e-5 * expected.score;
    println!(
        "  score {:.6} against {}, p {} against {}: {}",
        best.score,
        expected.score,
        best.p_value.unwrap_or(f64::NAN),
        expected.p_value,
        if same_places && same_score { "the same cluster" } else { "ANOTHER CLUSTER" }
    );
}

/// `scan_pb_poisson 400 70.51715 4 0.001 L016;L109`
fn of_scanstatistics(name: &str) -> Expected {
    let all = text("expected_scan.txt");
    let line = all.lines().find(|line| line.starts_with(&format!("{name} 400 ")));
    let words: Vec<&str> = or_stop(line.ok_or("it is not there"), name).split_whitespace().collect();
    let places: Vec<String> = words[5].split(';').map(str::to_owned).collect();
    Expected {
        score: or_stop(words[2].parse(), name),
        p_value: or_stop(words[4].parse(), name),
        number: places.len(),
        places,
    }
}

/// Lines of the peer's cluster table: number, centre, x, y, radius, span, first and last step, places, score, p-value, …; those
/// of 400 places are the last two, permutation and Poisson.
fn expected_of_satscan() -> Vec<Expected> {
    let all = text("expected_satscan.txt");
    let lines: Vec<Vec<&str>> = all
        .lines()
        .map(|line| line.split_whitespace().collect())
        .filter(|words: &Vec<&str>| words.len() > 10)
        .collect();
    let read = |words: &Vec<&str>| Expected {
        places: vec![words[1].to_owned()],
        number: or_stop(words[8].parse(), "the number of places"),
        score: or_stop(words[9].parse(), "the score"),
        p_value: or_stop(words[10].parse(), "the p-value"),
    };
    lines.iter().skip(2).map(read).collect()
}
