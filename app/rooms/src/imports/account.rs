//! The account of an import: created + updated + unchanged + skipped + failed = rows in the file.

use linelist::{Problem, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Created,
    Updated,
    Unchanged,
    Skipped,
    Failed,
}

impl Action {
    pub fn word(self) -> &'static str {
        match self {
            Action::Created => "created",
            Action::Updated => "updated",
            Action::Unchanged => "unchanged",
            Action::Skipped => "skipped",
            Action::Failed => "failed",
        }
    }

    pub fn of(word: &str) -> Option<Action> {
        [Action::Created, Action::Updated, Action::Unchanged, Action::Skipped, Action::Failed]
            .into_iter()
            .find(|action| action.word() == word)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCounts {
    pub created: u64,
    pub unchanged: u64,
    pub removed: u64,
    /// A list names an infector whom no list has.
    pub dangling: u64,
}

/// One field of one record before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowChange {
    pub row: u64,
    pub case_no: String,
    pub fields: Vec<FieldChange>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub import: Option<String>,
    pub file: String,
    pub kind: String,
    pub dry_run: bool,
    pub rows: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub skipped: u64,
    pub failed: u64,
    pub format: String,
    pub encoding: Option<String>,
    pub header_row: Option<u64>,
    /// Column header to field word; columns without a field are kept as they are.
    pub mapping: BTreeMap<String, String>,
    pub recognised: Option<String>,
    pub event: Option<String>,
    pub list: Option<String>,
    pub links: LinkCounts,
    /// Cases that rows about links or contacts brought along.
    pub cases: BTreeMap<String, u64>,
    /// How many of each code, those beyond the kept ones included.
    pub problem_counts: BTreeMap<String, u64>,
    pub problems: Vec<Problem>,
    pub changes: Vec<RowChange>,
}

/// Errors are kept to the last; of doubts about single cells this many, so that a report stays a file one can open.
const MOST_DOUBTS: usize = 100_000;
const MOST_CHANGES: usize = 20_000;

impl Report {
    pub fn count(&mut self, action: Action) {
        self.rows += 1;
        match action {
            Action::Created => self.created += 1,
            Action::Updated => self.updated += 1,
            Action::Unchanged => self.unchanged += 1,
            Action::Skipped => self.skipped += 1,
            Action::Failed => self.failed += 1,
        }
    }

    pub fn adds_up(&self) -> bool {
        self.created + self.updated + self.unchanged + self.skipped + self.failed == self.rows
    }

    pub fn problem(&mut self, problem: Problem) {
        *self.problem_counts.entry(problem.code.clone()).or_default() += 1;
        if problem.severity == Severity::Error || self.problems.len() < MOST_DOUBTS {
            self.problems.push(problem);
        }
    }

    pub fn change(&mut self, change: RowChange) {
        if self.changes.len() < MOST_CHANGES {
            self.changes.push(change);
        }
    }
}

/// Says what was found about one row; the message ends with what to do.
pub fn found(
    row: u64,
    column: &str,
    value: &str,
    code: &str,
    severity: Severity,
    message: String,
) -> Problem {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Problem { row, column: given(column), value: given(value), code: code.to_owned(), severity, message }
}
