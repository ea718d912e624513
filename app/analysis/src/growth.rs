//! `quell growth`: how fast cases grow or shrink, with doubling or halving time.
//!
//! Deliberately absent: finding the day on which growth turns; `--from` and `--to` cut the stretch to look at.

use crate::incidence_file::cases_column;
use crate::output::Output;
use crate::series_file::number;
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use base::Day;
use clap::Args;
use std::path::PathBuf;
use surveillance::{Growth, estimate_growth};

#[derive(Args)]
pub struct GrowthRate {
    /// Counts, as CSV with the columns t or date, and cases (or count, local, observed); `-` reads standard input
    file: PathBuf,
    /// Only steps from this day on
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// Only steps up to this day
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,
    /// Days from one count to the next [default: as the dates show, otherwise 1]
    #[arg(long, value_name = "DAYS")]
    interval_days: Option<u32>,
    /// Confidence of the intervals
    #[arg(long, default_value_t = 0.95)]
    level: f64,
    /// The fitted line instead of the rate: cases in the middle of each step, with the interval of that mean
    #[arg(long)]
    fitted: bool,
    #[command(flatten)]
    output: Output,
}

/// Counts over equal steps.
pub struct Steps {
    pub dates: Vec<Day>,
    pub counts: Vec<f64>,
    pub step_days: u32,
}

impl GrowthRate {
    pub fn run(self) -> Result<(), String> {
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(format!("--level is {}; give a share between 0 and 1, such as 0.95", self.level));
        }
        let steps = Steps::of(&Table::read(&self.file)?, self.interval_days)?.between(self.from, self.to)?;
        let growth = steps.growth(self.level)?;
        if growth.zeros > 0 {
            eprintln!(
                "{} of {} steps have no case and no logarithm; they are left out, and many of them make the rate too flat",
                growth.zeros,
                steps.counts.len()
            );
        }
        if growth.rate.low < 0.0 && growth.rate.high > 0.0 {
            eprintln!("these counts do not exclude that nothing grows or shrinks; take a longer stretch");
        }
        let sheet = if self.fitted { steps.fitted_sheet(&growth) } else { rate_sheet(&growth) };
        self.output.write(&sheet.render(self.output.format())?, &self.file)
    }
}

impl Steps {
    pub fn of(table: &Table, step_days: Option<u32>) -> Result<Steps, String> {
        let cases = cases_column(table)?;
        let date = table.column("date").ok();
        let (mut dates, mut counts) = (Vec::new(), Vec::new());
        for row in table.rows() {
            counts.push(number(table, row, cases)?.unwrap_or(f64::NAN));
            if let Some(column) = date {
                let told = row.cell(column);
                let day =
                    told.parse::<Day>().map_err(|why| format!("row {}: `date` {told}: {why}", row.number))?;
                dates.push(day);
            }
        }
        if let Some(count) = counts.iter().find(|count| **count < 0.0) {
            return Err(format!("a count is {count}; counts are 0 or more, and blank where nobody reported"));
        }
        let shown = match dates.as_slice() {
            [first, second, ..] => Some(*second - *first),
            _ => None,
        };
        if let Some(shown) = shown
            && let Some(place) = dates.windows(2).position(|two| two[1] - two[0] != shown)
        {
            return Err(format!(
                "{} follows {}, and the steps before are {shown} days; write every step once and in order",
                dates[place + 1],
                dates[place]
            ));
        }
        let step_days = step_days.or(shown.and_then(|days| u32::try_from(days).ok())).unwrap_or(1);
        if step_days == 0 {
            return Err("steps of 0 days are none; set --interval-days to 1 or more".to_owned());
        }
        Ok(Steps { dates, counts, step_days })
    }

    fn between(self, from: Option<Day>, to: Option<Day>) -> Result<Steps, String> {
        if from.is_none() && to.is_none() {
            return Ok(self);
        }
        if self.dates.is_empty() {
            return Err("--from and --to need a column `date`".to_owned());
        }
        let inside = |day: &Day| from.is_none_or(|from| *day >= from) && to.is_none_or(|to| *day <= to);
        let kept = self.dates.iter().zip(&self.counts).filter(|(day, _)| inside(day));
        let (dates, counts) = kept.map(|(day, count)| (*day, *count)).unzip();
        Ok(Steps { dates, counts, ..self })
    }

    pub fn growth(&self, level: f64) -> Result<Growth, String> {
        estimate_growth(&self.counts, f64::from(self.step_days), level).map_err(|why| why.to_string())
    }

    /// The middle of a step of days is on its middle day.
    pub fn fitted_sheet(&self, growth: &Growth) -> Sheet {
        let dated = !self.dates.is_empty();
        let mut sheet = Sheet::of(&[if dated { "date" } else { "t" }, "fit", "lwr", "upr"]);
        for at in &growth.fitted {
            let day = self.dates.get(at.t).map(|day| (*day + (self.step_days / 2) as i32).to_string());
            let first: Cell = day.map_or_else(|| (at.t + 1).into(), Cell::from);
            sheet.add(vec![first, at.value.into(), at.low.into(), at.high.into()]);
        }
        sheet
    }
}

pub fn rate_sheet(growth: &Growth) -> Sheet {
    let mut sheet = Sheet::of(&[
        "r",
        "r_lower",
        "r_upper",
        "doubling",
        "doubling_lower",
        "doubling_upper",
        "halving",
        "halving_lower",
        "halving_upper",
    ]);
    let rate = growth.rate;
    let mut row: Vec<Cell> = vec![rate.value.into(), rate.low.into(), rate.high.into()];
    for time in [growth.doubling, growth.halving] {
        row.extend([
            time.map(|time| time.value).into(),
            time.map(|time| time.low).into(),
            time.and_then(|time| time.high).into(),
        ]);
    }
    sheet.add(row);
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_known_by_their_dates_and_a_missing_one_is_named() {
        let table = |text: &str| Table::parse(text.as_bytes()).unwrap();
        let weeks = table("date,count\n2024-01-01,10\n2024-01-08,20\n2024-01-15,40\n2024-01-22,80\n");
        let growth = Steps::of(&weeks, None).unwrap().growth(0.95).unwrap();
        assert!((growth.doubling.unwrap().value - 7.0).abs() < 1e-9);
        let gap = table("date,count\n2024-01-01,10\n2024-01-08,20\n2024-01-22,80\n");
        assert!(Steps::of(&gap, None).err().unwrap().contains("2024-01-22 follows 2024-01-08"));
    }
}
