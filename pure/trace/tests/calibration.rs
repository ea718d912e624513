//! Simulation-based calibration of our own model: outbreaks drawn from its priors, and the truth ranked among the draws.
//! `cargo bench -p statistics-bench --bench calibrated_chains` does it with more of them, and larger ones.

use trace::OutbreakDesign;
use trace::reconstruction::{Placed, PriorDesign, Run, Sequencing, placed};

const RUN: Run = Run { chains: 2, warm_up: 120, draws: 30, every: 5 };
const BINS: usize = 5;

fn trials(contacts: bool, sequences: Option<Sequencing>) -> Vec<Placed> {
    let OutbreakDesign { generation_time, sampling, .. } = OutbreakDesign::example();
    let design = PriorDesign {
        generation_time,
        sampling,
        most_generations: 3,
        days: 15,
        contacts,
        sequences,
        fewest_cases: 3,
        most_cases: 10,
    };
    (1..).filter_map(|seed| placed(&design, &RUN, seed).unwrap()).take(60).collect()
}

fn check(what: &str, trials: &[Placed]) {
    let many = trials.len() as f64;
    for (measure, (name, _)) in trials[0].places.iter().enumerate() {
        let mut bins = [0.0; BINS];
        for trial in trials {
            bins[((trial.places[measure].1 * BINS as f64) as usize).min(BINS - 1)] += 1.0;
        }
        let wanted = many / BINS as f64;
        let square: f64 = bins.iter().map(|bin: &f64| (bin - wanted).powi(2) / wanted).sum();
        let p = stats::chi_square_survival(square, (BINS - 1) as f64);
        // A dozen measures in two kinds of outbreaks: once in forty times one of them by chance.
        assert!(p > 0.001, "{what}, {name}: {bins:?}, probability {p}");
    }
    // The supports promise as much as they keep, to both sides.
    let apart: Vec<f64> = trials.iter().map(|trial| trial.right as f64 - trial.expected_right).collect();
    let mean = apart.iter().sum::<f64>() / many;
    let se = (apart.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (many * (many - 1.0))).sqrt();
    assert!(mean.abs() < 3.0 * se, "{what}: {mean} more right per outbreak than supports expect, ± {se}");
    let right: usize = trials.iter().map(|trial| trial.right).sum();
    println!("{what}: {right} right, {mean:+.3} ± {se:.3} an outbreak");
}

#[test]
fn truths_lie_anywhere_among_the_draws_of_days_and_contacts() {
    check("days and contacts", &trials(true, None));
}

#[test]
fn truths_lie_anywhere_among_the_draws_of_sequences() {
    let some = Some(Sequencing { genome_length: 10_000, sequenced: 0.6 });
    check("contacts and some sequences", &trials(true, some));
}
