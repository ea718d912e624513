//! A delay from windows: one row a pair, each event known to lie between two days.
//!
//! Deliberately absent: pairs cut off by the day of the analysis; `--truncate-at` is for those.

use crate::output::{Format, csv_text, json_text};
use crate::table::{Column, Row, Table};
use base::{Day, Streams};
use serde_json::json;
use stats::{CensoredDelayFit, DelayFamily, Windows, estimate_censored_delay};

/// The windows of every row, with its number. Numbers are days on any count; calendar days count whole, the last one
/// included.
pub fn windows_of(table: &Table, columns: &[String; 4]) -> Result<Vec<(u64, Windows)>, String> {
    let [a, b, c, d] = columns.each_ref().map(|name| table.column(name));
    let columns = [a?, b?, c?, d?];
    table
        .rows()
        .iter()
        .map(|row| {
            let moment = |place: usize| moment(table, row, columns[place], place % 2 == 1);
            Ok((row.number, Windows { first: (moment(0)?, moment(1)?), second: (moment(2)?, moment(3)?) }))
        })
        .collect()
}

/// NaN where nothing is known, which no delay fits.
fn moment(table: &Table, row: &Row, column: Column, end: bool) -> Result<f64, String> {
    let Some(told) = row.says(column) else { return Ok(f64::NAN) };
    if let Ok(number) = told.parse::<f64>() {
        return Ok(number);
    }
    match told.parse::<Day>() {
        Ok(day) => Ok(f64::from(day.number()) + f64::from(u8::from(end))),
        Err(_) => Err(format!(
            "row {}: `{}` is {told}; write a number of days, or a day as 2024-02-29",
            row.number,
            table.name(column)
        )),
    }
}

pub fn fit(
    table: &Table,
    columns: &[String; 4],
    family: DelayFamily,
    level: f64,
    repetitions: usize,
    seed: u64,
) -> Result<CensoredDelayFit, String> {
    let pairs = windows_of(table, columns)?;
    let impossible: Vec<u64> =
        pairs.iter().filter(|(_, windows)| !windows.possible()).map(|(number, _)| *number).collect();
    let used = pairs.len() - impossible.len();
    let rows: Vec<String> = impossible.iter().take(5).map(|number| format!("row {number}")).collect();
    eprintln!("{} rows read = {used} used as pairs + {} left out", pairs.len(), impossible.len());
    if !impossible.is_empty() {
        eprintln!("  no delay above 0 days fits these windows: {}", rows.join(", "));
    }
    let windows: Vec<Windows> = pairs.into_iter().map(|(_, windows)| windows).collect();
    estimate_censored_delay(&windows, family, level, repetitions, &Streams::seeded(seed))
        .map_err(|why| why.to_string())
}

pub fn render(fit: &CensoredDelayFit, format: Format) -> Result<String, String> {
    match format {
        Format::Csv => {
            let row =
                |measure: &str, value: String| vec![measure.to_owned(), value, String::new(), String::new()];
            let mut rows = vec![
                ["measure", "value", "low", "high"].map(str::to_owned).to_vec(),
                row("fit_distribution", fit.family.to_string()),
                row("fit_pairs", fit.n.to_string()),
            ];
            rows.extend(fit.quantities.iter().map(|quantity| {
                let told = [quantity.value, quantity.low, quantity.high].map(|value| format!("{value:.3}"));
                std::iter::once(format!("fit_{}", quantity.name)).chain(told).collect()
            }));
            rows.push(row("fit_aic", format!("{:.2}", fit.aic)));
            rows.push(row("fit_repetitions", fit.repetitions.to_string()));
            csv_text(rows)
        }
        Format::Json => Ok(json_text(&json!({ "fit": fit }))),
        Format::Svg => Err("a fit from windows has no chart; ask for csv or json".to_owned()),
    }
}
