//! Minutes on the clock of the wall where people were, as interviews tell them: `2022-02-20T18:30`, without a zone.

use crate::refuse::invalid;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Moment};
use store::Result;
use trace::overlap::Minute;

/// Minutes since 1970-01-01 00:00; signed, because people mistype years.
pub(crate) fn minutes_of(field: &str, text: &str) -> Result<i64> {
    read(text).ok_or_else(|| {
        invalid(
            "trace.moment",
            field,
            "this is no day and time; write it as 2022-02-20T18:30",
            "日期时间无法识别；请写作 2022-02-20T18:30",
        )
    })
}

fn read(text: &str) -> Option<i64> {
    let (day, time) = text.trim().split_once(['T', ' '])?;
    let day: Day = day.parse().ok()?;
    let mut parts = time.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let sound = (0..=24).contains(&hour) && (0..60).contains(&minute) && hour * 60 + minute <= 1_440;
    sound.then(|| i64::from(day.number()) * 1_440 + hour * 60 + minute)
}

/// As it was told.
pub(crate) fn told_minute(minute: i64) -> String {
    let day = i32::try_from(minute.div_euclid(1_440)).ok().and_then(Day::from_number);
    let of_day = minute.rem_euclid(1_440);
    day.map_or_else(String::new, |day| format!("{day}T{:02}:{:02}", of_day / 60, of_day % 60))
}

pub(crate) fn day_of(minute: i64) -> Option<Day> {
    i32::try_from(minute.div_euclid(1_440)).ok().and_then(Day::from_number)
}

/// An instant on the wall clock of the department.
pub(crate) fn wall_minute(at: Moment) -> Minute {
    let minutes = at.0.div_euclid(60_000) + i64::from(UTC_OFFSET_MINUTES);
    Minute(u32::try_from(minutes).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_to_the_minute_and_nothing_else_is() {
        assert_eq!(read("1970-01-02T00:01"), Some(1_441));
        assert_eq!(read("1969-12-31T23:59"), Some(-1));
        for text in ["2022-02-20T18:30", "1969-12-31T23:59", "2022-02-20T00:00"] {
            assert_eq!(told_minute(read(text).unwrap()), text);
        }
        assert_eq!(read("2022-02-20 24:00"), read("2022-02-21T00:00"));
        for text in ["2022-02-20", "18:30", "2022-02-30T10:00", "2022-02-20T25:00", "2022-02-20T10:61", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
