//! `quell backproject`: from cases by day of onset back to infections.

use super::chart::{Bar, Chart, Line};
use super::config::read_config;
use super::language::Language;
use super::output::Output;
use super::picture;
use super::series_file::{number, series_of};
use super::sheet::Sheet;
use super::table::Table;
use clap::Args;
use serde::Deserialize;
use stats::{Shape, delay_probability};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use surveillance::{BackProjection, BackProjectionRule, Compatibility, Series, estimate_infections};

#[derive(Args)]
pub struct BackProject {
    /// The series, as CSV: columns t, date, observed, and series when there are several; `-` reads standard input
    file: PathBuf,
    /// The incubation: a CSV with columns delay and prob, or mean/sd of a gamma in steps of the series, such as 5.2/2.8
    #[arg(long, value_name = "FILE|MEAN/SD")]
    incubation: String,
    /// Settings as JSON; the manual lists the keys
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Also draw the first series, as .svg or .png
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// Keys as in the reference cases.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackProjectConfig {
    pub k: usize,
    /// For the fit the bootstrap draws from, and for every other.
    pub eps: (f64, f64),
    pub iter_max: (usize, usize),
    /// Series drawn for the interval; 0 or -1 for none.
    pub b: i64,
    pub alpha: f64,
    /// Steps before the first count; without it as many as 99 of 100 incubations last.
    pub lead: Option<usize>,
    pub seed: u64,
    pub compatibility: Compatibility,
}

impl Default for BackProjectConfig {
    fn default() -> BackProjectConfig {
        let rule = BackProjectionRule::default();
        BackProjectConfig {
            k: rule.smoothing,
            eps: (rule.bootstrap_enough, rule.enough),
            iter_max: (rule.bootstrap_most_iterations, rule.most_iterations),
            // Percentiles at 2.5 % rest on five curves.
            b: 200,
            alpha: rule.alpha,
            lead: None,
            seed: rule.seed,
            compatibility: Compatibility::None,
        }
    }
}

/// More bootstraps than this are a slip of the keyboard.
const MOST_BOOTSTRAPS: usize = 100_000;

impl BackProjectConfig {
    fn rule(&self, usual_longest: usize) -> Result<BackProjectionRule, String> {
        let bootstraps = usize::try_from(self.b).unwrap_or(0);
        if bootstraps > MOST_BOOTSTRAPS {
            return Err(format!("`b` is {bootstraps}; {MOST_BOOTSTRAPS} are more than enough"));
        }
        if self.k > 100 || self.lead.is_some_and(|lead| lead > 10_000) {
            return Err("`k` is at most 100 and `lead` at most 10000 steps; lower them".to_owned());
        }
        Ok(BackProjectionRule {
            smoothing: self.k,
            enough: self.eps.1,
            most_iterations: self.iter_max.1,
            bootstrap_enough: self.eps.0,
            bootstrap_most_iterations: self.iter_max.0,
            lead: self.lead.unwrap_or(usual_longest),
            bootstraps,
            alpha: self.alpha,
            seed: self.seed,
            compatibility: self.compatibility,
        })
    }
}

/// Chances of 0, 1, 2, … steps, from a table with the columns `delay` and `prob`.
pub fn incubation_of(table: &Table) -> Result<Vec<f64>, String> {
    let (delay, prob) = (table.column("delay")?, table.column("prob")?);
    let mut chances = Vec::new();
    for row in table.rows() {
        let due = chances.len();
        if number(table, row, delay)? != Some(due as f64) {
            return Err(format!(
                "row {}: `delay` is {} where {due} is due; write every delay from 0 on, in order",
                row.number,
                row.cell(delay)
            ));
        }
        let chance = number(table, row, prob)?;
        chances
            .push(chance.ok_or_else(|| format!("row {}: `prob` is blank; write 0 for never", row.number))?);
    }
    Ok(chances)
}

/// A gamma by its mean and standard deviation, or a file.
fn incubation_told(told: &str) -> Result<Vec<f64>, String> {
    let numbers = told
        .split_once('/')
        .and_then(|(mean, sd)| Some((mean.trim().parse::<f64>().ok()?, sd.trim().parse::<f64>().ok()?)));
    let Some((mean, sd)) = numbers else { return incubation_of(&Table::read(Path::new(told))?) };
    if !(mean > 0.0 && sd > 0.0 && mean + 8.0 * sd < 3_650.0) {
        return Err(format!("--incubation {told}: mean and sd are above 0 and in steps, such as 5.2/2.8"));
    }
    // What lies beyond is less than one in ten thousand.
    let mut chances = Vec::new();
    let mut seen = 0.0;
    while seen < 0.9999 && (chances.len() as f64) < mean + 12.0 * sd + 2.0 {
        let chance = delay_probability(Shape::Gamma, mean, sd, chances.len() as i32);
        seen += chance;
        chances.push(chance);
    }
    Ok(chances.into_iter().map(|chance| chance / seen).collect())
}

/// What the command and the comparison with reference results both compute.
pub fn back_projection_of(
    series: &[Series],
    incubation: &[f64],
    config: &BackProjectConfig,
) -> Result<Vec<BackProjection>, String> {
    let rule = config.rule(usual_longest(incubation))?;
    series
        .iter()
        .map(|one| {
            estimate_infections(&one.counts, incubation, &rule)
                .map_err(|why| format!("`{}`: {why}", one.name))
        })
        .collect()
}

/// 99 of 100 fall ill within it.
fn usual_longest(incubation: &[f64]) -> usize {
    let mut seen = 0.0;
    let within = |chance: &f64| {
        seen += chance;
        seen >= 0.99
    };
    incubation.iter().position(within).unwrap_or(incubation.len())
}

pub fn sheet_of(series: &[Series], projections: &[BackProjection]) -> Sheet {
    let mut sheet = Sheet::of(&["series", "t", "date", "lambda", "lower", "upper", "visible", "note"]);
    for (one, projection) in series.iter().zip(projections) {
        for infections in &projection.infections {
            let step = infections.step;
            sheet.add(vec![
                one.name.as_str().into(),
                ((step + 1) as f64).into(),
                date_of(one, step).map(|day| day.to_string()).into(),
                infections.expected.into(),
                infections.lower.into(),
                infections.upper.into(),
                infections.visible.into(),
                infections.doubt.map_or("", surveillance::Doubt::code).into(),
            ]);
        }
    }
    sheet
}

/// The day of a step; before the first one, by the width of the first two.
fn date_of(series: &Series, step: i64) -> Option<base::Day> {
    match usize::try_from(step) {
        Ok(place) => series.dates.get(place).copied(),
        Err(_) => {
            let [first, second] = series.dates.get(..2)? else { return None };
            let number = i64::from(first.number()) + i64::from(*second - *first) * step;
            base::Day::from_number(i32::try_from(number).ok()?)
        }
    }
}

impl BackProject {
    pub fn run(self) -> Result<(), String> {
        let config: BackProjectConfig = read_config(self.config.as_deref())?;
        let incubation = incubation_told(&self.incubation)?;
        let series = series_of(&Table::read(&self.file)?, 365)?;
        let projections = back_projection_of(&series, &incubation, &config)?;
        let mut doubts = BTreeSet::new();
        for (one, projection) in series.iter().zip(&projections) {
            if !projection.converged {
                eprintln!(
                    "`{}`: still moving after {} rounds; raise `iter_max`",
                    one.name, projection.iterations
                );
            }
            if projection.unexplained > 0.0 {
                eprintln!(
                    "`{}`: {} cases fell ill before anybody within the steps could have infected them; raise `lead`",
                    one.name, projection.unexplained
                );
            }
            doubts.extend(projection.infections.iter().filter_map(|step| step.doubt));
        }
        for doubt in doubts {
            eprintln!("{}: {}", doubt.code(), doubt.sentence());
        }
        if let Some(path) = &self.plot {
            picture::write(&chart(&series[0], &projections[0], self.output.language).svg(), path)?;
        }
        self.output.write(&sheet_of(&series, &projections).render(self.output.format())?, &self.file)
    }
}

fn chart(series: &Series, projection: &BackProjection, language: Language) -> Chart {
    let bars = projection.infections.iter().map(|infections| {
        let observed = usize::try_from(infections.step).ok().and_then(|place| series.counts.get(place));
        let label = date_of(series, infections.step);
        Bar {
            label: label.map_or_else(|| (infections.step + 1).to_string(), |day| day.to_string()),
            heights: vec![observed.map_or(0, |count| count.max(0.0) as u64)],
        }
    });
    Chart {
        language,
        title: language.pick("由发病回推感染", "Infections behind the cases").to_owned(),
        description: match language {
            Language::Zh => format!("{}：柱为发病数，线为回推的感染数。", series.name),
            Language::En => format!("{}: bars are cases, the line is infections.", series.name),
        },
        across: language.pick("日期", "day").to_owned(),
        up: language.pick("人数", "people").to_owned(),
        series: vec![language.pick("发病", "cases").to_owned()],
        bars: bars.collect(),
        line: Some(Line {
            name: language.pick("感染", "infections").to_owned(),
            heights: projection.infections.iter().map(|step| step.expected.unwrap_or(0.0)).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incubation_is_read_or_refused_in_words() {
        let read = |text: &str| incubation_of(&Table::parse(text.as_bytes()).unwrap());
        assert_eq!(read("delay,prob\n0,0.25\n1,0.75\n"), Ok(vec![0.25, 0.75]));
        assert!(read("delay,prob\n1,0.25\n").unwrap_err().contains("row 2: `delay` is 1 where 0 is due"));
        assert!(read("delay,prob\n0,\n").unwrap_err().contains("`prob` is blank"));
        assert!(incubation_told("0/2").unwrap_err().contains("mean and sd are above 0"));
    }

    #[test]
    fn a_gamma_by_its_mean_and_spread_keeps_its_mean() {
        let chances = incubation_told("5.2/2.8").unwrap();
        let mean: f64 = chances.iter().enumerate().map(|(delay, chance)| delay as f64 * chance).sum();
        assert!((mean - 5.2).abs() < 0.02 && (chances.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{mean}");
    }

    #[test]
    fn infections_before_the_first_count_have_their_day() {
        let text = "t,date,observed\n1,2022-03-07,1\n2,2022-03-08,3\n";
        let series = series_of(&Table::parse(text.as_bytes()).unwrap(), 365).unwrap();
        let config = BackProjectConfig { lead: Some(2), b: 0, ..BackProjectConfig::default() };
        let projections = back_projection_of(&series, &[0.0, 1.0], &config).unwrap();
        let sheet = sheet_of(&series, &projections);
        assert_eq!(
            (sheet.rows[0][1].text(), sheet.rows[0][2].text()),
            ("-1".to_owned(), "2022-03-05".to_owned())
        );
        let far = "t,date,observed\n1,0001-01-01,1\n2,9999-01-01,3\n";
        let series = series_of(&Table::parse(far.as_bytes()).unwrap(), 365).unwrap();
        assert_eq!(date_of(&series[0], -2), None);
    }
}
