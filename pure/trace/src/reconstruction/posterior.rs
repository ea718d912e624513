//! What the draws say together: of each link, each person, each week, each rate, and whether the chains agree.

use super::model::{Compatibility, Situation};
use super::sample::{Draw, Sample};
use serde::Serialize;
use std::collections::BTreeMap;

/// A number with its 95 % interval: mean, median and quantiles of the draws.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    pub name: &'static str,
    pub mean: f64,
    pub sd: f64,
    pub low: f64,
    pub median: f64,
    pub high: f64,
    /// See [`stats::Convergence`]; absent for what never changes.
    pub convergence: Option<stats::Convergence>,
}

/// A possible ancestor of a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Link {
    pub case: usize,
    /// `None`: infected elsewhere.
    pub ancestor: Option<usize>,
    /// Share of the draws, 0 to 1.
    pub support: f64,
    /// Probability that the ancestor infected the case itself, nobody unknown in between; 0 to 1, given the link.
    pub direct: f64,
    /// Largest difference between the supports two chains give it.
    pub chains_apart: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    pub case: usize,
    /// Day of infection: low, median, high.
    pub infected: [f64; 3],
    /// Generations since the introduction, unknown ones counted: low, median, high.
    pub generation: [f64; 3],
    /// People of the list whom the case infected: mean, low, high.
    pub infected_others: [f64; 3],
}

/// Of the people infected in the same seven days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Week {
    /// The first of its days, on the scale of `Evidence::days`.
    pub first_day: i32,
    /// How many were infected then, on average over the draws.
    pub people: f64,
    /// People of the list infected per person: mean, low, high. Absent where less than half of the draws have anybody.
    pub reproduction: Option<[f64; 3]>,
    /// Whether some of those they infected cannot have been seen yet: the number is too low.
    pub incomplete: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Posterior {
    /// Rates and summaries, those that the model estimates.
    pub measures: Vec<Measure>,
    /// By case, the most supported first.
    pub links: Vec<Link>,
    pub people: Vec<Person>,
    pub weeks: Vec<Week>,
    /// The most supported ancestor of each case.
    pub consensus: Vec<Option<usize>>,
    pub draws: usize,
}

pub(super) type Reading = fn(&Situation, &Draw) -> f64;

impl Posterior {
    pub fn of(situation: &Situation, sample: &Sample) -> Posterior {
        let links = links(situation.cases(), sample);
        let mut consensus = vec![None; situation.cases()];
        // From the least supported to the most, so that the most supported stays.
        for link in links.iter().rev() {
            consensus[link.case] = link.ancestor;
        }
        Posterior {
            measures: readings(situation)
                .into_iter()
                .filter_map(|(name, reading)| measure(name, situation, sample, reading))
                .collect(),
            people: people(situation.cases(), sample),
            weeks: weeks(situation, sample),
            consensus,
            links,
            draws: sample.chains.iter().map(Vec::len).sum(),
        }
    }

    pub fn measure(&self, name: &str) -> Option<&Measure> {
        self.measures.iter().find(|measure| measure.name == name)
    }

    /// How many of the most supported ancestors the supports themselves expect to be right.
    pub fn expected_right(&self) -> f64 {
        let best =
            |case: usize| self.links.iter().find(|link| link.case == case).map_or(0.0, |link| link.support);
        (0..self.consensus.len()).map(best).sum()
    }

    /// The largest split R-hat of all measures; above 1.05 the run was too short.
    pub fn largest_r_hat(&self) -> f64 {
        self.convergences().map(|found| found.r_hat).fold(1.0, f64::max)
    }

    pub fn least_effective(&self) -> f64 {
        self.convergences().map(|found| found.effective).fold(f64::INFINITY, f64::min)
    }

    fn convergences(&self) -> impl Iterator<Item = stats::Convergence> + '_ {
        self.measures.iter().filter_map(|measure| measure.convergence)
    }
}

/// What is estimated, which depends on the evidence.
pub(super) fn readings(situation: &Situation) -> Vec<(&'static str, Reading)> {
    let mut readings: Vec<(&'static str, Reading)> = vec![("reporting", |_, draw| draw.rates.reporting)];
    if situation.compatibility == Compatibility::None {
        readings.push(("reproduction", |_, draw| draw.rates.reproduction));
        readings.push(("dispersion", |_, draw| draw.rates.dispersion));
    }
    if situation.evidence.distances.is_some() {
        readings.push(("mutation", |_, draw| draw.rates.mutation));
        if situation.compatibility == Compatibility::None {
            readings.push(("diversity", |_, draw| draw.rates.diversity));
            readings.push(("shared_source", |_, draw| draw.rates.shared_source));
        }
    }
    if situation.contacts.is_some() {
        readings.push(("contact_within", |_, draw| draw.rates.contact_within));
        readings.push(("contact_elsewhere", |_, draw| draw.rates.contact_elsewhere));
    }
    readings.push(("introductions", |_, draw| draw.ancestor.iter().filter(|a| a.is_none()).count() as f64));
    readings.push(("unknown_between", |_, draw| {
        draw.generations.iter().map(|generations| f64::from(*generations) - 1.0).sum()
    }));
    readings.push(("serial_interval_mean", |situation, draw| serial_interval(situation, draw).0));
    readings.push(("serial_interval_sd", |situation, draw| serial_interval(situation, draw).1));
    readings.push(("log_posterior", |_, draw| draw.log_posterior));
    readings
}

/// Mean and standard deviation (divisor n) of the days between ancestor and case in the list, direct links only; 0 without
/// any.
fn serial_interval(situation: &Situation, draw: &Draw) -> (f64, f64) {
    let days = &situation.evidence.days;
    let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for (case, ancestor) in draw.ancestor.iter().enumerate() {
        let Some(ancestor) = ancestor.filter(|_| draw.generations[case] == 1) else { continue };
        let apart = f64::from(days[case] - days[ancestor as usize]);
        n += 1.0;
        sum += apart;
        squares += apart * apart;
    }
    if n == 0.0 {
        return (0.0, 0.0);
    }
    let mean = sum / n;
    (mean, (squares / n - mean * mean).max(0.0).sqrt())
}

fn measure(name: &'static str, situation: &Situation, sample: &Sample, reading: Reading) -> Option<Measure> {
    let chains: Vec<Vec<f64>> = sample
        .chains
        .iter()
        .map(|chain| chain.iter().map(|draw| reading(situation, draw)).collect())
        .collect();
    let convergence = stats::convergence(&chains);
    let all: Vec<f64> = chains.into_iter().flatten().collect();
    let summary = stats::summarise(&all, 0.95)?;
    let [low, median, high] = spread(all);
    Some(Measure { name, mean: summary.mean, sd: summary.sd.unwrap_or(0.0), low, median, high, convergence })
}

/// 2.5 %, half and 97.5 %.
fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [0.025, 0.5, 0.975].map(|share| stats::quantile(&values, share))
}

#[derive(Clone, Default)]
struct Tally {
    by_chain: Vec<u32>,
    direct: u32,
}

fn links(cases: usize, sample: &Sample) -> Vec<Link> {
    let mut links = Vec::new();
    let all: f64 = sample.chains.iter().map(|chain| chain.len() as f64).sum();
    for case in 0..cases {
        let mut tallies: BTreeMap<Option<u32>, Tally> = BTreeMap::new();
        for (number, chain) in sample.chains.iter().enumerate() {
            for draw in chain {
                let tally = tallies.entry(draw.ancestor[case]).or_default();
                tally.by_chain.resize(sample.chains.len(), 0);
                tally.by_chain[number] += 1;
                tally.direct += u32::from(draw.generations[case] == 1);
            }
        }
        let mut of_case: Vec<Link> = tallies
            .into_iter()
            .map(|(ancestor, tally)| {
                let draws = f64::from(tally.by_chain.iter().sum::<u32>());
                let shares = tally.by_chain.iter().zip(&sample.chains);
                let shares: Vec<f64> =
                    shares.map(|(many, chain)| f64::from(*many) / chain.len() as f64).collect();
                let most = shares.iter().copied().fold(0.0, f64::max);
                let least = shares.iter().copied().fold(1.0, f64::min);
                Link {
                    case,
                    ancestor: ancestor.map(|ancestor| ancestor as usize),
                    support: draws / all,
                    direct: if ancestor.is_some() { f64::from(tally.direct) / draws } else { 0.0 },
                    chains_apart: most - least,
                }
            })
            .collect();
        of_case.sort_by(|a, b| b.support.total_cmp(&a.support));
        links.extend(of_case);
    }
    links
}

/// Each case's generation, the introduction being 0.
fn generations(draw: &Draw) -> Vec<u32> {
    let mut order: Vec<usize> = (0..draw.infected.len()).collect();
    order.sort_by_key(|case| draw.infected[*case]);
    let mut depth = vec![0; order.len()];
    // An ancestor was infected before, so its depth is known by then.
    for case in order {
        if let Some(ancestor) = draw.ancestor[case] {
            depth[case] = depth[ancestor as usize] + u32::from(draw.generations[case]);
        }
    }
    depth
}

pub(super) fn offspring(draw: &Draw) -> Vec<u32> {
    let mut counts = vec![0; draw.ancestor.len()];
    for ancestor in draw.ancestor.iter().flatten() {
        counts[*ancestor as usize] += 1;
    }
    counts
}

fn people(cases: usize, sample: &Sample) -> Vec<Person> {
    let draws: Vec<&Draw> = sample.chains.iter().flatten().collect();
    let depths: Vec<Vec<u32>> = draws.iter().map(|draw| generations(draw)).collect();
    let counts: Vec<Vec<u32>> = draws.iter().map(|draw| offspring(draw)).collect();
    (0..cases)
        .map(|case| {
            let others: Vec<f64> = counts.iter().map(|counts| f64::from(counts[case])).collect();
            let mean = others.iter().sum::<f64>() / others.len() as f64;
            let [low, _, high] = spread(others);
            Person {
                case,
                infected: spread(draws.iter().map(|draw| f64::from(draw.infected[case])).collect()),
                generation: spread(depths.iter().map(|depths| f64::from(depths[case])).collect()),
                infected_others: [mean, low, high],
            }
        })
        .collect()
}

fn weeks(situation: &Situation, sample: &Sample) -> Vec<Week> {
    let draws: Vec<&Draw> = sample.chains.iter().flatten().collect();
    let Some(first) = draws.iter().flat_map(|draw| &draw.infected).min().copied() else { return Vec::new() };
    let weeks = ((situation.evidence.last_day() - first) / 7 + 1) as usize;
    let mut people = vec![0.0; weeks];
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); weeks];
    for draw in &draws {
        let counts = offspring(draw);
        let mut in_week = vec![(0.0, 0.0); weeks];
        for (case, infected) in draw.infected.iter().enumerate() {
            let (many, others) = &mut in_week[((infected - first) / 7) as usize];
            *many += 1.0;
            *others += f64::from(counts[case]);
        }
        for (week, (many, others)) in in_week.into_iter().enumerate() {
            people[week] += many / draws.len() as f64;
            if many > 0.0 {
                rates[week].push(others / many);
            }
        }
    }
    // Nearly all infectees of these days would be in the list by now.
    let wait = situation.days_until_seen(0.95);
    people
        .into_iter()
        .zip(rates)
        .enumerate()
        .map(|(week, (people, rates))| {
            let first_day = first + 7 * week as i32;
            let told = rates.len() * 2 >= draws.len();
            let reproduction = told.then(|| {
                let mean = rates.iter().sum::<f64>() / rates.len() as f64;
                let [low, _, high] = spread(rates);
                [mean, low, high]
            });
            Week { first_day, people, reproduction, incomplete: first_day + 6 + wait > situation.last_day }
        })
        .collect()
}

impl Situation {
    /// Days from somebody's infection until this share of those they infect are in the list.
    fn days_until_seen(&self, share: f64) -> i32 {
        let generation = self.delays.of_generations(1);
        let sampling = self.sampling.shares();
        let mut seen = 0.0;
        for day in 0..generation.len() + sampling.len() {
            let upto = generation.iter().enumerate().take(day + 1);
            seen += upto.map(|(delay, p)| p * sampling.get(day - delay).copied().unwrap_or(0.0)).sum::<f64>();
            if seen >= share {
                return day as i32;
            }
        }
        (generation.len() + sampling.len()) as i32
    }
}
