//! A minute on the clock of the wall where people met: no zone, like `base::Day`.

use base::Day;
use std::fmt;

const PER_DAY: u32 = 1_440;

/// Minutes since 1970-01-01 00:00, on the place's own clock. Every place of one search keeps the same clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(pub u32);

impl Minute {
    /// `minute_of_day` is 0 to 1,440: midnight at the end of a day is 0 of the next. `None` before 1970 and past 9999.
    pub fn of(day: Day, minute_of_day: u32) -> Option<Minute> {
        let before = u32::try_from(day.number()).ok()?.checked_mul(PER_DAY)?;
        if minute_of_day > PER_DAY { None } else { before.checked_add(minute_of_day).map(Minute) }
    }

    pub fn day(self) -> Day {
        let number = i32::try_from(self.0 / PER_DAY).unwrap_or(i32::MAX);
        Day::from_number(number).expect("a minute within the calendar")
    }

    /// 0 to 1,439.
    pub fn of_day(self) -> u32 {
        self.0 % PER_DAY
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:02}:{:02}", self.day(), self.of_day() / 60, self.of_day() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_at_the_end_of_a_day_is_the_start_of_the_next() {
        let day: Day = "2022-02-21".parse().unwrap();
        assert_eq!(Minute::of(day, PER_DAY), Minute::of(day + 1, 0));
        assert_eq!(Minute::of(day, 510).unwrap().to_string(), "2022-02-21 08:30");
        assert_eq!(Minute::of("1969-12-31".parse().unwrap(), 0), None);
        assert_eq!(Minute::of(day, PER_DAY + 1), None);
    }
}
