//! A calendar day as people state it: no zone, no clock. It never passes through an instant, so it never moves.

use serde::{Deserialize, Serialize};
use std::{fmt, ops, str::FromStr};

/// A civil date in the place's own (Gregorian) calendar. `Day + i32` is a `Day`; `Day - Day` is a number of days.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(jiff::civil::Date);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a day; write it as 2022-02-21")]
pub struct DayError(pub String);

impl Day {
    /// `None` when there is no such day (31 February, month 13).
    pub fn of(year: i16, month: i8, day: i8) -> Option<Day> {
        jiff::civil::Date::new(year, month, day).ok().map(Day)
    }

    pub fn year(self) -> i16 {
        self.0.year()
    }

    pub fn month(self) -> i8 {
        self.0.month()
    }

    pub fn day_of_month(self) -> i8 {
        self.0.day()
    }

    /// Days since 1970-01-01; negative before it.
    pub fn number(self) -> i32 {
        (self.0 - jiff::civil::date(1970, 1, 1)).get_days()
    }

    pub fn from_number(days: i32) -> Option<Day> {
        let span = jiff::Span::new().try_days(days).ok()?;
        jiff::civil::date(1970, 1, 1).checked_add(span).ok().map(Day)
    }

    /// 1 Monday to 7 Sunday (ISO 8601).
    pub fn weekday(self) -> i8 {
        self.0.weekday().to_monday_one_offset()
    }

    /// ISO 8601 week: the year it belongs to and its number, 1 to 53.
    pub fn iso_week(self) -> (i16, i8) {
        let week = self.0.iso_week_date();
        (week.year(), week.week())
    }

    /// Every day from `self` to `last`, both included; empty when `last` is earlier.
    pub fn through(self, last: Day) -> impl Iterator<Item = Day> {
        (self.number()..=last.number()).filter_map(Day::from_number)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = DayError;
    fn from_str(text: &str) -> Result<Day, DayError> {
        let refuse = || DayError(text.to_owned());
        let mut parts = text.split('-');
        let (Some(y), Some(m), Some(d), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(refuse());
        };
        if y.len() != 4 || m.len() != 2 || d.len() != 2 {
            return Err(refuse());
        }
        let (Ok(y), Ok(m), Ok(d)) = (y.parse(), m.parse(), d.parse()) else { return Err(refuse()) };
        Day::of(y, m, d).ok_or_else(refuse)
    }
}

impl TryFrom<String> for Day {
    type Error = DayError;
    fn try_from(text: String) -> Result<Day, DayError> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

impl ops::Add<i32> for Day {
    type Output = Day;
    /// Panics past the year 9999: no plan reaches there, so arriving is a bug.
    fn add(self, days: i32) -> Day {
        Day::from_number(self.number() + days).expect("a day within the calendar")
    }
}

impl ops::Sub<i32> for Day {
    type Output = Day;
    fn sub(self, days: i32) -> Day {
        self + -days
    }
}

impl ops::Sub for Day {
    type Output = i32;
    fn sub(self, earlier: Day) -> i32 {
        self.number() - earlier.number()
    }
}

/// How exactly a day is known.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    Day,
    /// Somewhere between `day` and `until`, both possible.
    Range,
    Month,
    Year,
}

/// A day somebody stated: which, how exactly, and where the statement comes from. Unknown days are absent, never guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StatedDay {
    pub day: Day,
    /// Last possible day, when the statement is a range, a month or a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    pub precision: Precision,
    /// Who or what said so: `stated`, `import`, `interview`.
    pub source: String,
}

impl StatedDay {
    pub fn exact(day: Day, source: &str) -> StatedDay {
        StatedDay { day, until: None, precision: Precision::Day, source: source.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_day_written_down_is_the_day_read_back(number in -700_000..2_900_000_i32) {
            let day = Day::from_number(number).unwrap();
            prop_assert_eq!(day.number(), number);
            prop_assert_eq!(day.to_string().parse::<Day>().unwrap(), day);
        }

        #[test]
        fn a_day_and_back_again_is_the_same_day(number in -10_000..60_000_i32, step in -5_000..5_000_i32) {
            let day = Day::from_number(number).unwrap();
            prop_assert_eq!((day + step) - day, step);
            prop_assert_eq!((day + step) - step, day);
        }
    }

    #[test]
    fn there_is_no_31_february() {
        assert_eq!(Day::of(2022, 2, 31), None);
        assert!("2022-02-31".parse::<Day>().is_err());
        assert!("2022-2-1".parse::<Day>().is_err());
    }

    #[test]
    fn weeks_of_a_53_week_year_are_counted_as_iso_counts_them() {
        assert_eq!("2020-12-31".parse::<Day>().unwrap().iso_week(), (2020, 53));
        assert_eq!("2021-01-03".parse::<Day>().unwrap().iso_week(), (2020, 53));
        assert_eq!("2021-01-04".parse::<Day>().unwrap().iso_week(), (2021, 1));
    }
}
