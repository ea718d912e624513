//! The reproduction number of 200 outbreaks over a year, seven-day windows, beside EpiEstim: same numbers, less time.

use statistics_bench::{Columns, Target, against, least_cpu_seconds, tell};
use surveillance::{
    Between, Compatibility, Incidence, ReproductionPrior, SerialIntervalDistribution, Window,
    WindowReproduction, estimate_instantaneous_reproduction, estimate_reproduction_of_uncertain_interval,
    possible_intervals,
};

/// `estimate_R` of EpiEstim 2.2-4 on these inputs, median of three runs on two busy cores of the same kind.
const PEER_SECONDS: f64 = 10.5;

fn main() {
    let input = Columns::read("incidence_200x365.csv.gz");
    let names: Vec<&String> = input.names.iter().filter(|name| *name != "t").collect();
    let counts: Vec<Vec<f64>> = names.iter().map(|name| input.numbers(name)).collect();
    let run = || -> Vec<Vec<WindowReproduction>> {
        // All that the peer does as well: the interval, each series, and all seven quantiles of each window.
        let interval = SerialIntervalDistribution::discretised(5.0, 2.5).expect("an interval");
        counts
            .iter()
            .map(|counts| {
                let incidence = Incidence::of(counts.clone(), Vec::new()).expect("counts");
                let windows = Window::sliding(7, incidence.len());
                estimate_instantaneous_reproduction(
                    &incidence,
                    &interval,
                    &windows,
                    ReproductionPrior::default(),
                )
            })
            .collect()
    };
    let (got, first) = statistics_bench::cpu_seconds(run);
    let (_, least) = least_cpu_seconds(5, run);
    against(
        "reproduction number, 200 series of 365 days, 7 days",
        first,
        "EpiEstim 2.2-4",
        PEER_SECONDS,
        100.0,
    );
    against("the same, tables at hand", least, "EpiEstim 2.2-4", PEER_SECONDS, 100.0);

    uncertain(&counts[0]);

    let expected = Columns::read("expected_rt_200x365.csv.gz");
    let [end, mean, low, high] = ["t_end", "mean", "q025", "q975"].map(|name| expected.numbers(name));
    let mut largest = 0.0_f64;
    for (row, name) in expected.words("series").iter().enumerate() {
        let place = names.iter().position(|own| *own == name).expect("a series of the input");
        let at =
            got[place].iter().find(|at| (at.window.end + 1) as f64 == end[row]).and_then(|at| at.estimate);
        let values = at.map_or([f64::NAN; 3], |at| [at.mean, at.quantiles[0], at.quantiles[6]]);
        for (value, wanted) in values.into_iter().zip([mean[row], low[row], high[row]]) {
            largest = if wanted.is_nan() && value.is_nan() {
                largest
            } else {
                largest.max((value / wanted - 1.0).abs())
            };
            if wanted.is_nan() != value.is_nan() {
                largest = f64::INFINITY;
            }
        }
    }
    let beside = format!("{} windows, their means and two quantiles", end.len());
    tell("largest relative difference", largest * 1e9, "billionths", Target::Below(10.0), &beside);
}

/// One series of a year under a hundred possible serial intervals, as `estimate_R` with n1 and n2 of 100.
fn uncertain(counts: &[f64]) {
    let incidence = Incidence::of(counts.to_vec(), Vec::new()).expect("counts");
    let windows = Window::sliding(7, incidence.len());
    let mean = Between { mean: 5.0, sd: 1.0, least: 3.0, most: 7.0 };
    let sd = Between { mean: 2.5, sd: 0.5, least: 1.5, most: 3.5 };
    let (_, took) = least_cpu_seconds(2, || {
        let intervals = possible_intervals(mean, sd, 100, Compatibility::None, 1).expect("intervals");
        let prior = ReproductionPrior::default();
        estimate_reproduction_of_uncertain_interval(
            &incidence,
            &intervals,
            &windows,
            prior,
            Compatibility::None,
        )
    });
    against("under 100 uncertain serial intervals, 365 days", took, "EpiEstim 2.2-4", 5.24, 10.0);
}
