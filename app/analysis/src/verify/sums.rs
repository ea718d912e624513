//! Cumulative sums and likelihood ratio charts beside R package surveillance.

use super::case::Case;
use super::compare::{Checked, Tolerance, compare};
use crate::series_file::series_of;
use crate::sheet::Sheet;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::ops::Range;
use surveillance::{Cusum, Detector, GlrNegativeBinomial, GlrPoisson, Scored, Series};

pub fn check(case: &Case) -> Result<Vec<Checked>, String> {
    match case.family.as_str() {
        "cusum" => check_cusum(case),
        "glrpois" => check_chart::<GlrPoisson>(case, |chart| chart.c_arl, |_, _, _| Some(0.0)),
        _ => check_chart::<GlrNegativeBinomial>(case, |chart| chart.c_arl, GlrNegativeBinomial::alpha),
    }
}

/// Parameters that say which steps are watched and where the calendar begins, not how.
const NOT_THE_METHOD: [&str; 5] = ["range_first", "range_last", "freq", "start", "fn"];

/// The method with the case's parameters and the peer's faults.
fn method<D: DeserializeOwned>(case: &Case, without: &[&str]) -> Result<D, String> {
    let mut config = case.config();
    let told = config.as_object_mut().ok_or("params.json: `params` is not a table")?;
    for key in NOT_THE_METHOD.iter().chain(without) {
        told.remove(*key);
    }
    if told.get("m").is_some_and(|m| m == "mean of t < range_first") {
        told.insert("m".to_owned(), json!("mean"));
    }
    told.insert("compatibility".to_owned(), json!("surveillance_1_20"));
    serde_json::from_value::<D>(Value::Object(told.clone())).map_err(|why| format!("params.json: {why}"))
}

fn watched(case: &Case) -> Result<(Vec<Series>, Range<usize>), String> {
    let per_year = case.number("freq")? as usize;
    let series = series_of(&case.table("series.csv")?, per_year)?;
    Ok((series, case.number("range_first")? as usize - 1..case.number("range_last")? as usize))
}

fn check_cusum(case: &Case) -> Result<Vec<Checked>, String> {
    let method: Cusum = method(case, &[])?;
    let (all, range) = watched(case)?;
    let mut got = Sheet::of(&["series", "t", "m", "cusum", "upperbound", "alarm"]);
    for series in &all {
        for point in method.detect(series, range.clone()) {
            let Scored { t, expected, upper, score, alarm, .. } = point;
            let sum = score.map(|score| score * method.h);
            got.add(vec![
                series.name.as_str().into(),
                (t + 1).into(),
                expected.into(),
                sum.into(),
                upper.into(),
                alarm.into(),
            ]);
        }
    }
    let expected = case.table("expected.csv")?;
    // "rel 1e-9 (m='glm': rel 1e-6)" for the bound.
    let fitted = case.params["m"] == "glm";
    let bound = if fitted { Tolerance::Relative(1e-6) } else { Tolerance::stated(case, "upperbound")? };
    let measures = [
        ("cusum", Tolerance::stated(case, "cusum")?),
        ("upperbound", bound),
        ("alarm", Tolerance::stated(case, "alarm")?),
    ];
    measures
        .map(|(measure, tolerance)| compare(&expected, &got, &["series", "t"], measure, tolerance))
        .into_iter()
        .collect()
}

fn check_chart<D: Detector + DeserializeOwned>(
    case: &Case,
    limit: impl Fn(&D) -> f64,
    alpha: impl Fn(&D, &Series, &Range<usize>) -> Option<f64>,
) -> Result<Vec<Checked>, String> {
    let without: &[&str] = if case.family == "glrnb" { &["change"] } else { &[] };
    let method: D = method(case, without)?;
    let (all, range) = watched(case)?;
    let cases = case.params["ret"] == "cases";
    let mut got = Sheet::of(&["series", "t", "mu0", "statistic", "alarm", "alpha"]);
    for series in &all {
        let alpha = alpha(&method, series, &range);
        for point in method.detect(series, range.clone()) {
            let value = point.score.map(|score| score * limit(&method));
            got.add(vec![
                series.name.as_str().into(),
                (point.t + 1).into(),
                point.expected.into(),
                if cases { point.upper } else { value }.into(),
                point.alarm.into(),
                alpha.into(),
            ]);
        }
    }
    let expected = case.table("expected.csv")?;
    let keys = &["series", "t"];
    let mut checked = ["mu0", "statistic", "alarm"]
        .iter()
        .map(|measure| compare(&expected, &got, keys, measure, Tolerance::stated(case, measure)?))
        .collect::<Result<Vec<_>, _>>()?;
    // The case states none for α; the means it belongs to are asked to 1e-6.
    checked.push(compare(&expected, &got, keys, "alpha", Tolerance::Relative(1e-6))?);
    Ok(checked)
}
