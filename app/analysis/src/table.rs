//! A plain CSV file as rows and named columns, with forgiving names and exact row numbers.
//!
//! Deliberately absent: workbooks, other encodings and title rows above the header; `quell import` reads
//! those.

use std::io::Read;
use std::{fs, path::Path};

/// A list is held whole. Half a gigabyte is some millions of cases: more than any list, less than any machine.
const LARGEST_FILE: u64 = 512 << 20;

pub struct Table {
    columns: Vec<String>,
    rows: Vec<Row>,
}

pub struct Row {
    /// The line of the file on which the row starts, as an editor shows it; the header is line 1.
    pub number: u64,
    cells: csv::StringRecord,
}

impl Row {
    /// The cell without blanks at its ends; a row cut short is blank there.
    pub fn cell(&self, column: Column) -> &str {
        self.cells.get(column.0).unwrap_or("").trim()
    }

    /// Whether the cell says something: lists write "not known" in many ways.
    pub fn says(&self, column: Column) -> Option<&str> {
        Some(self.cell(column)).filter(|cell| !is_blank(cell))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column(usize);

fn is_blank(cell: &str) -> bool {
    const BLANKS: [&str; 12] =
        ["", "na", "n/a", "nan", "null", "none", "unknown", "-", "--", "不详", "未知", "无"];
    BLANKS.contains(&cell.trim().to_lowercase().as_str())
}

impl Table {
    /// `-` is standard input.
    pub fn read(path: &Path) -> Result<Table, String> {
        if path == Path::new("-") {
            return Table::read_from(std::io::stdin().lock()).map_err(|why| format!("standard input: {why}"));
        }
        let length = fs::metadata(path).map_or(0, |about| about.len());
        if length > LARGEST_FILE {
            return Err(format!(
                "{} has {} MB, more than the {} MB these commands hold in memory; use `quell import`, or cut it",
                path.display(),
                length >> 20,
                LARGEST_FILE >> 20
            ));
        }
        let bytes =
            fs::read(path).map_err(|why| format!("cannot read {}: {why}; check the path", path.display()))?;
        Table::parse(&bytes).map_err(|why| format!("{}: {why}", path.display()))
    }

    fn read_from(pipe: impl Read) -> Result<Table, String> {
        let mut bytes = Vec::new();
        pipe.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(|why| format!("{why}; send it again"))?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(format!(
                "more than the {} MB these commands hold in memory; cut it",
                LARGEST_FILE >> 20
            ));
        }
        Table::parse(&bytes)
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Table, String> {
        refuse_other_formats(bytes)?;
        // A damaged name in one cell must not lose the list; a replaced letter is visible where it stands.
        let text = String::from_utf8_lossy(bytes);
        if let Some(place) = text.find('\u{fffd}') {
            let line = text[..place].matches('\n').count() + 1;
            eprintln!(
                "line {line} holds bytes that are not UTF-8, shown as �; save the file as UTF-8 to keep them"
            );
        }
        let text = text.trim_start_matches('\u{feff}');
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter(text)).flexible(true).from_reader(text.as_bytes());
        let columns: Vec<String> = reader
            .headers()
            .map_err(|why| why.to_string())?
            .iter()
            .map(|name| name.trim().to_owned())
            .collect();
        let mut lines = Lines::of_text(text.as_bytes());
        let mut rows = Vec::new();
        for record in reader.into_records() {
            let cells = record.map_err(|why| format!("{why}; mend that row and try again"))?;
            let start = cells.position().map_or(0, csv::Position::byte);
            let number = lines.of(start as usize);
            if cells.len() > columns.len() && cells.iter().skip(columns.len()).any(|cell| !cell.is_empty()) {
                return Err(format!(
                    "row {number} has {} cells under {} columns; quote the cell that holds the delimiter",
                    cells.len(),
                    columns.len()
                ));
            }
            rows.push(Row { number, cells });
        }
        if columns.iter().all(String::is_empty) {
            return Err("the file is empty; it needs a first line with column names".to_owned());
        }
        Ok(Table { columns, rows })
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// In the order of the file.
    pub fn names(&self) -> &[String] {
        &self.columns
    }

    pub fn name(&self, column: Column) -> &str {
        &self.columns[column.0]
    }

    /// The column of that name; without regard to case, blanks, underscores and hyphens when that is
    /// unambiguous.
    pub fn column(&self, name: &str) -> Result<Column, String> {
        let called = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
            (0..self.columns.len()).filter(|i| same(&self.columns[*i])).collect()
        };
        let (exact, loose) = (called(&|column| column == name), called(&|c| folded(c) == folded(name)));
        match (exact.as_slice(), loose.as_slice()) {
            ([place], _) | ([], [place]) => Ok(Column(*place)),
            ([], []) => {
                Err(format!("there is no column `{name}`; the file has: {}", self.columns.join(", ")))
            }
            ([], several) => {
                let names: Vec<&str> = several.iter().map(|i| self.columns[*i].as_str()).collect();
                Err(format!("`{name}` could be any of: {}; write one of them exactly", names.join(", ")))
            }
            (twice, _) => {
                let many = twice.len();
                Err(format!(
                    "{many} columns are called `{name}`; give them different names in the first line"
                ))
            }
        }
    }

    /// The same, or none when no column is called so. Several that could be it are an error all the same.
    pub fn optional(&self, name: &str) -> Result<Option<Column>, String> {
        if self.has(name) { self.column(name).map(Some) } else { Ok(None) }
    }

    /// Whether any column is called so, loosely.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| folded(column) == folded(name))
    }
}

/// Line numbers of places in a text, asked for in ascending order. (The reader's own count is one behind in
/// files whose lines end in CR LF.)
struct Lines<'a> {
    text: &'a [u8],
    end: u8,
    counted: usize,
    line: u64,
}

impl Lines<'_> {
    fn of_text(text: &[u8]) -> Lines<'_> {
        // Lines end in LF or CR LF; in a file without any LF they end in CR.
        let end = if text.contains(&b'\n') { b'\n' } else { b'\r' };
        Lines { text, end, counted: 0, line: 1 }
    }

    /// The line of the first thing written at or after this byte.
    fn of(&mut self, mut byte: usize) -> u64 {
        while self.text.get(byte).is_some_and(|b| matches!(b, b'\r' | b'\n')) {
            byte += 1;
        }
        self.line += self.text[self.counted..byte].iter().filter(|b| **b == self.end).count() as u64;
        self.counted = byte;
        self.line
    }
}

fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && *c != '_' && *c != '-')
        .flat_map(char::to_lowercase)
        .collect()
}

fn refuse_other_formats(bytes: &[u8]) -> Result<(), String> {
    let workbook = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0");
    let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    match (workbook, utf16) {
        (true, _) => Err("this is a workbook; save the sheet as CSV (UTF-8) and try again".to_owned()),
        (_, true) => Err("this is UTF-16 text; save it as CSV (UTF-8) and try again".to_owned()),
        _ => Ok(()),
    }
}

/// The one of the usual delimiters that the header line has most of, outside quotes.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or("");
    let mut quoted = false;
    let mut counts = [0; 3];
    for byte in header.bytes() {
        quoted ^= byte == b'"';
        if let Some(place) = b",;\t".iter().position(|d| *d == byte && !quoted) {
            counts[place] += 1;
        }
    }
    // In case of a tie the comma, which comes first.
    let most = (0..3).rev().max_by_key(|place| counts[*place]).unwrap_or(0);
    b",;\t"[most]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_names_are_forgiven_their_case_blanks_and_hyphens() {
        let table =
            Table::parse("\u{feff}case_id;gender ;Onset Date\nTJ1;F;2020-01-14\n".as_bytes()).unwrap();
        let sex = table.column("Gender").unwrap();
        assert_eq!((table.rows()[0].cell(sex), table.rows()[0].number), ("F", 2));
        assert!(table.column("onset-date").is_ok());
        let Err(why) = table.column("age") else { panic!("there is no age") };
        assert!(why.contains("case_id, gender, Onset Date"), "{why}");
    }

    #[test]
    fn rows_are_numbered_as_an_editor_numbers_lines() {
        let numbers = |text: &str| {
            let table = Table::parse(text.as_bytes()).unwrap();
            table.rows().iter().map(|row| row.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers("a,b\n1,2\n\n3,\"4\n5\"\n6,7\n"), [2, 4, 6]);
        assert_eq!(numbers("a,b\r\n1,2\r\n3,4\r\n"), [2, 3]);
        assert_eq!(numbers("a,b\r1,2\r3,4\r"), [2, 3]);
    }

    #[test]
    fn a_name_that_fits_two_columns_is_refused() {
        let table = Table::parse(b"on_set,On Set\n1,2\n").unwrap();
        assert!(table.column("onset").unwrap_err().contains("on_set, On Set"));
        assert!(table.column("On Set").is_ok());
        let twice = Table::parse(b"onset,onset\n1,2\n").unwrap();
        assert!(twice.column("onset").unwrap_err().contains("2 columns are called"));
    }

    #[test]
    fn what_is_not_csv_is_refused_with_what_to_do() {
        for (bytes, remedy) in [
            (b"PK\x03\x04rest".as_slice(), "save the sheet as CSV"),
            (b"\xff\xfea\0", "UTF-16"),
            (b"", "empty"),
            (b"a,b\n1,2,3\n", "row 2 has 3 cells"),
        ] {
            let why = Table::parse(bytes).err().unwrap();
            assert!(why.contains(remedy), "{why}");
        }
    }

    #[test]
    fn unknown_is_written_in_many_ways_and_is_never_a_value() {
        let table = Table::parse("a\nNA\nunknown\n不详\n 0 \n".as_bytes()).unwrap();
        let column = table.column("a").unwrap();
        let said: Vec<Option<&str>> = table.rows().iter().map(|row| row.says(column)).collect();
        assert_eq!(said, [None, None, None, Some("0")]);
    }
}
