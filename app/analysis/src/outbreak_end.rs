//! `quell outbreak-end`: how sure it is that an outbreak is over, day by day after the last case.
//!
//! Deliberately absent: the declaration, which is somebody's decision.

use crate::config::read_config;
use crate::incidence_file::{DailyCases, daily_cases};
use crate::interval_file;
use crate::output::Output;
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use clap::Args;
use serde::Deserialize;
use std::path::PathBuf;
use surveillance::{Compatibility, Infecting, SerialIntervalDistribution, probability_of_end};

#[derive(Args)]
pub struct OutbreakEnd {
    /// Cases by day of onset, as CSV with the columns t or date, local, imported; `-` reads standard input
    file: PathBuf,
    /// Settings as a JSON file: the serial interval, how people infect, how sure one wants to be
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The serial interval day by day, as CSV with the columns delay, prob
    #[arg(long, value_name = "FILE")]
    si: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    mean_si: Option<f64>,
    std_si: Option<f64>,
    /// Mean number infected by one case.
    reproduction: Option<f64>,
    /// Negative binomial k; absent: everybody infects alike.
    dispersion: Option<f64>,
    /// Share of the cases that is reported.
    reported: f64,
    /// Days after the last case to tell about.
    days: usize,
    /// From which probability on the outbreak is called over.
    sure: f64,
    compatibility: Compatibility,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            mean_si: None,
            std_si: None,
            reproduction: None,
            dispersion: None,
            reported: 1.0,
            days: 60,
            // Nishiura et al. 2016 draw their line at 5 % for a further case.
            sure: 0.95,
            compatibility: Compatibility::None,
        }
    }
}

/// Longer silences than this say nothing new.
const MOST_DAYS: usize = 1_000;

impl OutbreakEnd {
    pub fn run(self) -> Result<(), String> {
        let settings: Settings = read_config(self.config.as_deref())?;
        let interval = self.si.as_deref().map(interval_file::read).transpose()?;
        let all = daily_cases(&Table::read(&self.file)?)?;
        let [cases] = all.as_slice() else {
            return Err(format!("the file holds {} series; give one outbreak", all.len()));
        };
        let sheet = told(cases, &settings, interval)?;
        let column = sheet.columns.iter().position(|name| *name == "probability_over");
        let over = |row: &&Vec<Cell>| {
            column.is_some_and(|place| matches!(row[place], Cell::Number(p) if p >= settings.sure))
        };
        let percent = 100.0 * settings.sure;
        match sheet.rows.iter().find(over) {
            Some(row) => {
                let day = row.last().map(Cell::text).unwrap_or_default();
                eprintln!("over with {percent} % from {} days after the last case on ({day})", row[0].text());
            }
            None => eprintln!("not over with {percent} % within {} days; set more `days`", settings.days),
        }
        self.output.write(&sheet.render(self.output.format())?, &self.file)
    }
}

fn told(
    cases: &DailyCases,
    settings: &Settings,
    table: Option<SerialIntervalDistribution>,
) -> Result<Sheet, String> {
    let needed = |key: &str, value: Option<f64>| {
        value.ok_or_else(|| format!("`{key}` is missing; set it in --config"))
    };
    if settings.days > MOST_DAYS {
        return Err(format!("`days` is {}; at most {MOST_DAYS}", settings.days));
    }
    let interval = match table {
        Some(table) => table,
        None => {
            let (mean, sd) = (needed("mean_si", settings.mean_si)?, needed("std_si", settings.std_si)?);
            SerialIntervalDistribution::discretised(mean, sd).map_err(|why| why.to_string())?
        }
    };
    let infecting = Infecting {
        reproduction: needed("reproduction", settings.reproduction)?,
        dispersion: settings.dispersion,
        reported: settings.reported,
    };
    let onsets: Vec<f64> = (0..cases.incidence.len()).map(|day| cases.incidence.all(day)).collect();
    let sure = probability_of_end(&onsets, &interval, infecting, settings.compatibility, settings.days)
        .map_err(|why| why.to_string())?;
    let last = onsets.iter().rposition(|count| *count > 0.0).unwrap_or(0);
    let dated = cases.dates.get(last);
    let mut sheet =
        Sheet::of(&["days_since_last_case", "probability_over", if dated.is_some() { "date" } else { "t" }]);
    for (silent, probability) in sure.into_iter().enumerate() {
        let day: Cell = match dated {
            Some(day) => (*day + silent as i32).to_string().into(),
            None => (last + 1 + silent).into(),
        };
        sheet.add(vec![silent.into(), probability.into(), day]);
    }
    Ok(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_counted_from_the_last_case_and_dated() {
        let table =
            Table::parse(b"date,cases\n2015-07-01,3\n2015-07-02,0\n2015-07-03,1\n2015-07-04,0\n").unwrap();
        let cases = &daily_cases(&table).unwrap()[0];
        let settings: Settings =
            serde_json::from_str(r#"{"mean_si": 12.6, "std_si": 2.8, "reproduction": 0.75, "days": 30}"#)
                .unwrap();
        let sheet = told(cases, &settings, None).unwrap();
        assert_eq!((sheet.rows.len(), sheet.rows[0][2].text().as_str()), (31, "2015-07-03"));
        let Cell::Number(first) = sheet.rows[0][1] else { panic!("a probability") };
        // Four cases with all their infectees to come: e^(−0.75 · 4), nearly.
        assert!((first - (-3.0_f64).exp()).abs() < 0.01, "{first}");
        assert!(told(cases, &Settings::default(), None).unwrap_err().contains("`mean_si` is missing"));
    }
}
