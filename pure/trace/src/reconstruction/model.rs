//! What is assumed, and the situation it makes of the evidence: tables that every question to the likelihood reads.

use super::delays::{DelayDays, GenerationDelays};
use super::evidence::{ContactTable, Evidence, ReconstructionError, Tellings};

/// Whose ancestry is asked for: ours, or that of a program whose results are to be reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compatibility {
    /// Introductions and offspring are modelled; several generations take as long as they take.
    #[default]
    None,
    /// outbreaker2 1.1.4: every ancestor is as likely as any other, introductions are outliers found beforehand, the sum of
    /// several generations stands a day early for each further one.
    Outbreaker2,
}

#[derive(Debug, Clone)]
pub struct Model {
    /// Days from being infected to infecting somebody; day 0 has share 0.
    pub generation_time: DelayDays,
    /// Days from being infected to the day the list has (onset or sampling).
    pub sampling: DelayDays,
    /// How many generations an ancestor may be back: 1 means that nobody in between is unknown.
    pub most_generations: usize,
    /// The first and the last day on which a case could have come into the list; those of the list without them.
    pub observed_from: Option<i32>,
    pub observed_until: Option<i32>,
    pub compatibility: Compatibility,
}

impl Model {
    /// With at most four unknown people in between, as outbreaker2 has it.
    pub fn of(generation_time: DelayDays, sampling: DelayDays) -> Model {
        Model {
            generation_time,
            sampling,
            most_generations: 5,
            observed_from: None,
            observed_until: None,
            compatibility: Compatibility::None,
        }
    }
}

/// Evidence under a model.
#[derive(Debug, Clone)]
pub struct Situation {
    pub(super) evidence: Evidence,
    pub(super) compatibility: Compatibility,
    pub(super) delays: GenerationDelays,
    pub(super) sampling: DelayDays,
    pub(super) contacts: Option<ContactTable>,
    pub(super) tellings: Tellings,
    pub(super) looked_from: i32,
    pub(super) last_day: i32,
    sequenced: Vec<bool>,
}

impl Situation {
    pub fn of(evidence: Evidence, model: &Model) -> Result<Situation, ReconstructionError> {
        evidence.check()?;
        if model.generation_time.share(0) > 0.0 {
            return Err(ReconstructionError::SameDay);
        }
        if model.most_generations == 0 {
            return Err(ReconstructionError::Nothing { what: "the number of generations", least: 1 });
        }
        let cases = evidence.cases();
        let span = (evidence.last_day() - evidence.first_day()) as usize;
        let sequenced = match &evidence.distances {
            Some(distances) => (0..cases).map(|case| distances.sequenced(case)).collect(),
            None => vec![false; cases],
        };
        Ok(Situation {
            compatibility: model.compatibility,
            delays: GenerationDelays::of(
                &model.generation_time,
                model.most_generations,
                span,
                model.compatibility,
            ),
            sampling: model.sampling.clone(),
            contacts: evidence.contacts.as_ref().map(|contacts| ContactTable::of(contacts, cases)),
            tellings: Tellings::of(&evidence.named, cases),
            looked_from: model.observed_from.unwrap_or(i32::MAX).min(evidence.first_day()),
            last_day: model.observed_until.unwrap_or(i32::MIN).max(evidence.last_day()),
            sequenced,
            evidence,
        })
    }

    pub fn cases(&self) -> usize {
        self.evidence.cases()
    }

    pub(super) fn genome_length(&self) -> Option<usize> {
        self.evidence.distances.as_ref().map(|distances| distances.genome_length)
    }

    pub(super) fn is_sequenced(&self, case: usize) -> bool {
        self.sequenced[case]
    }
}
