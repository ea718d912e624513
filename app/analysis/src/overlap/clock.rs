//! Cells that tell a day, or a day and a time of day.

use crate::column_days::{ColumnDays, Order};
use crate::table::{Column, Row, Table};
use trace::overlap::Within;

const LAST_OF_DAY: i64 = 1_439;

/// How one column tells when something was.
pub struct ColumnTimes {
    column: Column,
    days: ColumnDays,
}

impl ColumnTimes {
    pub fn of(table: &Table, column: Column, stated: Option<Order>) -> Result<ColumnTimes, String> {
        Ok(ColumnTimes { column, days: ColumnDays::of(table, column, stated)? })
    }

    /// Between which minutes it was: a day alone is all of that day, a time is that minute, give or take. `Ok(None)` when the cell
    /// says that nobody knows.
    pub fn within(&self, row: &Row, give_or_take: u32) -> Result<Option<Within>, String> {
        let Some(day) = self.days.day(row)? else { return Ok(None) };
        let midnight = i64::from(day.number()) * 1_440;
        let text = row.cell(self.column);
        let Some((_, time)) = text.split_once(['T', ' ']) else {
            return Ok(Some(Within { earliest: midnight, latest: midnight + LAST_OF_DAY }));
        };
        let minute = minute_of_day(time).ok_or_else(|| {
            format!("row {} `{text}` (there is no such time; write it as 2022-02-21 08:30)", row.number)
        })?;
        Ok(Some(Within::about(midnight + minute, give_or_take)))
    }
}

/// `08:30`, `8:30:15`; seconds are dropped, 24:00 is the end of the day.
fn minute_of_day(time: &str) -> Option<i64> {
    let mut parts = time.trim().splitn(3, ':').map(|part| part.trim().parse::<f64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0.0))?);
    let whole = hour.fract() == 0.0 && minute.fract() == 0.0;
    let valid = (0.0..24.0).contains(&hour) && (0.0..60.0).contains(&minute) && (0.0..60.0).contains(&second);
    let end_of_day = hour == 24.0 && minute == 0.0 && second == 0.0;
    (whole && (valid || end_of_day)).then_some(hour as i64 * 60 + minute as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str) -> Result<Option<(i64, i64)>, String> {
        let table = Table::parse(format!("from\n{cell}\n").as_bytes())?;
        let times = ColumnTimes::of(&table, table.column("from")?, None)?;
        let day = 19_044 * 1_440;
        times.within(&table.rows()[0], 10).map(|within| within.map(|w| (w.earliest - day, w.latest - day)))
    }

    #[test]
    fn a_time_is_a_minute_give_or_take_and_a_day_is_all_of_it() {
        for cell in ["2022-02-21 08:30", "2022/2/21 8:30:59", "2022-02-21T08:30"] {
            assert_eq!(read(cell), Ok(Some((500, 520))), "{cell}");
        }
        assert_eq!(read("2022-02-21"), Ok(Some((0, 1_439))));
        assert_eq!(read("不详"), Ok(None));
        assert_eq!(read("2022-02-21 24:00"), Ok(Some((1_430, 1_450))));
    }

    #[test]
    fn a_time_that_is_none_names_its_row_and_how_to_write_it() {
        for cell in ["2022-02-21 25:00", "2022-02-21 8:61", "2022-02-21 24:30"] {
            let why = read(cell).unwrap_err();
            assert!(why.contains("row 2") && why.contains("write it as 2022-02-21 08:30"), "{why}");
        }
    }
}
