//! Which day it is where somebody is: offsets from UTC and the moments from which each held, so that a day of 23 or 25 hours is one day.

use base::{Day, Moment};

/// Sorted by moment; before the first the first holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offsets(Vec<(Moment, i32)>);

impl Offsets {
    /// Minutes east of UTC, all the year.
    pub fn fixed(minutes: i32) -> Offsets {
        Offsets(vec![(Moment(i64::MIN), minutes)])
    }

    /// Each with the moment from which it held. Panics without one: somebody must say what time it is.
    pub fn changing(mut changes: Vec<(Moment, i32)>) -> Offsets {
        assert!(!changes.is_empty(), "at least one offset");
        changes.sort_unstable();
        Offsets(changes)
    }

    pub fn day_of(&self, at: Moment) -> Day {
        let held = self.0.iter().rev().find(|(from, _)| *from <= at).unwrap_or(&self.0[0]);
        at.day_at_offset(held.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    /// Berlin, 2022: the clock went forward on 27 March and back on 30 October, at 01:00 UTC.
    fn berlin() -> Offsets {
        Offsets::changing(vec![
            (at("2021-10-31T01:00:00Z"), 60),
            (at("2022-03-27T01:00:00Z"), 120),
            (at("2022-10-30T01:00:00Z"), 60),
        ])
    }

    #[test]
    fn a_day_of_23_and_a_day_of_25_hours_are_one_day_each() {
        for (moment, day) in [
            ("2022-03-26T22:59:59Z", "2022-03-26"),
            ("2022-03-26T23:00:00Z", "2022-03-27"),
            ("2022-03-27T21:59:59Z", "2022-03-27"),
            ("2022-03-27T22:00:00Z", "2022-03-28"),
            ("2022-10-29T21:59:59Z", "2022-10-29"),
            ("2022-10-29T22:00:00Z", "2022-10-30"),
            ("2022-10-30T22:59:59Z", "2022-10-30"),
            ("2022-10-30T23:00:00Z", "2022-10-31"),
        ] {
            assert_eq!(berlin().day_of(at(moment)).to_string(), day, "{moment}");
        }
    }

    #[test]
    fn midnight_in_china_is_the_afternoon_before_in_utc() {
        let china = Offsets::fixed(480);
        assert_eq!(china.day_of(at("2022-02-21T15:59:59Z")).to_string(), "2022-02-21");
        assert_eq!(china.day_of(at("2022-02-21T16:00:00Z")).to_string(), "2022-02-22");
    }
}
