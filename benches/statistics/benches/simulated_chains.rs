//! Fifty simulated outbreaks whose truth is known, with and without sequences and people in no list: how many ancestors are
//! found, and how often the 95 % intervals hold the truth.

use statistics_bench::{Target, or_stop, tell};
use trace::OutbreakDesign;
use trace::reconstruction::{Run, Trial, trial};

const SEEDS: u64 = 50;
const RUN: Run = Run { chains: 2, warm_up: 400, draws: 300, every: 2 };

/// Of 50 intervals of 95 %, fewer than 43 hold the truth once in 80 times by chance, and 44 is the first above.
const FEWEST_OF_FIFTY: f64 = 43.5;

type Held = fn(&Trial) -> bool;

fn main() {
    let listed = OutbreakDesign::example().reporting;
    for (what, mutations, reporting) in [
        ("days and contacts", None, listed),
        ("days, contacts and sequences", Some(1.0), listed),
        ("days, contacts and sequences, everybody in the list", Some(1.0), 1.0),
    ] {
        let design = OutbreakDesign { mutations, reporting, ..OutbreakDesign::example() };
        let trials = all(&design);
        let many = trials.len() as f64;
        let cases: usize = trials.iter().map(|trial| trial.cases).sum();
        let right: usize = trials.iter().map(|trial| trial.right).sum();
        let expected: f64 = trials.iter().map(|trial| trial.expected_right).sum();
        let share = |of: f64| 100.0 * of / cases as f64;
        println!("{what}: {many} outbreaks, {cases} cases");
        let beside = format!("the supports themselves expect {:.1} %", share(expected));
        let apart = share(right as f64) - share(expected);
        println!("  ancestors right: {:.1} %; {beside}", share(right as f64));
        tell("  supports too modest or too bold by", apart.abs(), "points", Target::Below(5.0), "");
        let holds: [(&str, Held); 3] = [
            ("reproduction number", |trial| trial.holds_reproduction),
            ("dispersion k", |trial| trial.holds_dispersion),
            ("mean serial interval", |trial| trial.holds_serial_interval),
        ];
        for (name, held) in holds {
            let held = trials.iter().filter(|trial| held(trial)).count() as f64 / many * 50.0;
            tell(&format!("  {name} within its interval"), held, "of 50", Target::Above(FEWEST_OF_FIFTY), "");
        }
        let worst = trials.iter().map(|trial| trial.largest_r_hat).fold(1.0, f64::max);
        tell("  largest R-hat", worst, "", Target::Below(1.1), "");
    }
}

/// The first fifty seeds whose outbreak has at least five cases.
fn all(design: &OutbreakDesign) -> Vec<Trial> {
    let found = |seed| or_stop(trial(design, &RUN, seed), "reconstructing");
    (1..).filter_map(found).take(SEEDS as usize).collect()
}
