//! The lines above the table: what the run was called, and when it was.

use crate::header::Numbered;
use crate::stated_time::{CivilDate, Clock, StatedTime};
use base::Day;
use linelist::Cell;
use serde::Serialize;

/// A time as the file has it, and as a time where it can only be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunTime {
    pub said: String,
    pub read: Option<StatedTime>,
}

#[derive(Debug, Default)]
pub struct Head {
    pub name: Option<String>,
    pub instrument: Option<String>,
    pub started: Option<RunTime>,
    pub ended: Option<RunTime>,
    /// The dye or filter of the whole file.
    pub channel: Option<String>,
}

const NAME: [&str; 4] = ["experimentname", "experiment", "filename", "实验名称"];
const INSTRUMENT: [&str; 4] = ["instrumentserialnumber", "baseserialnumber", "instrumentname", "仪器编号"];
const STARTED: [&str; 5] = ["runstarted", "experimentrunstarttime", "runstarttime", "starttime", "开始时间"];
const ENDED: [&str; 5] = ["runended", "experimentrunendtime", "runendtime", "endtime", "结束时间"];

pub fn read(rows: &[Numbered]) -> Head {
    let mut head = Head::default();
    for (_, cells) in rows {
        let filled: Vec<&Cell> = cells.iter().filter(|cell| !cell.is_blank()).collect();
        let Some(first) = filled.first() else { continue };
        let first = first.text().trim_start_matches(['*', '#', ' ']).to_owned();
        // LightCycler: Experiment: NAME  Selected Filter: FAM (465-510)
        if let Some((experiment, filter)) = first.split_once("Selected Filter:") {
            head.channel = said(filter);
            let name = experiment.trim().strip_prefix("Experiment:").unwrap_or(experiment);
            head.name = head.name.take().or_else(|| said(name));
            continue;
        }
        let (key, value) = match first.split_once(" = ").or_else(|| first.split_once(": ")) {
            Some((key, value)) => (key.to_owned(), Cell::Text(value.to_owned())),
            None => match filled.get(1) {
                Some(value) => (first, (*value).clone()),
                None => continue,
            },
        };
        let key = plain(&key);
        let is = |names: &[&str]| names.contains(&key.as_str());
        let text = || said(&value.text());
        if is(&NAME) {
            head.name = head.name.take().or_else(text);
        } else if is(&INSTRUMENT) {
            head.instrument = head.instrument.take().or_else(text);
        } else if is(&STARTED) {
            head.started = head.started.take().or_else(|| time(&value));
        } else if is(&ENDED) {
            head.ended = head.ended.take().or_else(|| time(&value));
        }
    }
    head
}

fn said(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text != "NA").then(|| text.to_owned())
}

/// A name of a column or of a line, without what programs vary: case, spaces, signs, and letters that only look Latin.
pub fn plain(name: &str) -> String {
    let letters = name.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase);
    // The 7500 writes C and a Cyrillic т.
    letters.map(|letter| if matches!(letter, 'т' | 'ᴛ') { 't' } else { letter }).collect()
}

fn time(cell: &Cell) -> Option<RunTime> {
    if let Cell::Serial(days) = cell {
        let read = serial(*days);
        let text = read.map_or_else(|| cell.text().into_owned(), |time| time.to_string());
        return Some(RunTime { said: text, read });
    }
    let said = said(&cell.text())?;
    Some(RunTime { read: read_time(&said), said })
}

/// Days since the last of 1899, as spreadsheets count.
fn serial(days: f64) -> Option<StatedTime> {
    if !(1.0..3_000_000.0).contains(&days) {
        return None;
    }
    // Within the bounds above both are whole numbers of a few digits.
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let (whole, seconds) = (days.trunc() as i32, (days.fract() * 86_400.0).round() as u32);
    let day = Day::from_number(whole - 25_569)?;
    let digits = format!("{:02}{:02}{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    Some(StatedTime { date: CivilDate::from(day), clock: Clock::from_digits(&digits), offset_minutes: None })
}

/// Only where the order of day and month is certain. Names of zones are of no use: CST is in China and in Chicago.
fn read_time(said: &str) -> Option<StatedTime> {
    if let Ok(time) = said.parse::<StatedTime>() {
        return Some(time);
    }
    let mut words = said.split_whitespace();
    let date = date(words.next()?)?;
    let Some(clock) = words.next() else {
        return Some(StatedTime { date, clock: None, offset_minutes: None });
    };
    let rest: Vec<&str> = words.collect();
    let mut parts = clock.split(':').map(|part| part.parse::<u8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        Some(second) => Some(second?),
        None => None,
    };
    let hour = match rest.first().copied() {
        Some("AM") if hour <= 12 => hour % 12,
        Some("PM") if hour < 12 => hour + 12,
        _ => hour,
    };
    let second = second.map(|second| format!("{second:02}")).unwrap_or_default();
    let clock = Clock::from_digits(&format!("{hour:02}{minute:02}{second}"))?;
    let offset_minutes = rest.iter().any(|word| *word == "UTC" || *word == "GMT").then_some(0);
    Some(StatedTime { date, clock: Some(clock), offset_minutes })
}

fn date(text: &str) -> Option<CivilDate> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [one, two, three] = parts[..] else { return None };
    let number = |part: &str| part.parse::<i16>().ok();
    let (one, two, three) = (number(one)?, number(two)?, number(three)?);
    let of = |year: i16, month: i16, day: i16| {
        CivilDate::of(year, Some(i8::try_from(month).ok()?), Some(i8::try_from(day).ok()?))
    };
    match (one, two, three) {
        (year, month, day) if year > 1900 => of(year, month, day),
        (day, month, year) if day > 12 => of(year, month, day),
        (month, day, year) if day > 12 => of(year, month, day),
        (same, other, year) if same == other => of(year, same, other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_can_be_two_is_neither() {
        for (said, read) in [
            ("2022-02-21 13:05:00 PM CST", Some("2022-02-21T13:05:00")),
            ("2022-02-21 01:05:00 PM EST", Some("2022-02-21T13:05:00")),
            ("2010-10-21 00:51:26 AM EDT", Some("2010-10-21T00:51:26")),
            ("02/21/2022 05:05:00 UTC", Some("2022-02-21T05:05:00+00:00")),
            ("21.02.2022 05:05", Some("2022-02-21T05:05")),
            ("02/03/2022 05:05:00", None),
            ("2022-02-21", Some("2022-02-21")),
            ("yesterday", None),
        ] {
            let time = time(&Cell::Text(said.to_owned())).unwrap();
            assert_eq!(time.read.map(|time| time.to_string()).as_deref(), read, "{said}");
            assert_eq!(time.said, said);
        }
        let serial = time(&Cell::Serial(44_613.25)).unwrap();
        assert_eq!(serial.said, "2022-02-21T06:00:00");
    }
}
