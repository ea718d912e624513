//! Charts of shares, pairs, events and seasons, and how long charts run, beside R package surveillance.

use super::case::Case;
use super::compare::{Checked, Tolerance, compare};
use crate::series_file::number;
use crate::sheet::Sheet;
use crate::table::Table;
use serde_json::json;
use surveillance::{
    Kinds, PairedBinaryCusum, Rogerson, Series, SpaceTimeCluster, binomial_ratios, detect_changed_shares,
    estimate_run_length, smallest_alarming,
};

pub fn check(case: &Case) -> Result<Vec<Checked>, String> {
    match case.family.as_str() {
        "categoricalCUSUM" => check_shares(case),
        "LRCUSUM.runlength" => check_run_length(case),
        "pairedbinCUSUM" => check_pairs(case),
        "rogerson" => check_rogerson(case),
        _ => check_events(case),
    }
}

/// The columns of a table without gaps, as numbers.
fn columns<const N: usize>(table: &Table, names: [&str; N]) -> Result<Vec<[f64; N]>, String> {
    let found = names.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
    let mut rows = Vec::new();
    for row in table.rows() {
        let mut values = [0.0; N];
        for (value, column) in values.iter_mut().zip(&found) {
            *value = number(table, row, *column)?
                .ok_or_else(|| format!("row {}: a number is missing", row.number))?;
        }
        rows.push(values);
    }
    Ok(rows)
}

fn stated(
    case: &Case,
    expected: &str,
    got: &Sheet,
    keys: &[&str],
    measures: &[(&str, &str)],
) -> Result<Vec<Checked>, String> {
    let expected = case.table(expected)?;
    measures
        .iter()
        .map(|(measure, tolerance)| {
            compare(&expected, got, keys, measure, Tolerance::stated(case, tolerance)?)
        })
        .collect()
}

fn check_shares(case: &Case) -> Result<Vec<Checked>, String> {
    let h = case.number("h")?;
    let steps: Vec<Kinds> = columns(&case.table("series.csv")?, ["y", "n", "pi0", "pi1"])?
        .iter()
        .map(|[y, n, normal, changed]| Kinds::positives(*y, *n, *normal, *changed))
        .collect();
    let smallest = smallest_alarming(&steps, h);
    let asked_for_cases = case.params["ret"] == "cases";
    let mut got = Sheet::of(&["t", "statistic", "alarm"]);
    for (t, (sum, cases)) in detect_changed_shares(&steps, h).into_iter().zip(smallest).enumerate() {
        let statistic = if asked_for_cases { cases } else { sum.sum };
        got.add(vec![(t + 1).into(), statistic.into(), sum.alarm.into()]);
    }
    stated(case, "expected.csv", &got, &["t"], &[("statistic", "statistic"), ("alarm", "alarm")])
}

fn check_run_length(case: &Case) -> Result<Vec<Checked>, String> {
    let rows = columns(&case.table("input.csv")?, ["p0", "p1", "p", "n", "h", "g", "T"])?;
    let [normal, changed, share, n, h, levels, steps] = *rows.first().ok_or("input.csv has no row")?;
    let ratios = binomial_ratios(n as usize, normal, changed, share);
    let told = estimate_run_length(&ratios, h, levels as usize, steps as usize);
    let mut got = Sheet::of(&["t", "pmf", "cdf"]);
    let mut alarmed = 0.0;
    for (t, chance) in told.probabilities.iter().enumerate() {
        alarmed += chance;
        got.add(vec![(t + 1).into(), (*chance).into(), alarmed.into()]);
    }
    let mut mean = Sheet::of(&["arl"]);
    mean.add(vec![told.mean.into()]);
    let mut checked = stated(case, "expected.csv", &got, &["t"], &[("pmf", "pmf"), ("cdf", "pmf")])?;
    checked.extend(stated(case, "expected_arl.csv", &mean, &[], &[("arl", "arl")])?);
    Ok(checked)
}

fn check_pairs(case: &Case) -> Result<Vec<Checked>, String> {
    let chart: PairedBinaryCusum =
        serde_json::from_value(case.config()).map_err(|why| format!("params.json: {why}"))?;
    let people: Vec<[bool; 2]> = columns(&case.table("series.csv")?, ["x1", "x2"])?
        .iter()
        .map(|[first, second]| [*first != 0.0, *second != 0.0])
        .collect();
    let mut got = Sheet::of(&["t", "s1", "s2", "alarm1", "alarm2"]);
    for (t, told) in chart.detect(&people).into_iter().enumerate() {
        let [[s1, s2], [alarm1, alarm2]] = [told.sums.map(Into::into), told.alarms.map(Into::into)];
        got.add(vec![(t + 1).into(), s1, s2, alarm1, alarm2]);
    }
    let measures = [("s1", "s"), ("s2", "s"), ("alarm1", "alarm"), ("alarm2", "alarm")];
    stated(case, "expected.csv", &got, &["t"], &measures)
}

fn check_rogerson(case: &Case) -> Result<Vec<Checked>, String> {
    let mut config = case.config();
    let told = config.as_object_mut().ok_or("params.json: `params` is not a table")?;
    told.remove("distribution");
    told.insert("compatibility".to_owned(), json!("surveillance_1_20"));
    let method: Rogerson = serde_json::from_value(config).map_err(|why| format!("params.json: {why}"))?;
    let (counts, means): (Vec<f64>, Vec<f64>) = columns(&case.table("series.csv")?, ["observed", "theta0"])?
        .iter()
        .map(|[observed, mean]| (*observed, *mean))
        .unzip();

    let mut limits = Sheet::of(&["theta0", "h", "k", "ARL", "rel.tol"]);
    let mut distinct: Vec<f64> = Vec::new();
    for mean in &means {
        if !distinct.contains(mean) {
            distinct.push(*mean);
            let limit = method.limit(*mean).ok_or_else(|| format!("no limit for a mean of {mean}"))?;
            let away = (limit.mean_run - method.arl0).abs() / method.arl0;
            limits.add(vec![
                (*mean).into(),
                limit.h.into(),
                limit.k.into(),
                limit.mean_run.into(),
                away.into(),
            ]);
        }
    }
    let steps = counts.len();
    let points = method.detect_against(&Series::of("series", counts, 52), 0..steps, &means);
    let mut got = Sheet::of(&["t", "upperbound", "alarm"]);
    for point in points {
        got.add(vec![(point.t + 1).into(), point.upper.into(), point.alarm.into()]);
    }
    let mut checked =
        stated(case, "expected.csv", &got, &["t"], &[("upperbound", "upperbound"), ("alarm", "alarm")])?;
    let measures = [("h", "h"), ("k", "h"), ("ARL", "ARL")];
    checked.extend(stated(case, "expected_h.csv", &limits, &["theta0"], &measures)?);
    Ok(checked)
}

fn check_events(case: &Case) -> Result<Vec<Checked>, String> {
    let mut config = case.config();
    config["compatibility"] = json!("surveillance_1_20");
    let chart: SpaceTimeCluster =
        serde_json::from_value(config).map_err(|why| format!("params.json: {why}"))?;
    let events: Vec<(f64, f64)> =
        columns(&case.table("events.csv")?, ["x", "y"])?.iter().map(|[x, y]| (*x, *y)).collect();
    let told = chart.detect(&events);
    let mut got = Sheet::of(&["i", "R"]);
    for (n, statistic) in told.statistics.iter().enumerate() {
        got.add(vec![(n + 1).into(), (*statistic).into()]);
    }
    let mut alarm = Sheet::of(&["idxFA", "idxCC"]);
    // The peer counts events from 1, and says −1 when none alarms.
    let place = |place: usize| (place + 1) as f64;
    let (after, begun) = told.alarm.map_or((-1.0, -1.0), |(after, begun)| (place(after), place(begun)));
    alarm.add(vec![after.into(), begun.into()]);
    let mut checked = stated(case, "expected.csv", &got, &["i"], &[("R", "R")])?;
    checked.extend(stated(case, "expected_alarm.csv", &alarm, &[], &[("idxFA", "idx"), ("idxCC", "idx")])?);
    Ok(checked)
}
