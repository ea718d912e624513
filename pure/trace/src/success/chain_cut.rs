//! Is the chain cut? The probability that nobody who is free will infect anybody from tomorrow on, given that nobody more was found.
//!
//! Deliberately absent: chains none of whose people was ever found, and people who leave quarantine before its end.
//!
//! # Source
//! Offspring of a case that are still to come: Nishiura, Miyamatsu, Mizumoto 2016, Emerg Infect Dis 22:146-148,
//! doi:10.3201/eid2201.151383. Cases that are never found carry chains on: Thompson, Morgan, Jalava 2019, Phil Trans R Soc B
//! 374:20180431, doi:10.1098/rstb.2018.0431, and Djaafara et al. 2021, Am J Epidemiol 190:642-651, doi:10.1093/aje/kwaa212. They
//! simulate; here the generating function of the branching process is followed back from today, which gives their probability
//! exactly. Isolation, quarantine and infectees known already are ours.

use crate::reconstruction::DelayDays;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct CutAssumptions {
    /// Mean number of people whom somebody infects who stays free.
    pub reproduction: f64,
    /// Dispersion k of that number; `None`: everybody infects alike (Poisson).
    pub dispersion: Option<f64>,
    /// Probability that an infected person who is free is ever found, 0 to 1. In quarantine everybody is.
    pub ascertainment: f64,
    /// Probability that an infectee of a found case is in quarantine before it infects anybody, 0 to 1.
    pub traced: f64,
    /// Days from being infected to infecting somebody, and from being infected to being found.
    pub generation_time: DelayDays,
    pub finding: DelayDays,
}

/// Somebody found. Days are numbers of days, see `base::Day::number`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownInfection {
    pub found: i32,
    /// From that day on it infects nobody; absent while it is free.
    pub isolated: Option<i32>,
    /// Whom it infected, of those found or traced.
    pub infectees_known: u32,
}

/// Both days included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quarantine {
    pub from: i32,
    pub until: i32,
}

/// A contact who is well so far and counted with no case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownContact {
    pub exposed: i32,
    /// Probability that the exposure infected it, 0 to 1: the secondary attack rate of its kind.
    pub infected: f64,
    /// Absent when it was not reached.
    pub quarantine: Option<Quarantine>,
}

#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ChainCutError {
    #[error("a case that infects {value} people on average is none; give 0 or more")]
    Reproduction { value: f64 },
    #[error("a dispersion of {value} is none; give a number above 0, or none when everybody infects alike")]
    Dispersion { value: f64 },
    #[error("{what} is {value}, which is no probability; give a number from 0 to 1")]
    Probability { what: &'static str, value: f64 },
    #[error(
        "case {place} cannot have infected {infectees} people by now; look at its days, or count fewer as known"
    )]
    Infectees { place: usize, infectees: u32 },
    #[error(
        "the generation time has a share on day 0, and nobody infects on the day of being infected; begin with day 1"
    )]
    SameDay,
    #[error("day {day} lies more than {most} days before today; leave out what is long over")]
    TooLong { day: i32, most: i32 },
}

const LONGEST_DAYS: i32 = 2_000;

/// Everybody infected by `today` counts, found or not. The cases' chains do not depend on each other.
pub fn probability_chain_cut(
    cases: &[KnownInfection],
    contacts: &[KnownContact],
    assumptions: &CutAssumptions,
    today: i32,
) -> Result<f64, ChainCutError> {
    check(contacts, assumptions)?;
    let finding = assumptions.finding.longest() as i32;
    let days = cases.iter().map(|case| case.found - finding).chain(contacts.iter().map(|one| one.exposed));
    let earliest = days.min().unwrap_or(today).min(today);
    if today - earliest > LONGEST_DAYS {
        return Err(ChainCutError::TooLong { day: earliest, most: LONGEST_DAYS });
    }
    let free = Free::of(assumptions, (today - earliest) as usize, today);
    // Cases that are alike, by the first of them and how many they are.
    let mut alike: BTreeMap<KnownInfection, (usize, i32)> = BTreeMap::new();
    for (place, case) in cases.iter().enumerate() {
        alike.entry(*case).or_insert((place, 0)).1 += 1;
    }
    let mut cut = 1.0;
    for (case, (place, many)) in alike {
        let infectees = case.infectees_known;
        let of_one = free.cut_behind(&case).ok_or(ChainCutError::Infectees { place, infectees })?;
        cut *= of_one.powi(many);
    }
    Ok(cut * contacts.iter().map(|contact| free.cut_behind_contact(contact)).product::<f64>())
}

fn check(contacts: &[KnownContact], assumptions: &CutAssumptions) -> Result<(), ChainCutError> {
    let value = assumptions.reproduction;
    if !(0.0..1e6).contains(&value) {
        return Err(ChainCutError::Reproduction { value });
    }
    if assumptions.generation_time.share(0) > 0.0 {
        return Err(ChainCutError::SameDay);
    }
    if let Some(value) = assumptions.dispersion.filter(|k| k.is_nan() || *k <= 0.0) {
        return Err(ChainCutError::Dispersion { value });
    }
    let shares = [("the ascertainment", assumptions.ascertainment), ("the share traced", assumptions.traced)];
    let infected = contacts.iter().map(|contact| ("the chance that a contact is infected", contact.infected));
    match shares.into_iter().chain(infected).find(|(_, value)| !(0.0..=1.0).contains(value)) {
        Some((what, value)) => Err(ChainCutError::Probability { what, value }),
        None => Ok(()),
    }
}

/// How a person infects others: what is not as wanted of its infectees, as a share of all it would infect, free for ever.
#[derive(Debug, Clone, Copy, Default)]
struct Onward {
    /// Some are found by now, whom nobody found.
    heard: f64,
    /// The same, or they infect after today, or are infected after today.
    open: f64,
    /// Infected after today.
    to_come: f64,
    /// Some are found or traced by now.
    known: f64,
}

/// People nobody knows of, by the days since they were infected.
struct Free<'a> {
    assumptions: &'a CutAssumptions,
    today: i32,
    /// The chance that nobody of the lineage was found by now; and that besides nobody of it infects after today.
    silent: Vec<f64>,
    cut: Vec<f64>,
    /// Share of the delays to being found that are over after so many days.
    over: Vec<f64>,
}

impl Free<'_> {
    fn of(assumptions: &CutAssumptions, days: usize, today: i32) -> Free<'_> {
        let so_far = |sum: &mut f64, share: &f64| {
            *sum += share;
            Some(sum.min(1.0))
        };
        let over = assumptions.finding.shares().iter().scan(0.0, so_far).collect();
        let mut free = Free { assumptions, today, silent: Vec::new(), cut: Vec::new(), over };
        for since in 0..=days as i32 {
            let onward = free.onward(today - since, 0.0, |_| true);
            let unseen = 1.0 - free.found_within(since);
            free.silent.push(unseen * free.all_well(onward.heard));
            free.cut.push(unseen * free.all_well(onward.open + onward.to_come));
        }
        free
    }

    /// The chance that somebody free is found within so many days.
    fn found_within(&self, days: i32) -> f64 {
        self.assumptions.ascertainment * self.within(days)
    }

    fn within(&self, days: i32) -> f64 {
        let Ok(days) = usize::try_from(days) else { return 0.0 };
        self.over[days.min(self.over.len() - 1)]
    }

    /// The chance that nobody of those infected is as not wanted, `share` being that part of them on average.
    fn all_well(&self, share: f64) -> f64 {
        self.log_well(share, 0).exp()
    }

    /// The same with so many infectees known, who speak for somebody who infects many; up to a constant.
    fn log_well(&self, share: f64, known: u32) -> f64 {
        let expected = self.assumptions.reproduction * share.max(0.0);
        match self.assumptions.dispersion {
            Some(k) if k.is_finite() => -(k + f64::from(known)) * (expected / k).ln_1p(),
            _ => -expected,
        }
    }

    /// Of somebody infected on a day, who is free on some days, and of whose infectees a share is traced.
    fn onward(&self, infected: i32, traced: f64, is_free: impl Fn(i32) -> bool) -> Onward {
        let mut onward = Onward::default();
        for (took, share) in self.assumptions.generation_time.shares().iter().enumerate() {
            let day = infected + took as i32;
            if *share == 0.0 || !is_free(day) {
                continue;
            }
            let Ok(since) = usize::try_from(self.today - day) else {
                onward.to_come += share;
                continue;
            };
            onward.heard += share * (1.0 - (1.0 - traced) * self.silent[since]);
            onward.open += share * (1.0 - (1.0 - traced) * self.cut[since]);
            onward.known += share * (traced + (1.0 - traced) * self.found_within(since as i32));
        }
        onward
    }

    /// `None` when the case cannot have as many infectees as are known.
    fn cut_behind(&self, case: &KnownInfection) -> Option<f64> {
        let many = case.infectees_known;
        // Logarithms: with hundreds of infectees each day's part is too small for a number.
        let mut parts: Vec<(f64, f64)> = Vec::new();
        for (took, share) in self.assumptions.finding.shares().iter().enumerate() {
            let infected = case.found - took as i32;
            if infected > self.today || *share == 0.0 {
                continue;
            }
            let is_free = |day: i32| case.isolated.is_none_or(|isolated| day < isolated);
            let onward = self.onward(infected, self.assumptions.traced, is_free);
            let known = if many == 0 { 0.0 } else { f64::from(many) * onward.known.ln() };
            let weight = share.ln() + known;
            parts.push((
                weight + self.log_well(onward.heard, many),
                weight + self.log_well(onward.open + onward.to_come, many),
            ));
        }
        let most = parts.iter().map(|(seen, _)| *seen).fold(f64::NEG_INFINITY, f64::max);
        if most == f64::NEG_INFINITY {
            return None;
        }
        let sum = |of: fn(&(f64, f64)) -> f64| parts.iter().map(|part| (of(part) - most).exp()).sum::<f64>();
        Some(sum(|part| part.1) / sum(|part| part.0))
    }

    fn cut_behind_contact(&self, contact: &KnownContact) -> f64 {
        let within = |quarantine: &Quarantine, day: i32| (quarantine.from..=quarantine.until).contains(&day);
        let is_free = |day: i32| contact.quarantine.is_none_or(|quarantine| !within(&quarantine, day));
        let onward = self.onward(contact.exposed, 0.0, is_free);
        let watched = contact.quarantine.filter(|quarantine| quarantine.from <= self.today);
        let found_by = |day: i32| {
            let chance = if watched.is_some() { 1.0 } else { self.assumptions.ascertainment };
            chance * self.within(day - contact.exposed)
        };
        let now = found_by(self.today);
        // Who is found in quarantine does not leave it.
        let at_the_end = watched.map_or(now, |quarantine| found_by(quarantine.until.max(self.today)));
        let well = 1.0 - contact.infected;
        let seen = well + contact.infected * (1.0 - now) * self.all_well(onward.heard);
        let kept = (at_the_end - now) * self.all_well(onward.open);
        let left = (1.0 - at_the_end) * self.all_well(onward.open + onward.to_come);
        if seen > 0.0 { (well + contact.infected * (kept + left)) / seen } else { 1.0 }
    }
}
