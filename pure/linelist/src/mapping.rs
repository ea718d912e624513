//! Which column says what: found by recognition, corrected by people, remembered, or written by hand in
//! MAP.toml.

use crate::{
    ListKind, Problem,
    dates::{DateFormat, DateRule},
    field::Field,
    profile::{ColumnProfile, Profile},
    values::{allowed, fold, word_of},
};
use cases::Classification;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    pub kind: ListKind,
    /// The layout's name when it is one that Quell knows by itself: `sormas_case_export`, `godata_case`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recognised: Option<String>,
    /// One for each column of the file, in its order.
    pub columns: Vec<ColumnMapping>,
    #[serde(default)]
    pub defaults: Defaults,
    /// What was decided and a reader should know; each stands in row 0 and names its column.
    #[serde(default)]
    pub notes: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnMapping {
    pub header: String,
    pub field: Option<Field>,
    /// How sure the recognition is, 0 to 1; 1 when a person or a known layout said so.
    pub certainty: f64,
    /// Why, in a sentence a clerk understands.
    pub why: String,
    /// Only for columns of days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<DateReading>,
    /// Text in the file → canonical word; `""` means "says nothing". Only for facts with closed answers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DateReading {
    pub chosen: Option<DateFormat>,
    pub possible: Vec<DateFormat>,
    /// Both day-first and month-first fit, and nothing in the file settles it.
    pub ambiguous: bool,
    pub examples: Vec<DateExample>,
    pub rule: DateRule,
    /// A person said the order; nothing in the file changes it any more.
    #[serde(default)]
    pub said: bool,
    /// Days without a year that no other date of the file supplies.
    #[serde(default)]
    pub needs_year: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DateExample {
    pub text: String,
    pub reads: Vec<DateRead>,
}

/// What the text would mean under one format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DateRead {
    pub format: DateFormat,
    pub day: String,
}

/// What every row takes when it says nothing itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defaults {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<Classification>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease: Option<String>,
    /// A territory path or region name under which places are looked up first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// The year of days written without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
}

/// Something only a person can answer. An import does not start before it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub code: String,
    pub column: String,
    pub en: String,
    pub zh: String,
}

/// One spelling in a column with closed answers, and what it is read as; `None` when nobody has said yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueReading {
    pub text: String,
    pub count: u64,
    pub to: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    #[error("no column of the file is called `{0}` and no column is read as that; check the header row")]
    NoSuchColumn(String),
    #[error("column `{column}` is read as {field}, which has no {format} dates; choose another column")]
    NotADate { column: String, field: String, format: String },
    #[error("`{word}` is no answer for {field}; use one of: {allowed}, or \"\" for nothing")]
    UnknownAnswer { field: String, word: String, allowed: String },
    #[error("a list of {kind} has no field {field}; use one of: {allowed}")]
    WrongKind { kind: String, field: String, allowed: String },
}

impl Mapping {
    /// What must be answered before rows are read. Empty for most files.
    pub fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        for column in &self.columns {
            let Some(date) = &column.date else { continue };
            if date.ambiguous {
                questions.push(ambiguous(column, date));
            }
            if date.needs_year && date.rule.year.or(self.defaults.year).is_none() {
                questions.push(without_year(column, date));
            }
        }
        questions
    }

    /// Answers the order of a date column, named by its header or its field word.
    pub fn set_date_format(&mut self, name: &str, format: DateFormat) -> Result<(), MappingError> {
        let column = self.column_mut(name)?;
        let Some(date) = &mut column.date else {
            return Err(MappingError::NotADate {
                column: column.header.clone(),
                field: column.field.map_or_else(|| "nothing".to_owned(), Field::word),
                format: format.to_string(),
            });
        };
        date.chosen = Some(format);
        date.ambiguous = false;
        date.said = true;
        date.rule.order = Some(format);
        Ok(())
    }

    /// Reads a column as another field, or not at all. Dates and answers of the column are looked at anew.
    pub fn set_field(
        &mut self,
        name: &str,
        field: Option<Field>,
        profile: Option<&ColumnProfile>,
    ) -> Result<(), MappingError> {
        let kind = self.kind;
        if let Some(field) = field.filter(|field| !Field::all(kind).contains(field)) {
            let allowed = Field::all(kind).into_iter().map(Field::word).collect::<Vec<_>>().join(", ");
            let kind = format!("{kind:?}").to_lowercase();
            return Err(MappingError::WrongKind { kind, field: field.word(), allowed });
        }
        // One field is said by one column; the column that said it before steps back.
        if field.is_some() {
            let wanted = self.place_of(name);
            for (place, column) in self.columns.iter_mut().enumerate() {
                if column.field == field && Some(place) != wanted {
                    column.clear("another column was chosen for this field");
                }
            }
        }
        let column = self.column_mut(name)?;
        if column.field != field {
            column.clear("chosen by hand");
            column.field = field;
            column.certainty = 1.0;
            if let (Some(field), Some(profile)) = (field, profile) {
                crate::recognise::read_cells_of(column, field, profile);
            } else if field.is_some_and(|field| field.fact.is_date()) {
                column.date = Some(DateReading::default());
            }
        }
        Ok(())
    }

    /// Says what a text of a column means; `word` `""` means that it says nothing.
    pub fn set_value(&mut self, name: &str, text: &str, word: &str) -> Result<(), MappingError> {
        let column = self.column_mut(name)?;
        let answers = column.field.map(|field| allowed(field.fact)).unwrap_or_default();
        if !word.is_empty() && !answers.contains(&word) {
            return Err(MappingError::UnknownAnswer {
                field: column.field.map_or_else(|| column.header.clone(), Field::word),
                word: word.to_owned(),
                allowed: answers.join(", "),
            });
        }
        column.values.insert(text.to_owned(), word.to_owned());
        Ok(())
    }

    /// Lets the columns of the file settle each other's dates again, after columns were chosen anew. What a
    /// person said stays as it was said.
    pub fn settle(&mut self, profile: &Profile) {
        self.notes.retain(|note| !crate::recognise::SETTLED.contains(&note.code.as_str()));
        crate::recognise::settle(self, profile);
    }

    fn place_of(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|column| column.header == name);
        exact.or_else(|| self.columns.iter().position(|column| column.header.trim() == name.trim())).or_else(
            || self.columns.iter().position(|column| column.field.is_some_and(|field| field.word() == name)),
        )
    }

    fn column_mut(&mut self, name: &str) -> Result<&mut ColumnMapping, MappingError> {
        let place = self.place_of(name).ok_or_else(|| MappingError::NoSuchColumn(name.to_owned()))?;
        Ok(&mut self.columns[place])
    }
}

impl ColumnMapping {
    pub(crate) fn unread(header: &str) -> ColumnMapping {
        ColumnMapping {
            header: header.to_owned(),
            field: None,
            certainty: 0.0,
            why: "no field is known by this name; the column is kept as it is".to_owned(),
            date: None,
            values: BTreeMap::new(),
        }
    }

    fn clear(&mut self, why: &str) {
        let header = std::mem::take(&mut self.header);
        *self = ColumnMapping { why: why.to_owned(), ..ColumnMapping::unread(&header) };
    }

    /// The answers this column may give; `None` when it is free text or a date.
    pub fn allowed(&self) -> Option<Vec<&'static str>> {
        self.field.map(|field| allowed(field.fact)).filter(|answers| !answers.is_empty())
    }

    /// What a text of this column means: as mapped, else as the words are commonly read.
    pub fn word_for(&self, text: &str) -> Option<String> {
        let folded = fold(text);
        let mapped =
            self.values.iter().find(|(known, _)| fold(known) == folded).map(|(_, word)| word.clone());
        mapped.or_else(|| word_of(self.field?.fact, text).map(str::to_owned))
    }

    /// The column's spellings with what they are read as, most frequent first; empty for open facts.
    pub fn readings(&self, profile: &ColumnProfile) -> Vec<ValueReading> {
        if self.allowed().is_none() {
            return Vec::new();
        }
        let counted = profile.by_count().into_iter();
        counted.map(|(text, count)| ValueReading { to: self.word_for(&text), text, count }).collect()
    }
}

fn ambiguous(column: &ColumnMapping, date: &DateReading) -> Question {
    let header = &column.header;
    let field = column.field.map_or_else(|| header.clone(), Field::word);
    let example = date.examples.first();
    let text = example.map_or("", |example| example.text.as_str());
    let reads = example.map_or(&[][..], |example| &example.reads);
    let days = |joint: &str| {
        reads.iter().map(|read| format!("{} ({})", read.day, read.format)).collect::<Vec<_>>().join(joint)
    };
    let answers: Vec<String> =
        date.possible.iter().map(|format| format!("--date-format {field}={format}")).collect();
    Question {
        code: "date.ambiguous".to_owned(),
        column: header.clone(),
        en: format!(
            "Column `{header}`: `{text}` is {}, and nothing in the file settles which. Answer with `{}`, \
             or in MAP.toml \
             (d day, m month, y year).",
            days(" or "),
            answers.join("` or `")
        ),
        zh: format!(
            "列“{header}”：“{text}”可读作 {}，文件中没有依据可以判断。请用 `{}` 或在 MAP.toml 中说明（d 日，m 月，y 年）。",
            days(" 或 "),
            answers.join("` 或 `")
        ),
    }
}

fn without_year(column: &ColumnMapping, date: &DateReading) -> Question {
    let header = &column.header;
    let text = date.examples.first().map_or("1月20日", |example| example.text.as_str());
    Question {
        code: "date.no_year".to_owned(),
        column: header.clone(),
        en: format!(
            "Column `{header}`: `{text}` does not say the year, and the other dates of the file do not \
             all lie in one year. \
             Write `year = 2020` under [defaults] in MAP.toml."
        ),
        zh: format!(
            "列“{header}”：“{text}”没有年份，文件中其他日期也不在同一年。请在 MAP.toml 的 [defaults] 下写明 `year = 2020`。"
        ),
    }
}
