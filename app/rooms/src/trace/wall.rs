//! Minutes as the clock on the wall shows them where people met: `2022-02-20T18:30`, no zone.

use crate::refuse::invalid;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Moment};
use linelist::{Cell, DateRule, Written};
use serde::{Deserialize, Serialize};
use store::{Result, Value};
use trace::overlap::Minute;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Wall(pub Minute);

/// Minutes since 1970-01-01 00:00 as somebody told them; signed, because people mistype years.
pub(crate) fn minutes_of(field: &str, text: &str) -> Result<i64> {
    told(text).ok_or_else(|| {
        invalid(
            "trace.moment",
            field,
            "this is no day and time; write it as 2022-02-20T18:30",
            "日期时间无法识别；请写作 2022-02-20T18:30",
        )
    })
}

fn told(text: &str) -> Option<i64> {
    let (day, time) = text.trim().split_once(['T', ' '])?;
    let day: Day = day.parse().ok()?;
    Some(i64::from(day.number()) * 1_440 + i64::from(minute_of_day(time)?))
}

/// As it was told.
pub(crate) fn told_minute(minute: i64) -> String {
    let of_day = minute.rem_euclid(1_440);
    day_of(minute).map_or_else(String::new, |day| format!("{day}T{:02}:{:02}", of_day / 60, of_day % 60))
}

pub(crate) fn day_of(minute: i64) -> Option<Day> {
    i32::try_from(minute.div_euclid(1_440)).ok().and_then(Day::from_number)
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no time of a day; write it as 2022-02-20T18:30")]
pub struct NoTime(String);

impl Wall {
    /// What the clock on the wall shows at a moment.
    pub fn at(moment: Moment) -> Wall {
        let minutes = moment.0.div_euclid(60_000) + i64::from(UTC_OFFSET_MINUTES);
        Wall(Minute(u32::try_from(minutes).unwrap_or(0)))
    }

    pub fn day(self) -> Day {
        self.0.day()
    }

    pub fn plus(self, minutes: u32) -> Wall {
        Wall(Minute(self.0.0.saturating_add(minutes)))
    }

    pub fn kept(minute: i64) -> Wall {
        Wall(Minute(u32::try_from(minute).unwrap_or(0)))
    }

    /// A day and a time of it; a day alone says no time.
    pub fn in_cell(cell: &Cell) -> Option<Wall> {
        if let Cell::Serial(days) = cell {
            return Minute::of(day_in(cell)?, minutes_in(*days)).map(Wall);
        }
        let text = cell.text();
        let (day, time) = text.trim().split_once(['T', 't', ' '])?;
        Wall::in_cells(&Cell::Text(day.to_owned()), &Cell::Text(time.to_owned()))
    }

    /// A day in one cell and a time of it in another, each as a spreadsheet keeps it or as text.
    pub fn in_cells(day: &Cell, time: &Cell) -> Option<Wall> {
        let minutes = match time {
            Cell::Serial(days) => minutes_in(*days),
            time => minute_of_day(&time.text())?,
        };
        Minute::of(day_in(day)?, minutes).map(Wall)
    }
}

/// What the fraction of a spreadsheet's day says of the time.
fn minutes_in(days: f64) -> u32 {
    ((days.fract() * 1_440.0).round() as u32).min(1_440)
}

/// A date in any spelling of a line list that names one day and leaves no doubt which.
pub(crate) fn day_in(cell: &Cell) -> Option<Day> {
    let stated = DateRule::default().read(&Written::in_cell(cell)?).ok()?;
    stated.until.is_none().then_some(stated.day)
}

/// `08:30`, `8:30:15`; seconds are dropped, 24:00 is the end of the day.
fn minute_of_day(time: &str) -> Option<u32> {
    let mut parts = time.trim().split(':');
    let mut next =
        || parts.next().filter(|part| (1..=2).contains(&part.len())).and_then(|part| part.parse().ok());
    let (hour, minute): (u32, u32) = (next()?, next()?);
    let seconds: &str = parts.next().unwrap_or("0");
    let whole = seconds.split('.').next().and_then(|text| text.parse::<u32>().ok())?;
    let fits =
        parts.next().is_none() && minute < 60 && whole < 60 && (hour < 24 || (hour == 24 && minute == 0));
    fits.then_some(hour * 60 + minute)
}

impl TryFrom<String> for Wall {
    type Error = NoTime;
    fn try_from(text: String) -> std::result::Result<Wall, NoTime> {
        let read = || {
            let (day, time) = text.split_once('T')?;
            Minute::of(day.parse().ok()?, minute_of_day(time)?).map(Wall)
        };
        read().ok_or_else(|| NoTime(text.clone()))
    }
}

impl From<Wall> for String {
    fn from(wall: Wall) -> String {
        wall.0.to_string().replace(' ', "T")
    }
}

impl From<Wall> for Value {
    fn from(wall: Wall) -> Value {
        Value::from(i64::from(wall.0.0))
    }
}

impl schemars::JsonSchema for Wall {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Wall".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (cell, told) in [
            (Cell::Text("2022-02-20T18:30".into()), Some("2022-02-20T18:30")),
            (Cell::Text("2022/2/20 8:05:59".into()), Some("2022-02-20T08:05")),
            (Cell::Text("2022年2月20日 24:00".into()), Some("2022-02-21T00:00")),
            (Cell::Serial(44_612.770_833_333), Some("2022-02-20T18:30")),
            (Cell::Text("2022-02-20".into()), None),
            (Cell::Text("2022-02-20 25:00".into()), None),
            (Cell::Text("yesterday 18:30".into()), None),
            (Cell::Text("2022-02-30 18:30".into()), None),
        ] {
            assert_eq!(Wall::in_cell(&cell).map(String::from).as_deref(), told, "{cell:?}");
        }
    }

    #[test]
    fn a_time_is_read_to_the_minute_and_nothing_else_is() {
        assert_eq!(told("1970-01-02T00:01"), Some(1_441));
        assert_eq!(told("1969-12-31T23:59"), Some(-1));
        for text in ["2022-02-20T18:30", "1969-12-31T23:59", "2022-02-20T00:00"] {
            assert_eq!(told_minute(told(text).unwrap()), text);
        }
        assert_eq!(told("2022-02-20 24:00"), told("2022-02-21T00:00"));
        for text in ["2022-02-20", "18:30", "2022-02-30T10:00", "2022-02-20T25:00", "2022-02-20T10:61", ""] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_read_off_the_wall_of_the_department() {
        let moment: Moment = "2022-02-20T20:00:00Z".parse().unwrap();
        assert_eq!(String::from(Wall::at(moment)), "2022-02-21T04:00");
    }
}
