//! When somebody infected may leave care: tests one after the other far enough apart, days without fever, a first day.

use crate::record::{Outcome, Taken};
use base::Day;
use cases::words;
use packs::CaseRelease;
use serde::Serialize;

words! {
    CaseCriterion, "criterion of a case's release" {
        TestsClear = "tests_clear",
        FeverGone = "fever_gone",
        NotBefore = "not_before",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CaseTick {
    pub criterion: CaseCriterion,
    pub holds: bool,
}

/// Every criterion the edition names. `isolated` is the day before day 1; tests come in the order in which they were taken.
pub fn judge_case(
    rule: &CaseRelease,
    isolated: Day,
    last_fever: Option<Day>,
    tests: &[Taken],
    today: Day,
) -> Vec<CaseTick> {
    let first = rule.from_day.as_ref().map(|from| isolated + i32::from(from.value));
    let clear = |test: &Taken| match (test.outcome, &rule.ct_at_least, test.ct) {
        (Outcome::Negative, ..) => true,
        (Outcome::Positive, Some(least), Some(ct)) => ct >= least.value,
        _ => false,
    };
    let known = tests.iter().filter(|test| {
        matches!(test.outcome, Outcome::Negative | Outcome::Positive)
            && first.is_none_or(|first| test.day >= first)
    });
    let gap = i64::from(rule.gap_hours.value) * 3_600_000;
    // The longest run of clear tests up to now whose neighbours are far enough apart.
    let (mut run, mut last) = (0_u16, None);
    for test in known {
        if !clear(test) {
            (run, last) = (0, None);
        } else if last.is_none_or(|before| test.at.0 - before >= gap) {
            (run, last) = (run + 1, Some(test.at.0));
        }
    }
    let tick = |criterion, holds| CaseTick { criterion, holds };
    let mut out = vec![tick(CaseCriterion::TestsClear, run >= rule.tests.value)];
    if let Some(days) = &rule.days_without_fever {
        let gone = last_fever.is_none_or(|fever| today - fever > i32::from(days.value));
        out.push(tick(CaseCriterion::FeverGone, gone));
    }
    if let Some(first) = first {
        out.push(tick(CaseCriterion::NotBefore, today >= first));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Moment;
    use packs::{Protocols, shipped};

    fn zero() -> Day {
        "2022-08-01".parse().unwrap()
    }

    fn test(hours: i64, outcome: Outcome, ct: Option<f64>) -> Taken {
        let at = Moment::start_of(zero(), 480).plus_seconds(hours * 3_600);
        Taken { at, day: at.day_at_offset(480), outcome, ct }
    }

    fn rule(protocols: &Protocols, id: &str) -> CaseRelease {
        protocols.by_id(id).unwrap().follow_up.case_release.clone().unwrap()
    }

    fn holds(rule: &CaseRelease, fever: Option<i32>, tests: &[Taken], ahead: i32) -> Vec<bool> {
        let fever = fever.map(|ahead| zero() + ahead);
        judge_case(rule, zero(), fever, tests, zero() + ahead).iter().map(|tick| tick.holds).collect()
    }

    #[test]
    fn two_clear_tests_a_day_apart_and_not_an_hour_less() {
        let protocols = shipped::protocols().unwrap();
        let (eight, nine) = (rule(&protocols, "cn-covid-8"), rule(&protocols, "cn-covid-9"));
        use Outcome::{Invalid, Negative, Positive, Waiting};
        let two = |hours: i64, outcome: Outcome, ct: Option<f64>| {
            [test(200, Negative, None), test(200 + hours, outcome, ct)]
        };
        assert_eq!(holds(&eight, Some(2), &two(24, Negative, None), 10), [true, true]);
        assert_eq!(holds(&eight, Some(2), &two(23, Negative, None), 10), [false, true]);
        assert_eq!(
            holds(&eight, Some(8), &two(24, Negative, None), 10),
            [true, false],
            "afebrile for two days"
        );
        assert_eq!(
            holds(&eight, None, &two(24, Positive, Some(37.0)), 10),
            [false, true],
            "only negative counts"
        );
        assert_eq!(holds(&nine, None, &two(24, Positive, Some(35.0)), 10), [true]);
        assert_eq!(holds(&nine, None, &two(24, Positive, Some(34.9)), 10), [false]);
        assert_eq!(holds(&nine, None, &two(24, Waiting, None), 10), [false]);
        assert_eq!(holds(&nine, None, &two(24, Invalid, None), 10), [false]);
        let again = [test(200, Negative, None), test(224, Positive, Some(20.0)), test(248, Negative, None)];
        assert_eq!(holds(&nine, None, &again, 12), [false], "a positive between them begins anew");
    }

    #[test]
    fn the_ten_measures_count_tests_from_the_sixth_day() {
        let protocols = shipped::protocols().unwrap();
        let ten = rule(&protocols, "cn-covid-10m");
        let early = [test(4 * 24, Outcome::Negative, None), test(5 * 24, Outcome::Negative, None)];
        assert_eq!(holds(&ten, None, &early, 5), [false, false]);
        let right = [test(6 * 24, Outcome::Negative, None), test(7 * 24, Outcome::Negative, None)];
        assert_eq!(holds(&ten, None, &right, 7), [true, true]);
    }
}
