//! A person is found positive: which of their earlier negatives may have been wrong, the most doubtful first.
//!
//! Deliberately absent: taking a result back. The list says what to pull from the shelf and which laboratory to visit.

use crate::difference::Discrepancy;
use base::Moment;
use cases::words;
use std::cmp::Reverse;

/// An earlier negative of the person, with what is known of its tube.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct EarlierNegative {
    pub tube: u32,
    pub lab: u32,
    pub batch: Option<u32>,
    pub run: Option<u32>,
    pub sampled: Moment,
    /// Differences in which the tube is named.
    pub discrepancies: Vec<Discrepancy>,
    /// Reported sooner than a machine measures.
    pub too_fast: bool,
    /// A control of its run did not read as it should.
    pub bad_control: bool,
    /// It was reported while its laboratory was over what it had declared.
    pub over_capacity: bool,
    /// Its laboratory finds fewer than the others.
    pub lab_finds_fewer: bool,
    /// Others of the same tube who have been found positive since.
    pub others_of_tube: u32,
    /// The same of the same run, other tubes.
    pub others_of_run: u32,
}

words! {
    /// Gravest first.
    Doubt, "doubt about a negative" {
        ReportedUnrun = "reported_unrun",
        OverPooled = "over_pooled",
        Swapped = "swapped",
        TooFast = "too_fast",
        OthersOfTube = "others_of_tube",
        BadControl = "bad_control",
        OthersOfRun = "others_of_run",
        Double = "double",
        Unregistered = "unregistered",
        LabFindsFewer = "lab_finds_fewer",
        OverCapacity = "over_capacity",
        /// Sampled so shortly before the positive that the person was probably infected already.
        Recent = "recent",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Doubtful {
    pub negative: EarlierNegative,
    /// Gravest first.
    pub doubts: Vec<Doubt>,
    pub hours_before: i64,
}

/// All of them, also those without a doubt: the list is complete, and the order says where to begin. First what shows that the tube was not
/// measured, then what other people's results say of it, then its laboratory, then time.
///
/// # Source
/// A laboratory that had reported results untested was found in 2022 by going back to the earlier negatives of later positives
/// (docs/sources.md#laboratories-2022). `found` is when the positive swab was taken. `recent_hours` is ours to choose: shorter than the 2
/// to 4 days that the 9th edition counts from infection to signs (docs/sources.md#protocols), such as 48.
pub fn look_back(found: Moment, negatives: &[EarlierNegative], recent_hours: i64) -> Vec<Doubtful> {
    let mut list: Vec<Doubtful> = negatives
        .iter()
        .filter(|negative| negative.sampled < found)
        .map(|negative| {
            let hours_before = (found.0 - negative.sampled.0) / 3_600_000;
            let doubts = doubts_of(negative, hours_before < recent_hours);
            Doubtful { negative: negative.clone(), doubts, hours_before }
        })
        .collect();
    list.sort_by(|a, b| {
        let nearer = b.negative.sampled.cmp(&a.negative.sampled);
        order(&a.doubts).cmp(&order(&b.doubts)).then(nearer).then(a.negative.tube.cmp(&b.negative.tube))
    });
    list
}

/// The gravest decides; of two alike the one with more beside it.
fn order(doubts: &[Doubt]) -> (bool, Option<Doubt>, Reverse<usize>) {
    (doubts.is_empty(), doubts.first().copied(), Reverse(doubts.len()))
}

fn doubts_of(negative: &EarlierNegative, recent: bool) -> Vec<Doubt> {
    let named = |kind| negative.discrepancies.contains(&kind);
    let all = [
        (named(Discrepancy::ReportedUnrun), Doubt::ReportedUnrun),
        (named(Discrepancy::OverPooled), Doubt::OverPooled),
        (named(Discrepancy::Swapped), Doubt::Swapped),
        (negative.too_fast, Doubt::TooFast),
        (negative.others_of_tube > 0, Doubt::OthersOfTube),
        (negative.bad_control, Doubt::BadControl),
        (negative.others_of_run > 0, Doubt::OthersOfRun),
        (named(Discrepancy::Double), Doubt::Double),
        (named(Discrepancy::Unregistered), Doubt::Unregistered),
        (negative.lab_finds_fewer, Doubt::LabFindsFewer),
        (negative.over_capacity, Doubt::OverCapacity),
        (recent, Doubt::Recent),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, doubt)| doubt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(hour: i64) -> Moment {
        Moment(1_661_990_400_000).plus_seconds(hour * 3600)
    }

    fn negative(tube: u32, hour: i64) -> EarlierNegative {
        EarlierNegative {
            tube,
            lab: 1,
            batch: Some(1),
            run: Some(1),
            sampled: at(hour),
            discrepancies: Vec::new(),
            too_fast: false,
            bad_control: false,
            over_capacity: false,
            lab_finds_fewer: false,
            others_of_tube: 0,
            others_of_run: 0,
        }
    }

    #[test]
    fn the_tube_that_was_never_measured_comes_before_the_one_of_yesterday() {
        let unrun = EarlierNegative { discrepancies: vec![Discrepancy::ReportedUnrun], ..negative(1, 0) };
        let mate = EarlierNegative { others_of_tube: 1, ..negative(2, 50) };
        let mate_at_a_full_lab =
            EarlierNegative { over_capacity: true, ..EarlierNegative { tube: 3, ..mate.clone() } };
        let after = negative(9, 130);
        let given =
            [negative(4, 60), mate, negative(5, 90), after, unrun, negative(6, 10), mate_at_a_full_lab];
        let list = look_back(at(120), &given, 48);
        let order: Vec<u32> = list.iter().map(|one| one.negative.tube).collect();
        assert_eq!(order, [1, 3, 2, 5, 4, 6], "what was sampled after the positive is not of the past");
        assert_eq!(list[1].doubts, [Doubt::OthersOfTube, Doubt::OverCapacity]);
        assert_eq!((&list[3].doubts[..], list[3].hours_before), (&[Doubt::Recent][..], 30));
        assert_eq!(list[5].doubts, []);
    }

    proptest! {
        #[test]
        fn nothing_of_the_past_is_left_out_and_the_order_is_one(
            hours in proptest::collection::vec((0..200_i64, any::<bool>(), 0..3_u32, any::<bool>()), 0..20),
        ) {
            let given: Vec<EarlierNegative> = (0..)
                .zip(&hours)
                .map(|(tube, (hour, too_fast, others, fewer))| EarlierNegative {
                    too_fast: *too_fast,
                    others_of_run: *others,
                    lab_finds_fewer: *fewer,
                    ..negative(tube, *hour)
                })
                .collect();
            let list = look_back(at(100), &given, 48);
            prop_assert_eq!(list.len(), hours.iter().filter(|one| one.0 < 100).count());
            let mut turned = given.clone();
            turned.reverse();
            prop_assert_eq!(&list, &look_back(at(100), &turned, 48));
            prop_assert!(list.is_sorted_by_key(|one| one.doubts.first().map_or(99, |doubt| *doubt as usize)));
        }
    }
}
