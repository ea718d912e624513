//! Laboratories beside each other: who finds more or fewer, who is late, who is faster than a machine.
//!
//! None of it is proof. It says where somebody goes first; what is proof stands in `reconcile`.

use crate::exact_strata::{ByChance, Stratum};
use base::Moment;
use std::collections::BTreeMap;

/// Results of one laboratory in one stratum, such as tubes of ten from sealed areas on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub lab: u32,
    pub stratum: u32,
    pub results: u64,
    /// Of them positive, or late, whatever is compared.
    pub with: u64,
}

/// One laboratory among the others.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Standing {
    pub lab: u32,
    pub results: u64,
    pub with: u64,
    /// How many it would have, were it like the others in each of its strata.
    pub expected: f64,
    /// Were it like the others: the chance of a number as odd as this or more.
    pub p_value: f64,
    /// The same after so many laboratories were looked at.
    pub p_adjusted: f64,
    pub stands_out: Option<Side>,
    /// Had it found none at all, it would not have stood out: silence of this one says nothing.
    pub too_few_to_tell: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    More,
    /// What a laboratory that does not measure looks like.
    Fewer,
}

/// Each laboratory against the others, within strata; whoever stands out most is set aside and the rest are compared again, or one that
/// finds nothing would make its neighbours look as if they found too much.
///
/// With `level` 0.05, at most one honest set of laboratories in twenty has anybody who stands out. Positives that come in clusters are
/// further apart than chance alone would have them, so strata should be small: one town, one day, one size of tube.
///
/// # Source
/// Exact test: `ByChance`. Several looks, one step at a time: Holm 1979 (docs/sources.md#holm-1979). Why: outliers in positive share and
/// in turnaround were how an overburdened laboratory was found in 2022 (docs/sources.md#laboratories-2022).
pub fn compare_laboratories(tallies: &[Tally], level: f64) -> Vec<Standing> {
    assert!(level > 0.0 && level < 1.0, "a level lies between 0 and 1, not at {level}");
    let mut left: BTreeMap<u32, BTreeMap<u32, (u64, u64)>> = BTreeMap::new();
    for tally in tallies {
        assert!(tally.with <= tally.results, "{} cannot be a part of {}", tally.with, tally.results);
        let own = left.entry(tally.lab).or_default().entry(tally.stratum).or_default();
        *own = (own.0 + tally.results, own.1 + tally.with);
    }
    let (mut judged, mut gravest_before) = (Vec::new(), 0.0_f64);
    while !left.is_empty() {
        let mut standings = compare_once(&left, level);
        let gravest = standings.iter().map(|one| one.p_value).fold(1.0, f64::min);
        gravest_before = (gravest * left.len() as f64).clamp(gravest_before, 1.0);
        if gravest_before >= level {
            adjust_as_holm(&mut standings, gravest_before);
            judged.append(&mut standings);
            break;
        }
        // Two laboratories are as far from each other as they are; which of them is wrong is not for numbers to say.
        for mut standing in standings.into_iter().filter(|one| one.p_value <= gravest * (1.0 + 1e-7)) {
            let side = if standing.with as f64 > standing.expected { Side::More } else { Side::Fewer };
            (standing.p_adjusted, standing.stands_out) = (gravest_before, Some(side));
            left.remove(&standing.lab);
            judged.push(standing);
        }
    }
    judged.sort_by_key(|one| one.lab);
    judged
}

fn compare_once(laboratories: &BTreeMap<u32, BTreeMap<u32, (u64, u64)>>, level: f64) -> Vec<Standing> {
    let mut all: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for (stratum, own) in laboratories.values().flatten() {
        let both = all.entry(*stratum).or_default();
        *both = (both.0 + own.0, both.1 + own.1);
    }
    let standing = |(lab, strata): (&u32, &BTreeMap<u32, (u64, u64)>)| {
        let (results, with) = strata.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let strata: Vec<Stratum> = strata
            .iter()
            .map(|(stratum, (own, own_with))| {
                let (all, all_with) = all[stratum];
                Stratum {
                    own: *own,
                    own_with: *own_with,
                    others: all - own,
                    others_with: all_with - own_with,
                }
            })
            .collect();
        let by_chance = ByChance::of(&strata);
        Standing {
            lab: *lab,
            results,
            with,
            expected: expected(&strata),
            p_value: by_chance.p_value(with),
            p_adjusted: 1.0,
            stands_out: None,
            too_few_to_tell: by_chance.p_value(0) * laboratories.len() as f64 >= level,
        }
    };
    laboratories.iter().map(standing).collect()
}

/// By the share of the others, not of all: a laboratory is not compared with itself.
fn expected(strata: &[Stratum]) -> f64 {
    let of = |one: &Stratum| {
        let share = if one.others == 0 {
            one.own_with as f64 / one.own.max(1) as f64
        } else {
            one.others_with as f64 / one.others as f64
        };
        one.own as f64 * share
    };
    strata.iter().map(of).sum()
}

fn adjust_as_holm(standings: &mut [Standing], mut largest: f64) {
    let mut order: Vec<usize> = (0..standings.len()).collect();
    order.sort_by(|a, b| standings[*a].p_value.total_cmp(&standings[*b].p_value).then(a.cmp(b)));
    for (rank, place) in order.iter().enumerate() {
        largest = largest.max(standings[*place].p_value * (standings.len() - rank) as f64).min(1.0);
        standings[*place].p_adjusted = largest;
    }
}

/// From receipt to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Turnaround {
    pub reported: u64,
    /// Later than they were owed; compare with `compare_laboratories`.
    pub late: u64,
    /// Sooner than a machine measures: no chance does that, so one is one too many.
    pub too_fast: u64,
    pub median_seconds: Option<i64>,
}

/// `times` are receipt and report of each tube.
///
/// # Source
/// Late results of a laboratory beyond its capacity; "all negative" before the run had ended (docs/sources.md#laboratories-2022).
/// The shortest time is the assay pack's.
pub fn turnaround(
    times: impl IntoIterator<Item = (Moment, Moment)>,
    owed_within_seconds: i64,
    shortest_seconds: i64,
) -> Turnaround {
    let mut took: Vec<i64> =
        times.into_iter().map(|(received, reported)| (reported.0 - received.0).div_euclid(1000)).collect();
    let counted = |holds: &dyn Fn(i64) -> bool| took.iter().filter(|took| holds(**took)).count() as u64;
    let (late, too_fast) =
        (counted(&|took| took > owed_within_seconds), counted(&|took| took < shortest_seconds));
    let reported = took.len() as u64;
    let middle = took.len() / 2;
    let median_seconds = (!took.is_empty()).then(|| *took.select_nth_unstable(middle).1);
    Turnaround { reported, late, too_fast, median_seconds }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tally(lab: u32, stratum: u32, results: u64, with: u64) -> Tally {
        Tally { lab, stratum, results, with }
    }

    fn at(minute: i64) -> Moment {
        Moment(1_661_990_400_000).plus_seconds(minute * 60)
    }

    #[test]
    fn a_laboratory_that_finds_nothing_where_others_find_much_stands_out() {
        let standings = compare_laboratories(
            &[tally(1, 0, 40_000, 0), tally(2, 0, 40_000, 21), tally(3, 0, 40_000, 24), tally(4, 0, 200, 0)],
            0.05,
        );
        let told: Vec<_> =
            standings.iter().map(|one| (one.lab, one.stands_out, one.too_few_to_tell)).collect();
        assert_eq!(
            told,
            [
                (1, Some(Side::Fewer), false),
                (2, None, false),
                (3, None, false),
                (4, None, true), // two hundred tubes without a positive say nothing
            ]
        );
        assert!(standings[0].expected > 21.0, "{}", standings[0].expected);
    }

    #[test]
    fn many_looks_are_paid_for() {
        let mut tallies: Vec<Tally> = (0..40).map(|lab| tally(lab, 0, 10_000, 10)).collect();
        tallies[7].with = 21;
        let standings = compare_laboratories(&tallies, 0.05);
        assert!(standings[7].p_value < 0.05 && standings[7].p_adjusted > 0.05, "{:?}", standings[7]);
        assert!(standings.iter().all(|one| one.stands_out.is_none()));
        tallies[7].with = 40;
        let standings = compare_laboratories(&tallies, 0.05);
        assert_eq!(standings[7].stands_out, Some(Side::More));
        assert_eq!(standings.iter().filter(|one| one.stands_out.is_some()).count(), 1);
    }

    /// Six hundred campaigns of ten honest laboratories; seed 20220902.
    #[test]
    fn honest_laboratories_are_left_in_peace() {
        let mut chance = base::Streams::seeded(20_220_902).of("positives");
        let accused = (0..600)
            .filter(|_| {
                let mut draw = |results: u64| (0..results).filter(|_| chance.share() < 0.02).count() as u64;
                let tallies: Vec<Tally> = (0..10)
                    .map(|lab| {
                        let results = 100 + 40 * u64::from(lab);
                        tally(lab, lab % 2, results, draw(results))
                    })
                    .collect();
                compare_laboratories(&tallies, 0.05).iter().any(|one| one.stands_out.is_some())
            })
            .count();
        // One in twenty would be 30; exact tests accuse less often.
        assert!((1..=30).contains(&accused), "{accused} of 600");
    }

    #[test]
    fn sealed_homes_are_compared_with_sealed_homes() {
        let within =
            [tally(1, 0, 1_000, 12), tally(1, 1, 1_000, 0), tally(2, 0, 1_000, 10), tally(2, 1, 50_000, 1)];
        assert!(compare_laboratories(&within, 0.05).iter().all(|one| one.stands_out.is_none()));
        let together = within.map(|one| Tally { stratum: 0, ..one });
        assert!(compare_laboratories(&together, 0.05).iter().all(|one| one.stands_out.is_some()));
        assert_eq!(
            compare_laboratories(&[tally(1, 0, 50, 2)], 0.05)[0].p_value,
            1.0,
            "nobody to compare with"
        );
        assert_eq!(compare_laboratories(&[], 0.05), []);
    }

    #[test]
    fn reports_that_no_machine_can_have_measured_are_counted() {
        let told = turnaround(
            [(0, 240), (0, 300), (10, 1_000), (20, 60)].map(|(from, to)| (at(from), at(to))),
            12 * 3600,
            90 * 60,
        );
        assert_eq!(told, Turnaround { reported: 4, late: 1, too_fast: 1, median_seconds: Some(300 * 60) });
        assert_eq!(turnaround([], 1, 1).median_seconds, None);
    }

    proptest! {
        #[test]
        fn an_adjusted_chance_is_no_smaller_and_keeps_the_order(
            with in proptest::collection::vec(0..30_u64, 2..10),
        ) {
            let tallies: Vec<Tally> = (0..).zip(&with).map(|(lab, with)| tally(lab, 0, 500, *with)).collect();
            let mut standings = compare_laboratories(&tallies, 0.05);
            prop_assert!(standings.iter().all(|one| one.p_adjusted >= one.p_value && one.p_adjusted <= 1.0));
            standings.retain(|one| one.stands_out.is_none());
            standings.sort_by(|a, b| a.p_value.total_cmp(&b.p_value));
            prop_assert!(standings.is_sorted_by(|a, b| a.p_adjusted <= b.p_adjusted));
        }
    }
}
