//! What an event knows, as evidence for the model of who infected whom; and what the draws say.

use crate::trace::delays::day_shares;
use base::{Day, Streams};
use cases::Evidence as Why;
use packs::{Disease, Distribution};
use std::collections::BTreeMap;
use trace::reconstruction::{
    Contacts, DelayDays, Evidence, Model, NamedSource, Posterior, ReconstructionError, Reliability, Run,
    Sample, Situation, Worth, open_questions, rank_questions, sample,
};

/// Everything an answer rests on; the same knowledge has the same answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    pub event: String,
    pub disease: &'static Disease,
    /// By handle, with the day the model goes by.
    pub cases: Vec<(String, Day)>,
    /// Places in `cases`: from, to.
    pub links: Vec<(usize, usize, Why)>,
    pub contacts: Vec<(usize, usize)>,
    pub today: Day,
    pub seed: u64,
}

/// What the draws say, by place in `cases`.
#[derive(Debug)]
pub(super) struct Drawn {
    /// From (nobody: infected elsewhere), to, and the share of the draws.
    pub links: Vec<(Option<usize>, usize, f64)>,
    pub r_hat: f64,
    pub reproduction: Option<[f64; 3]>,
    pub dispersion: Option<[f64; 3]>,
    pub draws: usize,
    /// What to ask next, by the bits its answer would tell.
    pub ask: Vec<Worth>,
}

/// More cases are not drawn: the work grows with their square.
pub(super) const MOST_CASES: usize = 400;

/// Pairs looked at in one chain: half a minute of one core, or less.
const MOST_PAIRS: usize = 40_000_000;

/// Below this share a link is not told: one draw in a hundred is chance.
const LEAST_SHARE: f64 = 0.01;

/// How often a link of each kind names the right one. Defaults for a department to change: `quell chains` has 0.8 for a named one.
/// What a model said before is no evidence for it.
fn reliability(why: Why) -> Option<f64> {
    match why {
        Why::Named | Why::Contact => Some(0.8),
        Why::Text | Why::Overlap => Some(0.6),
        Why::Inferred => None,
    }
}

pub(super) fn draw(known: &Known) -> Result<Drawn, String> {
    let told = |fault: ReconstructionError| fault.to_string();
    let situation = Situation::of(evidence(known), &model(known).map_err(told)?).map_err(told)?;
    let run = run(known.cases.len());
    let sample = sample(&situation, &run, &Streams::seeded(known.seed)).map_err(told)?;
    let posterior = Posterior::of(&situation, &sample);
    let measure = |name: &str| posterior.measure(name).map(|found| [found.low, found.median, found.high]);
    let links = posterior.links.iter().filter(|link| link.support >= LEAST_SHARE);
    Ok(Drawn {
        links: links.map(|link| (link.ancestor, link.case, link.support)).collect(),
        r_hat: posterior.largest_r_hat(),
        reproduction: measure("reproduction"),
        dispersion: measure("dispersion"),
        draws: posterior.draws,
        ask: ask(&situation, &sample)?,
    })
}

/// Of answers nobody has judged: people remember whom they met nine times in ten, and name the right one as often as above.
const ANSWERS: Reliability = Reliability { sensitivity: 0.9, specificity: 0.9, naming: 0.8 };

/// More than anybody asks in a day.
const MOST_ASKED: usize = 200;

fn ask(situation: &Situation, sample: &Sample) -> Result<Vec<Worth>, String> {
    let open = open_questions(situation, sample, &ANSWERS);
    let mut ranked = rank_questions(sample, &open).map_err(|why| why.to_string())?;
    ranked.truncate(MOST_ASKED);
    Ok(ranked)
}

fn evidence(known: &Known) -> Evidence {
    let named = known.links.iter().filter_map(|(source, case, why)| {
        Some(NamedSource { case: *case, source: *source, reliability: reliability(*why)? })
    });
    let records = known.contacts.clone();
    Evidence {
        days: known.cases.iter().map(|(_, day)| day.number()).collect(),
        contacts: (!records.is_empty()).then_some(Contacts { records, directed: false }),
        named: named.collect(),
        ..Evidence::default()
    }
}

fn model(known: &Known) -> Result<Model, ReconstructionError> {
    let generation = delay(known.disease.serial_interval.distribution, 1, "the generation time")?;
    let sampling = delay(known.disease.incubation.distribution, 0, "the incubation")?;
    Ok(Model { observed_until: Some(known.today.number()), ..Model::of(generation, sampling) })
}

fn run(cases: usize) -> Run {
    let usual = Run::default();
    let sweeps = (MOST_PAIRS / (cases * cases).max(1)).clamp(600, usual.warm_up + usual.draws * usual.every);
    let warm_up = usual.warm_up.min(sweeps / 3);
    Run { warm_up, draws: usual.draws.min((sweeps - warm_up) / usual.every), ..usual }
}

/// The serial interval stands for the generation time, which nobody sees.
fn delay(stated: Distribution, least: usize, what: &'static str) -> Result<DelayDays, ReconstructionError> {
    DelayDays::of(day_shares(stated, least), what)
}

/// Handles to their places.
pub(super) fn places(cases: &[(String, Day)]) -> BTreeMap<&str, usize> {
    cases.iter().enumerate().map(|(at, (id, _))| (id.as_str(), at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(links: Vec<(usize, usize, Why)>) -> Known {
        let days = [0, 3, 4, 7, 8];
        let first: Day = "2022-02-10".parse().unwrap();
        Known {
            event: "event_x".into(),
            disease: crate::packed::disease(Some("covid-19-delta")).unwrap(),
            cases: days.iter().enumerate().map(|(at, day)| (format!("case_{at}"), first + *day)).collect(),
            links,
            contacts: Vec::new(),
            today: first + 30,
            seed: 7,
        }
    }

    #[test]
    fn the_same_knowledge_has_the_same_answer_and_a_named_source_counts() {
        let (one, two) = (draw(&known(vec![])).unwrap(), draw(&known(vec![])).unwrap());
        assert_eq!(one.links, two.links);
        let share = |drawn: &Drawn, from: usize, to: usize| {
            drawn.links.iter().find(|link| link.0 == Some(from) && link.1 == to).map_or(0.0, |link| link.2)
        };
        let named = draw(&known(vec![(1, 4, Why::Named)])).unwrap();
        assert!(share(&named, 1, 4) > share(&one, 1, 4) + 0.1, "{:?}", named.links);
        let said_before = draw(&known(vec![(1, 4, Why::Inferred)])).unwrap();
        assert_eq!(said_before.links, one.links, "a model is no evidence for itself");
    }

    #[test]
    fn every_pack_has_delays_the_model_can_use() {
        for pack in crate::packed::diseases().iter() {
            let mut known = known(vec![]);
            known.disease = pack;
            assert!(model(&known).is_ok(), "{}", pack.id);
        }
    }

    #[test]
    fn large_events_are_drawn_less_often_and_never_less_than_can_be_judged() {
        let usual = Run::default();
        assert_eq!(run(20).draws, usual.draws);
        let most = run(MOST_CASES);
        assert!((100..usual.draws).contains(&most.draws), "{}", most.draws);
    }
}
