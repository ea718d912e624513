//! Times as files write them (numbers, years, days) and the steps they fall in.

use super::settings::{Settings, Unit};
use crate::column_days::ColumnDays;
use crate::table::{Column, Row, Table};
use base::Day;
use serde_json::Value;

/// What the times of a file are. All of one scan are of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Number,
    Year,
    Day,
}

/// A time as it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Time {
    Number(i64),
    Year(i16),
    Day(Day),
}

/// How the times of one file are read.
pub struct TimeColumn {
    column: Column,
    how: How,
}

enum How {
    Numbers,
    Years,
    Days(ColumnDays),
}

impl TimeColumn {
    /// A column `year` or `year2` holds years, `date` days, `time` whichever it looks like. `None` when there is none of them.
    pub fn of(table: &Table) -> Result<Option<TimeColumn>, String> {
        for (name, years) in [("year", true), ("year2", true), ("date", false), ("time", false)] {
            let Ok(column) = table.column(name) else { continue };
            let whole = |row: &Row| row.says(column).is_none_or(|cell| cell.parse::<i64>().is_ok());
            let how = if years {
                How::Years
            } else if name == "time" && table.rows().iter().all(whole) {
                How::Numbers
            } else {
                How::Days(ColumnDays::of(table, column, None)?)
            };
            return Ok(Some(TimeColumn { column, how }));
        }
        Ok(None)
    }

    pub fn column(&self) -> Column {
        self.column
    }

    pub fn read(&self, table: &Table, row: &Row) -> Result<Time, String> {
        let name = table.name(self.column);
        let cell = row.says(self.column).ok_or_else(|| {
            format!("row {}: `{name}` is blank; write when it was, or leave the row away", row.number)
        })?;
        let refuse = |what: &str| {
            format!("row {}: `{name}` is {cell}, which is no {what}; mend that cell", row.number)
        };
        match &self.how {
            How::Numbers => cell.parse().map(Time::Number).map_err(|_| refuse("whole number")),
            How::Years => cell.parse().ok().and_then(full_year).map(Time::Year).ok_or_else(|| refuse("year")),
            How::Days(days) => match days.day(row)? {
                Some(day) => Ok(Time::Day(day)),
                None => Err(refuse("day")),
            },
        }
    }
}

/// Years of two digits are of 1950 to 2049, as in SaTScan's files.
fn full_year(year: i16) -> Option<i16> {
    match year {
        0..50 => Some(2000 + year),
        50..100 => Some(1900 + year),
        1000..=9000 => Some(year),
        _ => None,
    }
}

impl Time {
    pub fn kind(self) -> Kind {
        match self {
            Time::Number(_) => Kind::Number,
            Time::Year(_) => Kind::Year,
            Time::Day(_) => Kind::Day,
        }
    }

    fn first(self) -> i64 {
        match self {
            Time::Number(number) => number,
            Time::Year(year) => new_year(year),
            Time::Day(day) => i64::from(day.number()),
        }
    }

    /// The moment after it.
    fn end(self) -> i64 {
        match self {
            Time::Number(number) => number + 1,
            Time::Year(year) => new_year(year + 1),
            Time::Day(day) => i64::from(day.number()) + 1,
        }
    }

    /// When a population of that time was counted: a year's in its middle, on 1 July, as SaTScan takes it.
    pub fn counted_at(self) -> f64 {
        match self {
            Time::Year(year) => Day::of(year, 7, 1).map_or(f64::NAN, |day| f64::from(day.number())),
            other => other.first() as f64,
        }
    }
}

fn new_year(year: i16) -> i64 {
    i64::from(Day::of(year, 1, 1).map_or(0, Day::number))
}

/// The steps of a scan: step `s` is from `edges[s]` until before `edges[s + 1]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub kind: Kind,
    pub edges: Vec<i64>,
    /// What a step is on average, in days, for the recurrence interval; a number is one of its own unit.
    pub step_days: f64,
}

/// More steps than a daily series of fifty years are a mistyped date.
const MOST_STEPS: i64 = 20_000;

impl Axis {
    pub fn of(times: impl Iterator<Item = Time>, settings: &Settings) -> Result<Axis, String> {
        let times: Vec<Time> = times.collect();
        let kind = times.first().map(|time| time.kind());
        let stated = |key: &str, value: &Option<Value>| {
            value.as_ref().map(|value| time_of(key, value, kind)).transpose()
        };
        let (start, end) =
            (stated("start_date", &settings.start_date)?, stated("end_date", &settings.end_date)?);
        let kind = kind.or(start.map(Time::kind)).unwrap_or(Kind::Number);
        let from = start.map(|time| time.first()).or_else(|| times.iter().map(|time| time.first()).min());
        let to = end.map(Time::end).or_else(|| times.iter().map(|time| time.end()).max());
        let (Some(from), Some(to)) = (from, to) else {
            return Ok(Axis { kind: Kind::Number, edges: vec![0, 1], step_days: 1.0 });
        };
        if from >= to {
            return Err("configuration: `end_date` is before `start_date`; exchange them".to_owned());
        }
        let unit = settings.time_aggregation_units.unwrap_or(match kind {
            Kind::Number => Unit::Number,
            Kind::Year => Unit::Year,
            Kind::Day => Unit::Day,
        });
        if (unit == Unit::Number) != (kind == Kind::Number) {
            return Err("configuration: `time_aggregation_units` does not fit the times; numbers go with number, days and years \
                        with day, month or year"
                .to_owned());
        }
        let length = i64::from(settings.time_aggregation_length);
        let mut edges = vec![to];
        // From the end backwards, so that the latest step, which matters most, is a whole one.
        for step in 1..=MOST_STEPS {
            let before = back(to, unit, length * step);
            if before <= from {
                edges.push(from);
                break;
            }
            edges.push(before);
        }
        if edges.last() != Some(&from) {
            return Err(format!(
                "the period has more than {MOST_STEPS} steps; look for a mistyped time, or aggregate more"
            ));
        }
        edges.reverse();
        // A mean year and a mean month, as SaTScan takes them.
        let unit_days = match unit {
            Unit::Year => 365.25,
            Unit::Month => 365.25 / 12.0,
            Unit::Day | Unit::Number => 1.0,
        };
        Ok(Axis { kind, edges, step_days: unit_days * length as f64 })
    }

    /// Steps that are only numbered, from 1.
    pub fn numbered(steps: usize) -> Axis {
        Axis { kind: Kind::Number, edges: (1..=steps as i64 + 1).collect(), step_days: 1.0 }
    }

    pub fn steps(&self) -> usize {
        self.edges.len() - 1
    }

    /// `None` outside the period.
    pub fn step_of(&self, time: Time) -> Option<usize> {
        let first = time.first();
        let step = self.edges.partition_point(|edge| *edge <= first).checked_sub(1)?;
        (step < self.steps()).then_some(step)
    }

    /// The step in which prospective stretches may begin to end.
    pub fn prospective_from(&self, settings: &Settings) -> Result<usize, String> {
        let Some(value) = &settings.prospective_start_date else { return Ok(self.steps() - 1) };
        self.step_of(time_of("prospective_start_date", value, Some(self.kind))?).ok_or_else(|| {
            format!(
                "configuration: `prospective_start_date` {value} is outside the period; give a time within it"
            )
        })
    }

    /// The first time in a step, as people write it.
    pub fn first_of(&self, step: usize) -> String {
        self.written(self.edges[step])
    }

    pub fn last_of(&self, step: usize) -> String {
        self.written(self.edges[step + 1] - 1)
    }

    fn written(&self, at: i64) -> String {
        let day = || i32::try_from(at).ok().and_then(Day::from_number).map(|day| day.to_string());
        if self.kind == Kind::Number { at.to_string() } else { day().unwrap_or_else(|| at.to_string()) }
    }
}

fn back(end: i64, unit: Unit, by: i64) -> i64 {
    let months = match unit {
        Unit::Day | Unit::Number => return end - by,
        Unit::Month => by,
        Unit::Year => 12 * by,
    };
    let Some(day) = i32::try_from(end).ok().and_then(Day::from_number) else { return end };
    let month = i64::from(day.year()) * 12 + i64::from(day.month()) - 1 - months;
    let (year, month) = (month.div_euclid(12) as i16, month.rem_euclid(12) as i8 + 1);
    // A month that has no such day ends earlier.
    (0..4)
        .find_map(|short| Day::of(year, month, day.day_of_month() - short))
        .map_or(i64::MIN, |day| i64::from(day.number()))
}

/// A time in a configuration: a number, a year, or a day as 2022-02-21 or 2022/2/21.
fn time_of(key: &str, value: &Value, kind: Option<Kind>) -> Result<Time, String> {
    let refuse = || format!("configuration: `{key}` is {value}; write a number, or a day as 2022-02-21");
    let whole = |number: i64| match kind {
        Some(Kind::Year) => i16::try_from(number).ok().and_then(full_year).map(Time::Year).ok_or_else(refuse),
        Some(Kind::Day) => Err(refuse()),
        _ => Ok(Time::Number(number)),
    };
    if let Some(number) = value.as_i64() {
        return whole(number);
    }
    let text = value.as_str().ok_or_else(refuse)?;
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    match parts.as_slice() {
        [number] => number.parse().map_err(|_| refuse()).and_then(whole),
        [y, m, d] => {
            let (Ok(y), Ok(m), Ok(d)) = (y.parse(), m.parse(), d.parse()) else { return Err(refuse()) };
            match Day::of(y, m, d) {
                Some(day) if kind != Some(Kind::Number) => Ok(Time::Day(day)),
                _ => Err(refuse()),
            }
        }
        _ => Err(refuse()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn axis(times: &[Time], config: Value) -> Axis {
        Axis::of(times.iter().copied(), &Settings::of(config).unwrap()).unwrap()
    }

    #[test]
    fn steps_are_counted_back_from_the_end() {
        let weeks = axis(&[Time::Number(1), Time::Number(10)], json!({"time_aggregation_length": 7}));
        assert_eq!(weeks.edges, [1, 4, 11]);
        assert_eq!((weeks.step_of(Time::Number(3)), weeks.step_of(Time::Number(11))), (Some(0), None));
        let years = axis(&[Time::Year(1999), Time::Year(2001)], json!({}));
        assert_eq!(
            (years.steps(), years.first_of(1), years.last_of(1)),
            (3, "2000-01-01".to_owned(), "2000-12-31".to_owned())
        );
        let day = |text: &str| Time::Day(text.parse().unwrap());
        let months =
            axis(&[day("2021-11-30"), day("2022-02-28")], json!({"time_aggregation_units": "month"}));
        assert_eq!(months.first_of(1), "2021-12-01");
        assert_eq!(months.steps(), 4);
    }
}
