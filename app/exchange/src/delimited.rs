//! Text with separators, record by record: CSV, TSV and their relatives.
//!
//! Written here and not taken from the csv crate because three things matter that it does not give: the
//! physical line on which a record starts when blank lines stand before it, cells cut while they are read (a
//! file may be one line of 200 MB), and the line of a quotation mark that is never closed.

use crate::{
    Caps, FileError,
    encoding::{Decided, Decoded},
};
use linelist::Cell;
use std::{io::Read, sync::Arc};

/// Separators tried, the likeliest first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Records looked at to choose the separator.
const LOOK: usize = 60;

/// The records of a text file. Quotation marks follow RFC 4180; one that stands inside an unquoted cell is
/// text.
pub struct Records {
    bytes: Decoded,
    buffer: Box<[u8]>,
    filled: usize,
    at: usize,
    separator: u8,
    caps: Caps,
    /// The physical line that is being read, from 1.
    line: u64,
    cells: u64,
}

impl Records {
    pub fn new(bytes: Arc<[u8]>, decided: Decided, separator: u8, caps: &Caps) -> Records {
        Records {
            bytes: Decoded::new(bytes, decided),
            buffer: vec![0; 64 * 1024].into_boxed_slice(),
            filled: 0,
            at: 0,
            separator,
            caps: caps.clone(),
            line: 1,
            cells: 0,
        }
    }

    fn peek(&mut self) -> Option<u8> {
        if self.at == self.filled {
            self.filled = self.bytes.read(&mut self.buffer).unwrap_or(0);
            self.at = 0;
            if self.filled == 0 {
                return None;
            }
        }
        Some(self.buffer[self.at])
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// The line on which the record starts, and its cells. Blank lines are no records.
    pub fn next_record(&mut self) -> Result<Option<(u64, Vec<Cell>)>, FileError> {
        loop {
            let start = self.line;
            if self.peek().is_none() {
                return Ok(None);
            }
            let mut cells = Vec::new();
            loop {
                let (cell, ended) = self.cell()?;
                if !cell.is_blank() {
                    self.cells += 1;
                }
                cells.push(cell);
                if cells.len() > self.caps.columns && ended == Ended::Cell {
                    return Err(FileError::TooManyColumns { row: start, cap: self.caps.columns });
                }
                if self.cells > self.caps.cells {
                    return Err(FileError::TooManyCells { cap: self.caps.cells });
                }
                if ended == Ended::Record {
                    break;
                }
            }
            if cells.len() == 1 && cells[0].is_blank() {
                continue;
            }
            return Ok(Some((start, cells)));
        }
    }

    fn cell(&mut self) -> Result<(Cell, Ended), FileError> {
        let mut text: Vec<u8> = Vec::new();
        let mut cut = false;
        if self.peek() == Some(b'"') {
            self.take();
            self.quoted(&mut text, &mut cut)?;
        }
        let cap = self.caps.cell_bytes;
        let ended = loop {
            match self.take() {
                None => break Ended::Record,
                Some(byte) if byte == self.separator => break Ended::Cell,
                Some(b'\n') => {
                    self.line += 1;
                    break Ended::Record;
                }
                Some(b'\r') => {
                    if self.peek() == Some(b'\n') {
                        self.take();
                    }
                    self.line += 1;
                    break Ended::Record;
                }
                Some(byte) => keep(&mut text, &mut cut, cap, byte),
            }
        };
        Ok((cell_of(text, cut), ended))
    }

    fn quoted(&mut self, text: &mut Vec<u8>, cut: &mut bool) -> Result<(), FileError> {
        let opened = self.line;
        let cap = self.caps.cell_bytes;
        loop {
            match self.take() {
                None => return Err(FileError::OpenQuote { line: opened }),
                Some(b'"') => {
                    if self.peek() != Some(b'"') {
                        return Ok(());
                    }
                    self.take();
                    keep(text, cut, cap, b'"');
                }
                Some(byte) => {
                    // A lone carriage return inside a cell is rare enough not to count as a line.
                    self.line += u64::from(byte == b'\n');
                    keep(text, cut, cap, byte);
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Cell,
    Record,
}

/// NUL is no character of any list; files that passed through old programs carry it as padding.
fn keep(text: &mut Vec<u8>, cut: &mut bool, cap: usize, byte: u8) {
    if text.len() >= cap {
        *cut = true;
    } else if byte != 0 {
        text.push(byte);
    }
}

fn cell_of(text: Vec<u8>, cut: bool) -> Cell {
    if text.is_empty() {
        return Cell::Blank;
    }
    if cut {
        // The cut may fall inside a character; what is left of that one goes.
        let valid = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        return Cell::Cut(valid.to_owned());
    }
    Cell::Text(
        String::from_utf8(text)
            .unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned()),
    )
}

/// The separator under which most records have the same number of cells, weighed by that number.
pub fn separator(bytes: &Arc<[u8]>, decided: Decided, caps: &Caps) -> u8 {
    let mut best = (0_usize, b',');
    for candidate in SEPARATORS {
        let mut records = Records::new(Arc::clone(bytes), decided, candidate, caps);
        let mut widths: Vec<usize> = Vec::new();
        while widths.len() < LOOK {
            match records.next_record() {
                Ok(Some((_, cells))) => widths.push(cells.len()),
                Ok(None) | Err(_) => break,
            }
        }
        let agreeing = |width: usize| widths.iter().filter(|other| **other == width).count();
        let weight = widths.iter().map(|width| (width - 1) * agreeing(*width)).max().unwrap_or(0);
        if weight > best.0 {
            best = (weight, candidate);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::UTF_8;

    fn read(text: &str, separator: u8, caps: &Caps) -> Result<Vec<(u64, Vec<String>)>, FileError> {
        let decided = Decided { encoding: UTF_8, mark: 0 };
        let mut records = Records::new(Arc::from(text.as_bytes()), decided, separator, caps);
        let mut all = Vec::new();
        while let Some((line, cells)) = records.next_record()? {
            all.push((line, cells.iter().map(|cell| cell.text().into_owned()).collect()));
        }
        Ok(all)
    }

    fn check(text: &str, expected: &[(u64, &[&str])]) {
        let expected: Vec<(u64, Vec<String>)> = expected
            .iter()
            .map(|(line, cells)| (*line, cells.iter().map(|cell| (*cell).to_owned()).collect()))
            .collect();
        assert_eq!(read(text, b',', &Caps::default()).unwrap(), expected, "{text:?}");
    }

    #[test]
    fn the_row_number_is_the_line_an_editor_shows() {
        check(
            "a,b\n1,\"x\ny\"\n\n\n2,z\r\n3,w",
            &[(1, &["a", "b"]), (2, &["1", "x\ny"]), (6, &["2", "z"]), (7, &["3", "w"])],
        );
    }

    #[test]
    fn quotation_marks_are_read_as_they_are_meant() {
        check("\"a \"\"b\"\"\",5\" pipe,\"\"\n", &[(1, &["a \"b\"", "5\" pipe", ""])]);
    }

    #[test]
    fn nul_bytes_are_padding() {
        check("a\0,b\n\0,c\n", &[(1, &["a", "b"]), (2, &["", "c"])]);
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_does_not_swallow_the_rest_in_silence() {
        let refusal = read("a,b\n1,2\n3,\"4\n5,6\n", b',', &Caps::default()).unwrap_err();
        assert_eq!(refusal, FileError::OpenQuote { line: 3 });
    }

    #[test]
    fn one_endless_line_is_cut_while_it_is_read() {
        let caps = Caps { cell_bytes: 10, ..Caps::default() };
        let decided = Decided { encoding: UTF_8, mark: 0 };
        let mut records = Records::new(Arc::from("病".repeat(1_000_000).as_bytes()), decided, b',', &caps);
        let (_, cells) = records.next_record().unwrap().unwrap();
        // Ten bytes hold three characters and a third of the next.
        assert_eq!(cells, [Cell::Cut("病病病".to_owned())]);
    }

    #[test]
    fn a_million_columns_are_refused_before_they_fill_the_memory() {
        let refusal = read(&"x,".repeat(1_000_000), b',', &Caps::default()).unwrap_err();
        assert_eq!(refusal, FileError::TooManyColumns { row: 1, cap: 1_000 });
    }

    #[test]
    fn the_separator_is_the_one_that_makes_the_rows_agree() {
        for (text, expected) in [
            ("a,b,c\n1,2,3\n", b','),
            ("a;b;c\n1,5;2;3\n4,5;2;3\n", b';'),
            ("a\tb\n1\t2\n", b'\t'),
            ("a|b\n1|2\n", b'|'),
            ("only one column\n1\n", b','),
        ] {
            let decided = Decided { encoding: UTF_8, mark: 0 };
            assert_eq!(separator(&Arc::from(text.as_bytes()), decided, &Caps::default()), expected, "{text}");
        }
    }
}
