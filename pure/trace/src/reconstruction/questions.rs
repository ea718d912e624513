//! What to ask next: the questions whose answers would tell most about who infected whom.
//!
//! Each draw is a world in which the right answer is known; people and tests give it as often as they are reliable.

use super::model::Situation;
use super::sample::{Draw, Sample};
use crate::information::{BeliefError, Beliefs, yes_or_no};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Asking {
    /// Did the two meet at the time? Expected where one infected the other.
    Met { case: usize, other: usize },
    /// Did this ancestor infect the case itself; `None`: was it infected elsewhere?
    Infected { case: usize, by: Option<usize> },
    /// Whom does the case name?
    Named { case: usize },
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Question {
    pub asking: Asking,
    /// Probabilities, 0 to 1, of yes where yes is right, and of no where no is. Whoever names somebody names the right one with
    /// the sensitivity.
    pub sensitivity: f64,
    pub specificity: f64,
}

/// How reliable answers are that nobody has judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reliability {
    pub sensitivity: f64,
    pub specificity: f64,
    /// Probability that the person named is the right one, 0 to 1.
    pub naming: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Worth {
    pub question: Question,
    /// Bits by which the answer is expected to lower the doubt about the whole ancestry.
    pub bits: f64,
    /// The case whose own doubt falls most, its doubt now, and by how much it is expected to fall; bits.
    pub case: usize,
    pub doubt_of_case: f64,
    pub bits_of_case: f64,
    /// Probability of the answer yes; of a name, that the most probable one is named.
    pub yes: f64,
}

/// What is nearly sure is not asked.
const LEAST_DOUBT: f64 = 0.02;

/// Everything that is in doubt and not answered yet.
pub fn open_questions(situation: &Situation, sample: &Sample, reliability: &Reliability) -> Vec<Question> {
    let draws: Vec<&Draw> = sample.chains.iter().flatten().collect();
    let mut seen: BTreeMap<Asking, f64> = BTreeMap::new();
    for draw in &draws {
        for case in 0..draw.ancestor.len() {
            let asking = match direct(draw, case) {
                Some(Some(other)) => Asking::Met { case: case.min(other), other: case.max(other) },
                Some(None) => Asking::Infected { case, by: None },
                None => continue,
            };
            *seen.entry(asking).or_insert(0.0) += 1.0 / draws.len() as f64;
        }
    }
    let in_doubt = |share: f64| (LEAST_DOUBT..=1.0 - LEAST_DOUBT).contains(&share);
    let Reliability { sensitivity, specificity, naming } = *reliability;
    let mut questions: Vec<Question> = seen
        .into_iter()
        .filter(|(asking, share)| in_doubt(*share) && !answered(situation, *asking))
        .map(|(asking, _)| Question { asking, sensitivity, specificity })
        .collect();
    let doubtful: BTreeSet<usize> = questions
        .iter()
        .flat_map(|question| match question.asking {
            Asking::Met { case, other } => vec![case, other],
            Asking::Infected { case, .. } | Asking::Named { case } => vec![case],
        })
        .collect();
    let names = doubtful.into_iter().map(|case| Asking::Named { case });
    let names = names.filter(|asking| !answered(situation, *asking));
    questions.extend(names.map(|asking| Question { asking, sensitivity: naming, specificity: naming }));
    questions
}

fn answered(situation: &Situation, asking: Asking) -> bool {
    match asking {
        Asking::Met { case, other } => situation
            .contacts
            .as_ref()
            .is_some_and(|contacts| contacts.met(case, other) || contacts.met(other, case)),
        Asking::Infected { case, .. } => situation.evidence.imported.contains(&case),
        Asking::Named { case } => situation.evidence.named.iter().any(|named| named.case == case),
    }
}

/// The questions by what they would tell, the most first.
pub fn rank_questions(sample: &Sample, questions: &[Question]) -> Result<Vec<Worth>, BeliefError> {
    let draws: Vec<&Draw> = sample.chains.iter().flatten().collect();
    let mut ranked =
        questions.iter().map(|question| worth(&draws, *question)).collect::<Result<Vec<_>, _>>()?;
    ranked.sort_by(|a, b| b.bits.total_cmp(&a.bits).then(a.question.asking.cmp(&b.question.asking)));
    Ok(ranked)
}

fn worth(draws: &[&Draw], question: Question) -> Result<Worth, BeliefError> {
    let right: Vec<usize> = draws.iter().map(|draw| right_answer(draw, question.asking)).collect();
    let chances = match question.asking {
        Asking::Named { .. } => chances_of_names(&right, question.sensitivity),
        _ => yes_or_no(right.iter().map(|right| *right == 1), question.sensitivity, question.specificity),
    };
    // The ancestry tells nothing more of the answer than which one is right.
    let bits = Beliefs::of(right.iter().map(|right| (1.0, *right)))?.expected_information(&chances)?;
    let about = match question.asking {
        Asking::Met { case, other } => vec![case, other],
        Asking::Infected { case, .. } | Asking::Named { case } => vec![case],
    };
    let mut most = (about[0], 0.0, -1.0);
    for case in about {
        let ancestors =
            draws.iter().map(|draw| (1.0, number_of(draw.ancestor[case].map(|from| from as usize))));
        let beliefs = Beliefs::of(ancestors)?;
        let bits = beliefs.expected_information(&chances)?;
        if bits > most.2 {
            most = (case, beliefs.entropy(), bits);
        }
    }
    let shares = chances.iter().map(|of_answer| of_answer.iter().sum::<f64>() / draws.len() as f64);
    let yes = match question.asking {
        Asking::Named { .. } => shares.fold(0.0, f64::max),
        _ => shares.take(1).sum(),
    };
    Ok(Worth { question, bits, case: most.0, doubt_of_case: most.1, bits_of_case: most.2, yes })
}

/// Number of the answer: 1 for yes, 0 for no; of a name, that of the person.
fn right_answer(draw: &Draw, asking: Asking) -> usize {
    match asking {
        Asking::Met { case, other } => {
            usize::from(direct(draw, case) == Some(Some(other)) || direct(draw, other) == Some(Some(case)))
        }
        Asking::Infected { case, by } => usize::from(direct(draw, case) == Some(by)),
        // Who was infected through somebody unknown can name nobody of the list, as who was infected elsewhere.
        Asking::Named { case } => number_of(direct(draw, case).flatten()),
    }
}

/// Who infected a case itself; `Some(None)`: somebody elsewhere; `None`: somebody unknown in between.
fn direct(draw: &Draw, case: usize) -> Option<Option<usize>> {
    match draw.ancestor[case] {
        None => Some(None),
        Some(from) if draw.generations[case] == 1 => Some(Some(from as usize)),
        Some(_) => None,
    }
}

fn number_of(ancestor: Option<usize>) -> usize {
    ancestor.map_or(0, |from| from + 1)
}

/// The right one with the reliability, the others alike.
fn chances_of_names(right: &[usize], reliability: f64) -> Vec<Vec<f64>> {
    let answers: BTreeSet<usize> = right.iter().copied().collect();
    let others = answers.len() - 1;
    if others == 0 {
        return vec![vec![1.0; right.len()]];
    }
    let wrong = (1.0 - reliability) / others as f64;
    let of = |answer: &usize| {
        right.iter().map(|right| if right == answer { reliability } else { wrong }).collect()
    };
    answers.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconstruction::{Contacts, DelayDays, Evidence, Model, Rates};

    /// Case 2 was infected by 0 in half of the draws, by 1 in a quarter, elsewhere in a quarter.
    fn sample() -> Sample {
        let draw = |ancestor: Option<u32>| Draw {
            ancestor: vec![None, Some(0), ancestor],
            infected: vec![0, 3, 6],
            generations: vec![1, 1, 1],
            rates: Rates {
                mutation: 1e-4,
                diversity: 1.0,
                shared_source: 0.1,
                reporting: 0.9,
                contact_within: 0.5,
                contact_elsewhere: 0.1,
                reproduction: 1.0,
                dispersion: 1.0,
                introductions: 1.0,
            },
            log_posterior: 0.0,
            log_outbreaker2: 0.0,
        };
        Sample { chains: vec![vec![draw(Some(0)), draw(Some(0))], vec![draw(Some(1)), draw(None)]] }
    }

    fn situation(contacts: Option<Contacts>) -> Situation {
        let delay = DelayDays::of(vec![0.0, 1.0, 1.0], "delay").unwrap();
        let evidence = Evidence { days: vec![1, 4, 7], contacts, ..Evidence::default() };
        Situation::of(evidence, &Model::of(delay.clone(), delay)).unwrap()
    }

    const SURE: Reliability = Reliability { sensitivity: 1.0, specificity: 1.0, naming: 1.0 };

    #[test]
    fn who_is_named_tells_most_and_what_is_sure_is_not_asked() {
        let questions = open_questions(&situation(None), &sample(), &SURE);
        assert!(questions.iter().all(|question| question.asking != Asking::Met { case: 0, other: 1 }));
        let ranked = rank_questions(&sample(), &questions).unwrap();
        let first = ranked[0];
        assert_eq!((first.question.asking, first.case), (Asking::Named { case: 2 }, 2));
        assert!((first.bits - 1.5).abs() < 1e-12 && (first.doubt_of_case - 1.5).abs() < 1e-12);
        let met = ranked.iter().find(|one| one.question.asking == Asking::Met { case: 0, other: 2 }).unwrap();
        assert!((met.bits - 1.0).abs() < 1e-12 && (met.yes - 0.5).abs() < 1e-12, "{met:?}");
    }

    #[test]
    fn what_was_answered_is_not_asked_again() {
        let contacts = Some(Contacts { records: vec![(2, 0)], directed: false });
        let questions = open_questions(&situation(contacts), &sample(), &SURE);
        assert!(questions.iter().all(|question| question.asking != Asking::Met { case: 0, other: 2 }));
        assert!(questions.iter().any(|question| question.asking == Asking::Met { case: 1, other: 2 }));
    }

    #[test]
    fn answers_of_no_worth_come_last() {
        let useless =
            Question { asking: Asking::Met { case: 0, other: 2 }, sensitivity: 0.3, specificity: 0.7 };
        let weak = Question {
            asking: Asking::Infected { case: 2, by: Some(1) },
            sensitivity: 0.6,
            specificity: 0.6,
        };
        let ranked = rank_questions(&sample(), &[useless, weak]).unwrap();
        assert_eq!(ranked[1].question, useless);
        assert!(ranked[1].bits < 1e-12 && ranked[0].bits > 0.01);
    }
}
