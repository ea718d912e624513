//! A time as somebody wrote it: as exactly as they said, with the offset they gave or with none. It is never moved to
//! another zone and never filled up; what cannot be said of it has no answer.

use base::{Day, Moment};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A year, a month of a year, or a day; by the calendar of the place, without clock or zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CivilDate {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
}

/// What a clock showed, as far as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Clock {
    hour: u8,
    minute: Option<u8>,
    second: Option<u8>,
    nanos: Option<u32>,
}

/// A date, perhaps with a clock, perhaps with minutes ahead of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StatedTime {
    pub date: CivilDate,
    pub clock: Option<Clock>,
    pub offset_minutes: Option<i16>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time; write one such as 2024-03-11T08:30:00+08:00")]
pub struct StatedTimeError(pub String);

impl CivilDate {
    /// `None` when there is no such day, or when a day is said without its month.
    pub fn of(year: i16, month: Option<i8>, day: Option<i8>) -> Option<CivilDate> {
        let exists = match (month, day) {
            (Some(month), Some(day)) => Day::of(year, month, day).is_some(),
            (Some(month), None) => (1..=12).contains(&month),
            (None, None) => true,
            (None, Some(_)) => false,
        };
        // The year 0 is how some systems write that they do not know.
        (exists && (1..=9999).contains(&year)).then_some(CivilDate { year, month, day })
    }

    /// The day, when it is one.
    pub fn day(self) -> Option<Day> {
        Day::of(self.year, self.month?, self.day?)
    }

    pub fn year(self) -> i16 {
        self.year
    }

    /// `YYYY[MM[DD]]`.
    pub fn from_digits(digits: &str) -> Option<CivilDate> {
        if !matches!(digits.len(), 4 | 6 | 8) || !all_digits(digits) {
            return None;
        }
        let part = |from: usize| digits.get(from..from + 2).and_then(|two| two.parse().ok());
        CivilDate::of(digits[..4].parse().ok()?, part(4), part(6))
    }

    pub fn digits(self) -> String {
        self.to_string().replace('-', "")
    }
}

impl From<Day> for CivilDate {
    fn from(day: Day) -> CivilDate {
        CivilDate { year: day.year(), month: Some(day.month()), day: Some(day.day_of_month()) }
    }
}

impl Clock {
    /// `HH[MM[SS[.S…]]]`, up to nine digits of a second.
    pub fn from_digits(text: &str) -> Option<Clock> {
        let (digits, fraction) = text.split_once('.').map_or((text, None), |(d, f)| (d, Some(f)));
        if !matches!(digits.len(), 2 | 4 | 6) || !all_digits(digits) {
            return None;
        }
        let part = |from: usize| digits.get(from..from + 2).and_then(|two| two.parse::<u8>().ok());
        let nanos = match fraction {
            None => None,
            Some(fraction) if digits.len() == 6 => Some(nanos(fraction)?),
            Some(_) => return None,
        };
        let clock = Clock { hour: part(0)?, minute: part(2), second: part(4), nanos };
        let shown = clock.hour < 24
            && clock.minute.is_none_or(|minute| minute < 60)
            && clock.second.is_none_or(|second| second < 60);
        shown.then_some(clock)
    }

    pub fn digits(self) -> String {
        self.to_string().replace(':', "")
    }

    fn millis(self) -> Option<i64> {
        let seconds = i64::from(self.hour) * 3600
            + i64::from(self.minute?) * 60
            + i64::from(self.second.unwrap_or_default());
        Some(seconds * 1000 + i64::from(self.nanos.unwrap_or_default() / 1_000_000))
    }

    /// To the minute at least.
    pub fn has_minutes(self) -> bool {
        self.minute.is_some()
    }

    pub fn has_seconds(self) -> bool {
        self.second.is_some()
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn nanos(fraction: &str) -> Option<u32> {
    if fraction.is_empty() || fraction.len() > 9 || !all_digits(fraction) {
        return None;
    }
    format!("{fraction:0<9}").parse().ok()
}

impl StatedTime {
    /// `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]`.
    pub fn from_digits(text: &str) -> Option<StatedTime> {
        let sign = text.find(['+', '-']).unwrap_or(text.len());
        let (body, zone) = text.split_at(sign);
        let offset_minutes = if zone.is_empty() { None } else { Some(offset(zone)?) };
        if body.len() <= 8 {
            return Some(StatedTime { date: CivilDate::from_digits(body)?, clock: None, offset_minutes });
        }
        let date = CivilDate::from_digits(body.get(..8)?)?;
        Some(StatedTime { date, clock: Some(Clock::from_digits(body.get(8..)?)?), offset_minutes })
    }

    pub fn digits(self) -> String {
        let clock = self.clock.map(Clock::digits).unwrap_or_default();
        let zone = self.offset_minutes.map(|minutes| zone(minutes).replace(':', "")).unwrap_or_default();
        format!("{}{clock}{zone}", self.date.digits())
    }

    /// An instant as a clock so many minutes ahead of UTC shows it, to the second.
    pub fn at(moment: Moment, offset_minutes: i16) -> StatedTime {
        let local = moment.0 + i64::from(offset_minutes) * 60_000;
        let second = u32::try_from(local.rem_euclid(86_400_000) / 1_000).unwrap_or_default();
        let part = |of: u32| u8::try_from(of).unwrap_or_default();
        StatedTime {
            date: moment.day_at_offset(i32::from(offset_minutes)).into(),
            clock: Some(Clock {
                hour: part(second / 3_600),
                minute: Some(part(second / 60 % 60)),
                second: Some(part(second % 60)),
                nanos: None,
            }),
            offset_minutes: Some(offset_minutes),
        }
    }

    /// The same time by a clock of which it was not said whose it is, taken for one so far ahead of UTC.
    #[must_use]
    pub fn or_at(self, offset_minutes: i16) -> StatedTime {
        StatedTime { offset_minutes: self.offset_minutes.or(Some(offset_minutes)), ..self }
    }

    /// The instant in UTC, when date, clock and offset were all said; otherwise nobody knows it.
    pub fn moment(self) -> Option<Moment> {
        let day = self.date.day()?;
        let local = i64::from(day.number()) * 86_400_000 + self.clock?.millis()?;
        Some(Moment(local - i64::from(self.offset_minutes?) * 60_000))
    }

    /// Is it certain that this was earlier than `other`? Without offsets, only clocks of one place can tell.
    pub fn surely_before(self, other: StatedTime) -> bool {
        let local = |time: StatedTime| Some((time.date.day()?, time.clock?.millis()?));
        match (self.moment(), other.moment()) {
            (Some(one), Some(two)) => one < two,
            _ if self.offset_minutes.is_none() && other.offset_minutes.is_none() => {
                matches!((local(self), local(other)), (Some(one), Some(two)) if one < two)
            }
            _ => false,
        }
    }
}

/// `+0800`, `+08:00`.
fn offset(text: &str) -> Option<i16> {
    let (sign, digits) = text.split_at_checked(1)?;
    let digits = match digits.len() {
        5 if digits.as_bytes()[2] == b':' => digits.replace(':', ""),
        4 => digits.to_owned(),
        _ => return None,
    };
    if !all_digits(&digits) {
        return None;
    }
    let (hours, minutes): (i16, i16) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    // The farthest clocks on Earth are 14 hours from UTC; rules have reached 16.
    if hours > 16 || minutes > 59 {
        return None;
    }
    let ahead = hours * 60 + minutes;
    match sign {
        "+" => Some(ahead),
        "-" => Some(-ahead),
        _ => None,
    }
}

fn zone(minutes: i16) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let ahead = minutes.unsigned_abs();
    format!("{sign}{:02}:{:02}", ahead / 60, ahead % 60)
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        self.month.map_or(Ok(()), |month| write!(f, "-{month:02}"))?;
        self.day.map_or(Ok(()), |day| write!(f, "-{day:02}"))
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.hour)?;
        self.minute.map_or(Ok(()), |minute| write!(f, ":{minute:02}"))?;
        self.second.map_or(Ok(()), |second| write!(f, ":{second:02}"))?;
        match self.nanos {
            None => Ok(()),
            Some(0) => write!(f, ".0"),
            Some(nanos) => write!(f, ".{}", format!("{nanos:09}").trim_end_matches('0')),
        }
    }
}

impl fmt::Display for StatedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        self.clock.map_or(Ok(()), |clock| write!(f, "T{clock}"))?;
        self.offset_minutes.map_or(Ok(()), |minutes| write!(f, "{}", zone(minutes)))
    }
}

impl FromStr for CivilDate {
    type Err = StatedTimeError;
    fn from_str(text: &str) -> Result<CivilDate, StatedTimeError> {
        let in_place = text.bytes().enumerate().all(|(at, byte)| (byte == b'-') == (at == 4 || at == 7));
        let read = if in_place { CivilDate::from_digits(&text.replace('-', "")) } else { None };
        read.ok_or_else(|| StatedTimeError(text.to_owned()))
    }
}

impl FromStr for Clock {
    type Err = StatedTimeError;
    fn from_str(text: &str) -> Result<Clock, StatedTimeError> {
        let in_place = text.bytes().enumerate().all(|(at, byte)| (byte == b':') == (at == 2 || at == 5));
        let read = if in_place { Clock::from_digits(&text.replace(':', "")) } else { None };
        read.ok_or_else(|| StatedTimeError(text.to_owned()))
    }
}

impl FromStr for StatedTime {
    type Err = StatedTimeError;
    fn from_str(text: &str) -> Result<StatedTime, StatedTimeError> {
        let refuse = || StatedTimeError(text.to_owned());
        let (date, rest) = match text.split_once('T') {
            Some((date, rest)) => (date, Some(rest)),
            None => match text.split_at_checked(10) {
                Some((date, zone)) if !zone.is_empty() => {
                    let offset_minutes = Some(offset(zone).ok_or_else(refuse)?);
                    return Ok(StatedTime {
                        date: date.parse().map_err(|_| refuse())?,
                        clock: None,
                        offset_minutes,
                    });
                }
                _ => (text, None),
            },
        };
        let date: CivilDate = date.parse().map_err(|_| refuse())?;
        let Some(rest) = rest else { return Ok(StatedTime { date, clock: None, offset_minutes: None }) };
        if date.day().is_none() {
            return Err(refuse());
        }
        let (clock, offset_minutes) = match rest.strip_suffix('Z') {
            Some(clock) => (clock, Some(0)),
            None => match rest.find(['+', '-']) {
                Some(at) => (&rest[..at], Some(offset(&rest[at..]).ok_or_else(refuse)?)),
                None => (rest, None),
            },
        };
        Ok(StatedTime { date, clock: Some(clock.parse().map_err(|_| refuse())?), offset_minutes })
    }
}

macro_rules! as_text {
    ($($name:ident)+) => {$(
        impl TryFrom<String> for $name {
            type Error = StatedTimeError;
            fn try_from(text: String) -> Result<$name, StatedTimeError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(said: $name) -> String {
                said.to_string()
            }
        }
    )+};
}

as_text!(CivilDate Clock StatedTime);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(digits: &str, iso: &str, moment: Option<&str>) {
        let time = StatedTime::from_digits(digits).unwrap();
        assert_eq!(time.to_string(), iso);
        assert_eq!(iso.parse(), Ok(time));
        assert_eq!(time.digits(), digits);
        assert_eq!(time.moment().map(|moment| moment.to_string()).as_deref(), moment);
    }

    #[test]
    fn a_time_is_as_exact_as_it_was_said() {
        check("2024", "2024", None);
        check("202403", "2024-03", None);
        check("20240311", "2024-03-11", None);
        check("20240311+0800", "2024-03-11+08:00", None);
        check("2024031108", "2024-03-11T08", None);
        check("202403110830", "2024-03-11T08:30", None);
        check("202403110830+0800", "2024-03-11T08:30+08:00", Some("2024-03-11T00:30:00Z"));
        check("20240311143005.25-0330", "2024-03-11T14:30:05.25-03:30", Some("2024-03-11T18:00:05.25Z"));
    }

    #[test]
    fn what_is_no_time_is_no_time() {
        for digits in
            ["", "24", "00000000", "20240231", "2024031", "2024031125", "20240311083061", "20240311.5"]
        {
            assert_eq!(StatedTime::from_digits(digits), None, "{digits}");
        }
        for digits in ["20240311+8", "20240311083000+9900", "2024-03-11", "20240311083000Z", "２０２４"] {
            assert_eq!(StatedTime::from_digits(digits), None, "{digits}");
        }
    }

    #[test]
    fn an_instant_is_told_by_any_clock() {
        let moment: Moment = "2022-02-21T00:30:05Z".parse().unwrap();
        assert_eq!(StatedTime::at(moment, 480).to_string(), "2022-02-21T08:30:05+08:00");
        assert_eq!(StatedTime::at(moment, -60).to_string(), "2022-02-20T23:30:05-01:00");
        assert_eq!(StatedTime::at(moment, 480).moment(), Some(moment));
        let unsaid = StatedTime::from_digits("20220221083005").unwrap();
        assert_eq!(unsaid.or_at(480).moment(), Some(moment));
    }

    #[test]
    fn clocks_of_two_places_cannot_be_compared_without_their_offsets() {
        let time = |digits| StatedTime::from_digits(digits).unwrap();
        assert!(time("202403110830").surely_before(time("202403110831")));
        assert!(!time("202403110830+0800").surely_before(time("202403110831")));
        assert!(time("202403110830+0800").surely_before(time("202403110031+0000")));
        assert!(!time("20240311").surely_before(time("202403120831")));
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_it_is_written_or_refused(text in "[0-9T:+.Z-]{0,26}") {
            if let Ok(time) = text.parse::<StatedTime>() {
                prop_assert_eq!(time.to_string().parse(), Ok(time));
            }
            if let Some(time) = StatedTime::from_digits(&text) {
                prop_assert_eq!(StatedTime::from_digits(&time.digits()), Some(time));
                prop_assert_eq!(time.to_string().parse(), Ok(time));
            }
        }
    }
}
