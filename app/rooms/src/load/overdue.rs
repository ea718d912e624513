//! When the house itself failed people: so many in a hundred were told to come again, or got no answer at all, minute after minute. It is proposed as an outage;
//! a person says whether it was one, and where.

use super::Class;
use super::counts::Counts;
use base::Moment;
use lab::Stood;

const MINUTE: i64 = 60;

/// A handful of refusals in a quiet night is no outage.
const LEAST_A_MINUTE: u64 = 60;

/// `until`: absent when it begins, there when it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measured {
    pub what: Stood,
    pub from: Moment,
    pub until: Option<Moment>,
}

#[derive(Default)]
pub(super) struct Overdue {
    /// Since when sampling, and results, are out.
    out: [Option<i64>; 2],
}

const WATCHED: [(Class, Stood); 2] = [(Class::Sampling, Stood::Sampling), (Class::Results, Stood::Results)];

impl Overdue {
    /// `now` is the second being counted.
    pub fn second(&mut self, counts: &Counts, now: i64) -> Vec<Measured> {
        let rule = crate::packed::result_codes();
        let minutes = i64::from(rule.outage_minutes.value);
        let mut measured = Vec::new();
        for (at, (class, what)) in WATCHED.into_iter().enumerate() {
            let mut failing = (1..=minutes).map(|minute| {
                let sum = counts.sum(class, now - minute * MINUTE, now - (minute - 1) * MINUTE);
                let share = (sum.refused + sum.failed) * 100
                    > sum.arrived * u64::from(rule.outage_refused_percent.value);
                share && sum.arrived >= LEAST_A_MINUTE
            });
            let moment = |second: i64| Moment(second * 1000);
            match self.out[at] {
                None if failing.all(|fails| fails) => {
                    let from = now - minutes * MINUTE;
                    self.out[at] = Some(from);
                    measured.push(Measured { what, from: moment(from), until: None });
                }
                Some(from) if !failing.any(|fails| fails) => {
                    self.out[at] = None;
                    let until = now - minutes * MINUTE;
                    measured.push(Measured {
                        what,
                        from: moment(from),
                        until: Some(moment(until.max(from))),
                    });
                }
                _ => {}
            }
        }
        measured
    }
}

#[cfg(test)]
mod tests {
    use super::super::counts::Happened;
    use super::*;

    fn told(
        counts: &mut Counts,
        overdue: &mut Overdue,
        seconds: std::ops::Range<i64>,
        (refused, failed): (u32, u32),
    ) -> Vec<Measured> {
        let mut measured = Vec::new();
        for second in seconds {
            for number in 0..10 {
                counts.note(second, Class::Results, Happened::Arrived);
                if number < refused {
                    counts.note(second, Class::Results, Happened::Refused);
                } else if number < refused + failed {
                    counts.note(second, Class::Results, Happened::Failed);
                }
            }
            measured.extend(overdue.second(counts, second + 1));
        }
        measured
    }

    #[test]
    fn five_minutes_of_refusals_or_faults_are_an_outage_and_five_without_end_it() {
        let (mut counts, mut overdue) = (Counts::default(), Overdue::default());
        assert_eq!(
            told(&mut counts, &mut overdue, 0..600, (1, 1)),
            [],
            "one in five is not more than one in five"
        );
        assert_eq!(told(&mut counts, &mut overdue, 600..800, (9, 0)), []);
        let begun = told(&mut counts, &mut overdue, 800..1_000, (0, 9));
        let [Measured { what: Stood::Results, from, until: None }] = begun.as_slice() else {
            panic!("{begun:?}")
        };
        assert!((from.0 - 600_000).abs() <= 60_000, "{from}");
        let over = told(&mut counts, &mut overdue, 1_000..1_400, (0, 0));
        let [Measured { from: as_before, until: Some(until), .. }] = over.as_slice() else {
            panic!("{over:?}")
        };
        assert_eq!(as_before, from);
        assert!((until.0 - 1_000_000).abs() <= 60_000, "{until}");
        assert_eq!(told(&mut counts, &mut overdue, 1_400..2_000, (0, 0)), []);
    }
}
