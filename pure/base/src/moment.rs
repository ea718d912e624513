//! An instant, in UTC. Things that happen have one; days that people state do not.

use crate::Day;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// The calendar day at this instant for somebody whose clock is `offset_minutes` ahead of UTC (China: 480).
    pub fn day_at_offset(self, offset_minutes: i32) -> Day {
        let local = self.0 + i64::from(offset_minutes) * 60_000;
        let number = i32::try_from(local.div_euclid(86_400_000)).unwrap_or(i32::MAX);
        Day::from_number(number).expect("an instant within the calendar")
    }

    /// Midnight at the start of `day` for somebody whose clock is `offset_minutes` ahead of UTC.
    pub fn start_of(day: Day, offset_minutes: i32) -> Moment {
        Moment(i64::from(day.number()) * 86_400_000 - i64::from(offset_minutes) * 60_000)
    }

    pub fn plus_seconds(self, seconds: i64) -> Moment {
        Moment(self.0 + seconds * 1000)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => instant.fmt(f),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an instant; write one such as 2022-02-21T08:00:00Z")]
pub struct MomentError(pub String);

impl std::str::FromStr for Moment {
    type Err = MomentError;
    fn from_str(text: &str) -> Result<Moment, MomentError> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| MomentError(text.to_owned()))?;
        Ok(Moment(instant.as_millisecond()))
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn midnight_of_a_day_is_on_that_day_in_every_zone(number in -20_000..60_000_i32, offset in -720..840_i32) {
            let day = Day::from_number(number).unwrap();
            let midnight = Moment::start_of(day, offset);
            prop_assert_eq!(midnight.day_at_offset(offset), day);
            prop_assert_eq!(Moment(midnight.0 - 1).day_at_offset(offset), day - 1);
        }
    }

    #[test]
    fn local_midnight_written_as_utc_belongs_to_the_next_day_in_china() {
        let written = Moment(1_579_536_000_000); // 2020-01-20T16:00:00Z
        assert_eq!(written.to_string(), "2020-01-20T16:00:00Z");
        assert_eq!(written.day_at_offset(480).to_string(), "2020-01-21");
    }

    #[test]
    fn an_instant_is_read_as_it_is_written() {
        let told = Moment(1_645_430_400_123);
        assert_eq!(told.to_string().parse(), Ok(told));
        assert!("yesterday".parse::<Moment>().is_err());
    }
}
