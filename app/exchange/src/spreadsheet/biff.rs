//! XLS, read as a whole by calamine, after a look at how far its cells reach.
//!
//! A sheet of this format has at most 65,536 rows of 256 columns; laid out as a rectangle that is half a
//! gigabyte, and two cells in opposite corners are enough to ask for it. So the extent is measured first,
//! record by record.

use super::{Bytes, Gathered, damaged, text_cell};
use crate::{Caps, FileError, pipe::Sink};
use calamine::{Data, Reader, Xls};
use linelist::Cell;
use std::{io::Cursor, sync::Arc};

/// Days between the beginnings of the two date systems.
const DAYS_TO_1904: f64 = 1_462.0;

pub fn sheets(bytes: &Bytes, caps: &Caps) -> Result<Vec<String>, FileError> {
    Ok(workbook(bytes, caps)?.sheet_names())
}

fn workbook(bytes: &Bytes, caps: &Caps) -> Result<Xls<Cursor<Bytes>>, FileError> {
    check_extent(bytes, caps)?;
    Xls::new(Cursor::new(Arc::clone(bytes))).map_err(|error| match error {
        calamine::XlsError::Password => FileError::Protected,
        error => damaged(error),
    })
}

pub fn read(bytes: &Bytes, sheet: &str, caps: &Caps, sink: &mut Sink) -> Result<(), FileError> {
    let mut workbook = workbook(bytes, caps)?;
    let shift = if workbook.has_1904_epoch() { DAYS_TO_1904 } else { 0.0 };
    let range = workbook.worksheet_range(sheet).map_err(damaged)?;
    let (first_row, first_column) = range.start().unwrap_or_default();
    let mut gathered = Gathered::new();
    for (place, row) in range.rows().enumerate() {
        gathered.row = u64::from(first_row) + place as u64 + 1;
        for (column, data) in row.iter().enumerate() {
            gathered.put(first_column as usize + column, cell(data, shift, caps), caps)?;
        }
        if let Some(row) = gathered.take()
            && sink.put(row).is_err()
        {
            return Ok(());
        }
    }
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "whole numbers in cells are counts and identifiers below 2^53"
)]
fn cell(data: &Data, shift: f64, caps: &Caps) -> Cell {
    match data {
        Data::Empty => Cell::Blank,
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text_cell(text, caps),
        Data::Bool(answer) => Cell::Bool(*answer),
        Data::DateTime(moment) if moment.is_datetime() => Cell::Serial(moment.as_f64() + shift),
        Data::DateTime(duration) => Cell::Number(duration.as_f64()),
        Data::Error(error) => Cell::Error(error.to_string()),
    }
}

/// Adds up the rectangles that the sheets' filled cells span, and refuses when together they are too many.
fn check_extent(bytes: &[u8], caps: &Caps) -> Result<(), FileError> {
    // A file that this short look cannot follow is damaged for calamine as well, which says so in better
    // words.
    let Some(stream) = workbook_stream(bytes) else { return Ok(()) };
    let mut spans = Span::default();
    let mut cells = 0_u64;
    let mut at = 0;
    while let (Some(kind), Some(len)) = (two(&stream, at), two(&stream, at + 2)) {
        let data = stream.get(at + 4..at + 4 + usize::from(len)).unwrap_or_default();
        if kind == SHEET_BEGINS {
            cells += spans.cells();
            spans = Span::default();
        } else if FILLED.contains(&kind)
            && let (Some(row), Some(column)) = (two(data, 0), two(data, 2))
        {
            spans.take(row, column);
            // A run of numbers ends with its last column.
            if kind == RUN_OF_NUMBERS
                && let Some(last) = data.len().checked_sub(2).and_then(|end| two(data, end))
            {
                spans.take(row, last);
            }
        }
        if cells + spans.cells() > caps.declared_cells {
            return Err(FileError::SheetTooLarge { rows: spans.rows(), columns: spans.columns() });
        }
        at += 4 + usize::from(len);
    }
    Ok(())
}

const SHEET_BEGINS: u16 = 0x0809;
const RUN_OF_NUMBERS: u16 = 0x00BD;
/// Records that put something into a cell: NUMBER, LABEL, RSTRING, BOOLERR, RK, LABELSST, MULRK, FORMULA
/// ([MS-XLS] 2.3).
const FILLED: [u16; 8] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD, RUN_OF_NUMBERS, 0x0006];

#[derive(Default)]
struct Span {
    rows: Option<(u16, u16)>,
    columns: Option<(u16, u16)>,
}

impl Span {
    fn take(&mut self, row: u16, column: u16) {
        let wider = |span: Option<(u16, u16)>, at: u16| {
            span.map_or((at, at), |(low, high)| (low.min(at), high.max(at)))
        };
        self.rows = Some(wider(self.rows, row));
        self.columns = Some(wider(self.columns, column));
    }

    fn rows(&self) -> u64 {
        self.rows.map_or(0, |(low, high)| u64::from(high - low) + 1)
    }

    fn columns(&self) -> u64 {
        self.columns.map_or(0, |(low, high)| u64::from(high - low) + 1)
    }

    fn cells(&self) -> u64 {
        self.rows() * self.columns()
    }
}

fn two(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}

fn four(bytes: &[u8], at: usize) -> Option<usize> {
    let word = bytes.get(at..at + 4)?;
    usize::try_from(u32::from_le_bytes([word[0], word[1], word[2], word[3]])).ok()
}

/// The workbook inside the compound file ([MS-CFB] 2.2 to 2.6): the directory names it, the allocation table
/// says where its sectors lie.
fn workbook_stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let shift = u32::from(two(bytes, 0x1E)?);
    let size = 1_usize.checked_shl(shift).filter(|size| (128..=4096).contains(size))?;
    let sector = |number: usize| {
        let start = number.checked_add(1)?.checked_mul(size)?;
        bytes.get(start..bytes.len().min(start.checked_add(size)?))
    };
    let next = |number: usize| {
        // The first 109 sectors of the table are listed in the header, which covers 7 MB; longer tables are
        // chained and lie, in files that programs write, one after the other. Without them the look ends
        // early.
        let table = four(bytes, 0x4C + 4 * (number / (size / 4))).filter(|_| number / (size / 4) < 109)?;
        four(sector(table)?, 4 * (number % (size / 4)))
    };
    let chain = |first: usize, limit: usize| {
        let mut content = Vec::new();
        let mut number = first;
        while let Some(part) = sector(number) {
            content.extend_from_slice(part);
            match next(number) {
                Some(following) if content.len() < limit => number = following,
                _ => break,
            }
        }
        content
    };
    let directory = chain(four(bytes, 0x30)?, bytes.len());
    let names =
        ["Workbook", "Book"].map(|name| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let entry = directory.chunks(128).find(|entry| {
        let name = two(entry, 64).and_then(|len| entry.get(..usize::from(len).saturating_sub(2)));
        name.is_some_and(|name| names.iter().any(|known| known == name))
    })?;
    let (first, length) = (four(entry, 116)?, four(entry, 120)?);
    Some(chain(first, length.min(bytes.len())))
}
