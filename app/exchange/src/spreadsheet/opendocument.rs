//! ODS, cell by cell, from the document's content.
//!
//! Read here and not through calamine because it lays a sheet out as a rectangle, and an empty sheet of a
//! spreadsheet program declares a million rows of sixteen thousand columns.

use super::{Bytes, Gathered, archive, damaged, text_cell};
use crate::{Caps, FileError, pipe::Sink};
use linelist::{Cell, Written};
use quick_xml::{
    Reader,
    escape::{resolve_xml_entity, unescape},
    events::{BytesStart, Event},
};
use std::io::BufReader;

/// A filled row repeated more often than this is a format dragged down, not so many patients.
const REPEATS: u64 = 100_000;

pub fn sheets(bytes: &Bytes) -> Result<Vec<String>, FileError> {
    let mut names = Vec::new();
    content(bytes, |event| {
        if let Event::Start(element) | Event::Empty(element) = event
            && element.name().as_ref() == "table:table"
        {
            names.push(attribute(element, "table:name").unwrap_or_default());
        }
        Ok(true)
    })?;
    Ok(names)
}

/// Calls `each` with every event until it has enough.
fn content(
    bytes: &Bytes,
    mut each: impl FnMut(&Event<'_>) -> Result<bool, FileError>,
) -> Result<(), FileError> {
    let mut archive = archive(bytes)?;
    let part = archive.by_name("content.xml").map_err(damaged)?;
    let mut reader = Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(damaged)?;
        if matches!(event, Event::Eof) || !each(&event)? {
            return Ok(());
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok().flatten()?;
    unescape(&attribute.value).ok().map(std::borrow::Cow::into_owned)
}

fn repeats(element: &BytesStart<'_>, name: &str) -> u64 {
    attribute(element, name).and_then(|count| count.parse().ok()).unwrap_or(1)
}

pub fn read(bytes: &Bytes, sheet: &str, caps: &Caps, sink: &mut Sink) -> Result<(), FileError> {
    let mut state = Sheet::new(sheet);
    content(bytes, |event| state.event(event, caps, sink))
}

/// Where in the document the reader is.
struct Sheet<'a> {
    wanted: &'a str,
    inside: bool,
    row: u64,
    row_repeats: u64,
    column: usize,
    gathered: Gathered,
    cell: Option<Open>,
    /// Inside a remark on a cell, whose text is not the cell's.
    remark: u32,
}

/// The cell that is being read.
struct Open {
    kind: String,
    value: Option<String>,
    text: String,
    formula: bool,
    repeats: u64,
}

impl Sheet<'_> {
    fn new(wanted: &str) -> Sheet<'_> {
        Sheet {
            wanted,
            inside: false,
            row: 0,
            row_repeats: 1,
            column: 0,
            gathered: Gathered::new(),
            cell: None,
            remark: 0,
        }
    }

    /// `false` when the wanted sheet has ended.
    fn event(&mut self, event: &Event<'_>, caps: &Caps, sink: &mut Sink) -> Result<bool, FileError> {
        match event {
            Event::Start(element) if element.name().as_ref() == "table:table" => {
                self.inside = attribute(element, "table:name").unwrap_or_default() == self.wanted;
            }
            _ if !self.inside => {}
            Event::End(element) if element.name().as_ref() == "table:table" => return Ok(false),
            Event::Start(element) => self.start(element),
            Event::Empty(element) => {
                let name = element.name();
                self.start(element);
                return self.end(name.as_ref(), caps, sink);
            }
            Event::End(element) => return self.end(element.name().as_ref(), caps, sink),
            Event::Text(text) => self.text(text),
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().map_err(damaged)?.map(String::from);
                let known = letter.or_else(|| resolve_xml_entity(name).map(str::to_owned));
                self.text(&known.unwrap_or_default());
            }
            _ => {}
        }
        Ok(true)
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        match element.name().as_ref() {
            "table:table-row" => {
                self.row += 1;
                self.row_repeats = repeats(element, "table:number-rows-repeated").max(1);
                self.column = 0;
                self.gathered.row = self.row;
            }
            "table:table-cell" | "table:covered-table-cell" => {
                let value = ["office:date-value", "office:value", "office:boolean-value"]
                    .iter()
                    .find_map(|name| attribute(element, name));
                self.cell = Some(Open {
                    kind: attribute(element, "office:value-type").unwrap_or_default(),
                    value,
                    text: String::new(),
                    formula: attribute(element, "table:formula").is_some(),
                    repeats: repeats(element, "table:number-columns-repeated").max(1),
                });
            }
            "office:annotation" => self.remark += 1,
            // Paragraphs of one cell are its lines.
            "text:p" if self.remark == 0 => {
                if let Some(cell) = self.cell.as_mut().filter(|cell| !cell.text.is_empty()) {
                    cell.text.push('\n');
                }
            }
            "text:s" => self.text(" "),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.remark > 0 {
            return;
        }
        if let Some(cell) = &mut self.cell {
            cell.text.push_str(text);
        }
    }

    fn end(&mut self, name: &str, caps: &Caps, sink: &mut Sink) -> Result<bool, FileError> {
        match name {
            "office:annotation" => self.remark = self.remark.saturating_sub(1),
            "table:table-cell" | "table:covered-table-cell" => {
                if let Some(open) = self.cell.take() {
                    let repeats = usize::try_from(open.repeats).unwrap_or(usize::MAX);
                    let cell = open.cell(caps);
                    if !cell.is_blank() {
                        for place in self.column..self.column.saturating_add(repeats).min(caps.columns + 1) {
                            self.gathered.put(place, cell.clone(), caps)?;
                        }
                    }
                    self.column = self.column.saturating_add(repeats);
                }
            }
            "table:table-row" => {
                if let Some((_, cells)) = self.gathered.take() {
                    if self.row_repeats > REPEATS {
                        return Err(FileError::SheetTooLarge {
                            rows: self.row_repeats,
                            columns: cells.len() as u64,
                        });
                    }
                    for again in 0..self.row_repeats {
                        if sink.put((self.row + again, cells.clone())).is_err() {
                            return Ok(false);
                        }
                    }
                }
                self.row = self.row.saturating_add(self.row_repeats - 1);
            }
            _ => {}
        }
        Ok(true)
    }
}

impl Open {
    fn cell(self, caps: &Caps) -> Cell {
        let number = || self.value.as_deref().and_then(|value| value.parse::<f64>().ok());
        match self.kind.as_str() {
            "float" | "percentage" | "currency" => number().map_or(Cell::Blank, Cell::Number),
            "boolean" => Cell::Bool(self.value.as_deref() == Some("true")),
            // Dates are kept as ISO text, which says what it is.
            "date" => self
                .value
                .as_deref()
                .filter(|date| Written::in_text(date).is_some())
                .map_or(Cell::Blank, |date| text_cell(date, caps)),
            _ if self.formula && (self.text.starts_with('#') || self.text.starts_with("Err:")) => {
                Cell::Error(self.text)
            }
            _ if self.text.trim().is_empty() => Cell::Blank,
            _ => text_cell(&self.text, caps),
        }
    }
}
