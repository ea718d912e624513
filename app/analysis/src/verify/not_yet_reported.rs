//! Nowcasts and back-projection.

use super::case::Case;
use super::compare::{Checked, Tolerance, compare};
use crate::account::RowAccount;
use crate::back_project::{BackProjectConfig, back_projection_of, incubation_of, sheet_of};
use crate::config::config_of;
use crate::nowcast::{Methods, NowcastConfig, nowcast_of, reports_of};
use crate::series_file::series_of;
use surveillance::{Compatibility, NowcastMethod};

pub fn check(case: &Case) -> Result<Vec<Checked>, String> {
    match case.family.as_str() {
        "nowcast" => check_nowcast(case),
        _ => check_back_projection(case),
    }
}

/// A deterministic method must agree exactly; those that draw, as the case says.
fn check_nowcast(case: &Case) -> Result<Vec<Checked>, String> {
    use NowcastMethod::{BayesBetaNegativeBinomial, BayesComplete, BayesTruncated, Lawless, Uniform};
    let mut config: NowcastConfig = config_of(case.config())?;
    config.compatibility = Compatibility::Surveillance1_20;
    config.method =
        Methods::Several(vec![Lawless, BayesBetaNegativeBinomial, Uniform, BayesTruncated, BayesComplete]);
    let list = case.table("linelist.csv")?;
    let reports = reports_of(&list, &config, None, &mut RowAccount::of(&list))?;
    let answer = nowcast_of(reports, &config)?;

    let drawn = |method: &str| method == BayesTruncated.name() || method == BayesComplete.name();
    let part = |of_drawn: bool| {
        let mut part = answer.sheet();
        part.rows.retain(|row| drawn(&row[0].text()) == of_drawn);
        part
    };
    let keys = ["method", "date"];
    let expected = case.table("expected.csv")?;
    let exact = part(false);
    let pi = Tolerance::stated(case, "pi")?;
    let mut checked = vec![compare(&expected, &exact, &keys, "observed_so_far", Tolerance::Exact)?];
    for (measure, tolerance) in [
        ("median", Tolerance::stated(case, "median")?),
        ("pi_lower", pi),
        ("pi_upper", pi),
        ("pmf_mean", Tolerance::stated(case, "pmf_mean")?),
    ] {
        checked.push(compare(&expected, &exact, &keys, measure, tolerance)?);
    }

    // "median within 2 or 3%, pi within 5%": counts are whole, so one count is the least that can differ.
    let expected = case.table("expected_stochastic.csv")?;
    for (measure, relative) in [("median", 0.03), ("pi_lower", 0.05), ("pi_upper", 0.05)] {
        let tolerance = Tolerance::Either { relative, absolute: 1.0 };
        let mut drawn = compare(&expected, &part(true), &keys, measure, tolerance)?;
        drawn.measure = format!("{measure} (drawn)");
        checked.push(drawn);
    }

    let expected = case.table("expected_delay_cdf.csv")?;
    let tolerance = Tolerance::stated(case, "delay_cdf")?;
    checked.push(compare(&expected, &answer.delay_sheet(), &["method", "delay"], "cdf", tolerance)?);
    checked.push(check_triangle(case, &answer.triangle)?);
    Ok(checked)
}

/// Every cell of the triangle, also those that cannot be known yet.
fn check_triangle(case: &Case, triangle: &surveillance::ReportingTriangle) -> Result<Checked, String> {
    let expected = case.table("expected_reporting_triangle.csv")?;
    let mut compared = 0;
    let mut fault = None;
    for delay in 0..=triangle.longest_delay() {
        let column = expected.column(&format!("d{delay}"))?;
        for (t, row) in expected.rows().iter().enumerate() {
            compared += 1;
            let got = (t < triangle.steps()).then(|| triangle.cell(t, delay)).flatten();
            if row.says(column).map(str::parse) != got.map(Ok) {
                fault.get_or_insert(format!(
                    "row {} d{delay}: expected {}, got {got:?}",
                    row.number,
                    row.cell(column)
                ));
            }
        }
    }
    let holds = fault.is_none() && expected.rows().len() == triangle.steps();
    let checked = Checked::by("reporting_triangle", compared, 0.0, "exact", holds);
    Ok(Checked { first_fault: fault, ..checked })
}

fn check_back_projection(case: &Case) -> Result<Vec<Checked>, String> {
    let mut config: BackProjectConfig = config_of(case.config())?;
    config.compatibility = Compatibility::Surveillance1_20;
    config.b = -1;
    let series = series_of(&case.table("series.csv")?, 365)?;
    let incubation = incubation_of(&case.table("incubation_pmf.csv")?)?;
    let got = sheet_of(&series, &back_projection_of(&series, &incubation, &config)?);
    let tolerance = Tolerance::stated(case, "lambda")?;
    Ok(vec![compare(&case.table("expected.csv")?, &got, &["t"], "lambda", tolerance)?])
}
