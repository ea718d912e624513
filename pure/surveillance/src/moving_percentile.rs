//! The moving percentile of CIDARS, China's automated alert system: this week against the same weeks of past years.
//!
//! Deliberately absent: the fixed values CIDARS uses for cholera, plague and the like; see `fixed_value`.

use crate::recent_sum::recent_sum;
use crate::watch::Forgetful;
use crate::{Detector, Doubt, Scored, Series};
use base::Day;
use serde::{Deserialize, Serialize};
use stats::quantile;
use std::ops::Range;

/// The week itself, `w` weeks before and after it, in each of `b` past years: 25 numbers by default. An alarm is above their
/// percentile. Where the series has dates, the place in a past year is the step nearest to the same calendar day, so that a
/// year of 53 weeks moves nothing; without dates it is `per_year` steps back.
///
/// Weeks nobody reported are left out; with fewer than half of the weeks there is no answer. The p-value is the share of the
/// comparison, with the week itself counted in, that is at least as high.
///
/// # Source
/// Yang et al. 2011, West Pac Surveill Response J 2(1):10, doi:10.5365/wpsar.2010.1.1.009; five weeks by five years and the
/// choice of the percentile: Wang et al. 2017, BMC Public Health 17:570, doi:10.1186/s12889-017-4488-0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MovingPercentile {
    /// Years to look back.
    pub b: usize,
    /// Periods on each side of the place in a past year.
    pub w: usize,
    /// 0 to 1.
    pub percentile: f64,
    /// Steps added up to one period: 1 for weekly counts, 7 for daily ones. Without it: as many as make a week.
    pub period: Option<usize>,
}

impl Default for MovingPercentile {
    fn default() -> MovingPercentile {
        MovingPercentile { b: 5, w: 2, percentile: 0.8, period: None }
    }
}

impl MovingPercentile {
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.percentile) {
            return Err(format!("`percentile` is {}; write a share such as 0.8", self.percentile));
        }
        if self.b == 0 {
            return Err("`b` is 0; the method needs at least one past year".to_owned());
        }
        if self.period == Some(0) {
            return Err("`period` is 0; write 1 for weekly counts, 7 for daily ones".to_owned());
        }
        Ok(())
    }

    fn period(&self, series: &Series) -> usize {
        self.period.unwrap_or_else(|| series.steps_per_week())
    }

    fn score(&self, series: &Series, t: usize, compared: &mut Vec<f64>) -> Scored {
        let period = self.period(series);
        compared.clear();
        for year in 1..=self.b {
            let Some(place) = years_before(series, t, year) else {
                return Scored::unanswered(series, t, Doubt::ShortHistory);
            };
            let Some(first) = (place + 1).checked_sub((self.w + 1) * period) else {
                return Scored::unanswered(series, t, Doubt::ShortHistory);
            };
            for window in 0..=2 * self.w {
                let from = first + window * period;
                // A window that would reach into the present is no past.
                if from + period <= t {
                    compared.extend(recent_sum(series, from + period - 1, period));
                }
            }
        }
        if 2 * compared.len() < self.b * (2 * self.w + 1) {
            return Scored::unanswered(series, t, Doubt::MissingHistory);
        }
        compared.sort_unstable_by(f64::total_cmp);
        let (expected, upper) = (quantile(compared, 0.5), quantile(compared, self.percentile));
        let count = recent_sum(series, t, period);
        let as_high = |count: f64| compared.len() - compared.partition_point(|past| *past < count);
        let p_value = count.map(|count| (1 + as_high(count)) as f64 / (1 + compared.len()) as f64);
        let scored = Scored::judged(t, count, expected, upper, p_value);
        let doubt = compared.iter().all(|past| *past == 0.0).then_some(Doubt::ZeroHistory);
        Scored { doubt: scored.doubt.or(doubt), ..scored }
    }
}

impl Forgetful for MovingPercentile {}

impl Detector for MovingPercentile {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        let mut compared = Vec::with_capacity(self.b * (2 * self.w + 1));
        range.map(|t| self.score(series, t, &mut compared)).collect()
    }

    fn first_step(&self, series: &Series) -> usize {
        let reach = (self.w + 1) * self.period(series);
        (0..series.len())
            .find(|t| years_before(series, *t, self.b).is_some_and(|place| place + 1 >= reach))
            .unwrap_or(series.len())
    }
}

/// The step nearest to the same calendar day so many years earlier; `None` before the series begins.
fn years_before(series: &Series, t: usize, years: usize) -> Option<usize> {
    let Some(day) = series.dates.get(t) else { return t.checked_sub(years * series.per_year) };
    let year = day.year().checked_sub(i16::try_from(years).ok()?)?;
    // Of all days only 29 February may be missing.
    let wanted = Day::of(year, day.month(), day.day_of_month()).or_else(|| Day::of(year, day.month(), 28))?;
    let after = series.dates.partition_point(|date| *date < wanted);
    let before = after.checked_sub(1)?;
    let closer = after < t && series.dates[after] - wanted <= wanted - series.dates[before];
    Some(if closer { after } else { before })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: of the 25 numbers 19 are 0, five are 1 and one is 9, so the 80th percentile (type 7, place 19.2 from 0) is 1.
    #[test]
    fn twenty_five_weeks_and_their_percentile() {
        let mut counts = vec![0.0; 63];
        for t in [0, 12, 24, 36, 48] {
            counts[t + 2] = 1.0;
        }
        counts[49] = 9.0;
        counts[62] = 2.0;
        let series = Series::of("s", counts, 12);
        let config = MovingPercentile { period: Some(1), ..MovingPercentile::default() };
        let point = config.detect(&series, 62..63)[0];
        assert_eq!((point.upper, point.alarm, point.p_value), (Some(1.0), Some(true), Some(2.0 / 26.0)));
        assert_eq!(config.first_step(&series), 62);
        assert_eq!(config.detect(&series, 61..62)[0].doubt, Some(Doubt::ShortHistory));
    }

    #[test]
    fn dates_find_the_same_season_after_a_year_of_53_weeks() {
        // Mondays from 2014-12-29, the first of the ISO year 2015, which has 53 weeks.
        let first = Day::of(2014, 12, 29).unwrap();
        let dates: Vec<Day> = (0..120).map(|week| first + 7 * week).collect();
        let series = Series { dates, ..Series::of("s", vec![0.0; 120], 52) };
        // Monday 2017-01-02 and, of 2015-01-02 and 2016-01-02, the nearest Mondays.
        assert_eq!(series.dates[105].to_string(), "2017-01-02");
        assert_eq!((years_before(&series, 105, 1), years_before(&series, 105, 2)), (Some(53), Some(1)));
        assert_eq!(years_before(&series, 105, 3), None);
    }

    #[test]
    fn daily_counts_are_added_up_to_weeks() {
        let mut counts = vec![1.0; 800];
        counts[799] = 3.0;
        let series = Series::of("s", counts, 365);
        let config = MovingPercentile { b: 2, ..MovingPercentile::default() };
        let point = config.detect(&series, 799..800)[0];
        assert_eq!((point.observed, point.upper, point.alarm), (Some(9.0), Some(7.0), Some(true)));
    }
}
