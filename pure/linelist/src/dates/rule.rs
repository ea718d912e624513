//! Reading what is written by the rule of its column.

use super::{DateFormat, Written, words::Third};
use base::{Day, Precision, StatedDay};
use serde::{Deserialize, Serialize};

/// How the cells of one column are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateRule {
    /// Day first or month first, where a cell leaves it open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<DateFormat>,
    /// The zone whose midnights the instants of the column are, in minutes east of UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_minutes: Option<i32>,
    /// The year of days written without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
    /// Birth dates look back a century where other dates do not.
    #[serde(default)]
    pub looks_back: bool,
}

/// Why a date cell has no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateFault {
    /// Not a date in any way known here.
    Unreadable,
    /// 31 February, month 13.
    NoSuchDay,
    /// `1月20日` in a list that does not say which year.
    NoYear,
    /// Fits only the order that the column does not use.
    OtherOrder,
    /// Day first or month first, and nobody has answered.
    Undecided,
    /// A range that ends before it begins.
    Backwards,
}

impl DateRule {
    /// The day that `written` states under this rule; its source says `import`.
    pub fn read(&self, written: &Written) -> Result<StatedDay, DateFault> {
        match written {
            Written::Day(year, month, day) => exact(*year, *month, *day),
            Written::Pair { first, second, year, year_digits, .. } => {
                self.pair(*first, *second, *year, *year_digits)
            }
            Written::PairWithoutYear { first, second } => {
                let year = i32::from(self.year.ok_or(DateFault::NoYear)?);
                self.pair(*first, *second, year, 4)
            }
            Written::MonthDay(month, day) => {
                exact(i32::from(self.year.ok_or(DateFault::NoYear)?), *month, *day)
            }
            Written::Month(year, month) => {
                span(first_of(*year, *month)?, last_of(*year, *month)?, Precision::Month)
            }
            Written::Third(year, month, third) => third_of(*year, *month, *third),
            Written::Year(year) => span(civil(*year, 1, 1)?, civil(*year, 12, 31)?, Precision::Year),
            Written::Instant(day, minute) => {
                let local = minute + self.zone_minutes.unwrap_or(0);
                let day = Day::from_number(day.number() + local.div_euclid(24 * 60));
                day.map(stated).ok_or(DateFault::Unreadable)
            }
            Written::Serial(days) => serial_day(*days).map(stated).ok_or(DateFault::Unreadable),
            Written::Range(from, until) => {
                let until = self.read(until)?;
                // `10.01. - 22.01.2020`: a beginning without a year takes the year of the end.
                let from = DateRule { year: Some(until.day.year()), ..*self }.read(from)?;
                let last = until.until.unwrap_or(until.day);
                if last < from.day {
                    return Err(DateFault::Backwards);
                }
                if last == from.day { Ok(stated(from.day)) } else { span(from.day, last, Precision::Range) }
            }
        }
    }

    fn pair(&self, first: i32, second: i32, year: i32, digits: usize) -> Result<StatedDay, DateFault> {
        let full = if digits == 2 { self.century(year) } else { year };
        // `22.2.18` may begin with its year; without the column's order nobody can tell.
        if self.order.is_none() && digits == 2 && exact(self.century(first), second, year).is_ok() {
            return Err(DateFault::Undecided);
        }
        let day_first = exact(full, second, first);
        let month_first = exact(full, first, second);
        match (self.order, day_first, month_first) {
            // Two-digit years may also come first, but only when somebody says so.
            (Some(DateFormat::Ymd), ..) if digits == 2 => exact(self.century(first), second, year),
            (_, Err(_), Err(_)) => Err(DateFault::NoSuchDay),
            (Some(DateFormat::Dmy), day, month) => day.map_err(|_| other_or_none(month, second)),
            (Some(DateFormat::Mdy), day, month) => month.map_err(|_| other_or_none(day, first)),
            (_, Ok(day), Err(_)) | (_, Err(_), Ok(day)) => Ok(day),
            (_, Ok(day), Ok(same)) if day == same => Ok(day),
            (_, Ok(_), Ok(_)) => Err(DateFault::Undecided),
        }
    }

    /// Two-digit years: POSIX `strptime` splits at 69. A birth date written `55` is 1955, so births split at
    /// 30.
    fn century(&self, year: i32) -> i32 {
        let split = if self.looks_back { 30 } else { 69 };
        if year < split { 2000 + year } else { 1900 + year }
    }
}

/// A cell that does not fit the column's order: either the other order was meant (its "month" is above 12),
/// or it is a day such as 31 February that the other order only saves by accident.
fn other_or_none(other: Result<StatedDay, DateFault>, month_by_order: i32) -> DateFault {
    if other.is_ok() && month_by_order > 12 { DateFault::OtherOrder } else { DateFault::NoSuchDay }
}

fn stated(day: Day) -> StatedDay {
    StatedDay::exact(day, "import")
}

fn exact(year: i32, month: i32, day: i32) -> Result<StatedDay, DateFault> {
    civil(year, month, day).map(stated)
}

fn civil(year: i32, month: i32, day: i32) -> Result<Day, DateFault> {
    let day = || Day::of(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    day().ok_or(DateFault::NoSuchDay)
}

fn first_of(year: i32, month: i32) -> Result<Day, DateFault> {
    civil(year, month, 1)
}

fn last_of(year: i32, month: i32) -> Result<Day, DateFault> {
    (28..=31).rev().find_map(|day| civil(year, month, day).ok()).ok_or(DateFault::NoSuchDay)
}

fn third_of(year: i32, month: i32, third: Third) -> Result<StatedDay, DateFault> {
    let (from, until) = match third {
        Third::Early => (civil(year, month, 1)?, civil(year, month, 10)?),
        Third::Middle => (civil(year, month, 11)?, civil(year, month, 20)?),
        Third::Late => (civil(year, month, 21)?, last_of(year, month)?),
    };
    span(from, until, Precision::Range)
}

fn span(day: Day, until: Day, precision: Precision) -> Result<StatedDay, DateFault> {
    Ok(StatedDay { day, until: Some(until), precision, source: "import".to_owned() })
}

/// Excel counts 1900-01-01 as day 1 and believes in 29 February 1900 (day 60), so later days are counted from
/// 1899-12-30. Source: ECMA-376 part 1, 18.17.4.1 (the 1900 date base system).
fn serial_day(days: f64) -> Option<Day> {
    if !(1.0..2_958_466.0).contains(&days) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked above")]
    let whole = days.floor() as i32;
    let zero = Day::of(1899, 12, if whole < 60 { 31 } else { 30 })?;
    Day::from_number(zero.number() + whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, rule: DateRule, expected: Result<&str, DateFault>) {
        let written = Written::in_text(text);
        let read = written.map_or(Err(DateFault::Unreadable), |written| rule.read(&written));
        let read = read.map(|stated| match stated.until {
            None => stated.day.to_string(),
            Some(until) => format!("{}..{until} {:?}", stated.day, stated.precision),
        });
        assert_eq!(read, expected.map(str::to_owned), "{text}");
    }

    const OPEN: DateRule = DateRule { order: None, zone_minutes: None, year: None, looks_back: false };

    fn ordered(order: DateFormat) -> DateRule {
        DateRule { order: Some(order), ..OPEN }
    }

    #[test]
    fn cells_that_say_what_they_are_need_no_rule() {
        for (text, day) in [
            ("2020-01-20", "2020-01-20"),
            ("2020/2/1", "2020-02-01"),
            ("2020.2.1", "2020-02-01"),
            ("20200120", "2020-01-20"),
            ("2019-12-15   00:00:00", "2019-12-15"),
            ("2015-07-06T02:07", "2015-07-06"),
            ("14/01/2020", "2020-01-14"),
            ("1/19/20", "2020-01-19"),
            ("18.01.2020", "2020-01-18"),
            ("43855", "2020-01-25"),
            ("2020年1月20日", "2020-01-20"),
            ("２０２０年１月２０日", "2020-01-20"),
            ("22 Jan 2020", "2020-01-22"),
            ("January 22nd, 2020", "2020-01-22"),
            ("03/03/2020", "2020-03-03"),
        ] {
            check(text, OPEN, Ok(day));
        }
    }

    #[test]
    fn what_is_known_only_roughly_stays_rough() {
        check("10.01.2020 - 22.01.2020", ordered(DateFormat::Dmy), Ok("2020-01-10..2020-01-22 Range"));
        check("10.01.2020-22.01.2020", ordered(DateFormat::Dmy), Ok("2020-01-10..2020-01-22 Range"));
        check("end of December 2019", OPEN, Ok("2019-12-21..2019-12-31 Range"));
        check("2020年2月上旬", OPEN, Ok("2020-02-01..2020-02-10 Range"));
        check("2020-02", OPEN, Ok("2020-02-01..2020-02-29 Month"));
        check("February 2020", OPEN, Ok("2020-02-01..2020-02-29 Month"));
        check("2019", OPEN, Ok("2019-01-01..2019-12-31 Year"));
    }

    #[test]
    fn the_column_decides_between_day_first_and_month_first_and_nobody_guesses() {
        check("03/02/2020", OPEN, Err(DateFault::Undecided));
        check("03/02/2020", ordered(DateFormat::Dmy), Ok("2020-02-03"));
        check("03/02/2020", ordered(DateFormat::Mdy), Ok("2020-03-02"));
        check("01/25/2020", ordered(DateFormat::Dmy), Err(DateFault::OtherOrder));
    }

    #[test]
    fn three_short_numbers_may_begin_with_the_year() {
        check("22.2.18", OPEN, Err(DateFault::Undecided));
        check("22.2.18", ordered(DateFormat::Ymd), Ok("2022-02-18"));
        check("22.2.18", ordered(DateFormat::Dmy), Ok("2018-02-22"));
    }

    #[test]
    fn a_day_that_does_not_exist_is_no_day() {
        check("2022-02-31", OPEN, Err(DateFault::NoSuchDay));
        check("31/02/2022", ordered(DateFormat::Dmy), Err(DateFault::NoSuchDay));
        check("31.02.2022", OPEN, Err(DateFault::NoSuchDay));
        check("22.01.2020 - 10.01.2020", ordered(DateFormat::Dmy), Err(DateFault::Backwards));
    }

    #[test]
    fn a_day_without_a_year_waits_for_one() {
        check("1月20日", OPEN, Err(DateFault::NoYear));
        check("1月20日", DateRule { year: Some(2020), ..OPEN }, Ok("2020-01-20"));
    }

    #[test]
    fn midnight_in_china_written_as_utc_is_the_day_in_china() {
        let china = DateRule { zone_minutes: Some(8 * 60), ..OPEN };
        check("2020-01-20T16:00:00.000Z", china, Ok("2020-01-21"));
        check("2020-01-20T16:00:00.000Z", OPEN, Ok("2020-01-20"));
        check("2020-01-21T00:00:00+08:00", china, Ok("2020-01-21"));
    }

    #[test]
    fn numbers_and_prose_are_not_days() {
        for text in [
            "",
            "59",
            "4.2",
            "local",
            "U0013",
            "36.6",
            "10 cases in January and 3 in May",
            "110101199001011234",
        ] {
            check(text, OPEN, Err(DateFault::Unreadable));
        }
    }

    #[test]
    fn a_two_digit_year_of_birth_looks_back() {
        check("15/03/55", DateRule { looks_back: true, ..OPEN }, Ok("1955-03-15"));
    }

    proptest! {
        #[test]
        fn every_day_is_read_back_from_every_order_it_is_written_in(number in 0..40_000_i32) {
            let day = Day::from_number(number).unwrap();
            let (y, m, d) = (day.year(), day.month(), day.day_of_month());
            for (text, rule) in [
                (format!("{y}-{m:02}-{d:02}"), OPEN),
                (format!("{y}/{m}/{d}"), OPEN),
                (format!("{d:02}.{m:02}.{y}"), ordered(DateFormat::Dmy)),
                (format!("{m}/{d}/{y}"), ordered(DateFormat::Mdy)),
                (format!("{y}年{m}月{d}日"), OPEN),
            ] {
                let read = rule.read(&Written::in_text(&text).unwrap()).unwrap();
                prop_assert_eq!(read.day, day, "{}", text);
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}") {
            if let Some(written) = Written::in_text(&text) {
                let _ = OPEN.read(&written);
            }
        }
    }
}
