//! Small outbreaks with every ancestry, every generation and every day of infection written out: a chain whose rates stand still
//! visits each as often as its probability says.

use super::chain::{Board, Chain};
use super::likelihood::{Ancestry, Rates};
use super::model::{Model, Situation};
use super::{Contacts, DelayDays, Distances, Evidence, NamedSource};
use base::Streams;
use std::collections::BTreeMap;

const SWEEPS: usize = 40_000;

fn model(most_generations: usize) -> Model {
    Model {
        most_generations,
        ..Model::of(
            DelayDays::of(vec![0.0, 1.0, 3.0, 2.0], "generation time").unwrap(),
            DelayDays::of(vec![0.0, 1.0, 2.0, 1.0], "incubation").unwrap(),
        )
    }
}

const RATES: Rates = Rates {
    mutation: 1e-3,
    diversity: 4.0,
    shared_source: 0.2,
    reporting: 0.7,
    contact_within: 0.6,
    contact_elsewhere: 0.2,
    reproduction: 1.3,
    dispersion: 0.5,
    introductions: 2.0,
};

/// How a case was infected: by whom, how many generations back.
type Way = Option<(usize, usize)>;
type Ways = Vec<Way>;

/// Everything that can have happened, as often as `told` says; days of infection are summed over.
fn written_out(situation: &Situation, told: &mut impl FnMut(&Ancestry) -> f64) -> BTreeMap<Ways, f64> {
    let cases = situation.cases();
    let mut options: Vec<Vec<(Way, i32)>> = Vec::new();
    for case in 0..cases {
        let others = (0..cases).filter(|other| *other != case);
        let back = others.flat_map(|other| (1..=situation.delays.most()).map(move |g| Some((other, g))));
        let ways: Vec<_> = std::iter::once(None).chain(back).collect();
        let delays = (0..=situation.sampling.longest()).filter(|d| situation.sampling.share(*d as i32) > 0.0);
        let days: Vec<i32> = delays.map(|delay| situation.evidence.days[case] - delay as i32).collect();
        options.push(ways.iter().flat_map(|way| days.iter().map(move |day| (*way, *day))).collect());
    }
    let mut sums: BTreeMap<Ways, f64> = BTreeMap::new();
    let mut at = vec![0; cases];
    loop {
        let one: Vec<_> = at.iter().zip(&options).map(|(place, options)| options[*place]).collect();
        let ancestry = Ancestry {
            ancestor: one.iter().map(|(way, _)| way.map(|(from, _)| from)).collect(),
            infected: one.iter().map(|(_, day)| *day).collect(),
            generations: one.iter().map(|(way, _)| way.map_or(1, |(_, back)| back)).collect(),
        };
        let possible = one.iter().all(|(way, day)| {
            way.is_none_or(|(from, back)| situation.delays.share(back, day - ancestry.infected[from]) > 0.0)
        });
        if possible {
            let ways = one.into_iter().map(|(way, _)| way).collect();
            *sums.entry(ways).or_insert(0.0) += told(&ancestry).exp();
        }
        let Some(next) = (0..cases).find(|case| at[*case] + 1 < options[*case].len()) else { break };
        at[..next].fill(0);
        at[next] += 1;
    }
    let whole: f64 = sums.values().sum();
    sums.values_mut().for_each(|sum| *sum /= whole);
    sums
}

fn check(what: &str, evidence: Evidence, most_generations: usize) {
    let situation = Situation::of(evidence, &model(most_generations)).unwrap();
    let board = Board::of(&situation, vec![false; situation.cases()]);
    let mut chain = Chain::started(&board, Streams::seeded(5).of(what));
    chain.stand_at(chain.ancestry.clone(), RATES);
    let mut visits: BTreeMap<Ways, f64> = BTreeMap::new();
    for _ in 0..SWEEPS {
        chain.sweep_cases();
        let tree = &chain.ancestry;
        let ways =
            tree.ancestor.iter().zip(&tree.generations).map(|(from, back)| from.map(|from| (from, *back)));
        *visits.entry(ways.collect()).or_insert(0.0) += 1.0 / SWEEPS as f64;
    }
    let exact = written_out(&situation, &mut |ancestry| {
        chain.stand_at(ancestry.clone(), RATES);
        chain.log_posterior()
    });
    assert!(visits.keys().all(|ways| exact.contains_key(ways)), "{what}: visited what cannot be");
    let apart: f64 =
        exact.iter().map(|(ways, wanted)| (visits.get(ways).unwrap_or(&0.0) - wanted).abs()).sum::<f64>()
            / 2.0;
    println!("{what}: {} ancestries, total variation {apart:.4}", exact.len());
    // Draws that follow each other are worth a fifth of independent ones.
    for (ways, wanted) in &exact {
        let found = visits.get(ways).unwrap_or(&0.0);
        let chance = (wanted * (1.0 - wanted) * 5.0 / SWEEPS as f64).sqrt();
        assert!((found - wanted).abs() < 4.5 * chance + 3e-4, "{what} {ways:?}: {found}, exactly {wanted}");
    }
    assert!(apart < 0.03, "{what}: {apart}");
}

fn met(records: &[(usize, usize)]) -> Option<Contacts> {
    Some(Contacts { records: records.to_vec(), directed: false })
}

#[test]
fn days_alone() {
    check("days", Evidence { days: vec![0, 3, 4], ..Evidence::default() }, 3);
    check("many days", Evidence { days: vec![0, 1, 2, 6], ..Evidence::default() }, 1);
}

#[test]
fn days_contacts_and_names() {
    let named = vec![NamedSource { case: 2, source: 1, reliability: 0.8 }];
    let evidence =
        Evidence { days: vec![0, 2, 3, 3], contacts: met(&[(0, 1), (1, 2)]), named, ..Evidence::default() };
    check("contacts", evidence, 1);
}

fn distances(sites: &[&[Option<u32>]]) -> Option<Distances> {
    Some(Distances { genome_length: 1_000, sites: sites.iter().map(|row| row.to_vec()).collect() })
}

#[test]
fn everybody_has_a_sequence() {
    let d = |sites| Some(sites);
    let sites = distances(&[&[d(0), d(2), d(3)], &[d(2), d(0), d(1)], &[d(3), d(1), d(0)]]);
    check("near", Evidence { days: vec![0, 3, 4], distances: sites, ..Evidence::default() }, 3);
    let sites = distances(&[&[d(0), d(1), d(9)], &[d(1), d(0), d(8)], &[d(9), d(8), d(0)]]);
    check(
        "one far",
        Evidence { days: vec![0, 2, 3], distances: sites, contacts: met(&[(1, 2)]), ..Evidence::default() },
        2,
    );
}

#[test]
fn some_have_a_sequence() {
    let (d, no) = (|sites| Some(sites), None);
    let sites = distances(&[
        &[no, no, no, no],
        &[no, d(0), d(2), d(4)],
        &[no, d(2), d(0), d(3)],
        &[no, d(4), d(3), d(0)],
    ]);
    check("first without", Evidence { days: vec![0, 2, 3, 4], distances: sites, ..Evidence::default() }, 1);
    let sites = distances(&[&[d(0), no, d(2)], &[no, no, no], &[d(2), no, d(0)]]);
    check("middle without", Evidence { days: vec![0, 2, 5], distances: sites, ..Evidence::default() }, 3);
}
