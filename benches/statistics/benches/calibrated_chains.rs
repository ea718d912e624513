//! Simulation-based calibration of our own model of who infected whom: outbreaks drawn from its priors, reconstructed, and the
//! truth ranked among the draws. What is not evenly spread here is a fault of the sampler.

use rayon::prelude::*;
use statistics_bench::{Target, or_stop, tell};
use trace::OutbreakDesign;
use trace::reconstruction::{Placed, PriorDesign, Run, Sequencing, placed};

const RUN: Run = Run { chains: 2, warm_up: 600, draws: 60, every: 20 };
/// About half of them have as many cases as asked for.
const SEEDS: u64 = 800;
const BINS: usize = 10;

fn main() {
    let all = |share: f64| Some(Sequencing { genome_length: 10_000, sequenced: share });
    let kinds = [
        ("days", false, None),
        ("days and contacts", true, None),
        ("days and sequences", false, all(1.0)),
        ("days, contacts and sequences of three in five", true, all(0.6)),
    ];
    for (what, contacts, sequences) in kinds {
        let example = OutbreakDesign::example();
        let design = PriorDesign {
            generation_time: example.generation_time,
            sampling: example.sampling,
            most_generations: 3,
            days: 25,
            contacts,
            sequences,
            fewest_cases: 3,
            most_cases: 40,
        };
        told(what, &trials(&design));
    }
}

fn trials(design: &PriorDesign) -> Vec<Placed> {
    let found = |seed| or_stop(placed(design, &RUN, seed), "reconstructing");
    (1..=SEEDS).into_par_iter().filter_map(found).collect()
}

fn told(what: &str, trials: &[Placed]) {
    let many = trials.len() as f64;
    let cases: usize = trials.iter().map(|trial| trial.cases).sum();
    let apart: Vec<f64> = trials.iter().map(|trial| trial.right as f64 - trial.expected_right).collect();
    let mean = apart.iter().sum::<f64>() / many;
    let se = (apart.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (many * (many - 1.0))).sqrt();
    println!("{what}: {many} outbreaks, {cases} cases");
    let right: usize = trials.iter().map(|trial| trial.right).sum();
    tell(
        "  right beyond what supports expect",
        (mean / se).abs(),
        "standard errors",
        Target::Below(3.0),
        &format!("{right} right, {:+.3} ± {se:.3} an outbreak", mean),
    );
    let unsettled = trials.iter().filter(|trial| trial.largest_r_hat > 1.1).count();
    println!("  R-hat above 1.1 in {unsettled}");
    for (measure, (name, _)) in trials[0].places.iter().enumerate() {
        let mut bins = [0.0; BINS];
        let mut within = 0.0;
        for trial in trials {
            let place = trial.places[measure].1;
            bins[((place * BINS as f64) as usize).min(BINS - 1)] += 1.0;
            within += f64::from(u8::from((0.025..0.975).contains(&place)));
        }
        let wanted = many / BINS as f64;
        let square: f64 = bins.iter().map(|bin: &f64| (bin - wanted).powi(2) / wanted).sum();
        let p = stats::chi_square_survival(square, (BINS - 1) as f64);
        tell(
            &format!("  {name}"),
            p,
            "probability of ranks as uneven",
            Target::Above(0.001),
            &format!("{:.1} % in 95 %, {bins:.0?}", 100.0 * within / many),
        );
    }
}
