//! Outbreaks as our own model tells them: rates from its priors, and all that follows from them drawn as its likelihood has it.
//!
//! Deliberately absent: the people nobody lists. `simulated` has them; here each case brings forth listed ones, some through so
//! many unknown generations, as the model has it. What differs between the two is the model's fault, not the sampler's.

use super::delays::DelayDays;
use super::evidence::{Contacts, Distances, Evidence};
use super::introduced::WAYS_THROUGH_A_SOURCE;
use super::likelihood::{Ancestry, Rates};
use super::priors::rates_of_priors;
use crate::simulated::poisson;
use base::{Stream, Streams};
use rand_distr::{Binomial, Distribution, Gamma, Geometric};
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
pub struct PriorDesign {
    pub generation_time: DelayDays,
    pub sampling: DelayDays,
    pub most_generations: usize,
    /// Days from 0 on, on which a case can come into the list.
    pub days: i32,
    pub contacts: bool,
    pub sequences: Option<Sequencing>,
    /// Other outbreaks are not looked at.
    pub fewest_cases: usize,
    pub most_cases: usize,
}

#[derive(Debug, Clone, Copy)]
pub struct Sequencing {
    pub genome_length: usize,
    /// Share of the cases that has a sequence, 0 to 1.
    pub sequenced: f64,
}

#[derive(Debug, Clone)]
pub struct OutbreakOfPriors {
    pub evidence: Evidence,
    pub ancestry: Ancestry,
    pub rates: Rates,
}

/// `None` when the outbreak of these streams has too few cases or too many.
pub fn outbreak_of_priors(design: &PriorDesign, streams: &Streams) -> Option<OutbreakOfPriors> {
    let genome_length = design.sequences.map_or(10_000, |sequences| sequences.genome_length);
    let rates = rates_of_priors(genome_length, &mut streams.of("rates"));
    let (days, ancestry) = spread(design, &rates, &mut streams.of("spread"))?;
    if days.len() < design.fewest_cases {
        return None;
    }
    let contacts = design.contacts.then(|| meet(&ancestry, &rates, &mut streams.of("contacts")));
    let distances = design
        .sequences
        .map(|sequencing| sequence(sequencing, &days, &ancestry, &rates, &mut streams.of("sequences")));
    Some(OutbreakOfPriors {
        evidence: Evidence { days, contacts, distances, ..Evidence::default() },
        ancestry,
        rates,
    })
}

/// Days of the list, and who infected whom; each case comes after its ancestor.
fn spread(design: &PriorDesign, rates: &Rates, stream: &mut Stream) -> Option<(Vec<i32>, Ancestry)> {
    let mut days = Vec::new();
    let mut tree = Ancestry { ancestor: Vec::new(), infected: Vec::new(), generations: Vec::new() };
    for _ in 0..poisson(rates.introductions, stream) {
        let listed = stream.below(design.days as usize + 1) as i32;
        days.push(listed);
        tree.ancestor.push(None);
        tree.infected.push(listed - design.sampling.drawn(stream));
        tree.generations.push(1);
    }
    let mut at = 0;
    while at < days.len() {
        let own = Gamma::new(rates.dispersion, rates.reproduction / rates.dispersion)
            .map_or(rates.reproduction, |gamma| gamma.sample(stream));
        let mut mean = own * rates.reporting;
        for generations in 1..=design.most_generations {
            for _ in 0..poisson(mean.min(1e4), stream) {
                let took: i32 = (0..generations).map(|_| design.generation_time.drawn(stream)).sum();
                let infected = tree.infected[at] + took;
                let listed = infected + design.sampling.drawn(stream);
                if listed <= design.days {
                    days.push(listed);
                    tree.ancestor.push(Some(at));
                    tree.infected.push(infected);
                    tree.generations.push(generations);
                }
            }
            mean *= (1.0 - rates.reporting) * rates.reproduction;
        }
        at += 1;
        if days.len() > design.most_cases {
            return None;
        }
    }
    Some((days, tree))
}

fn meet(ancestry: &Ancestry, rates: &Rates, stream: &mut Stream) -> Contacts {
    let infected = |a: usize, b: usize| ancestry.ancestor[a] == Some(b) && ancestry.generations[a] == 1;
    let mut records = Vec::new();
    for a in 0..ancestry.ancestor.len() {
        for b in 0..a {
            let elsewhere = rates.contact_within * rates.contact_elsewhere;
            let met = if infected(a, b) || infected(b, a) { rates.contact_within } else { elsewhere };
            if stream.share() < met {
                records.push((b, a));
            }
        }
    }
    Contacts { records, directed: false }
}

/// Differing sites of sequences that change along the tree, those before whom nobody has one as `introduced` tells it.
fn sequence(
    design: Sequencing,
    days: &[i32],
    ancestry: &Ancestry,
    rates: &Rates,
    stream: &mut Stream,
) -> Distances {
    let cases = days.len();
    let has: Vec<bool> = (0..cases).map(|_| stream.share() < design.sequenced).collect();
    let mut sequences: Vec<Option<BTreeSet<u32>>> = vec![None; cases];
    let mut roots: Vec<(usize, Vec<(usize, usize)>)> = Vec::new();
    // The nearest one before with a sequence or, without any, the root; and the generations between.
    let mut above = vec![(0, 0, false); cases];
    for case in 0..cases {
        above[case] = match ancestry.ancestor[case] {
            None => (case, 0, false),
            Some(from) if has[from] => (from, ancestry.generations[case], true),
            Some(from) => {
                let (of, between, sequenced) = above[from];
                (of, between + ancestry.generations[case], sequenced)
            }
        };
        let (root, below, sequenced) = above[case];
        if has[case] && !sequenced {
            match roots.iter_mut().find(|(of, _)| *of == root) {
                Some((_, firsts)) => firsts.push((case, below)),
                None => roots.push((root, vec![(case, below)])),
            }
        }
    }
    bring(design, days, roots, rates, &mut sequences, stream);
    for case in (0..cases).filter(|case| has[*case]) {
        let (from, between, sequenced) = above[case];
        if let (true, Some(before)) = (sequenced, sequences[from].clone()) {
            let share = between as f64 * rates.mutation;
            sequences[case] = Some(mutated(&before, share, design.genome_length, stream));
        }
    }
    let differing = |a: &Option<BTreeSet<u32>>, b: &Option<BTreeSet<u32>>| {
        Some(a.as_ref()?.symmetric_difference(b.as_ref()?).count() as u32)
    };
    Distances {
        genome_length: design.genome_length,
        sites: sequences.iter().map(|a| sequences.iter().map(|b| differing(a, b)).collect()).collect(),
    }
}

/// Sequences of the first of each tree, by a walk among the trees: where it comes for the first time, it brings a copy of where it
/// was. So each way to join them is as likely as another (Aldous 1990, SIAM J Discrete Math 3:450-465).
fn bring(
    design: Sequencing,
    days: &[i32],
    mut roots: Vec<(usize, Vec<(usize, usize)>)>,
    rates: &Rates,
    sequences: &mut [Option<BTreeSet<u32>>],
    stream: &mut Stream,
) {
    for (_, firsts) in &mut roots {
        firsts.sort_by_key(|(case, _)| (days[*case], *case));
    }
    let mut brought: Vec<Option<BTreeSet<u32>>> = vec![None; roots.len()];
    let (mut at, mut left) = (0, roots.len());
    while left > 0 {
        let from = at;
        if left < roots.len() {
            at = (from + 1 + stream.below(roots.len() - 1)) % roots.len();
        }
        if brought[at].is_some() {
            continue;
        }
        let first = match brought[from].clone() {
            Some(elsewhere) => copied(elsewhere, design.genome_length, rates, stream),
            None => BTreeSet::new(),
        };
        let firsts = &roots[at].1;
        for (case, down) in &firsts[1..] {
            let share = (firsts[0].1 + down) as f64 * rates.mutation;
            sequences[*case] = Some(mutated(&first, share, design.genome_length, stream));
        }
        sequences[firsts[0].0] = Some(first.clone());
        brought[at] = Some(first);
        left -= 1;
    }
}

fn copied(from: BTreeSet<u32>, genome_length: usize, rates: &Rates, stream: &mut Stream) -> BTreeSet<u32> {
    if stream.share() >= rates.shared_source {
        let far = Geometric::new(1.0 / (1.0 + rates.diversity)).map_or(0, |sites| sites.sample(stream));
        return changed(from, far as usize, genome_length, stream);
    }
    let (at, mut upto) = (stream.share(), 0.0);
    let way = WAYS_THROUGH_A_SOURCE.into_iter().find(|(_, share)| {
        upto += share;
        at < upto
    });
    let generations = way.map_or(2.0, |(generations, _)| generations);
    mutated(&from, generations * rates.mutation, genome_length, stream)
}

fn mutated(before: &BTreeSet<u32>, share: f64, genome_length: usize, stream: &mut Stream) -> BTreeSet<u32> {
    let many = Binomial::new(genome_length as u64, share.min(0.5)).map_or(0, |sites| sites.sample(stream));
    changed(before.clone(), many as usize, genome_length, stream)
}

/// So many different sites turned over.
fn changed(
    mut sequence: BTreeSet<u32>,
    many: usize,
    genome_length: usize,
    stream: &mut Stream,
) -> BTreeSet<u32> {
    let mut sites = BTreeSet::new();
    while sites.len() < many.min(genome_length / 2) {
        sites.insert(stream.below(genome_length) as u32);
    }
    for site in sites {
        if !sequence.remove(&site) {
            sequence.insert(site);
        }
    }
    sequence
}
