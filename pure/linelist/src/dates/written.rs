//! What is written in a date cell, before the column's order is known.

use super::words::{self, Third};
use crate::Cell;
use base::Day;

#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// Year, month, day, in whatever order the cell itself makes plain. May be a day that does not exist.
    Day(i32, i32, i32),
    /// Two small numbers and a year (`03/02/2020`): the column decides which is the day.
    Pair {
        first: i32,
        second: i32,
        year: i32,
        year_digits: usize,
        dotted: bool,
    },
    /// `1/29`: the column decides the order, the file decides the year.
    PairWithoutYear {
        first: i32,
        second: i32,
    },
    /// `1月20日`, `20 January`: the year is missing.
    MonthDay(i32, i32),
    Month(i32, i32),
    Third(i32, i32, Third),
    Year(i32),
    /// A day and a minute of it in UTC.
    Instant(Day, i32),
    /// Days in the 1900 system of spreadsheets.
    Serial(f64),
    Range(Box<Written>, Box<Written>),
}

/// Serials outside 1954 to 2119 are ordinary numbers, not days of an outbreak: `20000` is 1954-10-03, `80000`
/// 2119-01-11.
const SERIALS: std::ops::Range<f64> = 20_000.0..80_000.0;
/// Four digits in this span are taken for a year.
const YEARS: std::ops::RangeInclusive<i32> = 1850..=2150;

impl Written {
    pub fn in_cell(cell: &Cell) -> Option<Written> {
        match cell {
            Cell::Serial(days) => Some(Written::Serial(*days)),
            Cell::Blank | Cell::Bool(_) | Cell::Error(_) | Cell::Cut(_) => None,
            Cell::Text(_) | Cell::Number(_) => Written::in_text(&cell.text()),
        }
    }

    /// `None` when the text is not a date in any way known here.
    pub fn in_text(text: &str) -> Option<Written> {
        // No date anybody writes is longer; free text is, and there is a lot of it.
        if text.len() > 64 || !text.chars().any(|c| c.is_ascii_digit() || ('０'..='９').contains(&c)) {
            return None;
        }
        let text = narrow(text);
        single(&text).or_else(|| range(&text))
    }
}

/// Full-width digits and signs of Chinese keyboards as their ASCII twins, in lower case.
fn narrow(text: &str) -> String {
    let twin = |c: char| match c {
        '０'..='９' | '／' | '．' | '－' | '：' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '〜' | '～' => '~',
        '–' | '—' => '–',
        c => c,
    };
    text.trim().chars().map(twin).collect::<String>().to_lowercase()
}

fn range(text: &str) -> Option<Written> {
    for sign in [" - ", "~", "–", "至", " to ", "..", " -", "- "] {
        if let Some((from, until)) = text.split_once(sign) {
            return ends(from, until);
        }
    }
    // `10.01.2020-22.01.2020`: the dash joins two dates that are written with another sign.
    let (from, until) = text.split_once('-')?;
    let joined = |side: &str| side.contains('.') || side.contains('/');
    if joined(from) && joined(until) { ends(from, until) } else { None }
}

fn ends(from: &str, until: &str) -> Option<Written> {
    Some(Written::Range(Box::new(single(from.trim())?), Box::new(single(until.trim())?)))
}

fn single(text: &str) -> Option<Written> {
    if text.contains('年') || text.contains('月') {
        return words::chinese(strip_chinese_time(text));
    }
    let (date, time) = split_time(text);
    let written = numeric(date).or_else(|| words::english(date))?;
    let Some((minute, Some(offset))) = time else { return Some(written) };
    let Written::Day(year, month, day) = written else { return Some(written) };
    let local = day_of(year, month, day)?;
    // The same instant in UTC; the column decides which zone's midnight it was.
    let utc = minute - offset;
    let day = Day::from_number(local.number() + utc.div_euclid(24 * 60))?;
    Some(Written::Instant(day, utc.rem_euclid(24 * 60)))
}

fn day_of(year: i32, month: i32, day: i32) -> Option<Day> {
    Day::of(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
}

/// `2020年1月20日 08:30` or `…20时`: the time of day does not matter for a day.
fn strip_chinese_time(text: &str) -> &str {
    for sign in ['日', '号'] {
        if let Some(end) = text.find(sign) {
            return &text[..end + sign.len_utf8()];
        }
    }
    text
}

/// The date part, and the minute of the day with the zone's offset in minutes when a zone is given.
fn split_time(text: &str) -> (&str, Option<(i32, Option<i32>)>) {
    let Some(colon) = text.find(':') else {
        return (text.trim_end_matches(['t', 'z']), None);
    };
    let start = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (date, time) = text.split_at(start);
    let date = date.trim_end().trim_end_matches('t').trim_end();
    match minute_of(time) {
        Some(time) if !date.is_empty() => (date, Some(time)),
        _ => (text, None),
    }
}

/// `16:00`, `16:00:00.000z`, `08:30+08:00`, `3:05 pm`.
fn minute_of(time: &str) -> Option<(i32, Option<i32>)> {
    let clock_len = time.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(time.len());
    let (clock, zone) = time.split_at(clock_len);
    let mut parts = clock.split(':');
    let hour: i32 = parts.next()?.parse().ok()?;
    let minute: i32 = parts.next()?.parse().ok()?;
    let zone = zone.trim();
    let (hour, offset) = match zone {
        "" => (hour, None),
        "z" | "utc" | "gmt" => (hour, Some(0)),
        "am" => (hour % 12, None),
        "pm" => (hour % 12 + 12, None),
        _ => (hour, Some(offset_of(zone)?)),
    };
    // Reckoned only then: an hour of nine digits is no hour.
    (hour < 25 && minute < 60).then(|| (hour * 60 + minute, offset))
}

fn offset_of(zone: &str) -> Option<i32> {
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
    let number: i32 = digits.parse().ok()?;
    let minutes = if digits.len() <= 2 { number * 60 } else { number / 100 * 60 + number % 100 };
    // Zones in use reach from UTC-12 to UTC+14.
    (minutes <= 14 * 60).then_some(sign * minutes)
}

fn numeric(date: &str) -> Option<Written> {
    if !date.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | ' ')) {
        return None;
    }
    if let Ok(number) = date.parse::<f64>() {
        return bare_number(date, number);
    }
    let sign = date.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = date.split(sign).map(str::trim).filter(|part| !part.is_empty()).collect();
    let number = |part: &str| part.parse::<i32>().ok().filter(|_| part.len() <= 4);
    match parts.as_slice() {
        [y, m, d] if y.len() == 4 => Some(Written::Day(number(y)?, number(m)?, number(d)?)),
        [a, b, y] if a.len() <= 2 && b.len() <= 2 && matches!(y.len(), 2 | 4) => Some(Written::Pair {
            first: number(a)?,
            second: number(b)?,
            year: number(y)?,
            year_digits: y.len(),
            dotted: sign == '.',
        }),
        [y, m] if y.len() == 4 && m.len() <= 2 => Some(Written::Month(number(y)?, number(m)?)),
        [m, y] if m.len() <= 2 && y.len() == 4 => Some(Written::Month(number(y)?, number(m)?)),
        // `4.2` is a number and `1-2` a count; only the slash is used for a day without a year.
        [a, b] if sign == '/' && a.len() <= 2 && b.len() <= 2 => {
            Some(Written::PairWithoutYear { first: number(a)?, second: number(b)? })
        }
        _ => None,
    }
}

fn bare_number(text: &str, number: f64) -> Option<Written> {
    let whole = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i32>().ok()).flatten();
    if let Some(whole) = whole {
        let (year, month, day) = (whole / 10_000, whole / 100 % 100, whole % 100);
        if text.len() == 8 && YEARS.contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day) {
            return Some(Written::Day(year, month, day));
        }
        if text.len() == 4 && YEARS.contains(&whole) {
            return Some(Written::Year(whole));
        }
    }
    SERIALS.contains(&number).then_some(Written::Serial(number))
}
