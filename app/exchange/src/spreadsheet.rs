//! Workbooks: XLSX and ODS cell by cell, XLS as a whole after its extent is known.
//!
//! A workbook may declare a billion cells in a kilobyte. Only cells that hold something are counted, and
//! nothing is laid out as a rectangle before its size is known.

mod biff;
mod opendocument;
mod parts;
mod xlsx;

use crate::{Caps, FileError, Format, header::Numbered};
use linelist::Cell;
use std::{io::Cursor, sync::Arc};

pub type Bytes = Arc<[u8]>;

/// The format by its first bytes; `None` when it is no workbook.
pub fn format_of(bytes: &[u8]) -> Result<Option<Format>, FileError> {
    if bytes.starts_with(b"PK\x03\x04") {
        parts::few_enough(bytes)?;
        let names = zip_names(bytes)?;
        if names.iter().any(|name| name == "content.xml") {
            return Ok(Some(Format::Ods));
        }
        if names.iter().any(|name| name.starts_with("xl/")) {
            return Ok(Some(Format::Xlsx));
        }
        return Err(FileError::UnknownFormat { format: "zip".to_owned() });
    }
    // Compound files: old workbooks, and new ones behind a password.
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        let locked: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        if bytes.windows(locked.len()).any(|window| window == locked) {
            return Err(FileError::Protected);
        }
        return Ok(Some(Format::Xls));
    }
    Ok(None)
}

fn archive(bytes: &Bytes) -> Result<zip::ZipArchive<Cursor<Bytes>>, FileError> {
    zip::ZipArchive::new(Cursor::new(Arc::clone(bytes))).map_err(damaged)
}

fn zip_names(bytes: &[u8]) -> Result<Vec<String>, FileError> {
    let archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    Ok(archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect())
}

pub fn sheets(bytes: &Bytes, format: Format, caps: &Caps) -> Result<Vec<String>, FileError> {
    match format {
        Format::Ods => opendocument::sheets(bytes),
        Format::Xls => biff::sheets(bytes, caps),
        _ => xlsx::sheets(bytes),
    }
}

/// The filled rows of a sheet, by their number in the sheet.
pub fn rows(
    bytes: &Bytes,
    format: Format,
    sheet: &str,
    caps: &Caps,
) -> Box<dyn Iterator<Item = Result<Numbered, FileError>> + Send> {
    let (bytes, sheet, caps) = (Arc::clone(bytes), sheet.to_owned(), caps.clone());
    match format {
        Format::Ods => {
            Box::new(crate::pipe::rows(move |sink| opendocument::read(&bytes, &sheet, &caps, sink)))
        }
        Format::Xls => Box::new(crate::pipe::rows(move |sink| biff::read(&bytes, &sheet, &caps, sink))),
        _ => Box::new(crate::pipe::rows(move |sink| xlsx::read(&bytes, &sheet, &caps, sink))),
    }
}

pub use parts::check_unpacked;
pub use xlsx::counts_from_1904;

/// Cells of the row that is being read, and how many there were in all.
struct Gathered {
    row: u64,
    cells: Vec<Cell>,
    filled: u64,
}

impl Gathered {
    fn new() -> Gathered {
        Gathered { row: 0, cells: Vec::new(), filled: 0 }
    }

    /// `column` counts from 0. Blank cells need no place.
    fn put(&mut self, column: usize, cell: Cell, caps: &Caps) -> Result<(), FileError> {
        if cell.is_blank() {
            return Ok(());
        }
        if column >= caps.columns {
            return Err(FileError::TooManyColumns { row: self.row, cap: caps.columns });
        }
        self.filled += 1;
        if self.filled > caps.cells {
            return Err(FileError::TooManyCells { cap: caps.cells });
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::Blank);
        }
        self.cells[column] = cell;
        Ok(())
    }

    fn take(&mut self) -> Option<Numbered> {
        let cells = std::mem::take(&mut self.cells);
        (!cells.is_empty()).then_some((self.row, cells))
    }
}

pub fn text_cell(text: &str, caps: &Caps) -> Cell {
    let text = text.trim_matches('\0');
    if text.len() <= caps.cell_bytes {
        return Cell::Text(text.to_owned());
    }
    let end = (0..=caps.cell_bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    Cell::Cut(text[..end].to_owned())
}

fn damaged(reason: impl std::fmt::Display) -> FileError {
    FileError::Damaged { reason: reason.to_string() }
}
