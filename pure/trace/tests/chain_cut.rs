//! Is the chain cut: beside the published formula, and beside outbreaks simulated one person after another.

use base::{Stream, Streams};
use proptest::prelude::*;
use rand_distr::{Distribution, Gamma, Poisson};
use trace::reconstruction::DelayDays;
use trace::success::{CutAssumptions, KnownContact, KnownInfection, Quarantine, probability_chain_cut};

fn delay(shares: &[f64]) -> DelayDays {
    DelayDays::of(shares.to_vec(), "delay").unwrap()
}

fn assumptions() -> CutAssumptions {
    CutAssumptions {
        reproduction: 1.4,
        dispersion: Some(0.6),
        ascertainment: 0.7,
        traced: 0.4,
        generation_time: delay(&[0.0, 0.2, 0.4, 0.3, 0.1]),
        finding: delay(&[0.0, 0.3, 0.5, 0.2]),
    }
}

/// With every case found on the day of its infection and nobody isolated, nothing is hidden: e^(−R · what is to come).
#[test]
fn with_everything_seen_it_is_the_published_formula() {
    let seen = CutAssumptions {
        dispersion: None,
        ascertainment: 1.0,
        traced: 0.0,
        finding: delay(&[1.0]),
        ..assumptions()
    };
    let cases = [0, 1, 3].map(|found| KnownInfection { found, isolated: None, infectees_known: 0 });
    for (today, to_come) in [(3, 0.1 + 0.4 + 1.0), (5, 0.4), (7, 0.0)] {
        let cut = probability_chain_cut(&cases, &[], &seen, today).unwrap();
        assert!((cut - (-1.4_f64 * to_come).exp()).abs() < 1e-12, "{today}: {cut}");
    }
}

#[test]
fn who_is_isolated_in_time_and_watched_to_the_end_leaves_nothing_open() {
    let cases = [KnownInfection { found: 2, isolated: Some(-9), infectees_known: 0 }];
    let quarantine = Some(Quarantine { from: 0, until: 20 });
    let contacts = [KnownContact { exposed: 0, infected: 0.5, quarantine }];
    let cut = probability_chain_cut(&cases, &contacts, &assumptions(), 2).unwrap();
    assert!((cut - 1.0).abs() < 1e-12, "{cut}");
    // Not reached, the same contact infects 1.4 people after being infected itself with one half.
    let contacts = [KnownContact { exposed: 2, infected: 0.5, quarantine: None }];
    let cut = probability_chain_cut(&cases, &contacts, &assumptions(), 2).unwrap();
    let none = (1.0 + 1.4_f64 / 0.6).powf(-0.6);
    assert!((cut - (0.5 + 0.5 * none)).abs() < 1e-12, "{cut}");
}

#[test]
fn what_cannot_be_is_refused() {
    let case = KnownInfection { found: 0, isolated: Some(-20), infectees_known: 2 };
    let told = |assumptions: &CutAssumptions, contacts: &[KnownContact]| {
        probability_chain_cut(&[case], contacts, assumptions, 5).unwrap_err().to_string()
    };
    assert!(told(&assumptions(), &[]).contains("cannot have infected 2 people"));
    assert!(told(&CutAssumptions { traced: 1.2, ..assumptions() }, &[]).contains("traced is 1.2"));
    assert!(told(&CutAssumptions { dispersion: Some(0.0), ..assumptions() }, &[]).contains("above 0"));
    let at_once = CutAssumptions { generation_time: delay(&[0.1, 0.9]), ..assumptions() };
    assert!(told(&at_once, &[]).contains("day 0"));
    let contact = KnownContact { exposed: 0, infected: f64::NAN, quarantine: None };
    assert!(told(&assumptions(), &[contact]).contains("no probability"));
    assert!(probability_chain_cut(&[], &[contact], &assumptions(), 9_000).is_err());
}

/// Far behind everybody's days nothing is open, whomever it infected; near them a superspreader leaves more open than others, and
/// however many are known, all but the same.
#[test]
fn a_superspreader_is_no_contradiction() {
    let cut = |infectees_known: u32, today: i32| {
        let case = KnownInfection { found: 2, isolated: Some(3), infectees_known };
        probability_chain_cut(&[case], &[], &assumptions(), today)
    };
    for many in [0, 20, 500, 5_000] {
        let over = cut(many, 900).unwrap();
        assert!((over - 1.0).abs() < 1e-9, "{many}: {over}");
    }
    let (few, many, more) = (cut(20, 8).unwrap(), cut(500, 8).unwrap(), cut(600, 8).unwrap());
    assert!(0.0 < more && more <= many && many < few && few < 1.0, "{few} {many} {more}");
}

#[test]
fn cases_that_are_alike_count_each() {
    let case = KnownInfection { found: 2, isolated: Some(3), infectees_known: 2 };
    let of = |cases: &[KnownInfection]| probability_chain_cut(cases, &[], &assumptions(), 5).unwrap();
    assert!((of(&[case; 3]) - of(&[case]).powi(3)).abs() < 1e-12);
}

const TODAY: i32 = 5;
const CASE: KnownInfection = KnownInfection { found: 1, isolated: Some(3), infectees_known: 1 };
const CONTACT: KnownContact =
    KnownContact { exposed: 1, infected: 0.6, quarantine: Some(Quarantine { from: 3, until: 5 }) };

fn drawn(delay: &DelayDays, stream: &mut Stream) -> i32 {
    let mut left = stream.share();
    (0..=delay.longest() as i32)
        .find(|day| {
            left -= delay.share(*day);
            left < 0.0
        })
        .unwrap_or(delay.longest() as i32)
}

fn infectees(infected: i32, told: &CutAssumptions, stream: &mut Stream) -> Vec<i32> {
    let k = told.dispersion.unwrap();
    let own = Gamma::new(k, told.reproduction / k).unwrap().sample(stream);
    let many = Poisson::new(own.max(1e-12)).unwrap().sample(stream) as usize;
    (0..many).map(|_| infected + drawn(&told.generation_time, stream)).collect()
}

/// Whether anybody of the lineage of somebody free is found by today, and whether anybody infects after it.
fn follow(infected: i32, told: &CutAssumptions, stream: &mut Stream) -> (bool, bool) {
    let seen = stream.share() < told.ascertainment && infected + drawn(&told.finding, stream) <= TODAY;
    let (mut heard, mut open) = (seen, false);
    for day in infectees(infected, told, stream) {
        if day > TODAY {
            open = true;
        } else {
            let (below_heard, below_open) = follow(day, told, stream);
            heard |= below_heard;
            open |= below_open;
        }
    }
    (heard, open)
}

/// `None` when what happened is not what is known.
fn behind_the_case(told: &CutAssumptions, stream: &mut Stream) -> Option<bool> {
    let infected = CASE.found - drawn(&told.finding, stream);
    let (mut known, mut open) = (0, false);
    for day in infectees(infected, told, stream).into_iter().filter(|day| *day < 3) {
        let found = stream.share() < told.ascertainment && day + drawn(&told.finding, stream) <= TODAY;
        if stream.share() < told.traced || found {
            known += 1;
            continue;
        }
        // Not found itself: the rest of its lineage.
        for next in infectees(day, told, stream) {
            if next > TODAY {
                open = true;
                continue;
            }
            let (heard, onward) = follow(next, told, stream);
            if heard {
                return None;
            }
            open |= onward;
        }
    }
    (known == CASE.infectees_known).then_some(open)
}

fn behind_the_contact(told: &CutAssumptions, stream: &mut Stream) -> Option<bool> {
    if stream.share() >= CONTACT.infected {
        return Some(false);
    }
    let found = CONTACT.exposed + drawn(&told.finding, stream);
    if found <= TODAY {
        return None;
    }
    let mut open = false;
    for day in infectees(CONTACT.exposed, told, stream).into_iter().filter(|day| !(3..=5).contains(day)) {
        if day > TODAY {
            // It leaves only when it was not found by the end, which is today.
            open = true;
            continue;
        }
        let (heard, onward) = follow(day, told, stream);
        if heard {
            return None;
        }
        open |= onward;
    }
    Some(open)
}

#[test]
fn it_is_what_simulation_shows() {
    let told = CutAssumptions { finding: delay(&[0.0, 0.3, 0.4, 0.1, 0.1, 0.1]), ..assumptions() };
    let mut stream = Streams::seeded(11).of("outbreaks");
    let mut share = |one: fn(&CutAssumptions, &mut Stream) -> Option<bool>| {
        let kept: Vec<bool> = (0..120_000).filter_map(|_| one(&told, &mut stream)).collect();
        let cut = kept.iter().filter(|open| !**open).count() as f64 / kept.len() as f64;
        (cut, (cut * (1.0 - cut) / kept.len() as f64).sqrt())
    };
    let (simulated, se) = share(behind_the_case);
    let exact = probability_chain_cut(&[CASE], &[], &told, TODAY).unwrap();
    assert!(se < 0.01 && (simulated - exact).abs() < 4.0 * se, "{simulated} ± {se}, exactly {exact}");
    let (simulated, se) = share(behind_the_contact);
    let exact = probability_chain_cut(&[], &[CONTACT], &told, TODAY).unwrap();
    assert!(se < 0.01 && (simulated - exact).abs() < 4.0 * se, "{simulated} ± {se}, exactly {exact}");
    // Both together are as if alone.
    let both = probability_chain_cut(&[CASE], &[CONTACT], &told, TODAY).unwrap();
    let case = probability_chain_cut(&[CASE], &[], &told, TODAY).unwrap();
    assert!((both - case * exact).abs() < 1e-12);
}

proptest! {
    #[test]
    fn more_isolation_and_longer_quarantine_only_help(
        found in -8_i32..4, isolated in -8_i32..8, exposed in -6_i32..4, from in -4_i32..5, until in 3_i32..20,
        p in 0.0..=1.0_f64, traced in 0.0..=1.0_f64,
    ) {
        let told = CutAssumptions { ascertainment: p, traced, ..assumptions() };
        let cut = |isolated: Option<i32>, until: i32| {
            let case = KnownInfection { found, isolated, infectees_known: 0 };
            let quarantine = Some(Quarantine { from, until });
            let contact = KnownContact { exposed, infected: 0.3, quarantine };
            probability_chain_cut(&[case], &[contact], &told, 3).unwrap()
        };
        let now = cut(Some(isolated.max(4)), until);
        prop_assert!((0.0..=1.0 + 1e-12).contains(&now), "{now}");
        // What happens after today alone can be changed.
        prop_assert!(cut(None, until) <= now + 1e-12);
        prop_assert!(cut(Some(isolated.max(4)), until + 5) >= now - 1e-12);
    }
}
