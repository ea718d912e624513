//! What one mapped cell answers.

use super::Problems;
use crate::{
    Cell, Fact, Field, Severity,
    absent::says_nothing,
    ages::Age,
    dates::{DateFault, Written},
    mapping::ColumnMapping,
    values::{allowed, fold, word_of},
};
use base::{Precision, StatedDay};

/// A cell's answer and how it is written down for comparison between two editions of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub said: String,
    pub meaning: Meaning,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    Nothing,
    Text(String),
    Word(&'static str),
    Day(StatedDay),
    Age(Age),
    Number(f64),
}

impl Answer {
    pub fn nothing() -> Answer {
        Answer { said: String::new(), meaning: Meaning::Nothing }
    }

    pub fn says_nothing(&self) -> bool {
        self.said.is_empty()
    }

    pub fn is_zero(&self) -> bool {
        matches!(self.meaning, Meaning::Age(Age::Years(years)) if years == 0.0)
    }

    pub fn text(&self) -> Option<&str> {
        match &self.meaning {
            Meaning::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text is kept as it stands; its meaning stays unknown.
    fn kept(text: &str) -> Answer {
        Answer { said: text.to_owned(), meaning: Meaning::Nothing }
    }
}

pub fn read(
    column: &ColumnMapping,
    field: Field,
    cell: &Cell,
    unit: Option<&str>,
    problems: &mut Problems,
) -> Answer {
    let text = cell.text();
    if says_nothing(&text) {
        return Answer::nothing();
    }
    if let Cell::Error(formula) = cell {
        problems.add(
            Some(&column.header),
            Some(formula),
            "cell.formula_failed",
            Severity::Warning,
            "the spreadsheet could not compute this cell; correct the formula and import again".to_owned(),
        );
        return Answer::kept(&text);
    }
    match field.fact {
        fact if fact.is_date() => date(column, cell, &text, problems),
        fact if !allowed(fact).is_empty() => word(column, fact, &text, problems),
        Fact::Age | Fact::AgeBand | Fact::AgeLow | Fact::AgeHigh => age(column, &text, unit, problems),
        Fact::BirthYear | Fact::BirthMonth | Fact::BirthDay | Fact::Lon | Fact::Lat => {
            number(column, field.fact, &text, problems)
        }
        _ => Answer { said: text.to_string(), meaning: Meaning::Text(text.into_owned()) },
    }
}

fn date(column: &ColumnMapping, cell: &Cell, text: &str, problems: &mut Problems) -> Answer {
    let rule = column.date.as_ref().map(|date| date.rule).unwrap_or_default();
    let read = Written::in_cell(cell).ok_or(DateFault::Unreadable).and_then(|written| rule.read(&written));
    match read {
        Ok(stated) => Answer { said: said_day(&stated), meaning: Meaning::Day(stated) },
        Err(fault) => {
            let (code, message) = explain(fault, column, text);
            problems.add(Some(&column.header), Some(text), code, Severity::Warning, message);
            Answer::kept(text)
        }
    }
}

/// `2020-01-10`, `2020-01-10..2020-01-22`, `2019-12`, `2019`.
pub fn said_day(stated: &StatedDay) -> String {
    let day = stated.day;
    match (stated.precision, stated.until) {
        (Precision::Range, Some(until)) => format!("{day}..{until}"),
        (Precision::Month, _) => format!("{:04}-{:02}", day.year(), day.month()),
        (Precision::Year, _) => format!("{:04}", day.year()),
        _ => day.to_string(),
    }
}

fn explain(fault: DateFault, column: &ColumnMapping, text: &str) -> (&'static str, String) {
    let header = &column.header;
    let order = column.date.as_ref().and_then(|date| date.chosen).map_or("its own", |format| format.word());
    match fault {
        DateFault::Unreadable => (
            "date.unreadable",
            format!(
                "`{text}` in `{header}` is not a date known here; write it as 2022-02-21, or leave it as \
                 a remark"
            ),
        ),
        DateFault::NoSuchDay => (
            "date.no_such_day",
            format!(
                "`{text}` in `{header}` is not a day of the calendar; look it up at the source and \
                 correct the cell"
            ),
        ),
        DateFault::NoYear => (
            "date.no_year",
            format!(
                "`{text}` in `{header}` has no year; add it, or write `year = 2020` under [defaults] in \
                 MAP.toml"
            ),
        ),
        DateFault::OtherOrder => (
            "date.other_order",
            format!(
                "`{text}` in `{header}` does not fit the column's order ({order}); write this cell as \
                 2022-02-21"
            ),
        ),
        DateFault::Undecided => (
            "date.ambiguous",
            format!("`{text}` in `{header}` may be two days; say `--date-format {header}=dmy` or `=mdy`"),
        ),
        DateFault::Backwards => (
            "date.backwards",
            format!("the range `{text}` in `{header}` ends before it begins; exchange or correct the ends"),
        ),
    }
}

fn word(column: &ColumnMapping, fact: Fact, text: &str, problems: &mut Problems) -> Answer {
    let mapped = column.values.get(&fold(text)).map(String::as_str);
    let canonical = mapped.and_then(|word| allowed(fact).into_iter().find(|allowed| *allowed == word));
    match (mapped, canonical.or_else(|| mapped.is_none().then(|| word_of(fact, text)).flatten())) {
        // Neither: the list says that it has no answer. The text stays visible, the fact stays unknown.
        (Some(""), _) | (None, Some("")) => Answer::kept(text),
        (_, Some(word)) => Answer { said: word.to_owned(), meaning: Meaning::Word(word) },
        (_, None) => {
            problems.add(
                Some(&column.header),
                Some(text),
                "value.unknown",
                Severity::Warning,
                format!(
                    "`{text}` in `{}` is not known as {}; it is kept as text; say in the mapping whether \
                     it means {} or nothing",
                    column.header,
                    fact.word(),
                    allowed(fact).join(", ")
                ),
            );
            Answer::kept(text)
        }
    }
}

fn age(column: &ColumnMapping, text: &str, unit: Option<&str>, problems: &mut Problems) -> Answer {
    match Age::in_text(text, unit).or_else(|| Age::in_text(text, None)) {
        Some(age) => {
            let said = match &age {
                Age::Years(years) => format!("{years}"),
                Age::Band(from, until) => Age::band_text(*from, *until),
            };
            Answer { said, meaning: Meaning::Age(age) }
        }
        None => {
            problems.add(
                Some(&column.header),
                Some(text),
                "age.unreadable",
                Severity::Warning,
                format!(
                    "`{text}` in `{}` is not an age between 0 and 130; write years (59), months (3个月, 3 \
                     months) or a band (30-39)",
                    column.header
                ),
            );
            Answer::kept(text)
        }
    }
}

fn number(column: &ColumnMapping, fact: Fact, text: &str, problems: &mut Problems) -> Answer {
    let (low, high) = match fact {
        Fact::Lon => (-180.0, 180.0),
        Fact::Lat => (-90.0, 90.0),
        Fact::BirthYear => (1850.0, 2150.0),
        Fact::BirthMonth => (1.0, 12.0),
        _ => (1.0, 31.0),
    };
    match text.parse::<f64>() {
        Ok(number) if (low..=high).contains(&number) => {
            Answer { said: format!("{number}"), meaning: Meaning::Number(number) }
        }
        _ => {
            problems.add(
                Some(&column.header),
                Some(text),
                "number.out_of_range",
                Severity::Warning,
                format!(
                    "`{text}` in `{}` is not a number from {low} to {high}; correct the cell",
                    column.header
                ),
            );
            Answer::kept(text)
        }
    }
}
