//! `quell detect`: series in a plain CSV, every step scored by a method of one's choice.
//!
//! Deliberately absent: which method is best for a series; `quell evaluate` answers that.

mod chart;
pub mod frame;
pub mod progress;
#[cfg(test)]
mod trials;

use crate::config::read_config;
use crate::output::Output;
use crate::series_file::series_of;
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use clap::Args;
use frame::Frame;
use progress::Progress;
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use surveillance::methods::{self, Chosen, Method};
use surveillance::{Doubt, Scored, Series};

#[derive(Args)]
pub struct Detect {
    /// The series, as CSV with the columns series, t, date, observed, population; `-` reads standard input
    #[arg(required_unless_present = "list")]
    file: Option<PathBuf>,
    /// How to tell what is unusual; --list shows all
    #[arg(short, long, value_name = "NAME", required_unless_present = "list")]
    method: Option<String>,
    /// Settings of the method, as a JSON file; what it does not say keeps its default
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Only the last steps of each series
    #[arg(long, value_name = "STEPS")]
    last: Option<usize>,
    /// Draw the series, their bounds and the alarms, as .svg or .png
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// The methods and their settings
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    output: Output,
}

/// A series with what was said of it.
pub struct Watched {
    pub series: Series,
    pub points: Vec<Scored>,
}

impl Detect {
    pub fn run(self) -> Result<(), String> {
        if self.list {
            return self.output.write(&methods::list(), Path::new(""));
        }
        let (Some(file), Some(name)) = (&self.file, &self.method) else {
            return Err("name a file of series and a --method; --list shows the methods".to_owned());
        };
        let method = methods::named(name)?;
        let (chosen, frame) = prepare(&method, read_config(self.config.as_deref())?)?;
        let table = Table::read(file)?;
        let watched = watch(&table, &chosen, &Frame { last: self.last, ..frame })?;
        self.tell(&watched);
        self.output.write(&sheet(&watched).render(self.output.format())?, file)?;
        match &self.plot {
            Some(path) => chart::draw(&watched, &method, self.output.language, path),
            None => Ok(()),
        }
    }

    /// The account of steps, on standard error: scored, alarms, and each doubt with the number of its steps.
    fn tell(&self, watched: &[Watched]) {
        let points = || watched.iter().flat_map(|watched| &watched.points);
        let (steps, alarms) = (points().count(), points().filter(|point| point.alarm == Some(true)).count());
        eprintln!("{} series, {steps} steps scored, {alarms} alarms", watched.len());
        let mut doubts: Vec<Doubt> = points().filter_map(|point| point.doubt).collect();
        doubts.sort_unstable();
        for same in doubts.chunk_by(|a, b| a == b) {
            eprintln!("  {} × {}: {}", same.len(), same[0].code(), same[0].sentence());
        }
    }
}

/// Settings as a method ready to run and a frame.
pub fn prepare(method: &Method, mut settings: Map<String, Value>) -> Result<(Chosen, Frame), String> {
    let frame = Frame { learning_years: method.learning_years, ..Frame::take_from(&mut settings)? };
    Ok((method.with(settings)?, frame))
}

/// Every series of the table scored, in the order of the file.
pub fn watch(table: &Table, chosen: &Chosen, frame: &Frame) -> Result<Vec<Watched>, String> {
    let mut all = series_of(table, frame::WEEKS)?;
    frame.set_years(&mut all);
    let progress = Progress::of(all.len());
    all.into_par_iter()
        .map(|series| {
            chosen.check(series.per_year).map_err(|why| format!("`{}`: {why}", series.name))?;
            let range = frame.range(&series, chosen.detector.as_ref())?;
            let points = chosen.detector.detect(&series, range);
            progress.step();
            Ok(Watched { series, points })
        })
        .collect()
}

/// The rows as they are written. Times count from 1 in files.
pub fn sheet(watched: &[Watched]) -> Sheet {
    let dated = watched.iter().any(|watched| !watched.series.dates.is_empty());
    let columns =
        ["series", "t", "date", "observed", "expected", "upperbound", "score", "p_value", "alarm", "note"];
    let columns: Vec<&'static str> =
        columns.into_iter().filter(|column| dated || *column != "date").collect();
    let mut sheet = Sheet::of(&columns);
    for Watched { series, points } in watched {
        for point in points {
            let mut row: Vec<Cell> = vec![series.name.as_str().into(), (point.t + 1).into()];
            if dated {
                row.push(series.dates.get(point.t).map(ToString::to_string).into());
            }
            row.extend::<[Cell; 7]>([
                point.observed.into(),
                point.expected.into(),
                point.upper.into(),
                point.score.into(),
                point.p_value.into(),
                point.alarm.into(),
                point.doubt.map_or("", Doubt::code).into(),
            ]);
            sheet.add(row);
        }
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(method: &str, settings: Value, text: &str) -> Result<String, String> {
        let Value::Object(settings) = settings else { panic!("settings are an object") };
        let (chosen, frame) = prepare(&methods::named(method)?, settings)?;
        let watched = watch(&Table::parse(text.as_bytes())?, &chosen, &frame)?;
        sheet(&watched).render(crate::output::Format::Csv)
    }

    #[test]
    fn the_first_answerable_step_is_where_the_rows_begin() {
        let text = "t,date,observed\n1,2024-01-01,0\n2,2024-01-08,1\n3,2024-01-15,2\n4,2024-01-22,9\n";
        let told = detected("ears_c1", serde_json::json!({"baseline": 3, "alpha": 0.5}), text).unwrap();
        assert!(
            told.starts_with("series,t,date,observed,expected,upperbound,score,p_value,alarm,note\n"),
            "{told}"
        );
        // Student's t with 2 degrees of freedom: (1 − t/√(2 + t²))/2 with t = 8/√(4/3).
        let row = told.lines().nth(1).unwrap();
        assert!(
            row.starts_with("series,4,2024-01-22,9,1,1,NA,0.0101020514433") && row.ends_with(",1,"),
            "{row}"
        );
        let short = detected("ears_c1", serde_json::json!({}), text).unwrap();
        assert!(short.ends_with("series,4,2024-01-22,9,NA,NA,NA,NA,NA,short_history\n"), "{short}");
    }

    #[test]
    fn settings_that_make_no_sense_are_named_with_a_way_out() {
        let text = "observed\n1\n2\n";
        for (method, settings, why) in [
            ("ears_c9", serde_json::json!({}), "ears_c1, ears_c2"),
            (
                "ears_c1",
                serde_json::json!({"base": 7}),
                "unknown field `base`, expected one of `method`, `baseline`",
            ),
            ("ears_c1", serde_json::json!({"baseline": 1}), "`baseline` is 1"),
            ("ears_c1", serde_json::json!({"baseline": "seven"}), "invalid type: string \"seven\""),
            ("ears_c1", serde_json::json!({"method": "C2"}), "`method` of ears_c1 is \"C1\""),
            ("bayes", serde_json::json!({"range_first": 0}), "`range_first`"),
            ("bayes", serde_json::json!({"range_first": 2, "range_last": 9}), "`range_last` is 9"),
        ] {
            let told = detected(method, settings, text).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
