//! `quell serial-interval`: days between the onsets of infector and infectee, as observed and as corrected.

use super::account::RowAccount;
use super::censored_interval;
use super::chart::{Bar, Chart, Line};
use super::column_days::{ColumnDays, Order};
use super::language::Language;
use super::output::{Format, Output, csv_text, json_text, two_decimals};
use super::table::{Row, Table};
use base::{Day, Streams};
use clap::{Args, ValueEnum};
use serde_json::json;
use stats::{DelayFamily, DelayFit, Estimate, FitError, OnsetPair, Shape};
use std::collections::BTreeMap;
use std::path::PathBuf;
use trace::{Form, KnownIds, Telling};

/// The confidence of every interval, as field reports use it.
const LEVEL: f64 = 0.95;

/// Wider than any serial interval known: two years of days.
const MOST_BARS: i32 = 730;

#[derive(Args)]
pub struct SerialInterval {
    /// The list, as CSV: one row a pair, or one row a case
    file: PathBuf,
    /// One row a pair: column with the infector's onset
    #[arg(long, value_name = "COLUMN", requires = "infectee_onset", conflicts_with = "id")]
    infector_onset: Option<String>,
    /// One row a pair: column with the infectee's onset
    #[arg(long, value_name = "COLUMN", requires = "infector_onset")]
    infectee_onset: Option<String>,
    /// One row a case: column with the case number
    #[arg(long, value_name = "COLUMN", requires = "infector", requires = "onset")]
    id: Option<String>,
    /// One row a case: column with the infector's number, or text that names infectors (the earliest is taken)
    #[arg(long, value_name = "COLUMN", requires = "id")]
    infector: Option<String>,
    /// One row a case: column with the onset
    #[arg(long, value_name = "COLUMN", requires = "id")]
    onset: Option<String>,
    /// Which names in a text count: numbers written in full (TJ9), or also "case 9" and ranges
    #[arg(long, value_enum, default_value = "any")]
    naming: Naming,
    /// One row a pair of which only windows are known: four columns, the first and last day of the infector's onset and of
    /// the infectee's; days, or numbers of days
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', num_args = 1, conflicts_with_all = ["id", "infector_onset", "truncate_at"])]
    windows: Option<Vec<String>>,
    /// Only infectors who fell ill on this day or later
    #[arg(long, value_name = "DAY")]
    infector_onset_from: Option<Day>,
    /// Only infectors who fell ill on this day or earlier
    #[arg(long, value_name = "DAY")]
    infector_onset_to: Option<Day>,
    /// Last day on which onsets were known: corrects for infectees who had not fallen ill by then
    #[arg(long, value_name = "DAY")]
    truncate_at: Option<Day>,
    /// Family of the fitted distribution: normal (keeps negative intervals), gamma or lognormal; from --windows gamma,
    /// lognormal or weibull
    #[arg(long, value_name = "FAMILY")]
    distribution: Option<String>,
    /// Samples behind the interval of the fit
    #[arg(long, default_value_t = 400)]
    repetitions: usize,
    /// Seed of those samples; the same seed gives the same interval
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Order of day and month where the columns themselves do not show it
    #[arg(long, value_enum)]
    dates: Option<Order>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Naming {
    Full,
    Any,
}

/// What is known about the pairs: as they were seen, and as they would be had everybody been waited for.
struct Answer {
    observed: stats::SerialInterval,
    /// Why there is no fit is an answer too: what was observed stands beside it.
    fit: Option<Result<DelayFit, FitError>>,
    pairs: Vec<OnsetPair>,
}

impl SerialInterval {
    pub fn run(self) -> Result<(), String> {
        let table = Table::read(&self.file)?;
        if let Some(columns) = &self.windows {
            let text = self.render_windows(&table, columns)?;
            return self.output.write(&text, &self.file);
        }
        let mut account = RowAccount::of(&table);
        let pairs = match (&self.infector_onset, &self.infectee_onset) {
            (Some(infector), Some(infectee)) => {
                self.stated_pairs(&table, infector, infectee, &mut account)?
            }
            _ => self.named_pairs(&table, &mut account)?,
        };
        account.refuse_nothing("pairs")?;
        account.print("pairs");
        let answer = self.answer(pairs)?;
        self.output.write(&self.render(&answer)?, &self.file)
    }

    /// One row, one pair of windows.
    fn render_windows(&self, table: &Table, columns: &[String]) -> Result<String, String> {
        let columns: &[String; 4] = columns.try_into().map_err(|_| {
            format!("--windows names {} columns; name four, such as EL,ER,SL,SR", columns.len())
        })?;
        let family = self.distribution.as_deref().map_or(Ok(DelayFamily::Lognormal), str::parse)?;
        let fit = censored_interval::fit(table, columns, family, LEVEL, self.repetitions, self.seed)?;
        censored_interval::render(&fit, self.output.format())
    }

    /// One row, one pair.
    fn stated_pairs(
        &self,
        table: &Table,
        infector: &str,
        infectee: &str,
        account: &mut RowAccount,
    ) -> Result<Vec<OnsetPair>, String> {
        let infector = ColumnDays::of(table, table.column(infector)?, self.dates)?;
        let infectee = ColumnDays::of(table, table.column(infectee)?, self.dates)?;
        let mut pairs = Vec::new();
        for row in table.rows() {
            let onsets = infector.day(row).and_then(|first| Ok((first, infectee.day(row)?)));
            match onsets {
                Ok(onsets) => pairs.extend(self.pair_of(row, onsets, account)),
                Err(why) => account.left_out("an onset is not readable", why),
            }
        }
        Ok(pairs)
    }

    /// One row, one case that names its infector, by number or in words.
    fn named_pairs(&self, table: &Table, account: &mut RowAccount) -> Result<Vec<OnsetPair>, String> {
        let (Some(id), Some(infector), Some(onset)) = (&self.id, &self.infector, &self.onset) else {
            return Err(
                "say where the onsets are: --infector-onset and --infectee-onset for a list of pairs, or \
                        --id, --infector and --onset for a list of cases"
                    .to_owned(),
            );
        };
        let (id, infector) = (table.column(id)?, table.column(infector)?);
        let days = ColumnDays::of(table, table.column(onset)?, self.dates)?;
        let known = KnownIds::new(table.rows().iter().filter_map(|row| row.says(id)));
        let onsets: BTreeMap<&str, Day> = table
            .rows()
            .iter()
            .filter_map(|row| Some((known.exactly(row.says(id)?)?, days.day(row).ok()??)))
            .collect();
        let mut pairs = Vec::new();
        for row in table.rows() {
            let infectee_onset = match days.day(row) {
                Ok(day) => day,
                Err(why) => {
                    account.left_out("an onset is not readable", why);
                    continue;
                }
            };
            let (Some(case_no), Some(text)) = (row.says(id), row.says(infector)) else {
                account.left_out("no infector named", format!("row {}", row.number));
                continue;
            };
            match self.earliest_named(&Telling { case_no, text, onset: infectee_onset }, &known, &onsets) {
                Some(infector_onset) => {
                    pairs.extend(self.pair_of(row, (infector_onset, infectee_onset), account));
                }
                None => {
                    let example = format!("row {} `{text}`", row.number);
                    account.left_out("no case of the list is named as infector", example);
                }
            }
        }
        Ok(pairs)
    }

    /// The onset of the named infector who fell ill first: `None` when no listed case is named, `Some(None)`
    /// when no onset of the named ones is known.
    fn earliest_named(
        &self,
        telling: &Telling,
        known: &KnownIds,
        onsets: &BTreeMap<&str, Day>,
    ) -> Option<Option<Day>> {
        // A cell that is a number of the list names it, however short the number.
        if let Some(id) = known.exactly(telling.text.trim()) {
            return Some(onsets.get(id).copied());
        }
        let named: Vec<Option<Day>> = trace::candidate_links(&[*telling], known)
            .iter()
            .filter(|link| link.listed && (self.naming == Naming::Any || link.form == Form::Full))
            .map(|link| onsets.get(link.infector.as_str()).copied())
            .collect();
        trace::earliest_named_infector(named.iter().copied()).map(|place| named[place])
    }

    fn pair_of(
        &self,
        row: &Row,
        onsets: (Option<Day>, Option<Day>),
        account: &mut RowAccount,
    ) -> Option<OnsetPair> {
        let (Some(infector_onset), Some(infectee_onset)) = onsets else {
            account.left_out("an onset is not known", format!("row {}", row.number));
            return None;
        };
        let early = self.infector_onset_from.is_some_and(|from| infector_onset < from);
        let late = self.infector_onset_to.is_some_and(|to| to < infector_onset);
        if early || late {
            let example = format!("row {} {infector_onset}", row.number);
            account.left_out("infector onset outside the window", example);
            return None;
        }
        let later = infector_onset.max(infectee_onset);
        if self.truncate_at.is_some_and(|last| last < later) {
            account.left_out("an onset after --truncate-at", format!("row {} {later}", row.number));
            return None;
        }
        account.used();
        Some(OnsetPair { infector_onset, infectee_onset })
    }

    fn answer(&self, pairs: Vec<OnsetPair>) -> Result<Answer, String> {
        let shape = self.distribution.as_deref().map_or(Ok(Shape::Normal), str::parse)?;
        let observed = stats::serial_interval(&pairs, LEVEL).ok_or("there is no pair")?;
        // A fit is made when something about it was asked for.
        let wanted = self.distribution.is_some() || self.truncate_at.is_some();
        let streams = Streams::seeded(self.seed);
        let fit = wanted.then(|| {
            let (last_day, repetitions) = (self.truncate_at, self.repetitions);
            stats::estimate_truncated_delay(&pairs, shape, last_day, LEVEL, repetitions, &streams)
        });
        match &fit {
            Some(Ok(fit)) if fit.impossible > 0 => {
                let left_out = fit.impossible;
                eprintln!(
                    "{left_out} pairs with a negative interval are not in the {shape} fit; normal keeps them"
                );
            }
            Some(Err(why)) => eprintln!("no fit: {why}"),
            _ => {}
        }
        Ok(Answer { observed, fit, pairs })
    }

    fn render(&self, answer: &Answer) -> Result<String, String> {
        match self.output.format() {
            Format::Csv => csv_text(csv_rows(answer)),
            Format::Json => Ok(json_text(&json!({
                "observed": answer.observed,
                "fit": answer.fit(),
                "no_fit_because": answer.no_fit_because(),
                "level": LEVEL,
                "seed": self.seed,
                "infector_onset_from": self.infector_onset_from,
                "infector_onset_to": self.infector_onset_to,
            }))),
            Format::Svg => Ok(chart(answer, self.output.language)?.svg()),
        }
    }
}

impl Answer {
    fn fit(&self) -> Option<&DelayFit> {
        self.fit.as_ref()?.as_ref().ok()
    }

    fn no_fit_because(&self) -> Option<String> {
        self.fit.as_ref()?.as_ref().err().map(ToString::to_string)
    }
}

fn csv_rows(answer: &Answer) -> Vec<Vec<String>> {
    let observed = &answer.observed;
    let days = &observed.days;
    let number = |value: Option<f64>| value.map(two_decimals).unwrap_or_default();
    let row =
        |measure: &str, value: String, low: String, high: String| vec![measure.to_owned(), value, low, high];
    let plain = |measure: &str, value: String| row(measure, value, String::new(), String::new());
    let mut rows = vec![
        row("measure", "value".to_owned(), "low".to_owned(), "high".to_owned()),
        plain("observed_pairs", days.n.to_string()),
        row("observed_mean_days", two_decimals(days.mean), number(days.low), number(days.high)),
        plain("observed_sd_days", number(days.sd)),
        plain("observed_median_days", two_decimals(days.median)),
        plain("observed_negative", observed.negative.to_string()),
        plain("observed_same_day", observed.same_day.to_string()),
    ];
    if let Some(fit) = answer.fit() {
        let estimate = |measure: &str, e: Estimate| {
            row(measure, two_decimals(e.value), two_decimals(e.low), two_decimals(e.high))
        };
        rows.extend([
            plain("fit_distribution", fit.shape.to_string()),
            plain("fit_last_day", fit.last_day.map(String::from).unwrap_or_default()),
            plain("fit_pairs", fit.n.to_string()),
            estimate("fit_mean_days", fit.mean),
            estimate("fit_sd_days", fit.sd),
            plain("fit_aic", two_decimals(fit.aic)),
            plain("fit_repetitions", format!("{} of {}", fit.repetitions.0, fit.repetitions.1)),
        ]);
    }
    rows.extend(answer.no_fit_because().map(|why| plain("no_fit_because", why)));
    rows
}

fn chart(answer: &Answer, language: Language) -> Result<Chart, String> {
    let days: Vec<i32> = answer.pairs.iter().map(|pair| pair.days()).collect();
    let first = days.iter().copied().min().unwrap_or(0);
    let last = days.iter().copied().max().unwrap_or(0);
    if last - first > MOST_BARS {
        return Err(format!(
            "intervals reach from {first} to {last} days, too wide to draw; look for a mistyped year"
        ));
    }
    let many = |day: i32| days.iter().filter(|d| **d == day).count() as u64;
    let summary = &answer.observed.days;
    let (n, mean) = (summary.n, two_decimals(summary.mean));
    let sd = summary.sd.map(two_decimals).unwrap_or_default();
    let negative = answer.observed.negative;
    let fitted = answer.fit().map(|fit| {
        let (value, low, high) = (fit.mean.value, fit.mean.low, fit.mean.high);
        let [value, low, high] = [value, low, high].map(two_decimals);
        match language {
            Language::Zh => format!("校正后均值 {value} 天（95% 区间 {low} 至 {high}）。"),
            Language::En => format!("Corrected mean {value} days (95 % interval {low} to {high})."),
        }
    });
    let observed = match language {
        Language::Zh => format!("{n} 对，观察均值 {mean} 天，标准差 {sd}，{negative} 对为负。"),
        Language::En => format!("{n} pairs, observed mean {mean} days, SD {sd}, {negative} negative. "),
    };
    Ok(Chart {
        language,
        title: match language {
            Language::Zh => format!("代际间隔（{n} 对，均值 {mean} 天）"),
            Language::En => format!("Serial interval ({n} pairs, mean {mean} days)"),
        },
        description: observed + &fitted.unwrap_or_default(),
        across: language
            .pick("感染者与被感染者发病相隔天数", "days from infector onset to infectee onset")
            .to_owned(),
        up: language.pick("对数", "pairs").to_owned(),
        series: vec![language.pick("观察", "observed").to_owned()],
        bars: (first..=last).map(|day| Bar { label: day.to_string(), heights: vec![many(day)] }).collect(),
        line: answer.fit().map(|fit| Line {
            name: language.pick("校正后", "corrected").to_owned(),
            // The whole distribution over as many pairs as were seen: its area is that of the bars.
            heights: (first..=last).map(|day| fit.probability(day) * fit.n as f64).collect(),
        }),
    })
}
