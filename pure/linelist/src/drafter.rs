//! From the cells of one row to what the row says, with every doubt named by row, column, value and remedy.
//!
//! Deliberately absent: deciding whether a case is new, and reading case numbers out of free text (trace
//! does).

mod answer;
mod assemble;

use crate::{
    Cell, Draft, Fact, Field, ListKind, Mapping, Problem, Severity,
    absent::is_masked,
    mapping::{ColumnMapping, Defaults},
    profile::is_comment,
};
use answer::Answer;
use std::collections::BTreeMap;

/// One row, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Drafted {
    pub row: u64,
    /// `None` for blank rows and for rows with an Error.
    pub draft: Option<Draft>,
    pub problems: Vec<Problem>,
    /// Nothing in any cell, or a comment row (`##`): skipped, and counted as skipped.
    pub blank: bool,
    /// The case number of an earlier row of which this one is a further piece: same number, person left
    /// blank.
    pub continues: Option<String>,
}

/// Reads row after row by one mapping. It remembers the case numbers it has met, for continuation rows.
pub struct Drafter {
    kind: ListKind,
    columns: Vec<ColumnMapping>,
    defaults: Defaults,
    /// Case numbers met so far, with the name each was met under.
    met: BTreeMap<String, Option<String>>,
}

/// What a row says, by field.
pub(crate) type Answers = BTreeMap<Field, Answer>;

impl Drafter {
    /// `columns` are the file's headers; the mapping is matched to them by header, so that a remembered
    /// mapping fits a file whose columns moved.
    pub fn new(mapping: &Mapping, columns: &[String]) -> Drafter {
        let bound = columns.iter().enumerate().map(|(place, header)| {
            let fits = |column: &&ColumnMapping| same_header(&column.header, header);
            let here = mapping.columns.get(place).filter(fits);
            let mut column = here
                .or_else(|| mapping.columns.iter().find(fits))
                .cloned()
                .unwrap_or_else(|| ColumnMapping::unread(header));
            column.header.clone_from(header);
            if let Some(date) = &mut column.date {
                date.rule.year = date.rule.year.or(mapping.defaults.year);
            }
            column.values =
                column.values.iter().map(|(text, word)| (crate::values::fold(text), word.clone())).collect();
            column
        });
        Drafter {
            kind: mapping.kind,
            columns: bound.collect(),
            defaults: mapping.defaults.clone(),
            met: BTreeMap::new(),
        }
    }

    pub fn draft(&mut self, row: u64, cells: &[Cell]) -> Drafted {
        let mut drafted = Drafted { row, draft: None, problems: Vec::new(), blank: false, continues: None };
        if cells.iter().all(Cell::is_blank) || is_comment(cells) {
            drafted.blank = true;
            return drafted;
        }
        let mut problems = Problems { row, found: Vec::new() };
        self.check_shape(cells, &mut problems);
        let (mut answers, unread) = self.read_cells(cells, &mut problems);
        if self.kind == ListKind::Cases {
            drafted.continues = self.continuation(&mut answers);
        }
        if says_too_little(&answers) {
            problems.add(
                None,
                None,
                "row.nothing_known",
                Severity::Error,
                "no column that is read says anything in this row; map more columns or fill the row"
                    .to_owned(),
            );
        } else {
            drafted.draft = Some(match self.kind {
                ListKind::Cases => {
                    Draft::Case(assemble::case_of_row(&answers, unread, &self.defaults, &mut problems))
                }
                ListKind::Contacts => Draft::Contact(assemble::contact(&answers, unread, &mut problems)),
                ListKind::Links => {
                    Draft::Link(assemble::link(&answers, unread, &self.defaults, &mut problems))
                }
            });
        }
        drafted.problems = problems.found;
        drafted
    }

    /// Ragged rows, cut cells and failed formulas.
    fn check_shape(&self, cells: &[Cell], problems: &mut Problems) {
        let beyond = cells.iter().skip(self.columns.len()).filter(|cell| !cell.is_blank()).count();
        if beyond > 0 {
            problems.add(
                None,
                None,
                "row.too_long",
                Severity::Warning,
                format!(
                    "the row has {beyond} more filled cells than the header; the rest is not read; check \
                     for an unquoted \
                     separator inside a cell"
                ),
            );
        }
        if cells.len() < self.columns.len() {
            problems.add(
                None,
                None,
                "row.too_short",
                Severity::Warning,
                format!(
                    "the row has {} cells where the header has {}; the missing ones are taken as blank; \
                     check for a line break \
                     inside a cell",
                    cells.len(),
                    self.columns.len()
                ),
            );
        }
        for (column, cell) in self.columns.iter().zip(cells) {
            if let Cell::Cut(text) = cell {
                let beginning: String = text.chars().take(40).collect();
                problems.add(
                    Some(&column.header),
                    Some(&beginning),
                    "cell.cut",
                    Severity::Warning,
                    "the cell is longer than Quell keeps; only its beginning is kept; shorten it if the \
                     rest matters"
                        .to_owned(),
                );
            }
        }
    }

    /// Every cell by its column: the answers of the mapped ones, the texts of the others.
    fn read_cells(&self, cells: &[Cell], problems: &mut Problems) -> (Answers, BTreeMap<String, String>) {
        let mut answers = Answers::new();
        let mut unread = BTreeMap::new();
        let unit = self.unit_of_age(cells);
        for (place, column) in self.columns.iter().enumerate() {
            let cell = cells.get(place).unwrap_or(&Cell::Blank);
            match column.field {
                Some(field) => {
                    let answer = answer::read(column, field, cell, unit.as_deref(), problems);
                    answers.insert(field, answer);
                }
                None => {
                    unread.insert(format!("column:{}", column.header), cell.text().into_owned());
                }
            }
        }
        (answers, unread)
    }

    fn unit_of_age(&self, cells: &[Cell]) -> Option<String> {
        let place = self
            .columns
            .iter()
            .position(|column| column.field.is_some_and(|field| field.fact == Fact::AgeUnit))?;
        let text = cells.get(place)?.text().into_owned();
        (!text.is_empty()).then_some(text)
    }

    /// A further piece of an earlier case: the number was met before and the person is left blank, or only
    /// the name is repeated. An age of 0 beside a blank sex is what a form's default leaves behind, not an
    /// infant.
    fn continuation(&mut self, answers: &mut Answers) -> Option<String> {
        let number = answers.get(&Field::row(Fact::CaseNo)).and_then(Answer::text)?.to_owned();
        let name =
            answers.get(&Field::row(Fact::Name)).and_then(Answer::text).filter(|name| !is_masked(name));
        let Some(earlier) = self.met.get(&number) else {
            self.met.insert(number, name.map(str::to_owned));
            return None;
        };
        let same_name = name.is_none() || name == earlier.as_deref();
        let silent = |fact| answers.get(&Field::row(fact)).is_none_or(Answer::says_nothing);
        let nobody =
            [Fact::Sex, Fact::GivenName, Fact::FamilyName, Fact::Birth, Fact::BirthYear, Fact::IdNumber];
        if !same_name || !nobody.into_iter().all(silent) {
            return None;
        }
        let age = answers.get_mut(&Field::row(Fact::Age));
        match age {
            Some(age) if age.is_zero() => *age = Answer::nothing(),
            Some(age) if !age.says_nothing() => return None,
            _ => {}
        }
        Some(number)
    }
}

/// Layouts are known again whatever their spacing and case (see `fingerprint`), so their columns are too.
fn same_header(one: &str, other: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    one == other || (letters(one) == letters(other) && !letters(one).is_empty())
}

fn says_too_little(answers: &Answers) -> bool {
    answers.values().all(Answer::says_nothing)
}

/// The findings of one row, as they are made.
pub(crate) struct Problems {
    row: u64,
    found: Vec<Problem>,
}

impl Problems {
    pub(crate) fn add(
        &mut self,
        column: Option<&str>,
        value: Option<&str>,
        code: &str,
        severity: Severity,
        message: String,
    ) {
        self.found.push(Problem {
            row: self.row,
            column: column.map(str::to_owned),
            value: value.map(str::to_owned),
            code: code.to_owned(),
            severity,
            message,
        });
    }
}
