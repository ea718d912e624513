//! `quell forecast`: the next steps of a series with intervals; and, looking back, how good such forecasts were.

use super::chart::{Bar, Chart, Line};
use super::config::read_config;
use super::detect::frame::Frame;
use super::detect::progress::Progress;
use super::language::Language;
use super::output::Output;
use super::picture;
use super::series_file::series_of;
use super::sheet::{Cell, Sheet};
use super::table::Table;
use base::Day;
use clap::Args;
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use surveillance::{
    Doubt, ForecastRule, ForecastScore, ForecastStep, Series, forecast_counts, score_forecasts,
};

#[derive(Args)]
pub struct Forecast {
    /// The series, as CSV with the columns series, t, date, observed; `-` reads standard input
    file: PathBuf,
    /// Steps ahead [default: 4]
    #[arg(long, value_name = "STEPS")]
    horizon: Option<usize>,
    /// Settings as JSON; the manual lists the keys
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Instead: forecast from every past step, and tell how good it was beside the naive forecast
    #[arg(long)]
    score: bool,
    /// Also draw the first series and its forecast, as .svg or .png
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForecastConfig {
    pub horizon: usize,
    pub levels: Vec<f64>,
    pub fewest_steps: usize,
    /// Steps in a year; the dates tell otherwise.
    pub freq: Option<usize>,
    /// First step, counted from 1, from which past forecasts are scored.
    pub score_from: usize,
}

impl Default for ForecastConfig {
    fn default() -> ForecastConfig {
        let ForecastRule { horizon, levels, fewest_steps } = ForecastRule::default();
        ForecastConfig { horizon, levels, fewest_steps, freq: None, score_from: 1 }
    }
}

impl Forecast {
    pub fn run(self) -> Result<(), String> {
        let config: ForecastConfig = read_config(self.config.as_deref())?;
        let rule = ForecastRule {
            horizon: self.horizon.unwrap_or(config.horizon),
            levels: config.levels.clone(),
            fewest_steps: config.fewest_steps,
        };
        let mut series = series_of(&Table::read(&self.file)?, 52)?;
        Frame { freq: config.freq, ..Frame::default() }.set_years(&mut series);
        let sheet = if self.score {
            if self.plot.is_some() {
                return Err("scores are not drawn; leave out --score or --plot".to_owned());
            }
            score_sheet(&series, &rule, config.score_from.saturating_sub(1))?
        } else {
            let forecasts = series.iter().map(|one| forecast_counts(one, &rule));
            let forecasts = forecasts.collect::<Result<Vec<_>, _>>().map_err(|why| why.to_string())?;
            explain(&forecasts);
            if let Some(path) = &self.plot {
                picture::write(&chart(&series[0], &forecasts[0], &rule, self.output.language).svg(), path)?;
            }
            forecast_sheet(&series, &forecasts, &rule)
        };
        self.output.write(&sheet.render(self.output.format())?, &self.file)
    }
}

fn explain(forecasts: &[Vec<ForecastStep>]) {
    let doubts: BTreeSet<Doubt> = forecasts.iter().flatten().filter_map(|step| step.doubt).collect();
    for doubt in doubts {
        eprintln!("{}: {}", doubt.code(), doubt.sentence());
    }
}

/// The day of a step after the last one: as far from it as steps are from each other.
fn day_ahead(series: &Series, ahead: usize) -> Option<Day> {
    let last = *series.dates.last()?;
    match series.per_year {
        365 => Day::from_number(last.number() + ahead as i32),
        52 => Day::from_number(last.number() + 7 * ahead as i32),
        12 => {
            let months = i32::from(last.year()) * 12 + i32::from(last.month()) - 1 + ahead as i32;
            Day::of((months.div_euclid(12)) as i16, (months.rem_euclid(12) + 1) as i8, 1)
        }
        _ => None,
    }
}

fn forecast_sheet(series: &[Series], forecasts: &[Vec<ForecastStep>], rule: &ForecastRule) -> Sheet {
    let mut sheet = Sheet::of(&["series", "t", "date", "ahead", "level", "value", "note"]);
    for (one, steps) in series.iter().zip(forecasts) {
        for step in steps {
            let mut add = |level: Cell, value: Cell| {
                sheet.add(vec![
                    one.name.as_str().into(),
                    (one.len() + step.ahead).into(),
                    day_ahead(one, step.ahead).map(|day| day.to_string()).into(),
                    step.ahead.into(),
                    level,
                    value,
                    step.doubt.map_or("", Doubt::code).into(),
                ]);
            };
            if step.values.is_empty() {
                add(Cell::Nothing, Cell::Nothing);
            }
            for (level, value) in rule.levels.iter().zip(&step.values) {
                add((*level).into(), (*value).into());
            }
        }
    }
    sheet
}

/// A row per series and horizon; with several series, rows of `all`, in which every forecast counts once.
pub fn score_sheet(series: &[Series], rule: &ForecastRule, from: usize) -> Result<Sheet, String> {
    let progress = Progress::of(series.len());
    let scores = series
        .par_iter()
        .map(|one| {
            let scores = score_forecasts(one, rule, from).map_err(|why| why.to_string());
            progress.step();
            scores
        })
        .collect::<Result<Vec<_>, String>>()?;
    let mut sheet = Sheet::of(&[
        "series",
        "ahead",
        "n",
        "wis",
        "dispersion",
        "overprediction",
        "underprediction",
        "median_error",
        "coverage_50",
        "coverage_95",
        "naive_wis",
        "ratio_to_naive",
        "weekday_wis",
        "ratio_to_weekday",
    ]);
    for (one, scores) in series.iter().zip(&scores) {
        for score in scores {
            sheet.add(score_row(&one.name, score));
        }
    }
    if series.len() > 1 {
        for ahead in 1..=rule.horizon {
            let here = || scores.iter().flatten().filter(|score| score.ahead == ahead && score.n > 0);
            sheet.rows.extend(all_together(here, ahead).map(|score| score_row("all", &score)));
            let logs: Vec<f64> = here()
                .map(|score| (score.wis / score.naive_wis).ln())
                .filter(|log| log.is_finite())
                .collect();
            if !logs.is_empty() {
                let typical = (logs.iter().sum::<f64>() / logs.len() as f64).exp();
                eprintln!(
                    "{ahead} ahead: {typical:.3} of the naive score in the typical series (geometric mean)"
                );
            }
        }
    }
    if sheet.rows.is_empty() {
        eprintln!("{}: {}", Doubt::ShortHistory.code(), Doubt::ShortHistory.sentence());
    }
    Ok(sheet)
}

fn all_together<'a, I: Iterator<Item = &'a ForecastScore>>(
    scores: impl Fn() -> I,
    ahead: usize,
) -> Option<ForecastScore> {
    let n: usize = scores().map(|score| score.n).sum();
    let mean = |part: fn(&ForecastScore) -> f64| {
        scores().map(|score| part(score) * score.n as f64).sum::<f64>() / n as f64
    };
    // A NaN stands for what one of the series cannot tell, and so neither can all.
    let perhaps = |part: fn(&ForecastScore) -> Option<f64>| {
        let sum: Option<f64> = scores().map(|score| part(score).map(|value| value * score.n as f64)).sum();
        sum.map(|sum| sum / n as f64)
    };
    (n > 0).then(|| ForecastScore {
        ahead,
        n,
        wis: mean(|score| score.wis),
        dispersion: mean(|score| score.dispersion),
        overprediction: mean(|score| score.overprediction),
        underprediction: mean(|score| score.underprediction),
        median_error: mean(|score| score.median_error),
        coverage_50: perhaps(|score| score.coverage_50),
        coverage_95: perhaps(|score| score.coverage_95),
        naive_wis: mean(|score| score.naive_wis),
        weekday_wis: perhaps(|score| score.weekday_wis),
    })
}

fn score_row(name: &str, score: &ForecastScore) -> Vec<Cell> {
    // Against a naive forecast that is never wrong there is no ratio.
    let ratio = |naive: f64| (naive > 0.0).then(|| score.wis / naive);
    vec![
        name.into(),
        score.ahead.into(),
        score.n.into(),
        score.wis.into(),
        score.dispersion.into(),
        score.overprediction.into(),
        score.underprediction.into(),
        score.median_error.into(),
        score.coverage_50.into(),
        score.coverage_95.into(),
        score.naive_wis.into(),
        ratio(score.naive_wis).into(),
        score.weekday_wis.into(),
        score.weekday_wis.and_then(ratio).into(),
    ]
}

/// What was counted lately, the medians to come, and the outermost level above them as a line.
fn chart(series: &Series, steps: &[ForecastStep], rule: &ForecastRule, language: Language) -> Chart {
    const SHOWN: usize = 60;
    let from = series.len().saturating_sub(SHOWN);
    let label = |t: usize, day: Option<Day>| day.map_or_else(|| (t + 1).to_string(), |day| day.to_string());
    let middle =
        rule.levels.iter().position(|level| (level - 0.5).abs() < 1e-9).unwrap_or(rule.levels.len() / 2);
    let mut bars = Vec::new();
    let mut upper = Vec::new();
    for t in from..series.len() {
        let seen = series.counts[t].max(0.0);
        bars.push(Bar { label: label(t, series.dates.get(t).copied()), heights: vec![seen as u64, 0] });
        upper.push(if seen.is_nan() { 0.0 } else { seen });
    }
    for step in steps {
        let median = step.values.get(middle).copied().unwrap_or(0.0);
        let day = day_ahead(series, step.ahead);
        bars.push(Bar { label: label(series.len() + step.ahead - 1, day), heights: vec![0, median as u64] });
        upper.push(step.values.last().copied().unwrap_or(0.0));
    }
    let level = rule.levels.last().copied().unwrap_or(0.5) * 100.0;
    Chart {
        language,
        title: match language {
            Language::Zh => format!("短期预测：{}", series.name),
            Language::En => format!("Short-term forecast: {}", series.name),
        },
        description: match language {
            Language::Zh => format!("已报告之后 {} 步，线为 {level} % 分位数。", steps.len()),
            Language::En => {
                format!("{} steps after the last count; the line is the {level} % level.", steps.len())
            }
        },
        across: language.pick("日期", "date").to_owned(),
        up: language.pick("病例", "cases").to_owned(),
        series: vec![
            language.pick("已报告", "counted").to_owned(),
            language.pick("预测中位数", "median forecast").to_owned(),
        ],
        bars,
        line: Some(Line { name: format!("{level} %"), heights: upper }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str, score: bool) -> Result<Sheet, String> {
        let mut series = series_of(&Table::parse(text.as_bytes()).unwrap(), 52)?;
        Frame::default().set_years(&mut series);
        let rule = ForecastRule { horizon: 2, levels: vec![0.1, 0.5, 0.9], fewest_steps: 5 };
        if score {
            return score_sheet(&series, &rule, 0);
        }
        let forecasts: Vec<_> = series.iter().map(|one| forecast_counts(one, &rule).unwrap()).collect();
        Ok(forecast_sheet(&series, &forecasts, &rule))
    }

    fn months(many: i32) -> String {
        let row = |t: i32| format!("{},{}-{:02}-01,{}\n", t + 1, 2020 + t / 12, t % 12 + 1, 10 + t % 4);
        "t,date,observed\n".to_owned() + &(0..many).map(row).collect::<String>()
    }

    #[test]
    fn a_month_ahead_is_the_next_month_and_a_short_series_says_so() {
        let sheet = steps(&months(23), false).unwrap();
        let days: BTreeSet<String> = sheet.rows.iter().map(|row| row[2].text()).collect();
        assert_eq!(days.into_iter().collect::<Vec<_>>(), ["2021-12-01", "2022-01-01"]);
        let short = steps(&months(3), false).unwrap();
        assert_eq!((short.rows.len(), short.rows[0][6].text()), (2, "short_history".to_owned()));
    }

    #[test]
    fn several_series_are_also_scored_together() {
        let one = months(30);
        let named =
            |name: &str| one.lines().skip(1).map(|line| format!("{name},{line}\n")).collect::<String>();
        let sheet = steps(&format!("series,t,date,observed\n{}{}", named("a"), named("b")), true).unwrap();
        let names: Vec<String> = sheet.rows.iter().map(|row| row[0].text()).collect();
        assert_eq!(names, ["a", "a", "b", "b", "all", "all"]);
        assert_eq!(sheet.rows[0][3], sheet.rows[4][3]);
    }

    #[test]
    fn a_series_at_the_end_of_the_calendar_has_no_next_day() {
        let rows: String = (0..12).map(|t| format!("{},9999-12-{},4\n", t + 1, 20 + t)).collect();
        let sheet = steps(&format!("t,date,observed\n{rows}"), false).unwrap();
        assert!(sheet.rows.iter().all(|row| row[2] == Cell::Nothing));
    }
}
