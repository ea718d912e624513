//! One file, opened: what it is, what its columns are called, and its rows as often as they are wanted.

use crate::{
    Caps, FileError,
    delimited::{Records, separator},
    encoding::{Decided, Decoded, decide},
    header::{self, Numbered},
};
use linelist::{Cell, Problem, Severity};
use serde::{Deserialize, Serialize};
use std::{io::Read, sync::Arc};

/// A file as it came.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    /// Its name; only used to tell formats apart that look alike.
    pub name: &'a str,
    pub bytes: Arc<[u8]>,
}

/// What a person decided about the file; everything left out is found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub sheet: Option<String>,
    /// The number of the row that holds the column names, as the spreadsheet or editor shows it.
    pub header_row: Option<u64>,
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Csv,
    Xlsx,
    Xls,
    Ods,
    Json,
}

impl Format {
    pub fn word(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Xls => "xls",
            Format::Ods => "ods",
            Format::Json => "json",
        }
    }
}

pub struct File {
    pub format: Format,
    /// The name of the encoding, for text formats.
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    pub sheet: Option<String>,
    pub sheets: Vec<String>,
    pub header_row: Option<u64>,
    pub columns: Vec<String>,
    /// What was decided while opening; row 0 or the row it concerns.
    pub notes: Vec<Problem>,
    body: Body,
    caps: Caps,
}

enum Body {
    Text { bytes: Arc<[u8]>, decided: Decided, separator: u8 },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// As the spreadsheet or editor shows it; for JSON the record's place, from 1.
    pub number: u64,
    pub cells: Vec<Cell>,
}

/// The rows below the header, in the order of the file.
pub struct Rows<'a>(Box<dyn Iterator<Item = Result<Row, FileError>> + Send + 'a>);

impl Iterator for Rows<'_> {
    type Item = Result<Row, FileError>;
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

pub fn open(source: Source<'_>, choice: &Choice, caps: &Caps) -> Result<File, FileError> {
    let bytes = source.bytes.len() as u64;
    if bytes > caps.file_bytes {
        return Err(FileError::TooLarge { bytes, cap: caps.file_bytes });
    }
    if source.bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(FileError::Empty);
    }
    open_text(source.bytes, choice, caps)
}

fn open_text(bytes: Arc<[u8]>, choice: &Choice, caps: &Caps) -> Result<File, FileError> {
    let decided = decide(&bytes, choice.encoding.as_deref())?;
    let separator = match choice.delimiter {
        Some(sign) => u8::try_from(sign).unwrap_or(b','),
        None => separator(&bytes, decided, caps),
    };
    let mut records = Records::new(Arc::clone(&bytes), decided, separator, caps);
    let mut sample: Vec<Numbered> = Vec::new();
    while sample.len() < header::LOOK.max(usize::try_from(choice.header_row.unwrap_or(0)).unwrap_or(0)) {
        match records.next_record()? {
            Some(record) => sample.push(record),
            None => break,
        }
    }
    let found = header::find(&sample, choice.header_row)?;
    let mut notes = found.notes;
    notes.extend(replaced(&bytes, decided));
    Ok(File {
        format: Format::Csv,
        encoding: Some(decided.encoding.name().to_owned()),
        delimiter: Some(char::from(separator)),
        sheet: None,
        sheets: Vec::new(),
        header_row: found.row,
        columns: found.columns,
        notes,
        body: Body::Text { bytes, decided, separator },
        caps: caps.clone(),
    })
}

/// Characters that do not exist in the encoding: a sign of the wrong one, or of a damaged file.
fn replaced(bytes: &Arc<[u8]>, decided: Decided) -> Option<Problem> {
    let mut decoded = Decoded::new(Arc::clone(bytes), decided);
    let mut sink = [0_u8; 64 * 1024];
    while decoded.read(&mut sink).is_ok_and(|read| read > 0) {}
    (decoded.replaced > 0).then(|| Problem {
        row: 0,
        column: None,
        value: None,
        code: "encoding.replaced".to_owned(),
        severity: Severity::Warning,
        message: format!(
            "{} characters do not exist in {} and stand as `\u{FFFD}`; if names look broken, say --encoding",
            decoded.replaced,
            decided.encoding.name()
        ),
    })
}

impl File {
    /// The rows below the header, from the first, each time it is called.
    pub fn rows(&self) -> Rows<'_> {
        let header = self.header_row.unwrap_or(0);
        match &self.body {
            Body::Text { bytes, decided, separator } => {
                let mut records = Records::new(Arc::clone(bytes), *decided, *separator, &self.caps);
                let mut failed = false;
                let next = move || {
                    if failed {
                        return None;
                    }
                    let row = records.next_record().transpose()?;
                    failed = row.is_err();
                    Some(row.map(|(number, cells)| Row { number, cells }))
                };
                let below =
                    move |row: &Result<Row, FileError>| row.as_ref().map_or(true, |row| row.number > header);
                Rows(Box::new(std::iter::from_fn(next).filter(below)))
            }
        }
    }
}
