//! Where the column names stand, and what the columns are called.

use crate::FileError;
use linelist::{Cell, Problem, Severity, Written};
use std::collections::{BTreeMap, BTreeSet};

/// Rows looked at for a header. Title blocks of official forms have fewer than ten lines.
pub const LOOK: usize = 40;

pub type Numbered = (u64, Vec<Cell>);

#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The row the names were read from (the lower one of two); `None` when the file has no names.
    pub row: Option<u64>,
    pub columns: Vec<String>,
    pub notes: Vec<Problem>,
}

/// `sample` are the first rows of the file; `said` is the row a person chose.
pub fn find(sample: &[Numbered], said: Option<u64>) -> Result<Found, FileError> {
    let width = sample.iter().map(|(_, cells)| extent(cells)).max().unwrap_or(0);
    if width == 0 {
        return Err(FileError::Empty);
    }
    let place = match said {
        Some(wanted) => {
            let last = sample.last().map_or(0, |(number, _)| *number);
            let place = sample.iter().position(|(number, _)| *number == wanted);
            Some(place.ok_or(FileError::HeaderBeyond { wanted, rows: last })?)
        }
        None => likeliest(sample),
    };
    let Some(place) = place else {
        let columns = (1..=width).map(|place| format!("column {place}")).collect();
        let message =
            "the file has no row of column names; columns are numbered; map them by hand".to_owned();
        return Ok(Found { row: None, columns, notes: vec![info(0, "header.none", message)] });
    };
    let width = named_or_used(sample, place);
    let mut notes = Vec::new();
    let (names, place) = match second_row(sample, place).filter(|_| said.is_none()) {
        Some((top, bottom)) => {
            let message = format!(
                "column names stand in two rows ({} and {}); they are read together, the lower row \
                 naming the column",
                sample[top].0, sample[bottom].0
            );
            notes.push(info(sample[bottom].0, "header.two_rows", message));
            skipped(sample, top, &mut notes);
            (merged(&sample[top].1, &sample[bottom].1, width), bottom)
        }
        None => {
            skipped(sample, place, &mut notes);
            (texts(&sample[place].1, width), place)
        }
    };
    let columns = distinct(names, &mut notes, sample[place].0);
    Ok(Found { row: Some(sample[place].0), columns, notes })
}

/// Columns that have a name, and unnamed ones beyond them that several rows fill; a single row that is too
/// long is a slip.
fn named_or_used(sample: &[Numbered], header: usize) -> usize {
    let below = &sample[header + 1..];
    let named =
        extent(&sample[header].1).max(header.checked_sub(1).map_or(0, |above| extent(&sample[above].1)));
    let used = |place: usize| below.iter().filter(|(_, cells)| is_filled(cells, place)).count();
    let widest = below.iter().map(|(_, cells)| extent(cells)).max().unwrap_or(0);
    // Two rows and a tenth of what was looked at: fewer are commas that nobody quoted.
    (named..widest).rev().find(|place| used(*place) >= 2.max(below.len() / 10)).map_or(named, |last| last + 1)
}

/// The first row that is nearly as wide as the widest and consists of names, not of data. Comment rows are
/// neither.
fn likeliest(sample: &[Numbered]) -> Option<usize> {
    let widest = sample.iter().map(|(_, cells)| filled(cells)).max().unwrap_or(0);
    sample.iter().position(|(_, cells)| {
        let names = filled(cells);
        // Six tenths: some columns of a wide list have no name, and a title line is far below.
        !is_comment(cells) && names * 10 >= widest * 6 && data_cells(cells) * 2 <= names
    })
}

/// Names in two rows: groups above (`患者信息`, with blanks where cells are merged) and columns below.
fn second_row(sample: &[Numbered], place: usize) -> Option<(usize, usize)> {
    let cells = &sample[place].1;
    if let Some(above) = place.checked_sub(1) {
        let group = &sample[above].1;
        let names_what_is_blank = (0..extent(group)).any(|at| is_filled(group, at) && !is_filled(cells, at));
        // One filled cell is a title; several, of which one names a column that has no name below, are
        // groups.
        if filled(group) >= 2 && data_cells(group) == 0 && (names_what_is_blank || has_twins(cells)) {
            return Some((above, place));
        }
    }
    let below = sample.get(place + 1).map(|(_, cells)| cells).filter(|cells| !is_comment(cells))?;
    let gaps = (0..extent(cells)).any(|at| !is_filled(cells, at)) || has_twins(cells);
    let names = filled(below) * 10 >= filled(cells) * 6 && data_cells(below) == 0 && !has_twins(below);
    let data_follow =
        sample[place + 2..].iter().any(|(_, cells)| !is_comment(cells) && data_cells(cells) > 0);
    (gaps && names && data_follow).then_some((place, place + 1))
}

fn merged(top: &[Cell], bottom: &[Cell], width: usize) -> Vec<String> {
    let lower = texts(bottom, width);
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for name in &lower {
        *count.entry(name.as_str()).or_default() += 1;
    }
    let mut group = String::new();
    let mut names = Vec::with_capacity(width);
    for (place, name) in lower.iter().enumerate() {
        let above = top.get(place).map(|cell| one_line(&cell.text())).unwrap_or_default();
        // A merged group cell stands over its first column only.
        if !above.is_empty() {
            group.clone_from(&above);
        }
        names.push(match (name.as_str(), count.get(name.as_str())) {
            ("", _) => above,
            (name, Some(1)) => name.to_owned(),
            (name, _) => format!("{group} {name}").trim().to_owned(),
        });
    }
    names
}

/// Every column gets a name, and no two the same.
fn distinct(names: Vec<String>, notes: &mut Vec<Problem>, row: u64) -> Vec<String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut columns = Vec::with_capacity(names.len());
    for (place, name) in names.into_iter().enumerate() {
        let wanted = if name.trim().is_empty() { format!("column {}", place + 1) } else { name };
        let mut name = wanted.clone();
        let mut twin = 1;
        while !taken.insert(name.clone()) {
            twin += 1;
            name = format!("{wanted} ({twin})");
        }
        if twin == 2 {
            let message = format!("two columns are called `{wanted}`; the later one is called `{name}` here");
            notes.push(info(row, "header.twin", message));
        }
        columns.push(name);
    }
    columns
}

fn skipped(sample: &[Numbered], header: usize, notes: &mut Vec<Problem>) {
    if header > 0 {
        let message = format!(
            "{} row(s) above the column names (row {}) are titles and are not read",
            header, sample[header].0
        );
        notes.push(info(sample[header].0, "header.titles", message));
    }
}

fn info(row: u64, code: &str, message: String) -> Problem {
    Problem { row, column: None, value: None, code: code.to_owned(), severity: Severity::Info, message }
}

fn texts(cells: &[Cell], width: usize) -> Vec<String> {
    (0..width).map(|place| cells.get(place).map(|cell| one_line(&cell.text())).unwrap_or_default()).collect()
}

/// Line breaks inside a header cell are layout.
fn one_line(text: &str) -> String {
    if text.contains(['\n', '\r']) {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        text.to_owned()
    }
}

fn is_filled(cells: &[Cell], place: usize) -> bool {
    cells.get(place).is_some_and(|cell| !cell.is_blank())
}

fn filled(cells: &[Cell]) -> usize {
    cells.iter().filter(|cell| !cell.is_blank()).count()
}

/// Columns up to the last filled one.
fn extent(cells: &[Cell]) -> usize {
    cells.iter().rposition(|cell| !cell.is_blank()).map_or(0, |last| last + 1)
}

fn has_twins(cells: &[Cell]) -> bool {
    let mut seen = BTreeSet::new();
    cells.iter().filter(|cell| !cell.is_blank()).any(|cell| !seen.insert(cell.text()))
}

fn data_cells(cells: &[Cell]) -> usize {
    let is_datum = |cell: &&Cell| match cell {
        Cell::Blank => false,
        Cell::Text(text) => text.trim().parse::<f64>().is_ok() || Written::in_text(text).is_some(),
        _ => true,
    };
    cells.iter().filter(is_datum).count()
}

fn is_comment(cells: &[Cell]) -> bool {
    cells.iter().find(|cell| !cell.is_blank()).is_some_and(|cell| cell.text().starts_with("##"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Numbered> {
        let cell = |text: &&str| if text.is_empty() { Cell::Blank } else { Cell::Text((*text).to_owned()) };
        rows.iter().zip(1..).map(|(cells, number)| (number, cells.iter().map(cell).collect())).collect()
    }

    fn check(sample: &[&[&str]], row: Option<u64>, columns: &[&str], codes: &[&str]) {
        let found = find(&rows(sample), None).unwrap();
        assert_eq!(found.row, row);
        assert_eq!(found.columns, columns);
        assert_eq!(found.notes.iter().map(|note| note.code.as_str()).collect::<Vec<_>>(), codes);
    }

    #[test]
    fn a_plain_header_is_the_first_row() {
        check(&[&["id", "age"], &["1", "59"]], Some(1), &["id", "age"], &[]);
    }

    #[test]
    fn title_rows_are_stepped_over_and_said() {
        check(
            &[
                &["太谷区病例一览表", "", ""],
                &["截至2022年3月1日", "", ""],
                &["编号", "性别", "年龄"],
                &["1", "女", "59"],
            ],
            Some(3),
            &["编号", "性别", "年龄"],
            &["header.titles"],
        );
    }

    #[test]
    fn two_header_rows_are_read_together() {
        check(
            &[
                &["编号", "患者", "", "日期", ""],
                &["", "姓名", "性别", "发病", "确诊"],
                &["1", "王某", "女", "2022-02-18", "2022-02-21"],
            ],
            Some(2),
            &["编号", "姓名", "性别", "发病", "确诊"],
            &["header.two_rows"],
        );
        check(
            &[&["infector", "", "infectee", ""], &["age", "sex", "age", "sex"], &["3", "f", "4", "m"]],
            Some(2),
            &["infector age", "infector sex", "infectee age", "infectee sex"],
            &["header.two_rows"],
        );
    }

    #[test]
    fn a_row_of_classes_above_property_names_is_not_the_header() {
        check(
            &[
                &["CaseData", "CaseData", "Person"],
                &["uuid", "disease", "person.sex"],
                &["A1", "CHOLERA", "MALE"],
                &["A2", "CHOLERA", "2"],
            ],
            Some(2),
            &["uuid", "disease", "person.sex"],
            &["header.two_rows"],
        );
    }

    #[test]
    fn columns_without_a_name_and_columns_with_the_same_name_are_told_apart() {
        check(
            &[&["id", "", "date", "date"], &["1", "x", "2020-01-01", "2020-01-02"]],
            Some(1),
            &["id", "column 2", "date", "date (2)"],
            &["header.twin"],
        );
    }

    #[test]
    fn a_list_without_names_gets_numbers() {
        check(
            &[&["1", "2020-01-01"], &["2", "2020-01-02"]],
            None,
            &["column 1", "column 2"],
            &["header.none"],
        );
    }
}
