//! Back-projection of SARS in Hong Kong, and a nowcast of as many days and delays as the peer was timed on, beside R's
//! surveillance.

use base::Day;
use statistics_bench::{Columns, Target, against, least_cpu_seconds, or_stop, tell};
use std::hint::black_box;
use surveillance::{
    BackProjectionRule, Compatibility, ForecastRule, NowcastMethod, NowcastRule, ReportingTriangle, Span,
    estimate_infections, estimate_nowcast, forecast_counts,
};

const PEER: &str = "surveillance 1.20.3 (R 4.2.2, median of three runs on two busy cores of the same kind)";
/// One run takes microseconds; so many are timed together.
const RUNS: usize = 200;

fn main() {
    back_projection();
    nowcast();
    forecast();
}

fn back_projection() {
    let case = "../cases/backprojNP__SARS2003_k2";
    let cases = Columns::read(&format!("{case}/series.csv")).numbers("observed");
    let incubation = Columns::read(&format!("{case}/incubation_pmf.csv")).numbers("prob");
    let expected = Columns::read(&format!("{case}/expected.csv")).numbers("lambda");
    let rule = BackProjectionRule {
        compatibility: Compatibility::Surveillance1_20,
        ..BackProjectionRule::default()
    };
    let run = || or_stop(estimate_infections(black_box(&cases), &incubation, &rule), "projecting back");
    let (answer, took) = least_cpu_seconds(5, || (0..RUNS).fold(None, |_, _| Some(run())));
    let took = took / RUNS as f64;
    against("back-projection, SARS 2003, 107 days (the peer in C)", took, PEER, 0.013, 10.0);
    against("  the same (the peer in R)", took, PEER, 10.5, 1000.0);
    let infections = answer.map(|answer| answer.infections).unwrap_or_default();
    let got = infections.iter().map(|step| step.expected.unwrap_or(f64::NAN));
    let largest = got.zip(&expected).map(|(got, want)| (got - want).abs()).fold(0.0, f64::max);
    tell("  largest difference", largest, "infections", Target::Below(1e-8), "");
}

/// The peer was timed on the list of the German outbreak of 2011, which is not here; this one is invented, three times over.
fn nowcast() {
    let list = Columns::read("../cases/nowcast__synthA_m28/linelist.csv");
    let days = |name: &str| -> Vec<Day> {
        list.words(name).iter().map(|day| or_stop(day.parse(), "reading a day")).collect()
    };
    let once: Vec<(Day, Day)> = days("dEvent").into_iter().zip(days("dReport")).collect();
    let reports = [once.clone(), once.clone(), once].concat();
    let now: Day = or_stop("2022-04-20".parse(), "reading a day");
    let span = Span { first: now - 50, now, step_days: 1, longest_delay: 15 };
    for (method, name, peer_seconds) in [
        (NowcastMethod::Lawless, "reverse-time hazard", Some(0.025)),
        (NowcastMethod::BayesTruncated, "with priors, 2,000 draws", None),
    ] {
        let runs = if peer_seconds.is_some() { RUNS } else { 5 };
        let run = || {
            let (triangle, _) = or_stop(ReportingTriangle::of(black_box(&reports), span), "the triangle");
            or_stop(estimate_nowcast(&triangle, 35..51, method, &NowcastRule::default()), "the nowcast")
        };
        let (_, took) = least_cpu_seconds(5, || (0..runs).fold(None, |_, _| Some(run())));
        let (took, what) =
            (took / runs as f64, format!("nowcast, {name}, {} reports, 16 days", reports.len()));
        match peer_seconds {
            Some(peer_seconds) => against(&what, took, PEER, peer_seconds, 10.0),
            None => tell(&what, took * 1e3, "ms", Target::Below(100.0), "no peer was timed"),
        }
    }
}

fn forecast() {
    let all = Columns::read("weekly_100x520.csv.gz").series(52);
    let rule = ForecastRule::default();
    let run =
        || all.iter().map(|one| or_stop(forecast_counts(one, &rule), "forecasting").len()).sum::<usize>();
    let (_, took) = least_cpu_seconds(3, run);
    let each = took / all.len() as f64 * 1e3;
    tell(
        "forecast of 4 weeks from 520",
        each,
        "ms",
        Target::Below(50.0),
        "with every past forecast it learns from",
    );
}
