//! The epidemic curve: cases by the day, week or month something happened to them.

use base::Day;
use serde::Serialize;
use std::{collections::BTreeMap, fmt, str::FromStr};

/// More bars than this is a mistyped year, not a curve: 5,000 days are almost 14 years.
const MOST_BINS: usize = 5_000;

/// How long one bar of the curve is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// So many days, counted from the first day of the curve.
    Days(u16),
    /// So many ISO 8601 weeks, Monday to Sunday, counted from the week of the first day.
    Weeks(u16),
    /// So many calendar months; 3 are counted from the month of the first day.
    Months(u16),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an interval; write day, week, month, or a number of them such as `3 days` or `2 weeks`"
)]
pub struct IntervalError(pub String);

impl FromStr for Interval {
    type Err = IntervalError;
    fn from_str(text: &str) -> Result<Interval, IntervalError> {
        let refuse = || IntervalError(text.to_owned());
        let cleaned = text.trim().to_lowercase();
        let unit_at = cleaned.find(|c: char| !c.is_ascii_digit()).ok_or_else(refuse)?;
        let (number, unit) = cleaned.split_at(unit_at);
        let many = if number.is_empty() { 1 } else { number.parse().map_err(|_| refuse())? };
        if many == 0 {
            return Err(refuse());
        }
        match unit.trim_matches([' ', '-']) {
            "day" | "days" | "d" | "日" | "天" => Ok(Interval::Days(many)),
            "week" | "weeks" | "isoweek" | "w" | "周" => Ok(Interval::Weeks(many)),
            "month" | "months" | "m" | "月" => Ok(Interval::Months(many)),
            _ => Err(refuse()),
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (many, unit) = match self {
            Interval::Days(many) => (many, "day"),
            Interval::Weeks(many) => (many, "week"),
            Interval::Months(many) => (many, "month"),
        };
        if *many == 1 { f.write_str(unit) } else { write!(f, "{many} {unit}s") }
    }
}

/// One bar: from `first` to `last`, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bin {
    /// `2020-02-03`, `2020-W06`, `2020-02`; several days or weeks are named by their first.
    pub label: String,
    pub first: Day,
    pub last: Day,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Curve {
    /// In time order without gaps: a stretch without cases is a bar of height 0.
    pub bins: Vec<Bin>,
    /// In the order of the alphabet; a case without a group is in the group `""`, which comes last.
    pub groups: Vec<String>,
    /// `counts[group][bin]`.
    pub counts: Vec<Vec<u64>>,
    /// Cases on a bar.
    pub n: u64,
    /// Cases before the first or after the last asked-for day.
    pub outside: u64,
}

impl Curve {
    /// The height of every bar, all groups together.
    pub fn totals(&self) -> Vec<u64> {
        (0..self.bins.len()).map(|bin| self.counts.iter().map(|group| group[bin]).sum()).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CurveError {
    #[error("the window ends on {to}, before it starts on {from}; swap the two")]
    Backwards { from: Day, to: Day },
    #[error(
        "from {first} to {last} there are more than {MOST_BINS} bars; look for a mistyped year, or give a window or \
         a longer interval"
    )]
    TooLong { first: Day, last: Day },
}

/// Counts cases, given as (day, group), into bars. `from` and `to` cut the window (both days included);
/// without them it reaches from the first to the last case. No case and no window gives a curve without bars.
pub fn epicurve(
    cases: &[(Day, &str)],
    interval: Interval,
    from: Option<Day>,
    to: Option<Day>,
) -> Result<Curve, CurveError> {
    let inside = |day: Day| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to);
    let days = || cases.iter().map(|(day, _)| *day).filter(|day| inside(*day));
    let ends = from.or_else(|| days().min()).zip(to.or_else(|| days().max()));
    let bins = match ends {
        Some((first, last)) if first <= last => bins_between(first, last, interval)?,
        Some((first, last)) if from.is_some() && to.is_some() => {
            return Err(CurveError::Backwards { from: first, to: last });
        }
        // A window open on one side that holds no case has no bar.
        _ => Vec::new(),
    };
    Ok(count_into(bins, cases, inside))
}

fn bins_between(first: Day, last: Day, interval: Interval) -> Result<Vec<Bin>, CurveError> {
    let mut bins = Vec::new();
    let mut start = bin_start(first, interval);
    while start <= last {
        if bins.len() == MOST_BINS {
            return Err(CurveError::TooLong { first, last });
        }
        let next = next_start(start, interval);
        bins.push(Bin { label: label(start, interval), first: start, last: next - 1 });
        start = next;
    }
    Ok(bins)
}

fn bin_start(day: Day, interval: Interval) -> Day {
    match interval {
        Interval::Days(_) => day,
        Interval::Weeks(_) => day - i32::from(day.weekday() - 1),
        Interval::Months(_) => day - i32::from(day.day_of_month() - 1),
    }
}

fn next_start(start: Day, interval: Interval) -> Day {
    match interval {
        Interval::Days(many) => start + i32::from(many),
        Interval::Weeks(many) => start + 7 * i32::from(many),
        // 32 days after a first of the month lie in the next month, whatever the lengths.
        Interval::Months(many) => (0..many).fold(start, |day, _| bin_start(day + 32, interval)),
    }
}

fn label(start: Day, interval: Interval) -> String {
    match interval {
        Interval::Days(_) => start.to_string(),
        Interval::Weeks(_) => {
            let (year, week) = start.iso_week();
            format!("{year}-W{week:02}")
        }
        Interval::Months(_) => format!("{:04}-{:02}", start.year(), start.month()),
    }
}

fn count_into(bins: Vec<Bin>, cases: &[(Day, &str)], inside: impl Fn(Day) -> bool) -> Curve {
    let mut by_group: BTreeMap<(bool, &str), Vec<u64>> = BTreeMap::new();
    let mut n = 0;
    for (day, group) in cases.iter().filter(|(day, _)| inside(*day)) {
        let bin = bins.partition_point(|bin| bin.last < *day);
        by_group.entry((group.is_empty(), group)).or_insert_with(|| vec![0; bins.len()])[bin] += 1;
        n += 1;
    }
    let groups = by_group.keys().map(|(_, group)| (*group).to_owned()).collect();
    let outside = cases.len() as u64 - n;
    Curve { bins, groups, counts: by_group.into_values().collect(), n, outside }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_without_cases_is_a_bar_of_height_zero() {
        let cases = [(day("2020-02-01"), "F"), (day("2020-02-03"), "M"), (day("2020-02-03"), "")];
        let curve = epicurve(&cases, Interval::Days(1), None, None).unwrap();
        assert_eq!(curve.totals(), [1, 0, 2]);
        assert_eq!(curve.groups, ["F", "M", ""]);
        assert_eq!(curve.counts, [[1, 0, 0], [0, 0, 1], [0, 0, 1]]);
    }

    #[test]
    fn a_week_starts_on_monday_and_belongs_to_its_iso_year() {
        let cases = [(day("2020-12-31"), ""), (day("2021-01-03"), ""), (day("2021-01-04"), "")];
        let curve = epicurve(&cases, Interval::Weeks(1), None, None).unwrap();
        let labels: Vec<&str> = curve.bins.iter().map(|bin| bin.label.as_str()).collect();
        assert_eq!((labels, curve.totals()), (vec!["2020-W53", "2021-W01"], vec![2, 1]));
    }

    #[test]
    fn a_window_keeps_its_empty_ends_and_counts_what_it_leaves_out() {
        let cases = [(day("2020-02-01"), ""), (day("2020-02-10"), "")];
        let curve =
            epicurve(&cases, Interval::Days(1), Some(day("2020-02-05")), Some(day("2020-02-12"))).unwrap();
        assert_eq!((curve.bins.len(), curve.n, curve.outside), (8, 1, 1));
    }

    #[test]
    fn a_mistyped_year_is_refused_before_it_fills_the_memory() {
        let cases = [(day("0202-02-01"), ""), (day("2020-02-10"), "")];
        assert!(matches!(epicurve(&cases, Interval::Days(1), None, None), Err(CurveError::TooLong { .. })));
        let swapped = epicurve(&[], Interval::Days(1), Some(day("2020-02-05")), Some(day("2020-02-04")));
        assert!(matches!(swapped, Err(CurveError::Backwards { .. })));
        assert_eq!(epicurve(&[], Interval::Days(1), None, None).unwrap().bins, []);
    }

    #[test]
    fn intervals_are_read_as_people_write_them() {
        for (text, interval) in [
            ("day", Interval::Days(1)),
            ("ISOweek", Interval::Weeks(1)),
            ("2 weeks", Interval::Weeks(2)),
            ("3-days", Interval::Days(3)),
            ("month", Interval::Months(1)),
        ] {
            assert_eq!(text.parse(), Ok(interval), "{text}");
        }
        for text in ["0 days", "fortnight", "7", ""] {
            assert!(text.parse::<Interval>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_bars_hold_every_case_once_and_touch_each_other(
            days in proptest::collection::vec(18_000..18_900_i32, 1..80),
            interval in prop_oneof![
                (1..20_u16).prop_map(Interval::Days),
                (1..5_u16).prop_map(Interval::Weeks),
                (1..4_u16).prop_map(Interval::Months),
            ],
        ) {
            let groups = ["a", "b", ""];
            let cases: Vec<(Day, &str)> = days.iter().enumerate()
                .map(|(i, n)| (Day::from_number(*n).unwrap(), groups[i % 3]))
                .collect();
            let curve = epicurve(&cases, interval, None, None).unwrap();
            prop_assert_eq!(curve.totals().iter().sum::<u64>(), cases.len() as u64);
            prop_assert_eq!(curve.n + curve.outside, cases.len() as u64);
            for pair in curve.bins.windows(2) {
                prop_assert_eq!(pair[0].last + 1, pair[1].first);
            }
            for (day, _) in &cases {
                let holding = curve.bins.iter().filter(|bin| bin.first <= *day && *day <= bin.last);
                prop_assert_eq!(holding.count(), 1);
            }
        }
    }
}
