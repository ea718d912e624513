//! Endemic-epidemic models beside R package surveillance's hhh4.

use super::case::Case;
use super::compare::{Checked, Tolerance, compare};
use crate::series_file::number;
use crate::sheet::Sheet;
use crate::table::Table;
use surveillance::{
    Component, EndemicEpidemic, EndemicEpidemicFit, Family, Part, Places, Regressor, score_count,
};

pub fn check(case: &Case) -> Result<Vec<Checked>, String> {
    let (units, counts) = by_unit(&case.table("counts.csv")?, "t")?;
    let (_, offset) = by_unit(&case.table("population.csv")?, "t")?;
    let weights =
        if case.has("weights.csv") { rows(&case.table("weights.csv")?, "from")? } else { Vec::new() };
    let places = Places { counts, offset, weights };
    let fit = model(case, &units)?.fit(&places).map_err(|why| why.to_string())?;

    let mut checked = check_estimates(case, &units, &fit)?;
    checked.extend(check_fitted(case, &units, &fit)?);
    if case.has("expected_onestep.csv") {
        checked.extend(check_predictions(case, &units, &places, &fit)?);
    }
    Ok(checked)
}

/// Names of units, and their columns.
fn by_unit(table: &Table, but: &str) -> Result<(Vec<String>, Vec<Vec<f64>>), String> {
    let mut units = Vec::new();
    let mut all = Vec::new();
    for name in table.names().iter().filter(|name| *name != but) {
        let column = table.column(name)?;
        let values = table.rows().iter().map(|row| Ok(number(table, row, column)?.unwrap_or(f64::NAN)));
        all.push(values.collect::<Result<Vec<f64>, String>>()?);
        units.push(name.clone());
    }
    Ok((units, all))
}

fn rows(table: &Table, but: &str) -> Result<Vec<Vec<f64>>, String> {
    let (_, columns) = by_unit(table, but)?;
    let length = columns.first().map_or(0, Vec::len);
    Ok((0..length).map(|row| columns.iter().map(|column| column[row]).collect()).collect())
}

/// The cases tell their models in words: `1 + t + S=2`, `unit intercepts + S=(3,1)`, `meningococcus <- influenza`.
fn model(case: &Case, units: &[String]) -> Result<EndemicEpidemic, String> {
    let word = |key: &str| case.params[key].as_str();
    let neighbours = word("ne").map(|told| {
        let to = told.split("<-").next().unwrap_or_default().trim();
        let place = units.iter().position(|unit| unit == to);
        place.map(|place| Part { units: vec![place], ..Part::default() }).ok_or_else(|| unread("ne", told))
    });
    let family = word("family").ok_or("params.json names no `family`")?;
    Ok(EndemicEpidemic {
        endemic: part("end", word("end").ok_or("params.json names no `end`")?)?,
        autoregressive: word("ar").map(|told| part("ar", told)).transpose()?,
        neighbours: neighbours.transpose()?,
        family: serde_json::from_value::<Family>(family.into()).map_err(|why| why.to_string())?,
        per_year: 52,
    })
}

fn unread(key: &str, told: &str) -> String {
    format!("params.json: `{key}` says `{told}`, which nobody here reads")
}

fn part(key: &str, told: &str) -> Result<Part, String> {
    let mut part = Part::default();
    for word in told.split('+').map(str::trim) {
        // `sin/cos(52) S=1` says twice what `S=1` says.
        match word.rsplit_once("S=").map(|(_, waves)| waves.trim_matches(['(', ')'])) {
            Some(waves) => {
                let waves = waves.split(',').map(|wave| wave.trim().parse::<usize>());
                part.waves = waves.collect::<Result<_, _>>().map_err(|_| unread(key, told))?;
            }
            None if word == "1" => {}
            None if word == "t" => part.trend = true,
            None if word == "unit intercepts" => part.own_intercepts = true,
            None => return Err(unread(key, told)),
        }
    }
    Ok(part)
}

/// As the peer names them: `end.sin(2 * pi * t/52).influenza`.
fn name(component: Component, regressor: Regressor, unit: Option<&String>) -> String {
    let component = match component {
        Component::Autoregressive => "ar",
        Component::Neighbours => "ne",
        Component::Endemic => "end",
    };
    let regressor = match regressor {
        Regressor::One => "1".to_owned(),
        Regressor::Trend => "t".to_owned(),
        Regressor::Sine(wave) => format!("sin({} * pi * t/52)", 2 * wave),
        Regressor::Cosine(wave) => format!("cos({} * pi * t/52)", 2 * wave),
    };
    let unit = unit.map_or_else(String::new, |unit| format!(".{unit}"));
    format!("{component}.{regressor}{unit}")
}

fn check_estimates(case: &Case, units: &[String], fit: &EndemicEpidemicFit) -> Result<Vec<Checked>, String> {
    let mut effects = Sheet::of(&["name", "estimate", "se"]);
    for effect in &fit.effects {
        let name = name(effect.component, effect.regressor, effect.unit.map(|unit| &units[unit]));
        effects.add(vec![name.into(), effect.estimate.into(), effect.standard_error.into()]);
    }
    for (place, (psi, error)) in fit.overdispersion.iter().enumerate() {
        let unit = if fit.overdispersion.len() > 1 { format!(".{}", units[place]) } else { String::new() };
        effects.add(vec![format!("overdisp{unit}").into(), (*psi).into(), (*error).into()]);
    }
    let mut whole = Sheet::of(&["stat", "value"]);
    let parameters = (fit.effects.len() + fit.overdispersion.len()) as f64;
    let explained = fit.means.iter().flatten().flatten().count() as f64;
    let told = [
        ("logLik", fit.log_likelihood),
        ("AIC", fit.akaike),
        ("df", parameters),
        ("nobs", explained),
        ("converged", 1.0),
    ];
    for (stat, value) in told {
        whole.add(vec![stat.into(), value.into()]);
    }
    let coefficients = case.table("expected_coef.csv")?;
    Ok(vec![
        compare(&coefficients, &effects, &["name"], "estimate", Tolerance::stated(case, "estimate")?)?,
        compare(&coefficients, &effects, &["name"], "se", Tolerance::stated(case, "se")?)?,
        // AIC is −2 logLik + 2 parameters, asked to the same.
        compare(
            &case.table("expected_fit.csv")?,
            &whole,
            &["stat"],
            "value",
            Tolerance::stated(case, "logLik")?,
        )?,
    ])
}

/// Means by step and unit against a table with one column for each unit.
fn check_means(
    case: &Case,
    expected: &str,
    units: &[String],
    mean: impl Fn(usize, usize) -> Option<f64>,
) -> Result<Vec<Checked>, String> {
    let expected = case.table(expected)?;
    let step = expected.column("t")?;
    let mut checked = Vec::new();
    for (place, unit) in units.iter().enumerate() {
        // A sheet's columns are known beforehand; units are not. So each is compared as `mean`.
        let mut got = Sheet::of(&["t", "mean"]);
        let mut wanted = Sheet::of(&["t", "mean"]);
        let column = expected.column(unit)?;
        for row in expected.rows() {
            let t = number(&expected, row, step)?.ok_or("a step without its number")?;
            got.add(vec![t.into(), mean(place, t as usize - 1).into()]);
            wanted.add(vec![t.into(), row.cell(column).into()]);
        }
        let wanted = Table::parse(wanted.render(crate::output::Format::Csv)?.as_bytes())?;
        checked.push(compare(&wanted, &got, &["t"], "mean", Tolerance::stated(case, "fitted")?)?);
    }
    Ok(checked)
}

fn check_fitted(case: &Case, units: &[String], fit: &EndemicEpidemicFit) -> Result<Vec<Checked>, String> {
    let mut checked = check_means(case, "expected_fitted.csv", units, |unit, t| fit.means[unit][t])?;
    for (measure, unit) in checked.iter_mut().zip(units) {
        measure.measure = format!("fitted {unit}");
    }
    Ok(checked)
}

/// The peer predicts the last steps one by one with the parameters of the whole fit.
fn check_predictions(
    case: &Case,
    units: &[String],
    places: &Places,
    fit: &EndemicEpidemicFit,
) -> Result<Vec<Checked>, String> {
    let mut checked = check_means(case, "expected_onestep.csv", units, |unit, t| fit.means[unit][t])?;
    for (measure, unit) in checked.iter_mut().zip(units) {
        measure.measure = format!("one step ahead {unit}");
    }
    let table = case.table("expected_onestep.csv")?;
    let step = table.column("t")?;
    let psi = fit.overdispersion.first().map_or(0.0, |(psi, _)| *psi);
    let mut scores = Vec::new();
    for row in table.rows() {
        let t = number(&table, row, step)?.ok_or("a step without its number")? as usize - 1;
        let mean = fit.means[0][t].ok_or("a step without a mean")?;
        scores.push(score_count(places.counts[0][t], mean, psi).ok_or("a prediction that cannot be scored")?);
    }
    let mean =
        |of: fn(&surveillance::CountScores) -> f64| scores.iter().map(of).sum::<f64>() / scores.len() as f64;
    let mut got = Sheet::of(&["score", "value"]);
    got.add(vec!["logs".into(), mean(|score| score.logarithmic).into()]);
    got.add(vec!["rps".into(), mean(|score| score.ranked_probability).into()]);
    got.add(vec!["dss".into(), mean(|score| score.dawid_sebastiani).into()]);
    let expected = case.table("expected_scores.csv")?;
    // The case states none for scores; they are means of functions of the fitted values.
    let mut score = compare(&expected, &got, &["score"], "value", Tolerance::stated(case, "fitted")?)?;
    score.measure = "score".to_owned();
    checked.push(score);
    Ok(checked)
}
