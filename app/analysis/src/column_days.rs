//! The days of one column. Whether 03/04 is in March or in April is a property of the column, never guessed
//! per cell.

use super::table::{Column, Row, Table};
use base::Day;
use clap::ValueEnum;

/// The order of day and month where the year comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// 14/01/2020
    Dmy,
    /// 01/14/2020
    Mdy,
}

/// How the days of a column are read.
#[derive(Debug, Clone, Copy)]
pub struct ColumnDays {
    column: Column,
    order: Order,
}

/// Three numbers of a written day, as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    YearFirst(i16, i8, i8),
    YearLast(i8, i8, i16),
}

impl ColumnDays {
    /// `stated` is what the analyst said; otherwise the column must show it: a 14 cannot be a month.
    pub fn of(table: &Table, column: Column, stated: Option<Order>) -> Result<ColumnDays, String> {
        let order = match stated {
            Some(order) => order,
            None => order_of(table, column)?,
        };
        Ok(ColumnDays { column, order })
    }

    /// `Ok(None)` when the cell says that the day is not known.
    pub fn day(&self, row: &Row) -> Result<Option<Day>, String> {
        let Some(text) = row.says(self.column) else { return Ok(None) };
        let written = written(text).map_err(|why| format!("row {} `{text}` ({why})", row.number))?;
        let no_such_day = || format!("row {} `{text}` (there is no such day)", row.number);
        written.day(self.order).map(Some).ok_or_else(no_such_day)
    }
}

impl Written {
    fn day(self, order: Order) -> Option<Day> {
        match (self, order) {
            (Written::YearFirst(year, month, day), _) => Day::of(year, month, day),
            (Written::YearLast(day, month, year), Order::Dmy) => Day::of(year, month, day),
            (Written::YearLast(month, day, year), Order::Mdy) => Day::of(year, month, day),
        }
    }
}

fn order_of(table: &Table, column: Column) -> Result<Order, String> {
    let name = table.name(column);
    // A row that only one of the two orders can read decides; the first ambiguous one is kept for the
    // refusal.
    let (mut only_dmy, mut only_mdy, mut either) = (None, None, None);
    for row in table.rows() {
        let Some(Ok(written @ Written::YearLast(..))) = row.says(column).map(written) else { continue };
        match (written.day(Order::Dmy), written.day(Order::Mdy)) {
            (Some(_), None) => only_dmy = only_dmy.or(Some(row)),
            (None, Some(_)) => only_mdy = only_mdy.or(Some(row)),
            (Some(a), Some(b)) if a != b => either = either.or(Some((row, a, b))),
            _ => {}
        }
    }
    let cell = |row: &Row| format!("row {} `{}`", row.number, row.cell(column));
    match (only_dmy, only_mdy, either) {
        (Some(day_first), Some(month_first), _) => Err(format!(
            "column `{name}` mixes two orders: {} has the day first, {} the month; make them alike",
            cell(day_first),
            cell(month_first)
        )),
        (None, None, Some((row, day_first, month_first))) => Err(format!(
            "column `{name}`, {}: this is {day_first} or {month_first}; say --dates dmy or --dates mdy",
            cell(row)
        )),
        (day_first, month_first, either) => {
            let order = if month_first.is_some() { Order::Mdy } else { Order::Dmy };
            if let (Some(proof), Some(_)) = (day_first.or(month_first), either) {
                let first = if order == Order::Dmy { "day" } else { "month" };
                eprintln!("column `{name}` is read {first} first, because of {}", cell(proof));
            }
            Ok(order)
        }
    }
}

/// ISO days, `2020/2/1`, `2020.2.1`, `2020年2月1日`, `1/2/2020`, `1.2.20` (this century), each also with a time
/// of day behind it, which is dropped. An instant with a zone is refused: its day depends on where one
/// stands.
fn written(text: &str) -> Result<Written, String> {
    let not_a_day = || "this is not a day; write it as 2020-02-21".to_owned();
    let day = match text.split_once(['T', ' ']) {
        Some((_, time)) if time.ends_with(['Z', 'z']) || time.contains(['+', '-']) => {
            return Err("an instant with a zone has no one day; convert it to local days first".to_owned());
        }
        Some((day, time)) if time.trim().starts_with(|c: char| c.is_ascii_digit()) && time.contains(':') => {
            day
        }
        Some(_) => return Err(not_a_day()),
        None => text,
    };
    let day = day.trim_end_matches('日');
    let parts: Vec<&str> = day.split(['-', '/', '.', '年', '月']).collect();
    let [a, b, c] = parts[..] else { return Err(not_a_day()) };
    let number = |part: &str| part.parse::<i16>().map_err(|_| not_a_day());
    let small = |part: &str| part.parse::<i8>().map_err(|_| not_a_day());
    match (a.len(), c.len()) {
        (4, 1 | 2) => Ok(Written::YearFirst(number(a)?, small(b)?, small(c)?)),
        (1 | 2, 4) => Ok(Written::YearLast(small(a)?, small(b)?, number(c)?)),
        // Line lists of people in care now: a two-digit year is of this century.
        (1 | 2, 2) => Ok(Written::YearLast(small(a)?, small(b)?, 2000 + number(c)?)),
        _ => Err(not_a_day()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(cells: &[&str], stated: Option<Order>) -> Result<Vec<String>, String> {
        let table = Table::parse(format!("onset\n{}\n", cells.join("\n")).as_bytes())?;
        let column = ColumnDays::of(&table, table.column("onset")?, stated)?;
        let day = |row: &Row| Ok(column.day(row)?.map_or_else(|| "?".to_owned(), |day| day.to_string()));
        table.rows().iter().map(day).collect()
    }

    #[test]
    fn days_are_read_in_the_usual_wordings() {
        let cells = ["2020-02-01", "2020/2/1", "2020.02.01", "2020年2月1日", "2020-02-01 08:30", "NA"];
        let first = "2020-02-01".to_owned();
        let expected: Vec<String> = vec![first; 5].into_iter().chain(["?".to_owned()]).collect();
        assert_eq!(days(&cells, None), Ok(expected));
    }

    #[test]
    fn one_telling_row_decides_for_its_column() {
        let read = |cells: &[&str]| days(cells, None);
        assert_eq!(read(&["03/04/2020", "14/01/2020"]), Ok(vec!["2020-04-03".into(), "2020-01-14".into()]));
        assert_eq!(read(&["3/4/20", "1/19/20"]), Ok(vec!["2020-03-04".into(), "2020-01-19".into()]));
    }

    #[test]
    fn a_column_that_can_be_read_two_ways_is_refused_with_both_readings() {
        let why = days(&["03/04/2020"], None).unwrap_err();
        assert!(why.contains("2020-04-03 or 2020-03-04") && why.contains("row 2"), "{why}");
        assert_eq!(days(&["03/04/2020"], Some(Order::Mdy)), Ok(vec!["2020-03-04".into()]));
        assert!(days(&["13/01/2020", "01/13/2020"], None).unwrap_err().contains("mixes two orders"));
    }

    #[test]
    fn what_is_no_day_names_its_row() {
        for (cell, reason) in [
            ("2020-02-31", "no such day"),
            ("spring", "write it as"),
            ("2020-01-20T16:00:00.000Z", "convert it to local days"),
        ] {
            let why = days(&[cell], None).unwrap_err();
            assert!(why.contains(reason) && why.contains("row 2"), "{why}");
        }
    }
}
