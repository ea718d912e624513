//! The classification of a case as a state machine: which step is allowed is a rule of the disease pack.

use crate::words;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

words! {
    Classification, "classification" {
        Suspected = "suspected",
        /// Probable, presumptive, initial-screen positive (初筛阳性).
        Probable = "probable",
        Confirmed = "confirmed",
        /// Infected without signs; counted apart; becomes `confirmed` on symptoms (无症状转确诊).
        Asymptomatic = "asymptomatic",
        /// Excluded after investigation; kept, never deleted.
        Discarded = "discarded",
    }
}

/// Which classification may follow which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ladder(BTreeMap<Classification, BTreeSet<Classification>>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {from} case cannot become {to} under this disease's rules; allowed next: {allowed}")]
pub struct IllegalStep {
    pub from: Classification,
    pub to: Classification,
    pub allowed: String,
}

impl Default for Ladder {
    /// Up the ladder as evidence comes in, out at any step, back in when an exclusion proves wrong. A confirmed case
    /// does not become suspected or probable again: a laboratory fact is corrected by discarding it with a reason.
    fn default() -> Ladder {
        use Classification::{Asymptomatic, Confirmed, Discarded, Probable, Suspected};
        Ladder(BTreeMap::from([
            (Suspected, BTreeSet::from([Probable, Confirmed, Asymptomatic, Discarded])),
            (Probable, BTreeSet::from([Confirmed, Asymptomatic, Discarded])),
            (Asymptomatic, BTreeSet::from([Confirmed, Discarded])),
            (Confirmed, BTreeSet::from([Discarded])),
            (Discarded, BTreeSet::from([Suspected, Probable, Confirmed, Asymptomatic])),
        ]))
    }
}

impl Ladder {
    pub fn of(steps: BTreeMap<Classification, BTreeSet<Classification>>) -> Ladder {
        Ladder(steps)
    }

    pub fn next(&self, from: Classification) -> impl Iterator<Item = Classification> {
        self.0.get(&from).into_iter().flatten().copied()
    }

    /// Staying where one is is always allowed.
    pub fn step(&self, from: Classification, to: Classification) -> Result<Classification, IllegalStep> {
        if from == to || self.0.get(&from).is_some_and(|next| next.contains(&to)) {
            return Ok(to);
        }
        let allowed = self.next(from).map(Classification::word).collect::<Vec<_>>().join(", ");
        Err(IllegalStep { from, to, allowed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Classification::{Asymptomatic, Confirmed, Discarded, Probable, Suspected};

    #[test]
    fn a_confirmed_case_does_not_become_suspected_again() {
        let refusal = Ladder::default().step(Confirmed, Suspected).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "a confirmed case cannot become suspected under this disease's rules; allowed next: discarded"
        );
    }

    #[test]
    fn an_asymptomatic_infection_becomes_confirmed_when_signs_appear() {
        assert_eq!(Ladder::default().step(Asymptomatic, Confirmed), Ok(Confirmed));
    }

    #[test]
    fn every_classification_can_be_left_and_reached() {
        let ladder = Ladder::default();
        for from in Classification::ALL {
            assert!(ladder.next(*from).count() > 0, "{from} is a dead end");
        }
        for to in [Probable, Confirmed, Asymptomatic, Discarded] {
            assert_eq!(ladder.step(Suspected, to), Ok(to));
        }
    }
}
