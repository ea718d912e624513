//! How many of the events of each day were reported after how many days, as known on one day.
//!
//! Deliberately absent: revisions. A report that is taken back later was never made here.

use base::Day;

/// Rows are steps (days or weeks) of the event, columns the delay in steps. A delay longer than the longest one stands in
/// the last column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportingTriangle {
    span: Span,
    /// Row by row, `longest_delay + 1` cells each; nothing that was reported after `now`.
    cells: Vec<u32>,
}

/// What the triangle covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First day of the first step.
    pub first: Day,
    /// The last day whose reports are known. Only steps that are over by then have a row.
    pub now: Day,
    /// Days in a step: 1, or 7 for weeks.
    pub step_days: i32,
    /// In steps. After it a step counts as fully reported.
    pub longest_delay: usize,
}

/// Events that have no place in the triangle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Happened before the first step.
    pub before_first: usize,
    /// Reported after the last step, so not known yet.
    pub after_now: usize,
    /// Reported before they happened, which is a slip in one of the two days.
    pub reported_before: usize,
}

/// One column of the triangle, added up over the steps that count.
#[derive(Debug, Clone, PartialEq)]
pub struct DelayCounts {
    /// Reported with exactly this delay, by delay.
    pub reported: Vec<f64>,
    /// Reported with at most this delay, from the same steps: those for which this delay can have been seen.
    pub at_most: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TriangleError {
    #[error("there is no step between {first} and {now}; give an earlier first day or a later `now`")]
    Empty { first: Day, now: Day },
    #[error("a step of {0} days is not a step; use 1 for days or 7 for weeks")]
    Step(i32),
    #[error("{0} steps from the first day to `now` are more than {MOST_STEPS}; look for a mistyped year")]
    TooLong(i32),
    #[error("the longest delay of {0} steps is more than {MOST_DELAY}; look for a mistyped year")]
    Delay(usize),
}

/// A century of days.
const MOST_STEPS: i32 = 36_525;
/// Two years of days: a report later than that tells nothing about now.
const MOST_DELAY: usize = 731;

impl Span {
    /// Steps that are over by `now`.
    fn steps(&self) -> i32 {
        (self.now - self.first + 1).div_euclid(self.step_days)
    }
}

impl ReportingTriangle {
    /// `reports` are pairs of the day of the event and the day of its report, in any order.
    pub fn of(reports: &[(Day, Day)], span: Span) -> Result<(ReportingTriangle, LeftOut), TriangleError> {
        if span.step_days < 1 {
            return Err(TriangleError::Step(span.step_days));
        }
        if span.longest_delay > MOST_DELAY {
            return Err(TriangleError::Delay(span.longest_delay));
        }
        let steps = span.steps();
        if steps < 1 {
            return Err(TriangleError::Empty { first: span.first, now: span.now });
        }
        if steps > MOST_STEPS {
            return Err(TriangleError::TooLong(steps));
        }
        let width = span.longest_delay + 1;
        let mut triangle = ReportingTriangle { span, cells: vec![0; steps as usize * width] };
        let mut left_out = LeftOut::default();
        let step_of = |day: Day| (day - span.first).div_euclid(span.step_days);
        for (event, report) in reports {
            let (happened, reported) = (step_of(*event), step_of(*report));
            if report < event {
                left_out.reported_before += 1;
            } else if happened < 0 {
                left_out.before_first += 1;
            } else if reported >= steps {
                left_out.after_now += 1;
            } else {
                let delay = ((reported - happened) as usize).min(span.longest_delay);
                triangle.cells[happened as usize * width + delay] += 1;
            }
        }
        Ok((triangle, left_out))
    }

    /// Steps of the event.
    pub fn steps(&self) -> usize {
        self.cells.len() / (self.span.longest_delay + 1)
    }

    pub fn longest_delay(&self) -> usize {
        self.span.longest_delay
    }

    /// First day of a step.
    pub fn day(&self, t: usize) -> Day {
        self.span.first + t as i32 * self.span.step_days
    }

    /// Steps since this one: how long its reports have been waited for.
    pub fn age(&self, t: usize) -> usize {
        self.steps() - 1 - t
    }

    /// `None` where that delay has not passed yet.
    pub fn cell(&self, t: usize, delay: usize) -> Option<u32> {
        (delay <= self.age(t)).then(|| self.cells[t * (self.span.longest_delay + 1) + delay])
    }

    /// Events of the step that are known.
    pub fn reported(&self, t: usize) -> u32 {
        let width = self.span.longest_delay + 1;
        self.cells[t * width..(t + 1) * width].iter().sum()
    }

    /// Sums by delay over the last `window` steps before the last one (all of them without it).
    ///
    /// # Source
    /// n_x and N_x of Lawless 1994, Canadian Journal of Statistics 22:15-31; the window as in Höhle and
    /// an der Heiden 2014, Biometrics 70:993-1002, doi:10.1111/biom.12194.
    pub fn delay_counts(&self, window: Option<usize>) -> DelayCounts {
        let width = self.span.longest_delay + 1;
        let last = self.steps() - 1;
        let from = window.map_or(0, |window| last.saturating_sub(window));
        let mut counts = DelayCounts { reported: vec![0.0; width], at_most: vec![0.0; width] };
        for t in from..=last {
            let mut at_most = 0.0;
            for delay in 0..=self.age(t).min(self.span.longest_delay) {
                let cell = f64::from(self.cells[t * width + delay]);
                at_most += cell;
                counts.reported[delay] += cell;
                counts.at_most[delay] += at_most;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: i32) -> Day {
        Day::from_number(19_000 + number).unwrap()
    }

    fn span(now: i32, step_days: i32, longest_delay: usize) -> Span {
        Span { first: day(0), now: day(now), step_days, longest_delay }
    }

    #[test]
    fn four_reports_stand_where_one_would_put_them_by_hand() {
        let reports = [(0, 0), (0, 2), (1, 9), (2, 3), (-1, 1), (2, 1)].map(|(a, b)| (day(a), day(b)));
        let (triangle, left_out) = ReportingTriangle::of(&reports, span(3, 1, 2)).unwrap();
        assert_eq!(left_out, LeftOut { before_first: 1, after_now: 1, reported_before: 1 });
        assert_eq!((0..4).map(|t| triangle.reported(t)).collect::<Vec<_>>(), [2, 0, 1, 0]);
        assert_eq!((triangle.cell(0, 2), triangle.cell(2, 1), triangle.cell(2, 2)), (Some(1), Some(1), None));
        let counts = triangle.delay_counts(None);
        assert_eq!((counts.reported, counts.at_most), (vec![1.0, 1.0, 1.0], vec![1.0, 2.0, 2.0]));
    }

    #[test]
    fn a_week_that_is_not_over_has_no_row() {
        let (triangle, _) = ReportingTriangle::of(&[(day(3), day(8))], span(15, 7, 4)).unwrap();
        assert_eq!((triangle.steps(), triangle.cell(0, 1)), (2, Some(1)));
        assert!(ReportingTriangle::of(&[], span(5, 7, 4)).is_err());
    }

    proptest! {
        #[test]
        fn the_triangle_and_what_was_left_out_are_the_list(
            list in proptest::collection::vec((-9..50_i32, -3..30_i32), 0..60),
            now in 0..40_i32,
            step_days in 1..8_i32,
            longest_delay in 0..9_usize,
        ) {
            let reports: Vec<(Day, Day)> = list.iter().map(|(e, d)| (day(*e), day(*e + *d))).collect();
            let Ok((triangle, out)) = ReportingTriangle::of(&reports, span(now, step_days, longest_delay)) else {
                return Ok(());
            };
            let held: u32 = (0..triangle.steps()).map(|t| triangle.reported(t)).sum();
            let by_delay: f64 = triangle.delay_counts(None).reported.iter().sum();
            prop_assert_eq!(held as usize + out.before_first + out.after_now + out.reported_before, list.len());
            prop_assert!((by_delay - f64::from(held)).abs() < 1e-9);
        }
    }
}
