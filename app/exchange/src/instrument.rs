//! Result files of PCR instruments: which well showed which target at which cycle.
//!
//! QuantStudio and ABI 7500, Bio-Rad CFX, LightCycler 480, and a plain table. What the programs of their makers, or Excel
//! after them, did to a file is said in notes. Deliberately absent: what a cycle means, and which tube was in a well.

mod cells;
mod head;
mod table;

pub use cells::Cycle;
pub use head::RunTime;

use crate::delimited::Records;
use crate::encoding::decide;
use crate::header::Numbered;
use crate::{Caps, Choice, FileError, Format, Source, spreadsheet};
use linelist::Problem;
use serde::Serialize;
use std::sync::Arc;

/// One file of an instrument.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InstrumentRun {
    pub family: Family,
    pub name: Option<String>,
    pub instrument: Option<String>,
    pub started: Option<RunTime>,
    pub ended: Option<RunTime>,
    pub readings: Vec<Reading>,
    /// Rows of the table, read and refused.
    pub rows: u64,
    /// An `Error` refuses its row; everything else is to be known.
    pub notes: Vec<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// QuantStudio, ViiA 7, ABI 7500 and their relatives.
    AppliedBiosystems,
    BioRad,
    LightCycler,
    Plain,
}

/// What one well showed of one target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    pub row: u64,
    /// Row letter and column number, without a zero before it: `A1`.
    pub well: String,
    pub sample: Option<String>,
    pub target: Option<String>,
    /// The dye or channel it was read in.
    pub channel: Option<String>,
    /// What the operator said the well was: a sample, a control, a standard. As it came.
    pub task: Option<String>,
    /// Somebody left the well out in the program of the instrument.
    pub omitted: bool,
    pub cycle: Cycle,
}

/// Separators tried; the first under which the table is found.
const SEPARATORS: [u8; 4] = [b'\t', b',', b';', b'|'];

/// A plate of 1536 wells with ten targets and every column there is stays far below; its rows are held all at once.
const CELLS: u64 = 2_000_000;
const FILE_BYTES: u64 = 50_000_000;

pub fn read_run(source: Source<'_>, choice: &Choice, caps: &Caps) -> Result<InstrumentRun, FileError> {
    let bytes = source.bytes;
    let caps =
        &Caps { cells: caps.cells.min(CELLS), file_bytes: caps.file_bytes.min(FILE_BYTES), ..caps.clone() };
    let length = bytes.len() as u64;
    if length > caps.file_bytes {
        return Err(FileError::TooLarge { bytes: length, cap: caps.file_bytes });
    }
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(FileError::Empty);
    }
    match spreadsheet::format_of(&bytes)? {
        Some(format) => from_workbook(&bytes, format, choice, caps),
        None => from_text(&bytes, choice, caps),
    }
}

fn from_text(bytes: &Arc<[u8]>, choice: &Choice, caps: &Caps) -> Result<InstrumentRun, FileError> {
    let decided = decide(bytes, choice.encoding.as_deref())?;
    let said = choice.delimiter.and_then(|sign| u8::try_from(sign).ok());
    let tried: Vec<u8> = said.map_or(SEPARATORS.to_vec(), |sign| vec![sign]);
    let mut fault = None;
    for separator in tried {
        let mut records = Records::new(Arc::clone(bytes), decided, separator, caps);
        let rows: Result<Vec<Numbered>, FileError> =
            std::iter::from_fn(|| records.next_record().transpose()).collect();
        match rows {
            Ok(rows) => {
                if let Some(run) = table::read(&rows) {
                    return Ok(run);
                }
            }
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    Err(fault.unwrap_or(FileError::NoWells))
}

fn from_workbook(
    bytes: &Arc<[u8]>,
    format: Format,
    choice: &Choice,
    caps: &Caps,
) -> Result<InstrumentRun, FileError> {
    if format != Format::Xls {
        spreadsheet::check_unpacked(bytes, caps)?;
    }
    let sheets = spreadsheet::sheets(bytes, format, caps)?;
    let wanted = |sheet: &&String| choice.sheet.as_ref().is_none_or(|name| name == *sheet);
    if !sheets.iter().any(|sheet| wanted(&sheet)) {
        let name = choice.sheet.clone().unwrap_or_default();
        return Err(FileError::NoSuchSheet { name, sheets: sheets.join(", ") });
    }
    // Exports have a sheet for the setup and one for the curves too; the table of results is found by its columns.
    for sheet in sheets.iter().filter(wanted) {
        let rows: Vec<Numbered> = spreadsheet::rows(bytes, format, sheet, caps).collect::<Result<_, _>>()?;
        if let Some(run) = table::read(&rows) {
            return Ok(run);
        }
    }
    Err(FileError::NoWells)
}
