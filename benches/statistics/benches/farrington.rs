//! Farrington's flexible method on 400 weekly series of ten years, the last 52 weeks scored, beside R's surveillance.

use rayon::prelude::*;
use statistics_bench::{Columns, against, least_cpu_seconds};
use surveillance::{Compatibility, FarringtonFlexibleConfig, Scored};

const PEER: &str = "surveillance 1.20.3 (R 4.2.2, median of three runs on two busy cores of the same kind)";
/// What is asked for.
const TIMES_LESS: f64 = 200.0;

fn main() {
    let all = Columns::read("weekly_400x520.csv.gz").series(52);
    for (settings, config, peer_seconds) in [
        ("original", FarringtonFlexibleConfig::original(), 115.0),
        ("improved", FarringtonFlexibleConfig::default(), 145.0),
    ] {
        let like_peer =
            FarringtonFlexibleConfig { compatibility: Compatibility::Surveillance1_20, ..config.clone() };
        let score = |config: &FarringtonFlexibleConfig| {
            all.par_iter()
                .map(|series| config.detect_with_details(series, series.len() - 52..series.len()).0)
                .collect::<Vec<_>>()
        };
        let (scored, took) = least_cpu_seconds(5, || score(&like_peer));
        against(
            &format!("Farrington flexible, {settings}, 400 × 520, last 52"),
            took,
            PEER,
            peer_seconds,
            TIMES_LESS,
        );
        compare(settings, &scored);
        let (_, took) = least_cpu_seconds(5, || score(&config));
        against(
            &format!("  the same without the peer's faults, {settings}"),
            took,
            PEER,
            peer_seconds,
            TIMES_LESS,
        );
    }
}

fn compare(settings: &str, scored: &[Vec<Scored>]) {
    let expected = Columns::read(&format!("expected_farrington_{settings}_400.csv.gz"));
    let (bounds, alarms) = (expected.numbers("upperbound"), expected.numbers("alarm"));
    let points = scored.iter().flatten();
    let (mut largest, mut differing) = (0.0_f64, 0);
    for ((point, bound), alarm) in points.zip(&bounds).zip(&alarms) {
        match point.upper {
            Some(_) if bound.is_nan() => differing += 1,
            Some(upper) => largest = largest.max((upper / bound - 1.0).abs()),
            None => differing += usize::from(!bound.is_nan()),
        }
        differing += usize::from(
            point.alarm.map_or(f64::NAN, |alarm| f64::from(u8::from(alarm))) != *alarm && !alarm.is_nan(),
        );
    }
    println!(
        "  {} points, {} expected; largest relative difference of the bound {largest:.2e}; {differing} alarms or gaps differ",
        scored.iter().map(Vec::len).sum::<usize>(),
        bounds.len()
    );
}
