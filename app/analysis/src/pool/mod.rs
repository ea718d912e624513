//! `quell pool`: how to mix tests, what the pools of a day say of the prevalence, and which size to use tomorrow.

mod by_risk;
mod day_by_day;
mod schemes;
mod settings;

use crate::column_days::Order;
use crate::config::read_config;
use crate::output::{Output, digits};
use crate::sheet::Cell;
use crate::table::Table;
use clap::Args;
use lab::MOST_IN_A_POOL;
use settings::Settings;
use std::path::{Path, PathBuf};

#[derive(Args)]
#[command(group(clap::ArgGroup::new("asked").required(true).args(["file", "prevalence", "risks"])))]
pub struct Pool {
    /// Pools read, as CSV with the columns day, pool_size, pools, positive and, if there are several, site: the prevalence of
    /// each day and the size to use the day after
    file: Option<PathBuf>,
    /// Compare the ways of mixing at this share of infected people
    #[arg(long, value_name = "SHARE")]
    prevalence: Option<f64>,
    /// People of different risk, as CSV with the column risk: who shares a pool with whom
    #[arg(long, value_name = "FILE")]
    risks: Option<PathBuf>,
    /// Share of infected people found when each is tested alone [default: 1]
    #[arg(long, value_name = "SHARE")]
    sensitivity: Option<f64>,
    /// Share of the others who are negative when each is tested alone [default: 1]
    #[arg(long, value_name = "SHARE")]
    specificity: Option<f64>,
    /// Of one test, in any money [default: 1]
    #[arg(long, value_name = "MONEY")]
    price_of_test: Option<f64>,
    /// Of one hour for which one person is held, in the same money [default: 0]
    #[arg(long, value_name = "MONEY")]
    value_of_hour: Option<f64>,
    /// Smallest sensitivity a scheme may have [default: 0]
    #[arg(long, value_name = "SHARE")]
    least_sensitivity: Option<f64>,
    /// Sizes a pool may have, such as 1,5,10 or 2-50; 1 is everybody alone [default: 1-20; after results 1,5,10,20]
    #[arg(long, value_name = "SIZES", value_delimiter = ',')]
    sizes: Vec<String>,
    /// One line a day and site, not a day
    #[arg(long, requires = "file")]
    by_site: bool,
    /// Order of day and month where the year comes last
    #[arg(long, value_enum, value_name = "ORDER", requires = "file")]
    dates: Option<Order>,
    /// More settings as a JSON file: households, Ct values, hours, days taken together
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

impl Pool {
    pub fn run(self) -> Result<(), String> {
        let settings = self.settings()?;
        let (sheet, input) = match (&self.file, &self.risks, self.prevalence) {
            (Some(file), ..) => {
                (day_by_day::told(&Table::read(file)?, &settings, self.by_site, self.dates)?, file.as_path())
            }
            (_, Some(file), _) => (by_risk::told(&Table::read(file)?, &settings)?, file.as_path()),
            (.., Some(prevalence)) => (schemes::told(prevalence, &settings)?, Path::new("")),
            _ => return Err("give a file of results, --prevalence or --risks".to_owned()),
        };
        self.output.write(&sheet.render(self.output.format())?, input)
    }

    /// The file, and over it what the command line says.
    fn settings(&self) -> Result<Settings, String> {
        let mut settings: Settings = read_config(self.config.as_deref())?;
        for (said, key) in [
            (self.sensitivity, &mut settings.sensitivity),
            (self.specificity, &mut settings.specificity),
            (self.price_of_test, &mut settings.price_of_test),
            (self.value_of_hour, &mut settings.value_of_hour),
            (self.least_sensitivity, &mut settings.least_sensitivity),
        ] {
            *key = said.unwrap_or(*key);
        }
        if !self.sizes.is_empty() {
            settings.sizes = sizes_of(&self.sizes)?;
        }
        Ok(settings)
    }
}

/// Sizes as written: 10, or 2-50.
fn sizes_of(written: &[String]) -> Result<Vec<usize>, String> {
    let mut sizes = Vec::new();
    for word in written {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let read = |number: &str| number.trim().parse::<usize>().ok();
        match (read(first), read(last)) {
            (Some(first), Some(last)) if 0 < first && first <= last && last <= MOST_IN_A_POOL => {
                sizes.extend(first..=last);
            }
            _ => {
                return Err(format!(
                    "`sizes` has {word}; give sizes of 1 to {MOST_IN_A_POOL} people, such as 10 or 2-50"
                ));
            }
        }
    }
    Ok(sizes)
}

/// Six digits that count: what these numbers rest on is known no better, and a specificity needs its nines.
fn six_digits(value: f64) -> Cell {
    digits(value, 6).into()
}

/// For a thousand people.
fn of_a_thousand(value: f64) -> Cell {
    six_digits(1_000.0 * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_one_by_one_or_from_to() {
        let read =
            |words: &[&str]| sizes_of(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(read(&["1", "5", "10-12"]), Ok(vec![1, 5, 10, 11, 12]));
        for odd in ["12-10", "1000000", "0", "ten", "-5", ""] {
            assert!(read(&[odd]).unwrap_err().contains("such as 10 or 2-50"), "{odd}");
        }
    }
}
