//! The decision instrument of the International Health Regulations: is an event notified to WHO?
//!
//! # Source
//! International Health Regulations (2005), Annex 2, WHO: notified within 24 hours of the assessment; the assessment within 48.

use crate::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    /// The four questions, in the order in which they are asked.
    Annex2Question, "question of Annex 2" {
        /// Is the public health impact of the event serious?
        Serious = "serious",
        /// Is the event unusual or unexpected?
        Unusual = "unusual",
        /// Is there a significant risk of international spread?
        Spread = "spread",
        /// Is there a significant risk of restrictions on travel or trade?
        Restrictions = "restrictions",
    }
}

words! {
    /// Which of the three doors of the instrument a disease goes through.
    Annex2Disease, "disease of Annex 2" {
        /// Smallpox, wild poliovirus, a new subtype of human influenza, SARS: one case is notified.
        Always = "always",
        /// Cholera, pneumonic plague, yellow fever, viral haemorrhagic fevers, West Nile fever and others of regional concern.
        Asked = "asked",
        /// Any event, of unknown cause or of another disease.
        Other = "other",
    }
}

words! {
    Annex2Conclusion, "conclusion of Annex 2" {
        Notify = "notify",
        /// Watched, and asked again when more is known.
        Reassess = "reassess",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Annex2 {
    pub disease: Annex2Disease,
    /// All four, unless the disease is always notified.
    #[serde(default)]
    pub answers: BTreeMap<Annex2Question, bool>,
}

impl Annex2 {
    /// `None`: a question is still open. Two that are answered with yes are enough.
    pub fn conclusion(&self) -> Option<Annex2Conclusion> {
        if self.disease == Annex2Disease::Always {
            return Some(Annex2Conclusion::Notify);
        }
        if self.answers.values().filter(|yes| **yes).count() >= 2 {
            return Some(Annex2Conclusion::Notify);
        }
        let answered = Annex2Question::ALL.iter().all(|question| self.answers.contains_key(question));
        answered.then_some(Annex2Conclusion::Reassess)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Annex2Question::{Restrictions, Serious, Spread, Unusual};

    fn asked(answers: &[(Annex2Question, bool)]) -> Option<Annex2Conclusion> {
        Annex2 { disease: Annex2Disease::Other, answers: answers.iter().copied().collect() }.conclusion()
    }

    #[test]
    fn one_case_of_smallpox_is_notified_without_a_question() {
        let smallpox = Annex2 { disease: Annex2Disease::Always, answers: BTreeMap::new() };
        assert_eq!(smallpox.conclusion(), Some(Annex2Conclusion::Notify));
    }

    #[test]
    fn any_two_times_yes_notify_and_one_does_not() {
        for (one, other) in [(Serious, Unusual), (Serious, Restrictions), (Spread, Restrictions)] {
            assert_eq!(asked(&[(one, true), (other, true)]), Some(Annex2Conclusion::Notify));
        }
        let one = [(Serious, true), (Unusual, false), (Spread, false), (Restrictions, false)];
        assert_eq!(asked(&one), Some(Annex2Conclusion::Reassess));
    }

    #[test]
    fn a_question_left_open_leaves_the_conclusion_open() {
        assert_eq!(asked(&[(Serious, true), (Unusual, false), (Spread, false)]), None);
    }
}
