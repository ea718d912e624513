//! EARS over a thousand daily series of three years, as R package surveillance was timed on them.
//!
//! The peer gives bounds and alarms; so does the first figure. The second is what the command does, with p-values and doubts.

use statistics_bench::{Columns, Target, against, least_cpu_seconds, or_stop, tell};
use std::hint::black_box;
use surveillance::{Compatibility, Detector, Ears, EarsMethod, Series};

fn main() {
    let all = Columns::read("daily_1000x1095.csv.gz").series(365);
    let methods = [(EarsMethod::C1, "C1", 16.5), (EarsMethod::C2, "C2", 16.7), (EarsMethod::C3, "C3", 27.4)];
    for (method, name, theirs) in methods {
        let ears = Ears { compatibility: Compatibility::Surveillance1_20, ..Ears::of(method) };
        let (found, bounds_took) = least_cpu_seconds(5, || {
            black_box(&all).iter().map(|series| bounds_and_alarms(&ears, series)).collect::<Vec<_>>()
        });
        same_as_expected(&all, &found, &format!("expected_ears_{name}.csv.gz"));
        against(
            &format!("EARS {name}, bounds and alarms, 1,000 × 1,095"),
            bounds_took,
            "surveillance",
            theirs,
            1_000.0,
        );

        let ears = Ears::of(method);
        let (_, scored_took) = least_cpu_seconds(3, || {
            let alarms = |series: &Series| {
                let points = ears.detect(series, Detector::first_step(&ears, series)..series.len());
                points.iter().filter(|point| point.alarm == Some(true)).count()
            };
            black_box(&all).iter().map(alarms).sum::<usize>()
        });
        let each = scored_took / (1_000.0 * 1_095.0) * 1e9;
        tell(&format!("EARS {name}, with p-values and doubts"), each, "ns a step", Target::Below(100.0), "");
    }
}

/// The number of alarms and the sum of the bounds, as the peer's result was summed up.
fn bounds_and_alarms(ears: &Ears, series: &Series) -> (usize, f64) {
    let (mut alarms, mut sum) = (0, 0.0);
    ears.bounds(&series.counts, 0..series.len(), |bound| {
        alarms += usize::from(series.counts[bound.t] > bound.upper);
        if !bound.upper.is_nan() {
            sum += bound.upper;
        }
    });
    (alarms, sum)
}

fn same_as_expected(all: &[Series], found: &[(usize, f64)], file: &str) {
    let expected = Columns::read(file);
    let (alarms, sums) = (expected.numbers("alarms"), expected.numbers("sum_upper"));
    for (place, series) in all.iter().enumerate() {
        let (ours, sum) = found[place];
        if expected.words("series")[place] != series.name
            || ours as f64 != alarms[place]
            || (sum - sums[place]).abs() > 1e-9 * sums[place].abs()
        {
            or_stop::<(), _>(
                Err(format!("{ours} alarms, {sum}; expected {}, {}", alarms[place], sums[place])),
                &series.name,
            );
        }
    }
}
