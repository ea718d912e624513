//! Reproduction numbers, serial intervals, growth and censored delays beside R packages EpiEstim, incidence and
//! coarseDataTools.

use super::case::Case;
use super::compare::{Checked, Tolerance, compare};
use crate::censored_interval::windows_of;
use crate::config::config_of;
use crate::growth::{Steps, rate_sheet};
use crate::interval_file::interval_of;
use crate::rt::settings::{Estimator, Settings};
use crate::rt::{self, Estimated};
use crate::series_file::number;
use crate::sheet::{Cell, Sheet};
use base::Streams;
use serde_json::json;
use stats::{DelayFamily, estimate_censored_delay};
use surveillance::{
    CohortReproduction, Incidence, SerialIntervalDistribution, Window, estimate_cohort_reproduction,
    infectious_pressure,
};

pub fn check(case: &Case) -> Result<Vec<Checked>, String> {
    match case.family.as_str() {
        "estimate_R" => check_instantaneous(case),
        "wallinga_teunis" => check_cohort(case),
        "discr_si" => check_interval(case),
        "incidence_fit" => check_growth(case),
        _ => check_censored_delay(case),
    }
}

/// The case's settings with the peer's faults.
fn estimated(case: &Case, method: Option<&str>) -> Result<(Estimator, Vec<Estimated>), String> {
    let mut config = case.config();
    let told = config.as_object_mut().ok_or("params.json: `params` is not a table")?;
    told.remove("peer_warnings");
    told.insert("compatibility".to_owned(), json!("epiestim_2_2"));
    if let Some(method) = method {
        told.insert("method".to_owned(), json!(method));
    }
    let settings: Settings = config_of(config).map_err(|why| format!("params.json: {why}"))?;
    let interval = case.has("si_distr.csv").then(|| interval_of(&case.table("si_distr.csv")?)).transpose()?;
    let estimator = settings.estimator(interval)?;
    let all = rt::estimate(&case.table("incidence.csv")?, &estimator)?;
    Ok((estimator, all))
}

fn check_instantaneous(case: &Case) -> Result<Vec<Checked>, String> {
    let (estimator, all) = estimated(case, None)?;
    let expected = case.table("expected.csv")?;
    let got = rt::sheet(&all);
    let keys = &["t_start", "t_end"];
    let mut checked = Vec::new();
    for measure in ["mean", "std", "q0.025", "q0.05", "q0.25", "median", "q0.75", "q0.95", "q0.975"] {
        let named = if measure.starts_with('q') { "quantiles" } else { measure };
        let tolerance = Tolerance::stated(case, named).or_else(|_| Tolerance::stated(case, "all"))?;
        checked.push(compare(&expected, &got, keys, measure, tolerance)?);
    }
    let Some(interval) = estimator.interval() else { return Ok(checked) };
    checked.push(check_days(case, interval, all[0].cases.incidence.len())?);
    let mut pressure = Sheet::of(&["t", "lambda"]);
    for (day, value) in infectious_pressure(&all[0].cases.incidence, interval).into_iter().enumerate() {
        pressure.add(vec![(day + 1).into(), (day > 0).then_some(value).into()]);
    }
    let expected = case.table("expected_lambda.csv")?;
    checked.push(compare(&expected, &pressure, &["t"], "lambda", Tolerance::stated(case, "all")?)?);
    Ok(checked)
}

/// The peer cuts the interval off after as many days as the series has, and has a 0 there.
fn check_days(case: &Case, interval: &SerialIntervalDistribution, series: usize) -> Result<Checked, String> {
    let mut got = Sheet::of(&["delay", "prob"]);
    for delay in 0..=series {
        let share = if delay < series { interval.probability(delay) } else { 0.0 };
        got.add(vec![delay.into(), share.into()]);
    }
    // Far out the peer's probabilities are the rounding of differences; the case of `discr_si` states "abs 1e-12" for them.
    let tolerance = Tolerance::Either { relative: 1e-8, absolute: 1e-12 };
    compare(&case.table("expected_si.csv")?, &got, &["delay"], "prob", tolerance)
}

/// "windows without cases, and windows that start before the first case, are absent"
fn check_cohort(case: &Case) -> Result<Vec<Checked>, String> {
    let (estimator, all) = estimated(case, Some("wallinga_teunis"))?;
    let mut got = rt::sheet(&all);
    got.rows.retain(|row| row[2] != Cell::Nothing);
    let mean = Tolerance::stated(case, "mean")?;
    let mut checked = vec![compare(&case.table("expected.csv")?, &got, &["t_start", "t_end"], "mean", mean)?];
    let interval = estimator.interval().ok_or("the serial interval is not one")?;
    let incidence = &all[0].cases.incidence;
    checked.push(check_days(case, interval, incidence.len())?);
    checked.extend(check_simulated(case, interval, incidence)?);
    Ok(checked)
}

/// "std rel 0.1, quantiles rel 0.1 or abs 0.1": the expected values are simulated (`n_sim` trees), ours exact. Where one is
/// further off, it may still be what so many trees say: within four standard errors of theirs, and never by more than 0.1
/// or, for a quantile, one case.
fn check_simulated(
    case: &Case,
    interval: &SerialIntervalDistribution,
    incidence: &Incidence,
) -> Result<Vec<Checked>, String> {
    let expected = case.table("expected_stochastic.csv")?;
    let trees = case.number("n_sim")?;
    let column = |name: &str| expected.column(name);
    let (start, end) = (column("t_start")?, column("t_end")?);
    let measures = [column("std")?, column("q0.025")?, column("q0.975")?];
    let mut rows: Vec<(Window, [f64; 3])> = Vec::new();
    for row in expected.rows() {
        let told =
            |column| number(&expected, row, column)?.ok_or_else(|| format!("row {} is blank", row.number));
        let window = Window { start: told(start)? as usize - 1, end: told(end)? as usize - 1 };
        rows.push((window, [told(measures[0])?, told(measures[1])?, told(measures[2])?]));
    }
    let windows: Vec<Window> = rows.iter().map(|(window, _)| *window).collect();
    let at = |tails: [f64; 2]| -> Result<Vec<CohortReproduction>, String> {
        let all = estimate_cohort_reproduction(incidence, interval, &windows, tails);
        all.iter().map(|at| at.estimate.ok_or_else(|| "a window has no estimate".to_owned())).collect()
    };
    // A quantile of n draws lies between those of the exact distribution at p ± so many standard errors of p.
    let off = 4.0 * (0.025 * 0.975 / trees).sqrt();
    let shifted = |p: f64, by: f64| (p + by).clamp(1e-4, 1.0 - 1e-4);
    let here = at([0.025, 0.975])?;
    let below = at([shifted(0.025, -off), shifted(0.975, -off)])?;
    let above = at([shifted(0.025, off), shifted(0.975, off)])?;
    let mut checked = Vec::new();
    for (place, measure) in ["std", "q0.025", "q0.975"].into_iter().enumerate() {
        let of = |r: &CohortReproduction| [r.sd, r.low, r.high][place];
        let mut one = Checked::by(measure, rows.len(), 0.0, "rel 1e-1 or the simulation's own error", true);
        for (i, (window, told)) in rows.iter().enumerate() {
            let (told, got) = (told[place], of(&here[i]));
            let apart = (told - got).abs();
            let cases: f64 = window.days().map(|day| incidence.all(day)).sum();
            let simulated = match measure {
                // A standard deviation of n nearly normal numbers has the relative error 1/√(2n).
                "std" => apart <= (4.0 * got / (2.0 * trees).sqrt()).min(0.1),
                _ => {
                    (of(&below[i]) - 1e-9..=of(&above[i]) + 1e-9).contains(&told)
                        && apart <= 1.0 / cases + 1e-9
                }
            };
            let stated = apart <= 0.1 * told || (measure != "std" && apart <= 0.1);
            one.largest = one.largest.max(if told > 0.0 { apart / told } else { apart });
            if !(stated || simulated) {
                one.holds = false;
                let days = format!("{} {}", window.start + 1, window.end + 1);
                one.first_fault.get_or_insert(format!("{days}: expected {told}, got {got}"));
            }
        }
        checked.push(one);
    }
    Ok(checked)
}

fn check_interval(case: &Case) -> Result<Vec<Checked>, String> {
    let input = case.table("input.csv")?;
    let (mean, sd) = (input.column("mean")?, input.column("sd")?);
    let mut got = Sheet::of(&["mean", "sd", "k", "prob"]);
    for row in input.rows() {
        let read =
            |column| row.cell(column).parse::<f64>().map_err(|why| format!("row {}: {why}", row.number));
        let (mean, sd) = (read(mean)?, read(sd)?);
        let interval = SerialIntervalDistribution::discretised(mean, sd).map_err(|why| why.to_string())?;
        for k in 0..=60 {
            got.add(vec![mean.into(), sd.into(), k.into(), interval.probability(k).into()]);
        }
    }
    let keys = &["mean", "sd", "k"];
    Ok(vec![compare(&case.table("expected.csv")?, &got, keys, "prob", Tolerance::stated(case, "prob")?)?])
}

fn check_growth(case: &Case) -> Result<Vec<Checked>, String> {
    let step_days = case.number("interval_days")? as u32;
    let steps = Steps::of(&case.table("incidence.csv")?, Some(step_days))?;
    let growth = steps.growth(0.95)?;
    let tolerance = Tolerance::stated(case, "all")?;
    let expected = case.table("expected.csv")?;
    let rates = rate_sheet(&growth);
    let mut checked = rates
        .columns
        .iter()
        .map(|measure| compare(&expected, &rates, &[], measure, tolerance))
        .collect::<Result<Vec<_>, _>>()?;
    let (expected, fitted) = (case.table("expected_pred.csv")?, steps.fitted_sheet(&growth));
    for measure in ["fit", "lwr", "upr"] {
        checked.push(compare(&expected, &fitted, &["date"], measure, tolerance)?);
    }
    Ok(checked)
}

fn check_censored_delay(case: &Case) -> Result<Vec<Checked>, String> {
    // Such as "gamma(shape, scale)".
    let told = case.params["dist"].as_str().unwrap_or_default();
    let family: DelayFamily = told.split('(').next().unwrap_or_default().parse()?;
    let table = case.table("intervals.csv")?;
    let pairs = windows_of(&table, &["EL", "ER", "SL", "SR"].map(str::to_owned))?;
    let pairs: Vec<_> = pairs.into_iter().map(|(_, windows)| windows).collect();
    let fit = estimate_censored_delay(&pairs, family, 0.95, 0, &Streams::seeded(1))
        .map_err(|why| why.to_string())?;
    let mut got = Sheet::of(&["name", "est", "ci_low", "ci_high"]);
    // The peer tells no mean and standard deviation.
    for quantity in fit.quantities.iter().filter(|quantity| !matches!(quantity.name, "mean" | "sd")) {
        got.add(vec![quantity.name.into(), quantity.value.into(), quantity.low.into(), quantity.high.into()]);
    }
    let expected = case.table("expected.csv")?;
    let mut checked = vec![compare(&expected, &got, &["name"], "est", Tolerance::stated(case, "est")?)?];
    // "bootstrap: rel 0.2, do not gate" for the others.
    if family == DelayFamily::Lognormal {
        for measure in ["ci_low", "ci_high"] {
            checked.push(compare(&expected, &got, &["name"], measure, Tolerance::stated(case, "ci")?)?);
        }
    }
    Ok(checked)
}
