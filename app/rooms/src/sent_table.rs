//! A table somebody sends: its columns are found by name, every row is created, updated, skipped because nothing is new, or failed
//! with its reason and what to do, and what is good around a bad row is kept.

use crate::refuse::invalid;
use crate::trace::day_in_cell;
use base::Day;
use exchange::{Caps, Choice, Source};
use linelist::Cell;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Error, Result};

/// What a row became.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    Created,
    /// Known already, and something was said otherwise.
    Updated,
    /// The same had been said before.
    Skipped,
}

/// A field, and what its column may be called, in small letters.
pub(crate) type Column = (&'static str, &'static [&'static str]);

/// The field a row fails by, and why.
pub(crate) type Failed = (&'static str, Error);

/// A row as it stands in the table.
pub(crate) struct Line {
    pub row: u64,
    cells: BTreeMap<&'static str, Cell>,
}

impl Line {
    /// Nothing of a column that is not there, and of an empty cell.
    pub fn cell(&self, field: &str) -> Option<&Cell> {
        self.cells.get(field).filter(|cell| !cell.is_blank())
    }

    pub fn said(&self, field: &str) -> Option<String> {
        self.cell(field).map(|cell| cell.text().trim().to_owned()).filter(|text| !text.is_empty())
    }

    pub fn day(&self, field: &'static str) -> std::result::Result<Option<Day>, Failed> {
        let Some(cell) = self.cell(field) else { return Ok(None) };
        day_in_cell(cell).map(Some).ok_or_else(|| {
            let en = "this is no date that means one day; write it as 2022-02-20";
            (field, invalid("filter.day", field, en, "日期无法识别或不唯一；请写作 2022-02-20"))
        })
    }
}

/// The rows that are not blank. `enough` says whether the columns that were found will do, and refuses otherwise.
pub(crate) fn lines_of(
    name: &str,
    bytes: &[u8],
    columns: &[Column],
    enough: impl FnOnce(&dyn Fn(&str) -> bool) -> Result<()>,
) -> Result<Vec<Line>> {
    let unreadable =
        |fault: exchange::FileError| invalid("table.unreadable", "file", fault.to_string(), fault.zh());
    let file = exchange::open(Source { name, bytes: bytes.into() }, &Choice::default(), &Caps::default())
        .map_err(unreadable)?;
    let places: Vec<(&'static str, usize)> = columns
        .iter()
        .filter_map(|(field, names)| {
            let is_it = |column: &String| names.contains(&column.trim().to_lowercase().as_str());
            file.columns.iter().position(is_it).map(|at| (*field, at))
        })
        .collect();
    enough(&|field| places.iter().any(|(known, _)| *known == field))?;
    let mut lines = Vec::new();
    for row in file.rows() {
        let row = row.map_err(unreadable)?;
        if row.cells.iter().all(Cell::is_blank) {
            continue;
        }
        let cells =
            places.iter().filter_map(|(field, at)| row.cells.get(*at).map(|cell| (*field, cell.clone())));
        lines.push(Line { row: row.number, cells: cells.collect() });
    }
    Ok(lines)
}

/// Writes rows, each with its number in the table, as one change.
type Apply<'a, T> = dyn FnMut(&[(u64, T)]) -> Result<Vec<Became>> + 'a;

/// What became of every row.
#[derive(Default)]
pub(crate) struct Account {
    created: usize,
    updated: usize,
    skipped: usize,
    failures: BTreeMap<u64, Json>,
}

impl Account {
    /// A fault that is no refusal is nobody's row: the whole table stops at it.
    pub fn failed(&mut self, row: u64, (field, fault): Failed) -> Result<()> {
        let Error::Refused(refusal) = fault else { return Err(fault) };
        let field = refusal.field.as_deref().unwrap_or(field);
        let told =
            json!({ "row": row, "field": field, "code": refusal.code, "en": refusal.en, "zh": refusal.zh });
        self.failures.insert(row, told);
        Ok(())
    }

    /// Whether somebody is known here is not told to whoever only tries: every good row could be new.
    pub fn would_create(&mut self, rows: usize) {
        self.created += rows;
    }

    /// Sends the good rows. A block is one change, so that its journal row names them all; when something in it is refused after
    /// all, its rows go one by one, and only that one fails, by `field` when its refusal names none.
    pub fn send<T>(
        &mut self,
        good: &[(u64, T)],
        field: &'static str,
        apply: &mut Apply<'_, T>,
    ) -> Result<()> {
        const BLOCK: usize = 250;
        for block in good.chunks(BLOCK) {
            match apply(block) {
                Ok(became) => self.became(&became),
                Err(Error::Refused(_)) if block.len() > 1 => {
                    for one in block {
                        self.send(std::slice::from_ref(one), field, apply)?;
                    }
                }
                Err(fault) => self.failed(block[0].0, (field, fault))?,
            }
        }
        Ok(())
    }

    fn became(&mut self, rows: &[Became]) {
        for row in rows {
            match row {
                Became::Created => self.created += 1,
                Became::Updated => self.updated += 1,
                Became::Skipped => self.skipped += 1,
            }
        }
    }

    pub fn told(self, rows: usize, dry: bool) -> Json {
        let Account { created, updated, skipped, failures } = self;
        assert_eq!(created + updated + skipped + failures.len(), rows, "every row is accounted for");
        json!({
            "rows": rows, "created": created, "updated": updated, "skipped": skipped,
            "failed": failures.len(), "failures": failures.into_values().collect::<Vec<_>>(), "dry_run": dry,
        })
    }
}
