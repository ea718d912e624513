//! The four earlies (四早): found, reported, isolated and treated early, as measured delays and the share inside a limit.

use crate::words;
use crate::{DateKind, Dates};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    Early, "early" {
        /// Onset to the result that found the case (早发现).
        Found = "found",
        /// Result to report (早报告).
        Reported = "reported",
        /// Result to isolation (早隔离); isolation before the result counts as in time.
        Isolated = "isolated",
        /// Result to admission (早治疗); admission before the result counts as in time.
        Treated = "treated",
    }
}

impl Early {
    fn ends(self) -> (DateKind, DateKind) {
        match self {
            Early::Found => (DateKind::Onset, DateKind::Result),
            Early::Reported => (DateKind::Result, DateKind::Report),
            Early::Isolated => (DateKind::Result, DateKind::Isolation),
            Early::Treated => (DateKind::Result, DateKind::Admission),
        }
    }
}

/// Limit in days for each early. Dates are days, so a 2-hour limit is "the same day": 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Limits(pub BTreeMap<Early, i32>);

/// One case's delay, days; negative when the second date comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    pub early: Early,
    pub days: i32,
}

impl Delay {
    /// The delays a case's dates allow. Only days known to the day are compared: a month has no delay.
    pub fn of(dates: &Dates) -> impl Iterator<Item = Delay> + '_ {
        Early::ALL.iter().filter_map(|early| {
            let (from, to) = early.ends();
            let exact =
                |kind| dates.stated(kind).filter(|stated| stated.until.is_none()).map(|stated| stated.day);
            Some(Delay { early: *early, days: exact(to)? - exact(from)? })
        })
    }
}

/// A proportion, because a median hides the cases that were late.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DelaySummary {
    pub early: Early,
    pub limit_days: i32,
    /// Cases with both dates.
    pub n: usize,
    pub within: usize,
    /// Median delay in days; `None` when no case has both dates.
    pub median_days: Option<f64>,
}

pub fn summarise(delays: &[Delay], limits: &Limits) -> Vec<DelaySummary> {
    limits
        .0
        .iter()
        .map(|(early, limit)| {
            let mut days: Vec<i32> = delays.iter().filter(|d| d.early == *early).map(|d| d.days).collect();
            days.sort_unstable();
            let within = days.iter().filter(|days| **days <= *limit).count();
            DelaySummary {
                early: *early,
                limit_days: *limit,
                n: days.len(),
                within,
                median_days: median(&days),
            }
        })
        .collect()
}

fn median(sorted: &[i32]) -> Option<f64> {
    let (low, high) = (sorted.get(sorted.len().checked_sub(1)? / 2)?, sorted.get(sorted.len() / 2)?);
    Some(f64::from(low + high) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::StatedDay;

    fn dates(pairs: &[(DateKind, &str)]) -> Dates {
        let mut dates = Dates::default();
        for (kind, day) in pairs {
            dates.set(*kind, StatedDay::exact(day.parse().unwrap(), "stated"));
        }
        dates
    }

    #[test]
    fn a_case_isolated_before_its_result_was_isolated_early() {
        let case = dates(&[(DateKind::Isolation, "2022-02-18"), (DateKind::Result, "2022-02-20")]);
        let delays: Vec<Delay> = Delay::of(&case).collect();
        assert_eq!(delays, [Delay { early: Early::Isolated, days: -2 }]);
        let limits = Limits(BTreeMap::from([(Early::Isolated, 1)]));
        assert_eq!(summarise(&delays, &limits)[0].within, 1);
    }

    #[test]
    fn the_share_counts_only_cases_with_both_dates() {
        let limits = Limits(BTreeMap::from([(Early::Found, 2)]));
        let late = dates(&[(DateKind::Onset, "2022-02-10"), (DateKind::Result, "2022-02-20")]);
        let on_time = dates(&[(DateKind::Onset, "2022-02-19"), (DateKind::Result, "2022-02-20")]);
        let unknown = dates(&[(DateKind::Result, "2022-02-20")]);
        let delays: Vec<Delay> = [&late, &on_time, &unknown].into_iter().flat_map(Delay::of).collect();
        let summary = &summarise(&delays, &limits)[0];
        assert_eq!((summary.n, summary.within, summary.median_days), (2, 1, Some(5.5)));
    }
}
