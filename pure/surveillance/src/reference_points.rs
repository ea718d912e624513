//! The steps of earlier years that a step is compared with.
//!
//! Deliberately absent: what lies around them; each method takes its own window.

use crate::Series;
use base::Day;

/// Steps a year apart before `t`: the first is one year back. `None` where the series does not reach.
///
/// Without dates a year is `per_year` steps. With dates it is the same date of the year before (1 March for 29 February); a
/// weekly series takes the nearest day with the weekday of `t`, which keeps years of 52 and of 53 weeks in step.
pub(crate) fn reference_points(
    series: &Series,
    t: usize,
    years: usize,
) -> impl Iterator<Item = Option<usize>> {
    (1..=years).map(move |back| {
        if series.dates.is_empty() {
            return t.checked_sub(back * series.per_year);
        }
        let day = reference_day(series.dates[t], back, series.per_year == 52)?;
        series.dates.binary_search(&day).ok()
    })
}

/// The date `back` years before.
pub(crate) fn reference_day(day: Day, back: usize, weekly: bool) -> Option<Day> {
    let year = day.year().checked_sub(i16::try_from(back).ok()?)?;
    let same = Day::of(year, day.month(), day.day_of_month()).or_else(|| Day::of(year, 3, 1))?;
    if !weekly {
        return Some(same);
    }
    // Nearest of the days with the weekday wanted: at most three days off.
    let ahead = i32::from(day.weekday() - same.weekday()).rem_euclid(7);
    Some(same + if ahead <= 3 { ahead } else { ahead - 7 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_week_of_a_year_with_53() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        // 2020-W53 begins on Monday 28 December 2020; a year before, the nearest Monday is 30 December 2019.
        assert_eq!(reference_day(day("2020-12-28"), 1, true), Some(day("2019-12-30")));
        assert_eq!(reference_day(day("2021-12-27"), 1, true), Some(day("2020-12-28")));
        assert_eq!(reference_day(day("2020-02-29"), 1, false), Some(day("2019-03-01")));
    }

    #[test]
    fn without_dates_a_year_is_so_many_steps() {
        let series = Series::of("measles", vec![0.0; 120], 52);
        let found: Vec<Option<usize>> = reference_points(&series, 110, 3).collect();
        assert_eq!(found, [Some(58), Some(6), None]);
    }
}
