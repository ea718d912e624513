//! `quell reconcile-files`: two plain lists about the same people, paired by a rule for their numbers.

use super::account::RowAccount;
use super::column_days::{ColumnDays, Order};
use super::output::{Format, Output, csv_text, json_text};
use super::table::{Column, Row, Table};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use std::str::FromStr;
use trace::{Agreement, IdRule, Reconciliation, Record};

#[derive(Args)]
pub struct ReconcileFiles {
    /// One list, as CSV
    left: PathBuf,
    /// The other list, as CSV
    right: PathBuf,
    /// How a number of the left list is written in the right one, such as "022000{n} = TJ{n}"
    #[arg(long, value_name = "RULE")]
    id: IdRule,
    /// Column with the number in the left list
    #[arg(long, value_name = "COLUMN")]
    left_id: String,
    /// Column with the number in the right list
    #[arg(long, value_name = "COLUMN")]
    right_id: String,
    /// Columns that should agree: LEFT=RIGHT or one name for both, with :day or :sex for those; may be repeated
    #[arg(long = "compare", value_name = "COLUMNS", required = true)]
    compare: Vec<Comparison>,
    /// Order of day and month where a column itself does not show it
    #[arg(long, value_enum)]
    dates: Option<Order>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Comparison {
    left: String,
    right: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Day,
    Sex,
}

impl FromStr for Comparison {
    type Err = String;
    fn from_str(text: &str) -> Result<Comparison, String> {
        let (columns, kind) = match text.rsplit_once(':') {
            Some((columns, "day")) => (columns, Kind::Day),
            Some((columns, "sex")) => (columns, Kind::Sex),
            Some((columns, "text")) => (columns, Kind::Text),
            _ => (text, Kind::Text),
        };
        let (left, right) = columns.split_once('=').unwrap_or((columns, columns));
        if left.trim().is_empty() || right.trim().is_empty() {
            return Err("write LEFT=RIGHT, the two column names".to_owned());
        }
        Ok(Comparison { left: left.trim().to_owned(), right: right.trim().to_owned(), kind })
    }
}

impl ReconcileFiles {
    pub fn run(self) -> Result<(), String> {
        let names = |side: fn(&Comparison) -> &str| self.compare.iter().map(side).collect::<Vec<_>>();
        let (left_table, right_table) = (Table::read(&self.left)?, Table::read(&self.right)?);
        let left = self.records(&left_table, &self.left_id, &names(|c| &c.left))?;
        let right = self.records(&right_table, &self.right_id, &names(|c| &c.right))?;
        // A field is called by the left column; two comparisons of one column stay apart by their right
        // column.
        let fields: Vec<String> = self.compare.iter().map(Comparison::name).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let result = trace::reconcile(&left, &right, &self.id, &fields);
        report(&result, left.len(), right.len());
        let text = match self.output.format() {
            Format::Csv => csv_text(self.csv_rows(&result, &left, &right))?,
            Format::Json => json_text(&json(&result, &left, &right)),
            Format::Svg => return Err("a comparison is a table; choose --format csv or json".to_owned()),
        };
        self.output.write(&text, &self.left)
    }

    fn records(&self, table: &Table, id: &str, columns: &[&str]) -> Result<Vec<Record>, String> {
        let id = table.column(id)?;
        let columns: Vec<Column> = columns.iter().map(|name| table.column(name)).collect::<Result<_, _>>()?;
        let days: Vec<Option<ColumnDays>> = self
            .compare
            .iter()
            .zip(&columns)
            .map(|(c, column)| {
                let wanted = c.kind == Kind::Day;
                wanted.then(|| ColumnDays::of(table, *column, self.dates)).transpose()
            })
            .collect::<Result<_, _>>()?;
        let mut account = RowAccount::of(table);
        let mut records = Vec::new();
        for row in table.rows() {
            let Some(number) = row.says(id) else {
                account.left_out("no number", format!("row {}", row.number));
                continue;
            };
            account.used();
            let said = self.compare.iter().zip(&columns).zip(&days).map(|((comparison, column), days)| {
                (comparison.name(), comparable(row, *column, comparison.kind, days.as_ref()))
            });
            records.push(Record { id: number.to_owned(), fields: said.collect() });
        }
        account.refuse_nothing("records")?;
        account.print("records");
        Ok(records)
    }

    fn csv_rows(&self, result: &Reconciliation, left: &[Record], right: &[Record]) -> Vec<Vec<String>> {
        let mut header = vec!["left".to_owned(), "right".to_owned()];
        header.extend(self.compare.iter().map(Comparison::name));
        let mut rows = vec![header];
        for pair in &result.matches {
            let mut row = vec![left[pair.left].id.clone(), right[pair.right].id.clone()];
            row.extend(self.compare.iter().zip(&pair.agreement).map(|(comparison, agreement)| {
                let name = comparison.name();
                match agreement {
                    Agreement::Agree => "agree".to_owned(),
                    Agreement::Unknown => "unknown".to_owned(),
                    Agreement::Differ => {
                        format!("{} ≠ {}", left[pair.left].fields[&name], right[pair.right].fields[&name])
                    }
                }
            }));
            rows.push(row);
        }
        let blank = || vec![String::new(); self.compare.len()];
        let alone =
            result.only_left.iter().map(|n| [vec![left[*n].id.clone(), String::new()], blank()].concat());
        rows.extend(alone);
        let alone =
            result.only_right.iter().map(|n| [vec![String::new(), right[*n].id.clone()], blank()].concat());
        rows.extend(alone);
        rows
    }
}

impl Comparison {
    fn name(&self) -> String {
        if self.left == self.right { self.left.clone() } else { format!("{} = {}", self.left, self.right) }
    }
}

/// The cell in words that compare letter for letter; blank when it says nothing.
fn comparable(row: &Row, column: Column, kind: Kind, days: Option<&ColumnDays>) -> String {
    let Some(cell) = row.says(column) else { return String::new() };
    match (kind, days) {
        (Kind::Day, Some(days)) => match days.day(row) {
            Ok(day) => day.map(String::from).unwrap_or_default(),
            Err(why) => {
                eprintln!("compared as it stands: {why}");
                cell.to_owned()
            }
        },
        (Kind::Sex, _) => match cell.to_lowercase().as_str() {
            "m" | "male" | "man" | "男" | "男性" => "male".to_owned(),
            "f" | "female" | "woman" | "女" | "女性" => "female".to_owned(),
            other => other.to_owned(),
        },
        _ => cell.to_owned(),
    }
}

fn report(result: &Reconciliation, left: usize, right: usize) {
    eprintln!(
        "{left} and {right} records: {} linked ({} of them repeat a number), {} only left, {} only right",
        result.matches.len(),
        result.repeated_left.len(),
        result.only_left.len(),
        result.only_right.len()
    );
    for field in &result.fields {
        eprintln!(
            "  {}: {} agree, {} differ, {} unknown",
            field.field, field.agree, field.differ, field.unknown
        );
    }
    let all: Vec<usize> = (0..result.fields.len()).collect();
    let agreed = result.matches.iter().filter(|pair| pair.agrees_on(&all)).count();
    eprintln!("  all of these: {agreed} agree");
}

fn json(result: &Reconciliation, left: &[Record], right: &[Record]) -> serde_json::Value {
    let matches: Vec<serde_json::Value> = result
        .matches
        .iter()
        .map(|pair| {
            let (a, b) = (&left[pair.left], &right[pair.right]);
            json!({
                "left": a.id,
                "right": b.id,
                "agreement": pair.agreement,
                "left_says": a.fields,
                "right_says": b.fields,
            })
        })
        .collect();
    let ids = |places: &[usize], of: &[Record]| places.iter().map(|n| of[*n].id.clone()).collect::<Vec<_>>();
    json!({
        "fields": result.fields,
        "matches": matches,
        "only_left": ids(&result.only_left, left),
        "only_right": ids(&result.only_right, right),
        "repeated_left": ids(&result.repeated_left, left),
        "repeated_right": ids(&result.repeated_right, right),
    })
}
