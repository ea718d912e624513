//! XLSX, cell by cell.

use super::{Bytes, Gathered, damaged, text_cell};
use crate::{Caps, FileError, pipe::Sink};
use calamine::{DataRef, Reader, Xlsx, XlsxError};
use linelist::Cell;
use std::{io::Cursor, sync::Arc};

/// Days between the beginning of the 1900 system and that of the 1904 system (ECMA-376 part 1, 18.17.4.1).
const DAYS_TO_1904: f64 = 1_462.0;

fn workbook(bytes: &Bytes) -> Result<Xlsx<Cursor<Bytes>>, FileError> {
    Xlsx::new(Cursor::new(Arc::clone(bytes))).map_err(fault)
}

fn fault(error: XlsxError) -> FileError {
    match error {
        XlsxError::Password => FileError::Protected,
        error => damaged(error),
    }
}

pub fn sheets(bytes: &Bytes) -> Result<Vec<String>, FileError> {
    Ok(workbook(bytes)?.sheet_names())
}

/// Does the workbook count its days from 1904, as old Macintosh workbooks do?
pub fn counts_from_1904(bytes: &Bytes) -> bool {
    workbook(bytes).is_ok_and(|workbook| workbook.has_1904_epoch())
}

pub fn read(bytes: &Bytes, sheet: &str, caps: &Caps, sink: &mut Sink) -> Result<(), FileError> {
    let mut workbook = workbook(bytes)?;
    let shift = if workbook.has_1904_epoch() { DAYS_TO_1904 } else { 0.0 };
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(fault)?;
    let mut gathered = Gathered::new();
    while let Some(record) = cells.next_cell_with_formula_metadata().map_err(fault)? {
        let row = u64::from(record.pos.0) + 1;
        if row != gathered.row {
            if let Some(row) = gathered.take()
                && sink.put(row).is_err()
            {
                return Ok(());
            }
            gathered.row = row;
        }
        let cell = match record.value {
            // A formula without a stored result: written by a program that does not compute.
            DataRef::Empty if record.formula.is_some() => {
                Cell::Error("a formula without a result".to_owned())
            }
            value => cell(value, shift, caps),
        };
        gathered.put(record.pos.1 as usize, cell, caps)?;
    }
    if let Some(row) = gathered.take() {
        // Nobody listening is no fault of the file.
        let _ = sink.put(row);
    }
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "whole numbers in cells are counts and identifiers below 2^53"
)]
fn cell(value: DataRef<'_>, shift: f64, caps: &Caps) -> Cell {
    match value {
        DataRef::Empty => Cell::Blank,
        DataRef::Int(number) => Cell::Number(number as f64),
        DataRef::Float(number) => Cell::Number(number),
        DataRef::String(text) => text_cell(&text, caps),
        DataRef::SharedString(text) => text_cell(text, caps),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text_cell(&text, caps),
        DataRef::Bool(answer) => Cell::Bool(answer),
        DataRef::DateTime(moment) if moment.is_datetime() => Cell::Serial(moment.as_f64() + shift),
        DataRef::DateTime(duration) => Cell::Number(duration.as_f64()),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}
