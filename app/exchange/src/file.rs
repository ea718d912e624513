//! One file, opened: what it is, what its columns are called, and its rows as often as they are wanted.

use crate::{
    Caps, FileError,
    delimited::{Records, separator},
    encoding::{Decided, Decoded, decide},
    header::{self, Numbered},
    json, pipe, spreadsheet,
};
use linelist::{Cell, Problem, Severity};
use serde::{Deserialize, Serialize};
use std::{io::Read, path::Path, sync::Arc};

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
    /// Any text with separators.
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
    Workbook { bytes: Arc<[u8]>, sheet: String },
    Json { text: Arc<str> },
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
    let Source { name, bytes } = source;
    let length = bytes.len() as u64;
    if length > caps.file_bytes {
        return Err(FileError::TooLarge { bytes: length, cap: caps.file_bytes });
    }
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(FileError::Empty);
    }
    if bytes.starts_with(b"%PDF") {
        return Err(FileError::UnknownFormat { format: "PDF".to_owned() });
    }
    if let Some(format) = spreadsheet::format_of(&bytes)? {
        return open_workbook(bytes, format, choice, caps);
    }
    if is_json(name, &bytes) { open_json(&bytes, choice, caps) } else { open_text(bytes, choice, caps) }
}

/// A list of objects, or anything bracketed in a file that is called JSON: a CSV may begin with a bracket in
/// its header.
fn is_json(name: &str, bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut signs = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
    let kind = Path::new(name).extension().unwrap_or_default();
    let named = ["json", "ndjson", "jsonl"].iter().any(|known| kind.eq_ignore_ascii_case(known));
    match (signs.next(), signs.next()) {
        (Some(b'['), Some(b'{' | b']')) | (Some(b'{'), Some(b'"')) => true,
        (Some(b'[' | b'{'), _) => named,
        _ => false,
    }
}

fn open_text(bytes: Arc<[u8]>, choice: &Choice, caps: &Caps) -> Result<File, FileError> {
    let decided = decide(&bytes, choice.encoding.as_deref())?;
    let separator = match choice.delimiter {
        Some(sign @ ('"' | '\n' | '\r')) => return Err(FileError::BadDelimiter(sign)),
        Some(sign) if sign.is_ascii() => u8::try_from(sign).map_err(|_| FileError::BadDelimiter(sign))?,
        Some(sign) => return Err(FileError::BadDelimiter(sign)),
        None => separator(&bytes, decided, caps),
    };
    let mut records = Records::new(Arc::clone(&bytes), decided, separator, caps);
    let mut sample: Vec<Numbered> = Vec::new();
    while sample.len() < look(choice) {
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

fn open_workbook(bytes: Arc<[u8]>, format: Format, choice: &Choice, caps: &Caps) -> Result<File, FileError> {
    if format != Format::Xls {
        spreadsheet::check_unpacked(&bytes, caps)?;
    }
    let sheets = spreadsheet::sheets(&bytes, format, caps)?;
    let (sheet, sample) = sheet_with_rows(&bytes, format, &sheets, choice, caps)?;
    let found = header::find(&sample, choice.header_row)?;
    let mut notes = found.notes;
    if format == Format::Xlsx && spreadsheet::counts_from_1904(&bytes) {
        let message = "the workbook counts its days from 1904; they are read as the days its screen shows";
        notes.push(remark("workbook.from_1904", message.to_owned()));
    }
    if sheets.len() > 1 && choice.sheet.is_none() {
        let all = sheets.join(", ");
        let message =
            format!("the sheet `{sheet}` is read; the workbook has: {all}; choose another with --sheet");
        notes.push(remark("workbook.sheets", message));
    }
    Ok(File {
        format,
        encoding: None,
        delimiter: None,
        sheet: Some(sheet.clone()),
        sheets,
        header_row: found.row,
        columns: found.columns,
        notes,
        body: Body::Workbook { bytes, sheet },
        caps: caps.clone(),
    })
}

/// The sheet that was asked for, or the first that has rows: workbooks often begin with an empty one.
fn sheet_with_rows(
    bytes: &Arc<[u8]>,
    format: Format,
    sheets: &[String],
    choice: &Choice,
    caps: &Caps,
) -> Result<(String, Vec<Numbered>), FileError> {
    let wanted: Vec<&String> =
        sheets.iter().filter(|sheet| choice.sheet.as_ref().is_none_or(|name| name == *sheet)).collect();
    let Some(first) = wanted.first() else {
        let name = choice.sheet.clone().unwrap_or_default();
        return Err(FileError::NoSuchSheet { name, sheets: sheets.join(", ") });
    };
    for sheet in &wanted {
        let rows = spreadsheet::rows(bytes, format, sheet, caps);
        let sample: Vec<Numbered> = rows.take(look(choice)).collect::<Result<_, _>>()?;
        if !sample.is_empty() {
            return Ok(((*sheet).clone(), sample));
        }
    }
    Ok(((*first).clone(), Vec::new()))
}

fn open_json(bytes: &Arc<[u8]>, choice: &Choice, caps: &Caps) -> Result<File, FileError> {
    let decided = decide(bytes, choice.encoding.as_deref())?;
    let mut text = String::new();
    Decoded::new(Arc::clone(bytes), decided)
        .read_to_string(&mut text)
        .map_err(|error| FileError::Damaged { reason: error.to_string() })?;
    let columns = json::columns(&text, caps)?;
    if columns.is_empty() {
        return Err(FileError::Empty);
    }
    Ok(File {
        format: Format::Json,
        encoding: Some(decided.encoding.name().to_owned()),
        delimiter: None,
        sheet: None,
        sheets: Vec::new(),
        header_row: None,
        columns,
        notes: replaced(bytes, decided).into_iter().collect(),
        body: Body::Json { text: Arc::from(text) },
        caps: caps.clone(),
    })
}

/// Rows read to find the header; more when somebody says that it stands further down.
fn look(choice: &Choice) -> usize {
    header::LOOK.max(usize::try_from(choice.header_row.unwrap_or(0)).unwrap_or(0))
}

fn remark(code: &str, message: String) -> Problem {
    Problem { row: 0, column: None, value: None, code: code.to_owned(), severity: Severity::Info, message }
}

/// Characters that do not exist in the encoding: a sign of the wrong one, or of a damaged file.
fn replaced(bytes: &Arc<[u8]>, decided: Decided) -> Option<Problem> {
    let mut decoded = Decoded::new(Arc::clone(bytes), decided);
    let mut sink = [0_u8; 64 * 1024];
    while decoded.read(&mut sink).is_ok_and(|read| read > 0) {}
    (decoded.replaced > 0).then(|| Problem {
        severity: Severity::Warning,
        ..remark(
            "encoding.replaced",
            format!(
                "{} characters do not exist in {} and stand as `\u{FFFD}`; if names look broken, say \
                 --encoding",
                decoded.replaced,
                decided.encoding.name()
            ),
        )
    })
}

impl File {
    /// The rows below the header, from the first, each time it is called.
    pub fn rows(&self) -> Rows<'_> {
        let header = self.header_row.unwrap_or(0);
        let width = self.columns.len();
        let numbered: Box<dyn Iterator<Item = Result<Numbered, FileError>> + Send + '_> = match &self.body {
            Body::Text { bytes, decided, separator } => {
                let mut records = Records::new(Arc::clone(bytes), *decided, *separator, &self.caps);
                Box::new(std::iter::from_fn(move || records.next_record().transpose()))
            }
            Body::Workbook { bytes, sheet } => {
                // A spreadsheet stores no blank cells at the end of a row; that is no fault of the row.
                let pad = move |(number, mut cells): Numbered| {
                    cells.resize(cells.len().max(width), Cell::Blank);
                    (number, cells)
                };
                Box::new(
                    spreadsheet::rows(bytes, self.format, sheet, &self.caps).map(move |row| row.map(pad)),
                )
            }
            Body::Json { text } => {
                let (text, columns, caps) = (Arc::clone(text), self.columns.clone(), self.caps.clone());
                Box::new(pipe::rows(move |sink| json::read(&text, &columns, &caps, sink)))
            }
        };
        // After a fault nothing that follows can be trusted to be a row.
        let mut failed = false;
        let until_fault = numbered.take_while(move |row| !std::mem::replace(&mut failed, row.is_err()));
        let below = move |row: &Result<Numbered, FileError>| {
            row.as_ref().map_or(true, |(number, _)| *number > header)
        };
        Rows(Box::new(until_fault.filter(below).map(|row| row.map(|(number, cells)| Row { number, cells }))))
    }
}
