//! JSON lists of nested records, one record at a time: `[{…}, {…}]`, `{"rows": [{…}]}` or one object a line.
//!
//! Nested objects become dotted columns (`confirmHospital.addr`); lists stay one cell of JSON text.

use crate::{Caps, FileError, pipe::Sink};
use linelist::Cell;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Value, value::RawValue};
use std::{collections::BTreeMap, fmt, ops::ControlFlow};

/// One record, flattened: dotted path and cell, in the order of the file.
pub type Record = Vec<(String, Cell)>;

/// The columns of all records, in the order in which they first appear.
pub fn columns(text: &str, caps: &Caps) -> Result<Vec<String>, FileError> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut cells = 0_u64;
    let mut too_many = None;
    each_record(text, caps, |place, record| {
        for (path, cell) in record {
            cells += u64::from(!cell.is_blank());
            let next = known.len();
            known.entry(path).or_insert(next);
        }
        if known.len() > caps.columns {
            too_many = Some(FileError::TooManyColumns { row: place, cap: caps.columns });
        } else if cells > caps.cells {
            too_many = Some(FileError::TooManyCells { cap: caps.cells });
        }
        if too_many.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if let Some(fault) = too_many {
        return Err(fault);
    }
    let mut ordered: Vec<(usize, String)> = known.into_iter().map(|(path, place)| (place, path)).collect();
    ordered.sort();
    Ok(ordered.into_iter().map(|(_, path)| path).collect())
}

/// Puts every record into the sink, its cells in the order of `columns`.
pub fn read(text: &str, columns: &[String], caps: &Caps, sink: &mut Sink) -> Result<(), FileError> {
    let places: BTreeMap<&str, usize> =
        columns.iter().enumerate().map(|(place, column)| (column.as_str(), place)).collect();
    each_record(text, caps, |place, record| {
        let mut cells = vec![Cell::Blank; columns.len()];
        for (path, cell) in record {
            if let Some(place) = places.get(path.as_str()) {
                cells[*place] = cell;
            }
        }
        if sink.put((place, cells)).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
}

/// Calls `each` with every record and its place from 1, until it has enough.
fn each_record(
    text: &str,
    caps: &Caps,
    mut each: impl FnMut(u64, Record) -> ControlFlow<()>,
) -> Result<(), FileError> {
    let mut records = Records { each: &mut each, place: 0, caps, found: false, enough: false };
    let result = if is_object_after_object(text) {
        let objects = serde_json::Deserializer::from_str(text).into_iter::<Node>();
        objects
            .map(|node| node.map(|node| records.take(node)))
            .find(|taken| !matches!(taken, Ok(true)))
            .map_or(Ok(()), |end| end.map(|_| ()))
    } else {
        let mut whole = serde_json::Deserializer::from_str(text);
        let read = (&mut records).deserialize(&mut whole);
        read.and_then(|()| whole.end())
    };
    match result {
        // Stopping early leaves the rest unread, which the parser takes for a fault.
        _ if records.enough => Ok(()),
        Err(error) => Err(fault(&error)),
        Ok(()) if !records.found => {
            Err(FileError::NotRecords { reason: "it holds no list of objects".to_owned() })
        }
        Ok(()) => Ok(()),
    }
}

/// `{…}` followed by another `{…}`: one object for each record, usually one a line.
fn is_object_after_object(text: &str) -> bool {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    text.trim_start().starts_with('{') && matches!(values.next(), Some(Ok(_))) && values.next().is_some()
}

fn fault(error: &serde_json::Error) -> FileError {
    let reason = error.to_string();
    // The parser repeats the place at the end of its sentence.
    let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
    if error.is_data() {
        FileError::NotRecords { reason: format!("{reason} (line {})", error.line()) }
    } else {
        FileError::BadJson { line: error.line(), column: error.column(), reason }
    }
}

struct Records<'a> {
    each: &'a mut dyn FnMut(u64, Record) -> ControlFlow<()>,
    place: u64,
    caps: &'a Caps,
    /// A list was found; later lists of the same document are not records.
    found: bool,
    enough: bool,
}

impl Records<'_> {
    /// `false` when nobody wants more.
    fn take(&mut self, node: Node) -> bool {
        self.found = true;
        self.place += 1;
        let mut record = Vec::new();
        flatten("", node, self.caps, &mut record);
        self.enough = (self.each)(self.place, record).is_break();
        !self.enough
    }
}

impl<'de> DeserializeSeed<'de> for &mut Records<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Records<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects, one for each case")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if self.found {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        self.found = true;
        while let Some(node) = list.next_element::<Node>()? {
            if !matches!(node, Node::Object(_)) {
                return Err(A::Error::custom(format!("record {} is not an object", self.place + 1)));
            }
            if !self.take(node) {
                return Err(A::Error::custom("enough"));
            }
        }
        Ok(())
    }

    /// A document that wraps its list: `{"rows": […]}`. The first list in it holds the records.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            map.next_value_seed(&mut *self)?;
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

/// Levels of objects that become dotted columns. Real layouts have two or three; one notice file of 2020
/// nests an address in itself 150 times over. What lies deeper stays one cell of JSON text, as lists do.
const LEVELS: usize = 4;

/// A value whose object keys keep their order, because the order of columns means something to the reader.
enum Node {
    Leaf(Value),
    /// A list, or what lies too deep: its text as it stands in the file.
    Raw(String),
    Object(Vec<(String, Node)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        Level(1).deserialize(deserializer)
    }
}

/// How deep the value lies that is read.
struct Level(usize);

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Node;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        if self.0 <= LEVELS {
            return deserializer.deserialize_any(self);
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        if text.starts_with(['{', '[']) {
            return Ok(if matches!(text, "{}" | "[]") {
                Node::Leaf(Value::Null)
            } else {
                Node::Raw(text.to_owned())
            });
        }
        serde_json::from_str(text).map(Node::Leaf).map_err(D::Error::custom)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            members.push((name, map.next_value_seed(Level(self.0 + 1))?));
        }
        Ok(Node::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut values: Vec<String> = Vec::new();
        while let Some(value) = list.next_element::<Box<RawValue>>()? {
            values.push(value.get().to_owned());
        }
        Ok(if values.is_empty() {
            Node::Leaf(Value::Null)
        } else {
            Node::Raw(format!("[{}]", values.join(",")))
        })
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Leaf(Value::Null))
    }
    fn visit_bool<E>(self, answer: bool) -> Result<Node, E> {
        Ok(Node::Leaf(Value::Bool(answer)))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Leaf(number.into()))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Leaf(number.into()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        Ok(Node::Leaf(number.into()))
    }
    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Leaf(Value::String(text.to_owned())))
    }
    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Leaf(Value::String(text)))
    }
}

fn flatten(path: &str, node: Node, caps: &Caps, record: &mut Record) {
    match node {
        Node::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                flatten(&path, member, caps, record);
            }
        }
        Node::Leaf(value) => record.push((path.to_owned(), cell(value, caps))),
        Node::Raw(text) => record.push((path.to_owned(), crate::spreadsheet::text_cell(&text, caps))),
    }
}

fn cell(value: Value, caps: &Caps) -> Cell {
    match value {
        Value::Null => Cell::Blank,
        Value::Bool(answer) => Cell::Bool(answer),
        // Identifiers of 17 digits do not survive as floating point; numbers keep the digits of the file.
        Value::Number(number) => Cell::Text(number.to_string()),
        Value::String(text) if text.is_empty() => Cell::Blank,
        Value::String(text) => crate::spreadsheet::text_cell(&text, caps),
        list => crate::spreadsheet::text_cell(&list.to_string(), caps),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let caps = Caps::default();
        let read = columns(text, &caps).map(|columns| {
            let mut lines = vec![columns.join("|")];
            let mut rows = crate::pipe::rows({
                let (text, columns) = (text.to_owned(), columns.clone());
                move |sink| read(&text, &columns, &Caps::default(), sink)
            });
            for row in &mut rows {
                let (place, cells) = row.unwrap();
                let cells: Vec<String> = cells.iter().map(|cell| cell.text().into_owned()).collect();
                lines.push(format!("{place}:{}", cells.join("|")));
            }
            lines.join(" ")
        });
        let read = read.unwrap_or_else(|fault| fault.code().to_owned());
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn nested_records_become_dotted_columns_in_the_order_of_the_file() {
        check(
            r#"[{"id": 1, "where": {"city": "太谷", "at": {"x": 1.5}}, "trips": [{"to": "A"}]}, {"age": 3, "id": "0022", "trips": []}]"#,
            r#"id|where.city|where.at.x|trips|age 1:1|太谷|1.5|[{"to": "A"}]| 2:0022||||3"#,
        );
    }

    #[test]
    fn a_list_inside_a_document_and_objects_one_a_line_are_lists_too() {
        check(r#"{"made": "2020", "n": 2, "rows": [{"id": 1}, {"id": 2}], "notes": ["x"]}"#, "id 1:1 2:2");
        check("{\"id\": 1}\n{\"id\": 2}\n", "id 1:1 2:2");
    }

    #[test]
    fn what_is_nested_without_end_stays_one_cell() {
        let deep = format!("[{{\"id\": 1, \"a\": {}0{}}}]", "{\"a\": ".repeat(200), "}".repeat(200));
        let columns = columns(&deep, &Caps::default()).unwrap();
        assert_eq!(columns, ["id", "a.a.a.a"]);
    }

    #[test]
    fn what_is_not_a_list_of_records_is_refused_with_its_place() {
        check("[1, 2]", "file.not_records");
        check(r#"{"id": 1}"#, "file.not_records");
        check(r#"[{"id": 1}, {"id": "#, "file.bad_json");
    }
}
