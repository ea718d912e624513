//! How many tasks are due, open and over, by the hour of their deadline and by the day: what lists of who has delivered add up.
//!
//! A day is 24 hours of UTC since 1970, wherever the territory lies: only a step of reading, which makes a week of thousands of owners a few
//! rows each. Nothing is told by such a day; what is asked goes from hour to hour.

use base::{Moment, Territory};
use std::ops::Range;
use store::{Query, Result, Row, Tx, Value, params};

const HOUR: i64 = 3_600_000;
const HOURS_A_DAY: i64 = 24;

pub(super) fn hour_of(at: Moment) -> i64 {
    at.0.div_euclid(HOUR)
}

pub(super) fn day_of_hour(hour: i64) -> i64 {
    hour.div_euclid(HOURS_A_DAY)
}

pub(super) fn start_of_hour(hour: i64) -> Moment {
    Moment(hour * HOUR)
}

/// A range of hours as it is read: the whole days in it, and the hours before and after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub days: Range<i64>,
    pub before: Range<i64>,
    pub after: Range<i64>,
}

impl Span {
    /// `hour` is not in it.
    pub fn until(hour: i64, hours: i64) -> Span {
        let from = hour - hours;
        let first = (from + HOURS_A_DAY - 1).div_euclid(HOURS_A_DAY);
        let past = day_of_hour(hour);
        if first >= past {
            return Span { days: past..past, before: from..hour, after: hour..hour };
        }
        Span { days: first..past, before: from..first * HOURS_A_DAY, after: past * HOURS_A_DAY..hour }
    }

    /// The hours of the day that is not over yet, and no day before it.
    pub fn of_today(hour: i64) -> Span {
        Span::until(hour, hour.rem_euclid(HOURS_A_DAY))
    }

    /// Sums of these columns by place and owner, of whatever has any of the first.
    pub fn sums(&self, query: &mut dyn Query, territory: &Territory, columns: &[&str]) -> Result<Vec<Row>> {
        let (first, past) = territory.range();
        let mut values = params![first, past].to_vec();
        let (listed, any) = (columns.join(", "), columns[0]);
        let mut parts = Vec::new();
        for (table, step, numbers) in [
            ("tasks_tally_day", "day", self.days.clone().collect::<Vec<_>>()),
            ("tasks_tally", "hour", self.before.clone().chain(self.after.clone()).collect()),
        ] {
            if numbers.is_empty() {
                continue;
            }
            // Each by itself and not as a range: both keys begin with it, and a county reads its own rows of an hour, not everybody's.
            let places: Vec<String> =
                (1..=numbers.len()).map(|place| format!("${}", values.len() + place)).collect();
            parts.push(format!(
                "SELECT territory, owner, {listed} FROM {table} WHERE {step} IN ({}) AND territory >= $1 AND territory < $2 \
                 AND {any} > 0",
                places.join(",")
            ));
            values.extend(numbers.into_iter().map(Value::from));
        }
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let sums: Vec<String> =
            columns.iter().map(|column| format!("cast(sum({column}) AS BIGINT)")).collect();
        let sql = format!(
            "SELECT territory, owner, {} FROM ({}) AS part GROUP BY territory, owner ORDER BY territory, owner",
            sums.join(", "),
            parts.join(" UNION ALL ")
        );
        query.rows(&sql, &values)
    }
}

/// What is added; negative where something is taken away.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Added {
    pub due: i64,
    pub open: i64,
    pub in_time: i64,
    pub late: i64,
    pub cannot: i64,
}

impl Added {
    pub const OPENED: Added = Added { due: 1, open: 1, in_time: 0, late: 0, cannot: 0 };
    pub const GONE: Added = Added { due: -1, open: -1, in_time: 0, late: 0, cannot: 0 };

    pub fn ended(in_time: bool, cannot: bool) -> Added {
        Added {
            open: -1,
            in_time: i64::from(in_time),
            late: i64::from(!in_time),
            cannot: i64::from(cannot),
            due: 0,
        }
    }
}

/// The only place that writes either tally: what one says, the other says.
pub(super) fn add(
    tx: &mut Tx<'_>,
    territory: &Territory,
    owner: &str,
    deadline: Moment,
    added: Added,
) -> Result<()> {
    let hour = hour_of(deadline);
    for (table, step, number) in
        [("tasks_tally", "hour", hour), ("tasks_tally_day", "day", day_of_hour(hour))]
    {
        let sql = format!(
            "INSERT INTO {table} ({step}, territory, owner, due, open, in_time, late, cannot) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ({step}, territory, owner) DO UPDATE SET \
             due = {table}.due + excluded.due, open = {table}.open + excluded.open, \
             in_time = {table}.in_time + excluded.in_time, late = {table}.late + excluded.late, \
             cannot = {table}.cannot + excluded.cannot"
        );
        tx.put(
            &sql,
            params![number, territory, owner, added.due, added.open, added.in_time, added.late, added.cannot],
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Span, day_of_hour};

    /// Every hour of the range once, and no other.
    fn check(span: &Span, hours: std::ops::Range<i64>) {
        let mut read: Vec<i64> = span.before.clone().chain(span.after.clone()).collect();
        read.extend(span.days.clone().flat_map(|day| day * 24..(day + 1) * 24));
        read.sort_unstable();
        assert_eq!(read, hours.collect::<Vec<_>>(), "{span:?}");
    }

    #[test]
    fn a_span_reads_every_hour_once() {
        for hour in 480_000..480_050 {
            for hours in 0..200 {
                let span = Span::until(hour, hours);
                check(&span, hour - hours..hour);
                let edges = span.before.clone().count() + span.after.clone().count();
                assert!(edges < 48, "whole days are read as days: {span:?}");
            }
            check(&Span::of_today(hour), day_of_hour(hour) * 24..hour);
            assert!(Span::of_today(hour).days.is_empty());
        }
    }
}
