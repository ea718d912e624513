//! Grades by fixed thresholds: cases in a week, cases per inhabitant, or a doubling, as health authorities publish them.
//!
//! Deliberately absent: "more than in previous years", which some of those documents add; that is what the other detectors are for.

use crate::recent_sum::recent_sum;
use crate::watch::Forgetful;
use crate::{Detector, Doubt, Scored, Series};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A table known by name, or rungs of one's own. The score of a step is the grade it reaches, 0 for none; the upper bound is the
/// smallest number of cases that reaches `alarm_grade` by a number or a rate, and **reaching** it is an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThresholdTable {
    pub table: KnownTable,
    /// Used when `table` is `own`; from the lowest grade to the highest.
    pub rungs: Vec<Rung>,
    /// The grade from which on it is an alarm.
    pub alarm_grade: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownTable {
    /// Grade 1: a case within a week.
    #[default]
    OneCase,
    /// Grade 1 is the alert threshold, 2 the epidemic threshold.
    ///
    /// # Source
    /// WHO 2014, Meningitis outbreak response in sub-Saharan Africa, WHO/HSE/PED/CED/14.5. Below 30,000 inhabitants: 2 cases in a
    /// week; 5 cases in a week or a doubling over three weeks. Above: 3, and 10, per 100,000 in a week, never fewer than 2 cases.
    /// Districts above 100,000 are to be watched by parts of them, or the rate hides what happens in one.
    MeningitisBelt,
    /// Grade 1 is Ⅳ, 2 is Ⅲ, 3 is Ⅱ. The 30 cases of Ⅱ are those of a prefecture, the others those of a county.
    ///
    /// # Source
    /// 国家突发公共卫生事件应急预案 (State Council, 26 February 2006): 1–9, 10–29, 30 and more cases in a week.
    CholeraCn,
    /// The `rungs` given.
    Own,
}

/// One way to reach one grade: all that is stated must hold. Several rungs may lead to the same grade.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rung {
    pub grade: usize,
    /// At least so many cases within a week.
    pub cases: Option<f64>,
    /// At least so many per 100,000 inhabitants within a week.
    pub per_100000: Option<f64>,
    /// Over so many weeks, the first of which had a case, every week had at least twice the cases of the one before.
    pub doubling_weeks: Option<usize>,
    pub population_from: Option<f64>,
    pub population_below: Option<f64>,
}

const ONE_CASE: [Rung; 1] = [cases(1, 1.0)];
const CHOLERA_CN: [Rung; 3] = [cases(1, 1.0), cases(2, 10.0), cases(3, 30.0)];
/// Inhabitants below which numbers are used and not rates.
const SMALL: Option<f64> = Some(30_000.0);
const MENINGITIS_BELT: [Rung; 5] = [
    Rung { population_below: SMALL, ..cases(1, 2.0) },
    Rung { population_below: SMALL, ..cases(2, 5.0) },
    Rung { population_below: SMALL, cases: None, doubling_weeks: Some(3), ..cases(2, 0.0) },
    Rung { population_from: SMALL, per_100000: Some(3.0), ..cases(1, 2.0) },
    Rung { population_from: SMALL, per_100000: Some(10.0), ..cases(2, 2.0) },
];

const fn cases(grade: usize, cases: f64) -> Rung {
    Rung {
        grade,
        cases: Some(cases),
        per_100000: None,
        doubling_weeks: None,
        population_from: None,
        population_below: None,
    }
}

impl Default for ThresholdTable {
    fn default() -> ThresholdTable {
        ThresholdTable { table: KnownTable::OneCase, rungs: Vec::new(), alarm_grade: 1 }
    }
}

impl Rung {
    fn needs_population(&self) -> bool {
        self.per_100000.is_some() || self.population_from.is_some() || self.population_below.is_some()
    }

    fn is_for(&self, population: Option<f64>) -> bool {
        let Some(people) = population else { return !self.needs_population() };
        self.population_from.is_none_or(|from| people >= from)
            && self.population_below.is_none_or(|below| people < below)
    }

    /// The number of cases in a week that the stated number and rate ask for.
    fn least_cases(&self, population: Option<f64>) -> f64 {
        let by_rate = self.per_100000.map_or(0.0, |rate| rate * population.unwrap_or(f64::NAN) / 100_000.0);
        // 0.3 × 10 is a little more than 3; a case is not to be missed for that.
        self.cases.unwrap_or(0.0).max((by_rate - 1e-9).ceil())
    }
}

/// What is known of the weeks up to a step: a sum over a gap is what was reported at least.
struct Weeks<'a> {
    series: &'a Series,
    t: usize,
    steps: usize,
}

impl Weeks<'_> {
    /// Cases of the week that many weeks ago; `None` before the series or over a gap.
    fn cases(&self, ago: usize) -> Option<f64> {
        recent_sum(self.series, self.t.checked_sub(ago * self.steps)?, self.steps)
    }

    fn at_least(&self) -> f64 {
        let week = self.t + 1 - self.steps..=self.t;
        self.series.counts[week].iter().filter(|count| !count.is_nan()).sum()
    }

    /// `None`: cannot be told.
    fn doubled(&self, weeks: usize) -> Option<bool> {
        let mut later = self.cases(0)?;
        for ago in 1..weeks {
            let earlier = self.cases(ago)?;
            if later < 2.0 * earlier || earlier == 0.0 {
                return Some(false);
            }
            later = earlier;
        }
        Some(later > 0.0)
    }
}

impl ThresholdTable {
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        let own = self.table == KnownTable::Own;
        if own == self.rungs.is_empty() {
            return Err("`rungs` and `table`: \"own\" belong together; give both or neither".to_owned());
        }
        if self.rungs.iter().any(|rung| rung.doubling_weeks.is_some_and(|weeks| weeks < 2)) {
            return Err("`doubling_weeks` is below 2; a doubling needs two weeks".to_owned());
        }
        let highest = self.rungs().iter().map(|rung| rung.grade).max().unwrap_or(0);
        if !(1..=highest).contains(&self.alarm_grade) {
            return Err(format!(
                "`alarm_grade` is {}; the table has the grades 1 to {highest}",
                self.alarm_grade
            ));
        }
        let empty = |rung: &Rung| rung.cases.or(rung.per_100000).is_none() && rung.doubling_weeks.is_none();
        if let Some(place) = self.rungs().iter().position(empty) {
            return Err(format!(
                "rung {} asks for nothing; give it `cases`, `per_100000` or `doubling_weeks`",
                place + 1
            ));
        }
        Ok(())
    }

    fn rungs(&self) -> &[Rung] {
        match self.table {
            KnownTable::OneCase => &ONE_CASE,
            KnownTable::MeningitisBelt => &MENINGITIS_BELT,
            KnownTable::CholeraCn => &CHOLERA_CN,
            KnownTable::Own => &self.rungs,
        }
    }

    fn score(&self, series: &Series, t: usize) -> Scored {
        let weeks = Weeks { series, t, steps: series.steps_per_week() };
        if t + 1 < weeks.steps {
            return Scored::unanswered(series, t, Doubt::ShortHistory);
        }
        let population = series.population.get(t).copied().filter(|people| *people > 0.0);
        let count = weeks.at_least();
        let complete = weeks.cases(0).is_some();
        let (mut grade, mut doubt, mut upper) = (0, None, f64::INFINITY);
        for rung in self.rungs() {
            if population.is_none() && rung.needs_population() {
                doubt = Some(Doubt::NoPopulation);
                continue;
            }
            if !rung.is_for(population) {
                continue;
            }
            let least = rung.least_cases(population);
            let enough = count >= least;
            let reached = match rung.doubling_weeks {
                None => {
                    if rung.grade >= self.alarm_grade {
                        upper = upper.min(least);
                    }
                    enough
                }
                Some(many) if t + 1 < many * weeks.steps => false,
                Some(many) => {
                    weeks.doubled(many).unwrap_or_else(|| {
                        doubt = doubt.or(Some(Doubt::MissingHistory));
                        false
                    }) && enough
                }
            };
            if reached {
                grade = grade.max(rung.grade);
            }
        }
        if !complete {
            let silent = series.counts[t + 1 - weeks.steps..=t].iter().all(|count| count.is_nan());
            doubt = Some(if silent { Doubt::NotReported } else { Doubt::MissingHistory });
        }
        // An alarm stands whatever the missing reports would add; the absence of one does not.
        let alarm = if grade >= self.alarm_grade { Some(true) } else { doubt.is_none().then_some(false) };
        Scored {
            observed: complete.then_some(count),
            upper: Some(upper).filter(|upper| upper.is_finite()),
            score: alarm.map(|_| grade as f64),
            alarm,
            doubt,
            ..Scored::blank(series, t)
        }
    }
}

impl Forgetful for ThresholdTable {}

impl Detector for ThresholdTable {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        range.map(|t| self.score(series, t)).collect()
    }

    fn first_step(&self, series: &Series) -> usize {
        series.steps_per_week() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meningitis(counts: &[f64], people: f64) -> Scored {
        let population = vec![people; counts.len()];
        let series = Series { population, ..Series::of("district", counts.to_vec(), 52) };
        let config = ThresholdTable { table: KnownTable::MeningitisBelt, ..ThresholdTable::default() };
        assert_eq!(config.check(), Ok(()));
        config.detect(&series, counts.len() - 1..counts.len())[0]
    }

    #[test]
    fn the_meningitis_belt_by_population() {
        for (counts, people, grade, upper) in [
            (&[1.0][..], 20_000.0, 0.0, 2.0),
            (&[2.0], 20_000.0, 1.0, 2.0),
            (&[5.0], 20_000.0, 2.0, 2.0),
            // The WHO's own example of a doubling.
            (&[1.0, 2.0, 4.0], 20_000.0, 2.0, 2.0),
            (&[0.0, 2.0, 4.0], 20_000.0, 1.0, 2.0),
            // 3 per 100,000 of 30,000 would be one case; the guideline asks for two.
            (&[1.0], 30_000.0, 0.0, 2.0),
            (&[3.0], 100_000.0, 1.0, 3.0),
            (&[9.0], 100_000.0, 1.0, 3.0),
            (&[10.0], 100_000.0, 2.0, 3.0),
        ] {
            let point = meningitis(counts, people);
            assert_eq!((point.score, point.upper), (Some(grade), Some(upper)), "{counts:?} {people}");
            assert_eq!(point.alarm, Some(grade >= 1.0));
        }
        assert_eq!(meningitis(&[9.0], 0.0).doubt, Some(Doubt::NoPopulation));
        assert_eq!(meningitis(&[9.0], 0.0).alarm, None);
    }

    #[test]
    fn cholera_by_the_cases_of_seven_days_and_a_gap_that_cannot_take_an_alarm_back() {
        let config =
            ThresholdTable { table: KnownTable::CholeraCn, alarm_grade: 2, ..ThresholdTable::default() };
        let grade = |counts: [f64; 7]| {
            let series = Series::of("county", counts.to_vec(), 365);
            let point = config.detect(&series, 6..7)[0];
            (point.score, point.alarm, point.doubt)
        };
        assert_eq!(grade([0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0]), (Some(1.0), Some(false), None));
        assert_eq!(grade([1.0, 9.0, 0.0, 0.0, 0.0, 0.0, 20.0]), (Some(3.0), Some(true), None));
        let gap = Some(Doubt::MissingHistory);
        assert_eq!(grade([1.0, 9.0, f64::NAN, 0.0, 0.0, 0.0, 0.0]), (Some(2.0), Some(true), gap));
        assert_eq!(grade([1.0, 8.0, f64::NAN, 0.0, 0.0, 0.0, 0.0]), (None, None, gap));
    }

    #[test]
    fn a_table_of_ones_own_is_checked() {
        let own = |rungs: Vec<Rung>| ThresholdTable { table: KnownTable::Own, rungs, alarm_grade: 1 };
        assert!(own(Vec::new()).check().unwrap_err().contains("belong together"));
        assert!(own(vec![Rung { grade: 1, ..Rung::default() }]).check().unwrap_err().contains("rung 1"));
        assert_eq!(own(vec![Rung { grade: 1, per_100000: Some(0.5), ..Rung::default() }]).check(), Ok(()));
    }
}
