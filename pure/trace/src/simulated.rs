//! Outbreaks whose every infection is known, to see how much of them reconstruction finds.
//!
//! Deliberately absent: places, households and measures; `scenario` tells outbreaks with people in them.

use crate::reconstruction::{Contacts, DelayDays, Distances, Evidence};
use base::{Stream, Streams};
use rand_distr::{Distribution, Gamma, Poisson};
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
pub struct OutbreakDesign {
    /// Mean number of introductions over all days.
    pub introductions: f64,
    /// Days from 0 on which introductions come; a case dated later is not in the list.
    pub days: i32,
    /// Mean number of people a case infects, and its dispersion k.
    pub reproduction: f64,
    pub dispersion: f64,
    pub generation_time: DelayDays,
    /// From infection to the day of the list.
    pub sampling: DelayDays,
    /// Probabilities, 0 to 1: that a case is in the list; that infector and infectee are recorded as contacts; that two others
    /// are.
    pub reporting: f64,
    pub contact_within: f64,
    pub contact_by_chance: f64,
    /// Mutations per genome and generation, when there are sequences.
    pub mutations: Option<f64>,
}

#[derive(Debug, Clone)]
pub struct SimulatedOutbreak {
    pub evidence: Evidence,
    /// By case: the nearest ancestor in the list, and how many generations back.
    pub ancestor: Vec<Option<(usize, usize)>>,
    /// Mean days between infector and infectee in the list, of those with nobody in between; absent without any.
    pub serial_interval_mean: Option<f64>,
}

/// An outbreak above this many infections has run away, and is cut off.
const MOST_INFECTIONS: usize = 20_000;
const GENOME_LENGTH: usize = 10_000;
/// Mutations an introduced case has to itself.
const MUTATIONS_ELSEWHERE: f64 = 15.0;

struct Infection {
    day: i32,
    infector: Option<usize>,
    /// Day in the list; absent for those who are not in it.
    seen: Option<i32>,
    mutations: BTreeSet<u32>,
}

/// The same for the same streams.
pub fn simulate_outbreak(design: &OutbreakDesign, streams: &Streams) -> SimulatedOutbreak {
    let infections = spread(design, streams);
    let listed: Vec<usize> = (0..infections.len()).filter(|one| infections[*one].seen.is_some()).collect();
    let mut place = vec![None; infections.len()];
    for (case, one) in listed.iter().enumerate() {
        place[*one] = Some(case);
    }
    let ancestor: Vec<Option<(usize, usize)>> =
        listed.iter().map(|one| nearest_listed(&infections, &place, *one)).collect();
    let days: Vec<i32> = listed.iter().filter_map(|one| infections[*one].seen).collect();
    let direct: Vec<f64> = ancestor
        .iter()
        .enumerate()
        .filter_map(|(case, from)| {
            from.filter(|(_, back)| *back == 1).map(|(from, _)| f64::from(days[case] - days[from]))
        })
        .collect();
    let sites = |a: &usize, b: &usize| {
        Some(infections[*a].mutations.symmetric_difference(&infections[*b].mutations).count() as u32)
    };
    let distances = design.mutations.map(|_| Distances {
        genome_length: GENOME_LENGTH,
        sites: listed.iter().map(|a| listed.iter().map(|b| sites(a, b)).collect()).collect(),
    });
    SimulatedOutbreak {
        serial_interval_mean: (!direct.is_empty()).then(|| direct.iter().sum::<f64>() / direct.len() as f64),
        evidence: Evidence {
            contacts: Some(meet(design, &ancestor, &mut streams.of("contacts"))),
            days,
            distances,
            ..Evidence::default()
        },
        ancestor,
    }
}

/// Everybody infected, in the list or not, each after their infector.
fn spread(design: &OutbreakDesign, streams: &Streams) -> Vec<Infection> {
    let (mut coming, mut infecting) = (streams.of("introductions"), streams.of("infections"));
    let (mut seeing, mut mutating) = (streams.of("list"), streams.of("mutations"));
    let mut next_site = 0;
    let mut all: Vec<Infection> = Vec::new();
    let introduced = poisson(design.introductions, &mut coming);
    let mut add = |all: &mut Vec<Infection>, day: i32, infector: Option<usize>| {
        let mut mutations = infector.map(|from: usize| all[from].mutations.clone()).unwrap_or_default();
        if let Some(mean) = design.mutations {
            let here = if infector.is_some() { mean } else { MUTATIONS_ELSEWHERE };
            let many = poisson(here, &mut mutating) as u32;
            mutations.extend(next_site..next_site + many);
            next_site += many;
        }
        let date = day + design.sampling.drawn(&mut seeing);
        let listed = seeing.share() < design.reporting && date <= design.days;
        all.push(Infection { day, infector, seen: listed.then_some(date), mutations });
    };
    for _ in 0..introduced {
        let day = coming.below(design.days as usize) as i32;
        add(&mut all, day, None);
    }
    let mut at = 0;
    while at < all.len() && all.len() < MOST_INFECTIONS {
        let own_rate = Gamma::new(design.dispersion, design.reproduction / design.dispersion)
            .map_or(design.reproduction, |gamma| gamma.sample(&mut infecting));
        for _ in 0..poisson(own_rate, &mut infecting) {
            let day = all[at].day + design.generation_time.drawn(&mut infecting);
            // Who is infected after the last day is in no list, and neither are those they infect.
            if day <= design.days {
                add(&mut all, day, Some(at));
            }
        }
        at += 1;
    }
    all
}

fn nearest_listed(infections: &[Infection], place: &[Option<usize>], of: usize) -> Option<(usize, usize)> {
    let (mut at, mut back) = (infections[of].infector?, 1);
    loop {
        if let Some(case) = place[at] {
            return Some((case, back));
        }
        at = infections[at].infector?;
        back += 1;
    }
}

fn meet(design: &OutbreakDesign, ancestor: &[Option<(usize, usize)>], stream: &mut Stream) -> Contacts {
    let mut records = Vec::new();
    for a in 0..ancestor.len() {
        for b in 0..a {
            let transmission = ancestor[a] == Some((b, 1)) || ancestor[b] == Some((a, 1));
            let probability = if transmission { design.contact_within } else { design.contact_by_chance };
            if stream.share() < probability {
                records.push((b, a));
            }
        }
    }
    Contacts { records, directed: false }
}

/// None where the mean is next to nothing.
pub(crate) fn poisson(mean: f64, stream: &mut Stream) -> usize {
    if mean < 1e-9 {
        return 0;
    }
    Poisson::new(mean).map_or(0, |poisson| poisson.sample(stream) as usize)
}

impl OutbreakDesign {
    /// Half a dozen introductions over seven weeks, each case infecting one other on average, most of them nobody; four in
    /// five in the list, seven in ten pairs recorded as contacts.
    pub fn example() -> OutbreakDesign {
        let delay = |mean, sd, least| {
            DelayDays::gamma(mean, sd, least, "delay").unwrap_or_else(|why| unreachable!("an example: {why}"))
        };
        OutbreakDesign {
            introductions: 6.0,
            days: 50,
            reproduction: 1.1,
            dispersion: 0.4,
            generation_time: delay(5.0, 2.0, 1),
            sampling: delay(4.0, 2.0, 0),
            reporting: 0.8,
            contact_within: 0.7,
            contact_by_chance: 0.01,
            mutations: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offspring_and_delays_are_those_of_the_design() {
        // Long and with everybody in the list, so that hardly anybody is cut off.
        let design = OutbreakDesign {
            introductions: 400.0,
            days: 600,
            reproduction: 0.7,
            reporting: 1.0,
            contact_by_chance: 0.0,
            ..OutbreakDesign::example()
        };
        let outbreak = simulate_outbreak(&design, &Streams::seeded(3));
        let mut counts = vec![0; outbreak.ancestor.len()];
        for (from, back) in outbreak.ancestor.iter().flatten() {
            assert_eq!(*back, 1);
            counts[*from] += 1;
        }
        let fit = stats::estimate_offspring(&counts).unwrap();
        assert!((fit.mean - 0.7).abs() < 0.06 && (fit.k.unwrap() - 0.4).abs() < 0.1, "{fit:?}");
        assert!(
            (outbreak.serial_interval_mean.unwrap() - 5.0).abs() < 0.3,
            "{:?}",
            outbreak.serial_interval_mean
        );
        let met = outbreak.evidence.contacts.unwrap().records.len() as f64;
        assert!((met / f64::from(counts.iter().sum::<u32>()) - 0.7).abs() < 0.05);
    }

    #[test]
    fn sequences_differ_by_the_generations_between() {
        let design = OutbreakDesign {
            mutations: Some(2.0),
            reporting: 1.0,
            introductions: 60.0,
            ..OutbreakDesign::example()
        };
        let outbreak = simulate_outbreak(&design, &Streams::seeded(5));
        let sites = outbreak.evidence.distances.unwrap().sites;
        let links: Vec<f64> = outbreak
            .ancestor
            .iter()
            .enumerate()
            .filter_map(|(case, from)| from.and_then(|(from, _)| sites[case][from]).map(f64::from))
            .collect();
        let mean = links.iter().sum::<f64>() / links.len() as f64;
        assert!(links.len() > 50 && (1.6..2.4).contains(&mean), "{mean} over {}", links.len());
    }
}
