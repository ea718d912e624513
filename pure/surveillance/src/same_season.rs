//! The same season before: the steps just past, and those around this step in earlier years.
//!
//! Deliberately absent: dates. A year is a number of steps, so after a year of 53 weeks the places move by one; the windows
//! around them are wide enough not to mind.

use crate::Series;
use serde::{Deserialize, Serialize};

/// Which earlier steps a step is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SameSeason {
    /// Years to look back.
    pub b: usize,
    /// Steps on each side of the place in an earlier year.
    pub w: usize,
    /// Whether the `w` steps just before are compared with as well.
    pub act_y: bool,
}

impl SameSeason {
    /// The first step whose whole comparison lies within the series.
    pub fn first_step(&self, series: &Series) -> usize {
        self.b * series.per_year + self.w
    }

    /// The counts compared with, those not reported left out; `t` is at least `first_step`.
    pub fn counts<'a>(&'a self, series: &'a Series, t: usize) -> impl Iterator<Item = f64> + Clone + 'a {
        let lately = if self.act_y { t - self.w..t } else { t..t };
        let earlier = (1..=self.b).flat_map(move |year| {
            let place = t - year * series.per_year;
            // In a series with very short years the window would reach the step itself, or beyond.
            place - self.w..(place + self.w + 1).min(t)
        });
        lately.chain(earlier).map(|place| series.counts[place]).filter(|count| !count.is_nan())
    }

    pub fn check(&self) -> Result<(), String> {
        if self.b == 0 && !(self.act_y && self.w > 0) {
            return Err("there is nothing to compare with; set `b` to 1 or more, or `act_y` to true with a `w` of 1 or more"
                .to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lately_and_last_year() {
        let series = Series::of("s", (0..30).map(f64::from).collect(), 12);
        let counts = |b, w, act_y| SameSeason { b, w, act_y }.counts(&series, 29).collect::<Vec<_>>();
        assert_eq!(counts(0, 3, true), [26.0, 27.0, 28.0]);
        assert_eq!(counts(2, 1, false), [16.0, 17.0, 18.0, 4.0, 5.0, 6.0]);
        assert_eq!(SameSeason { b: 2, w: 1, act_y: false }.first_step(&series), 25);
    }
}
