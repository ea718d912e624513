//! When somebody was born: a day, or the year of days that an age leaves open.

use crate::weights::Agreement;
use base::Day;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Born {
    pub earliest: Day,
    pub latest: Day,
}

impl Born {
    pub fn on(day: Day) -> Born {
        Born { earliest: day, latest: day }
    }

    /// Somebody of `age` full years on the day `on`.
    pub fn of_age(age: f64, on: Day) -> Option<Born> {
        if !(0.0..=125.0).contains(&age) {
            return None;
        }
        // Below 126, so nothing is cut off.
        let years = age.floor() as i16;
        Some(Born { earliest: years_before(on, years + 1)? + 1, latest: years_before(on, years)? })
    }

    pub fn exact(self) -> Option<Day> {
        (self.earliest == self.latest).then_some(self.earliest)
    }

    /// The years of birth that are possible: one, or the two that an age leaves open.
    pub fn years(self) -> impl Iterator<Item = i16> {
        self.earliest.year()..=self.latest.year()
    }

    pub(crate) fn compared(self, other: Born) -> Agreement {
        if let (Some(a), Some(b)) = (self.exact(), other.exact()) {
            return days_compared(a, b);
        }
        let gap = (self.earliest.max(other.earliest) - self.latest.min(other.latest)).max(0);
        match gap {
            0 => Agreement::AgeFits,
            // Ages are told on different days, and rounded up by some.
            1..=366 => Agreement::AgeNear,
            _ => Agreement::AgeDiffers,
        }
    }
}

fn days_compared(a: Day, b: Day) -> Agreement {
    let (month, day) = (a.month() == b.month(), a.day_of_month() == b.day_of_month());
    let swapped = a.month() == b.day_of_month() && a.day_of_month() == b.month();
    match (a.year() - b.year()).abs() {
        0 if month && day => Agreement::BornSame,
        0 if swapped => Agreement::BornSwapped,
        0 => Agreement::BornYear,
        1 if month && day => Agreement::BornYearOff,
        _ => Agreement::BornDiffers,
    }
}

/// 29 February becomes the 28th in a year that has no 29th.
fn years_before(day: Day, years: i16) -> Option<Day> {
    let year = day.year() - years;
    Day::of(year, day.month(), day.day_of_month()).or_else(|| Day::of(year, day.month(), 28))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn an_age_leaves_a_year_of_days_open() {
        let born = Born::of_age(30.0, day("2022-02-20")).unwrap();
        assert_eq!((born.earliest, born.latest), (day("1991-02-21"), day("1992-02-20")));
        assert_eq!(born.years().collect::<Vec<_>>(), [1991, 1992]);
        let leap = Born::of_age(1.0, day("2024-02-29")).unwrap();
        assert_eq!(leap.latest, day("2023-02-28"));
        assert!(Born::of_age(140.0, day("2022-02-20")).is_none());
    }

    #[test]
    fn days_that_pens_confuse_are_told_apart() {
        let cases = [
            ("1990-03-05", "1990-03-05", Agreement::BornSame),
            ("1990-03-05", "1990-05-03", Agreement::BornSwapped),
            ("1990-03-05", "1991-03-05", Agreement::BornYearOff),
            ("1990-03-05", "1990-11-20", Agreement::BornYear),
            ("1990-03-05", "1957-03-05", Agreement::BornDiffers),
        ];
        for (a, b, wanted) in cases {
            assert_eq!(Born::on(day(a)).compared(Born::on(day(b))), wanted, "{a} {b}");
        }
        let thirty = Born::of_age(30.0, day("2022-02-20")).unwrap();
        let of = |age| Born::of_age(age, day("2022-02-20")).unwrap();
        assert_eq!(thirty.compared(of(30.0)), Agreement::AgeFits);
        assert_eq!(thirty.compared(of(31.0)), Agreement::AgeNear);
        assert_eq!(thirty.compared(of(33.0)), Agreement::AgeDiffers);
        assert_eq!(thirty.compared(Born::on(day("1991-07-01"))), Agreement::AgeFits);
    }
}
