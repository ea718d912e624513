//! `quell rt`: the reproduction number from daily cases.
//!
//! Deliberately absent: delays of reporting; put the curve through `quell nowcast` first where they matter.

mod chart;
pub mod settings;

use crate::config::read_config;
use crate::incidence_file::{DailyCases, daily_cases};
use crate::interval_file;
use crate::output::Output;
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use clap::Args;
use rayon::prelude::*;
use settings::{Estimator, Settings, Windows};
use std::path::PathBuf;
use surveillance::{Doubt, Window};

#[derive(Args)]
pub struct Rt {
    /// Daily cases, as CSV with the columns series, t or date, local, imported; `-` reads standard input
    file: PathBuf,
    /// Settings as a JSON file: the serial interval, the window, the prior
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The serial interval day by day, as CSV with the columns delay, prob
    #[arg(long, value_name = "FILE")]
    si: Option<PathBuf>,
    /// Draw cases and reproduction number, as .svg or .png
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// A series with what was said of it.
pub struct Estimated {
    pub cases: DailyCases,
    pub windows: Windows,
}

impl Rt {
    pub fn run(self) -> Result<(), String> {
        let settings: Settings = read_config(self.config.as_deref())?;
        let interval = self.si.as_deref().map(interval_file::read).transpose()?;
        let estimator = settings.estimator(interval)?;
        let all = estimate(&Table::read(&self.file)?, &estimator)?;
        tell(&all);
        self.output.write(&sheet(&all).render(self.output.format())?, &self.file)?;
        match &self.plot {
            Some(path) => chart::draw(&all, self.output.language, path),
            None => Ok(()),
        }
    }
}

pub fn estimate(table: &Table, estimator: &Estimator) -> Result<Vec<Estimated>, String> {
    daily_cases(table)?
        .into_par_iter()
        .map(|cases| Ok(Estimated { windows: estimator.estimate(&cases.incidence)?, cases }))
        .collect()
}

/// One window: days, what is written of it, and the doubt.
struct Row {
    window: Window,
    numbers: Vec<Option<f64>>,
    doubt: Option<Doubt>,
}

const INSTANTANEOUS: [&str; 9] =
    ["mean", "std", "q0.025", "q0.05", "q0.25", "median", "q0.75", "q0.95", "q0.975"];
const COHORT: [&str; 4] = ["mean", "std", "q0.025", "q0.975"];

impl Windows {
    fn columns(&self) -> &'static [&'static str] {
        match self {
            Windows::Instantaneous(_) => &INSTANTANEOUS,
            Windows::Cohort(_) => &COHORT,
        }
    }

    fn rows(&self) -> Vec<Row> {
        match self {
            Windows::Instantaneous(all) => all
                .iter()
                .map(|at| {
                    let numbers = at.estimate.map_or_else(
                        || vec![None; INSTANTANEOUS.len()],
                        |r| [r.mean, r.sd].into_iter().chain(r.quantiles).map(Some).collect(),
                    );
                    Row { window: at.window, numbers, doubt: at.doubt }
                })
                .collect(),
            Windows::Cohort(all) => all
                .iter()
                .map(|at| {
                    let numbers = at.estimate.map_or_else(
                        || vec![None; COHORT.len()],
                        |r| [r.mean, r.sd, r.low, r.high].map(Some).to_vec(),
                    );
                    Row { window: at.window, numbers, doubt: at.doubt }
                })
                .collect(),
        }
    }
}

/// The account of windows, on standard error.
fn tell(all: &[Estimated]) {
    let rows: Vec<Row> = all.iter().flat_map(|one| one.windows.rows()).collect();
    let answered = rows.iter().filter(|row| row.numbers[0].is_some()).count();
    eprintln!("{} series, {} windows, {answered} with an estimate", all.len(), rows.len());
    let mut doubts: Vec<Doubt> = rows.iter().filter_map(|row| row.doubt).collect();
    doubts.sort_unstable();
    for same in doubts.chunk_by(|a, b| a == b) {
        eprintln!("  {} × {}: {}", same.len(), same[0].code(), same[0].sentence());
    }
}

/// The rows as they are written. Days count from 1 in files; `date` is the last of the window.
pub fn sheet(all: &[Estimated]) -> Sheet {
    let several = all.len() > 1 || all.iter().any(|one| !one.cases.name.is_empty());
    let dated = all.iter().any(|one| !one.cases.dates.is_empty());
    let mut columns = Vec::new();
    columns.extend(several.then_some("series"));
    columns.extend(["t_start", "t_end"]);
    columns.extend(dated.then_some("date"));
    columns.extend(all.first().map_or(INSTANTANEOUS.as_slice(), |one| one.windows.columns()));
    columns.push("note");
    let mut sheet = Sheet::of(&columns);
    for Estimated { cases, windows } in all {
        for Row { window, numbers, doubt } in windows.rows() {
            let mut row: Vec<Cell> = Vec::with_capacity(columns.len());
            row.extend(several.then(|| cases.name.as_str().into()));
            row.extend([(window.start + 1).into(), (window.end + 1).into()]);
            row.extend(dated.then(|| cases.dates.get(window.end).map(ToString::to_string).into()));
            row.extend(numbers.into_iter().map(Cell::from));
            row.push(doubt.map_or("", Doubt::code).into());
            sheet.add(row);
        }
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::config_of;

    fn estimated(settings: &str, text: &str) -> Result<String, String> {
        let settings: Settings = config_of(serde_json::from_str(settings).unwrap())?;
        let all = estimate(&Table::parse(text.as_bytes())?, &settings.estimator(None)?)?;
        sheet(&all).render(crate::output::Format::Csv)
    }

    #[test]
    fn days_are_counted_from_one_and_doubts_are_written() {
        let text = "date,local\n2024-01-01,5\n2024-01-02,2\n2024-01-03,5\n2024-01-04,14\n2024-01-05,11\n";
        let told = estimated(r#"{"mean_si": 2.5, "std_si": 1, "window": 2}"#, text).unwrap();
        let rows: Vec<&str> = told.lines().collect();
        assert_eq!(rows[0], "t_start,t_end,date,mean,std,q0.025,q0.05,q0.25,median,q0.75,q0.95,q0.975,note");
        assert!(rows[1].starts_with("2,3,2024-01-03,") && rows[1].ends_with(",imprecise"), "{told}");
        assert!(rows[3].starts_with("4,5,2024-01-05,") && rows[3].ends_with(','), "{told}");
        let cohort =
            estimated(r#"{"method": "wallinga_teunis", "mean_si": 2.5, "std_si": 1, "window": 2}"#, text);
        assert!(
            cohort.unwrap().starts_with("t_start,t_end,date,mean,std,q0.025,q0.975,note\n2,3,2024-01-03,")
        );
    }

    #[test]
    fn settings_that_make_no_sense_are_named_with_a_way_out() {
        let text = "t,local\n1,5\n2,2\n3,9\n";
        for (settings, why) in [
            ("{}", "`mean_si` is missing; set it in --config"),
            (r#"{"mean_si": 0.5, "std_si": 1}"#, "not above 1"),
            (r#"{"mean": 3}"#, "unknown field `mean`, expected one of `method`"),
            (r#"{"method": "cori"}"#, "unknown variant `cori`, expected one of `parametric_si`"),
            (r#"{"method": "non_parametric_si"}"#, "--si FILE"),
            (r#"{"mean_si": 3, "std_si": 1, "t_start": 2}"#, "go together"),
            (r#"{"mean_si": 3, "std_si": 1, "t_start": [2], "t_end": [9]}"#, "the series has 3 days"),
            (r#"{"mean_si": 3, "std_si": 1, "std_mean_si": 1}"#, "`min_mean_si` is missing"),
            (r#"{"mean_si": 3, "std_si": 1, "mean_prior": 0}"#, "`mean_prior` is 0"),
        ] {
            let told = estimated(settings, text).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
