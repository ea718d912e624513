//! `quell epicurve`: cases of a plain list by the day something happened to them.

use super::account::RowAccount;
use super::chart::{Bar, Chart};
use super::column_days::{ColumnDays, Order};
use super::language::Language;
use super::output::{Format, Output, csv_text, json_text};
use super::table::Table;
use base::Day;
use clap::Args;
use serde_json::json;
use stats::{Curve, Interval};
use std::path::PathBuf;

#[derive(Args)]
pub struct Epicurve {
    /// The list, as CSV
    file: PathBuf,
    /// Column with the day to count by, such as onset
    #[arg(long, value_name = "COLUMN")]
    date: String,
    /// Column whose values become the parts of each bar, such as sex
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// Length of one bar: day, week (ISO, from Monday), month, or a number of them such as "2 weeks"
    #[arg(long, default_value = "day")]
    interval: Interval,
    /// First day of the curve
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// Last day of the curve
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,
    /// Order of day and month where the column itself does not show it
    #[arg(long, value_enum)]
    dates: Option<Order>,
    #[command(flatten)]
    output: Output,
}

impl Epicurve {
    pub fn run(self) -> Result<(), String> {
        let table = Table::read(&self.file)?;
        let date = table.column(&self.date)?;
        let by = self.by.as_deref().map(|name| table.column(name)).transpose()?;
        let days = ColumnDays::of(&table, date, self.dates)?;

        let mut account = RowAccount::of(&table);
        let mut cases: Vec<(Day, &str)> = Vec::new();
        for row in table.rows() {
            match days.day(row) {
                Ok(Some(day)) if self.is_outside(day) => {
                    account.left_out("outside the window", format!("row {} {day}", row.number));
                }
                Ok(Some(day)) => {
                    account.used();
                    cases.push((day, by.and_then(|by| row.says(by)).unwrap_or("")));
                }
                Ok(None) => {
                    account
                        .left_out(format!("`{}` not known", table.name(date)), format!("row {}", row.number));
                }
                Err(why) => account.left_out(format!("`{}` not readable", table.name(date)), why),
            }
        }
        account.refuse_nothing("cases")?;
        let curve =
            stats::epicurve(&cases, self.interval, self.from, self.to).map_err(|why| why.to_string())?;
        account.print("cases");
        self.output.write(&self.render(&curve, table.name(date))?, &self.file)
    }

    fn is_outside(&self, day: Day) -> bool {
        self.from.is_some_and(|from| day < from) || self.to.is_some_and(|to| to < day)
    }

    fn render(&self, curve: &Curve, date: &str) -> Result<String, String> {
        match self.output.format() {
            Format::Csv => csv_text(csv_rows(curve)),
            Format::Json => Ok(json_text(&self.json(curve, date))),
            Format::Svg => Ok(self.chart(curve, date).svg()),
        }
    }

    fn json(&self, curve: &Curve, date: &str) -> serde_json::Value {
        json!({
            "date": date,
            "by": self.by,
            "interval": self.interval.to_string(),
            "n": curve.n,
            "groups": curve.groups,
            "bins": curve.bins,
            "counts": curve.counts,
            "totals": curve.totals(),
        })
    }

    fn chart(&self, curve: &Curve, date: &str) -> Chart {
        let language = self.output.language;
        let interval = interval_words(self.interval, language);
        let totals = curve.totals();
        let highest = totals.iter().enumerate().max_by_key(|(place, n)| (**n, std::cmp::Reverse(*place)));
        let (peak, most) = highest.map_or(("", 0), |(place, n)| (curve.bins[place].label.as_str(), *n));
        let ends = (curve.bins.first().map(|bin| bin.first), curve.bins.last().map(|bin| bin.last));
        let (first, last) = (ends.0.map(String::from), ends.1.map(String::from));
        let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
        let n = curve.n;
        let description = match language {
            Language::Zh => format!("{first} 至 {last} 共 {n} 例；{peak} 最多，{most} 例。"),
            Language::En => format!("{n} cases from {first} to {last}; the most, {most}, at {peak}."),
        };
        let unknown = language.pick("未知", "not known");
        Chart {
            language,
            title: match language {
                Language::Zh => format!("流行曲线：按 {date}，{interval}（n = {n}）"),
                Language::En => format!("Epidemic curve by {date}, per {interval} (n = {n})"),
            },
            description,
            across: date.to_owned(),
            up: language.pick("病例数", "cases").to_owned(),
            series: match curve.groups.as_slice() {
                [only] if only.is_empty() => vec![String::new()],
                groups => {
                    groups.iter().map(|g| if g.is_empty() { unknown.to_owned() } else { g.clone() }).collect()
                }
            },
            bars: curve
                .bins
                .iter()
                .enumerate()
                .map(|(place, bin)| Bar {
                    label: bin.label.clone(),
                    heights: curve.counts.iter().map(|group| group[place]).collect(),
                })
                .collect(),
            line: None,
        }
    }
}

fn csv_rows(curve: &Curve) -> Vec<Vec<String>> {
    let mut header = vec!["interval".to_owned(), "first".to_owned(), "last".to_owned(), "cases".to_owned()];
    // Without groups the total says it all.
    let grouped = curve.groups.iter().any(|group| !group.is_empty());
    let groups = if grouped { curve.groups.as_slice() } else { &[] };
    header.extend(groups.iter().map(|g| if g.is_empty() { "not known".to_owned() } else { g.clone() }));
    let mut rows = vec![header];
    for (place, (bin, total)) in curve.bins.iter().zip(curve.totals()).enumerate() {
        let mut row = vec![bin.label.clone(), bin.first.to_string(), bin.last.to_string(), total.to_string()];
        row.extend(curve.counts.iter().take(groups.len()).map(|group| group[place].to_string()));
        rows.push(row);
    }
    rows
}

fn interval_words(interval: Interval, language: Language) -> String {
    if language == Language::En {
        return interval.to_string();
    }
    let (many, unit) = match interval {
        Interval::Days(many) => (many, "日"),
        Interval::Weeks(many) => (many, "周"),
        Interval::Months(many) => (many, "月"),
    };
    if many == 1 { format!("每{unit}") } else { format!("每 {many} {unit}") }
}
