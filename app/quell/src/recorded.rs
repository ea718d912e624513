//! `quell recorded`: the analyst's questions to what is recorded in the database.

use crate::open::database;
use crate::place::PlaceArgs;
use base::Day;
use clap::{Args, Subcommand};
use rooms::cases::views::{Filter, case_records, export_cases, onset_pairs};
use serde_json::json;
use std::collections::BTreeMap;
use store::{Actor, Db, Query, params};
use trace::{IdRule, Record, reconcile};

#[derive(Subcommand)]
pub enum Recorded {
    /// Days between the onsets of infector and infectee, over the recorded links
    SerialInterval(Interval),
    /// Two recorded lists about the same people: who is in both, and on what they agree
    Reconcile(Reconcile),
    /// Recorded cases as CSV on standard output, without names
    Cases(Cases),
}

impl Recorded {
    pub fn run(self) -> Result<(), String> {
        match self {
            Recorded::SerialInterval(command) => command.run(),
            Recorded::Reconcile(command) => command.run(),
            Recorded::Cases(command) => command.run(),
        }
    }
}

#[derive(Args)]
pub struct Interval {
    #[command(flatten)]
    place: PlaceArgs,
    /// Only links of this event, by name or id
    #[arg(long)]
    event: Option<String>,
    /// Only infectors who fell ill on this day or later
    #[arg(long, value_name = "DAY")]
    infector_onset_from: Option<Day>,
    /// Only infectors who fell ill on this day or earlier
    #[arg(long, value_name = "DAY")]
    infector_onset_to: Option<Day>,
    /// Of several infectors of one case, only the one who fell ill first
    #[arg(long)]
    earliest: bool,
}

fn event_id(db: &Db, wanted: Option<&str>) -> Result<Option<String>, String> {
    let Some(wanted) = wanted.map(str::to_owned) else { return Ok(None) };
    let name = wanted.clone();
    let found = db.read_now(move |reader| {
        reader
            .first("SELECT id FROM cases_event WHERE id = $1 OR name = $1 ORDER BY id", params![name])?
            .map(|row| row.text(0))
            .transpose()
    });
    match found.map_err(|fault| fault.to_string())? {
        Some(id) => Ok(Some(id)),
        None => Err(format!("there is no event `{wanted}`; `quell recorded` knows events by name or id")),
    }
}

impl Interval {
    fn run(self) -> Result<(), String> {
        let db = database(&self.place)?;
        let filter = Filter { event: event_id(&db, self.event.as_deref())?, ..Filter::default() };
        let earliest = self.earliest;
        let scope = Actor::operator().scope;
        let pairs = db
            .read_now(move |reader| onset_pairs(reader, &scope, &filter, earliest))
            .map_err(|fault| fault.to_string())?;
        let pairs: Vec<_> = pairs
            .into_iter()
            .filter(|pair| self.infector_onset_from.is_none_or(|from| pair.infector_onset >= from))
            .filter(|pair| self.infector_onset_to.is_none_or(|to| pair.infector_onset <= to))
            .collect();
        let told = match stats::serial_interval(&pairs, 0.95) {
            Some(serial) => json!({
                "n": serial.days.n, "mean": serial.days.mean, "sd": serial.days.sd, "median": serial.days.median,
                "low": serial.days.low, "high": serial.days.high, "negative": serial.negative,
            }),
            None => json!({ "n": 0 }),
        };
        println!("{told}");
        Ok(())
    }
}

#[derive(Args)]
pub struct Reconcile {
    #[command(flatten)]
    place: PlaceArgs,
    /// Name of a recorded list
    left: String,
    /// Name of another
    right: String,
    /// How numbers correspond, such as `022000{n} = TJ{n}`
    #[arg(long, value_name = "RULE")]
    id: String,
}

const COMPARED: [&str; 4] = ["sex", "age", "onset", "result"];

impl Reconcile {
    fn run(self) -> Result<(), String> {
        let db = database(&self.place)?;
        let rule: IdRule = self.id.parse().map_err(|fault: trace::IdRuleError| fault.to_string())?;
        let left = records(&db, &self.left)?;
        let right = records(&db, &self.right)?;
        let found = reconcile(&left, &right, &rule, &COMPARED);
        let age_and_sex = found.matches.iter().filter(|one| one.agrees_on(&[0, 1])).count();
        let fields: BTreeMap<&str, _> = found
            .fields
            .iter()
            .map(|tally| {
                (
                    tally.field.as_str(),
                    json!({ "agree": tally.agree, "differ": tally.differ, "unknown": tally.unknown }),
                )
            })
            .collect();
        let told = json!({
            "left": left.len(), "right": right.len(), "linked": found.matches.len(), "agree_on_age_and_sex": age_and_sex,
            "fields": fields, "only_left": found.only_left.len(), "only_right": found.only_right.len(),
        });
        println!("{told}");
        Ok(())
    }
}

fn records(db: &Db, list: &str) -> Result<Vec<Record>, String> {
    let name = list.to_owned();
    let scope = Actor::operator().scope;
    let cases =
        db.read_now(move |reader| case_records(reader, &scope, &name)).map_err(|fault| fault.to_string())?;
    if cases.is_empty() {
        return Err(format!(
            "there is no recorded list `{list}` with cases; a list has the name of the file it came from"
        ));
    }
    Ok(cases
        .into_iter()
        .map(|case| {
            let day = |kind| case.dates.day(kind).map(|day| day.to_string()).unwrap_or_default();
            let fields = BTreeMap::from([
                ("sex".to_owned(), case.sex.map(|sex| sex.to_string()).unwrap_or_default()),
                ("age".to_owned(), case.age.map(|age| format!("{age}")).unwrap_or_default()),
                ("onset".to_owned(), day(cases::DateKind::Onset)),
                ("result".to_owned(), day(cases::DateKind::Result)),
            ]);
            Record { id: case.case_no, fields }
        })
        .collect())
}

#[derive(Args)]
pub struct Cases {
    #[command(flatten)]
    place: PlaceArgs,
    /// Only cases of this event, by name or id
    #[arg(long)]
    event: Option<String>,
}

impl Cases {
    fn run(self) -> Result<(), String> {
        let db = database(&self.place)?;
        let filter = Filter { event: event_id(&db, self.event.as_deref())?, ..Filter::default() };
        let scope = Actor::operator().scope;
        let mut out = std::io::stdout().lock();
        let rows = db
            .read_long(|reader| export_cases(reader, &scope, &filter, &mut out))
            .map_err(|fault| fault.to_string())?;
        eprintln!("{rows} cases.");
        Ok(())
    }
}
