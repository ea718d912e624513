//! The two methods of Farrington beside those of the R package surveillance.

use super::case::Case;
use super::compare::{Checked, Tolerance, compare};
use crate::series_file::series_of;
use crate::sheet::Sheet;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::ops::Range;
use surveillance::{Farrington1996Config, FarringtonDetail, FarringtonFlexibleConfig, Scored, Series};

pub fn check_flexible(case: &Case) -> Result<Vec<Checked>, String> {
    let config: FarringtonFlexibleConfig = config(case)?;
    let mut sheet = Sheet::of(&[
        "series",
        "t",
        "observed",
        "upperbound",
        "alarm",
        "expected",
        "phi",
        "score",
        "pvalue",
        "trend",
        "trend_coef",
    ]);
    for series in series(case)? {
        let (scored, details) = config.detect_with_details(&series, range(case)?);
        for (point, detail) in scored.iter().zip(&details) {
            let Scored { observed, upper, alarm, expected, score, p_value, .. } = *point;
            let FarringtonDetail { phi, trend, trend_coef } = *detail;
            sheet.add(vec![
                series.name.as_str().into(),
                (point.t + 1).into(),
                observed.into(),
                upper.into(),
                alarm.into(),
                expected.into(),
                phi.into(),
                score.into(),
                p_value.into(),
                trend.into(),
                trend_coef.into(),
            ]);
        }
    }
    let mut measures = Vec::new();
    for measure in ["upperbound", "alarm", "expected", "phi", "score", "pvalue", "trend", "trend_coef"] {
        let tolerance = match measure {
            // "rel 1e-6 (delta/none), exact integer for nbPlugin/muan": one part in a million is exact for counts below that,
            // and above 2^53 no double is.
            "upperbound" => Tolerance::Relative(1e-6),
            // No word of its own; "rtol": 1e-06 for the case. A slope of nothing is compared with that much of nothing.
            "trend_coef" => Tolerance::Either { relative: 1e-6, absolute: 1e-12 },
            _ => Tolerance::stated(case, measure)?,
        };
        measures.push(compare(&case.table("expected.csv")?, &sheet, &["series", "t"], measure, tolerance)?);
    }
    Ok(measures)
}

pub fn check_1996(case: &Case) -> Result<Vec<Checked>, String> {
    let config: Farrington1996Config = config(case)?;
    let mut sheet = Sheet::of(&["series", "t", "observed", "upperbound", "alarm", "trend", "q", "m"]);
    for series in series(case)? {
        // Series on which the peer stopped with an error have no expected rows.
        if !case.params["peer_errors"][&series.name].is_null() {
            continue;
        }
        let (scored, details) = config.detect_with_details(&series, range(case)?);
        for (point, detail) in scored.iter().zip(&details) {
            sheet.add(vec![
                series.name.as_str().into(),
                (point.t + 1).into(),
                point.observed.into(),
                point.upper.into(),
                point.alarm.into(),
                detail.trend.into(),
                point.p_value.map(|above| 1.0 - above).into(),
                point.expected.into(),
            ]);
        }
    }
    ["upperbound", "alarm", "trend", "q", "m"]
        .iter()
        .map(|measure| {
            let tolerance = Tolerance::stated(case, measure)?;
            compare(&case.table("expected.csv")?, &sheet, &["series", "t"], measure, tolerance)
        })
        .collect()
}

/// The method's configuration: the parameters without what tells about the series and about the peer.
fn config<C: DeserializeOwned>(case: &Case) -> Result<C, String> {
    let mut config = case.config();
    if let Value::Object(keys) = &mut config {
        let others =
            ["freq", "epoch_as_date", "range_first", "range_last", "fit_fun", "peer_errors", "peer_warnings"];
        others.iter().for_each(|key| drop(keys.remove(*key)));
        keys.insert("compatibility".to_owned(), json!("surveillance_1_20"));
    }
    serde_json::from_value(config).map_err(|why| format!("params.json: {why}"))
}

fn series(case: &Case) -> Result<Vec<Series>, String> {
    let mut all = series_of(&case.table("series.csv")?, case.number("freq")? as usize)?;
    if case.params["epochAsDate"] == json!(false) {
        all.iter_mut().for_each(|series| series.dates.clear());
    }
    Ok(all)
}

fn range(case: &Case) -> Result<Range<usize>, String> {
    Ok(case.number("range_first")? as usize - 1..case.number("range_last")? as usize)
}
