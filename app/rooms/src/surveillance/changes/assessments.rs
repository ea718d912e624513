//! Two people go through an instrument, each on their own; what they answered stays with their reasons.

use crate::cases::{Event, event_in_reach};
use crate::packed;
use crate::refuse::{exists, invalid};
use crate::surveillance::reach::signal_in_reach;
use crate::surveillance::{Assessment, Signal};
use base::{Id, Territory};
use cases::{Annex2, EmergencyFacts, EmergencyKind, emergency_grade};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Vault, params};

/// What follows from the answers to an instrument; refused while a question is open.
fn concluded(instrument: &str, answers: &Answers) -> Result<String> {
    let unreadable = |why: serde_json::Error| {
        invalid(
            "surveillance.answers",
            "answers",
            format!("the answers do not fit the questions: {why}; answer each as it asks"),
            "答案与问题不符；请逐项填写",
        )
    };
    let mut facts = answers.clone();
    match instrument {
        "annex2" => {
            let disease = facts.remove("disease").unwrap_or_default();
            let annex: Annex2 = serde_json::from_value(json!({ "disease": disease, "answers": facts }))
                .map_err(unreadable)?;
            annex.conclusion().map(|word| word.word().to_owned()).ok_or_else(|| {
                invalid(
                    "surveillance.question_open",
                    "answers",
                    "a question is still open; answer all four, or two of them with yes",
                    "尚有问题未回答；请回答全部四个问题，或至少两个为“是”",
                )
            })
        }
        "grade" => {
            let kind: EmergencyKind =
                serde_json::from_value(facts.remove("kind").unwrap_or_default()).map_err(unreadable)?;
            let facts: EmergencyFacts = serde_json::from_value(json!(facts)).map_err(unreadable)?;
            Ok(emergency_grade(kind, &facts).map_or_else(|| "none".to_owned(), |grade| grade.to_string()))
        }
        _ => Err(invalid(
            "surveillance.instrument",
            "instrument",
            "an instrument is annex2 or grade",
            "评估工具应为 annex2 或 grade",
        )),
    }
}

/// By question: a word, a number, or true and false.
pub type Answers = BTreeMap<String, Json>;

/// Somebody assesses a signal or an event.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assess {
    pub id: Id<Sent>,
    pub assessment: Id<Assessment>,
    #[serde(default)]
    pub signal: Option<Id<Signal>>,
    #[serde(default)]
    pub event: Option<Id<Event>>,
    /// `annex2` (IHR) or `grade` (national emergency plan); their questions are in the instruments pack.
    pub instrument: String,
    pub answers: Answers,
    /// By question; why it was answered so.
    pub reasons: Sealed<BTreeMap<String, String>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Assessed {
    pub conclusion: String,
    pub zh: String,
    pub en: String,
}

/// Where the ciphertext of reasons belongs.
pub(crate) fn reasons_context(about: &str) -> String {
    format!("surveillance_assessment.reasons|{about}")
}

impl Assess {
    fn what(&self) -> Result<String> {
        match (self.signal, self.event) {
            (Some(signal), None) => Ok(signal.to_string()),
            (None, Some(event)) => Ok(event.to_string()),
            _ => Err(invalid(
                "surveillance.one_of_two",
                "signal",
                "an assessment is of a signal or of an event; name one of the two",
                "评估针对一个信号或一个事件；请二选一",
            )),
        }
    }
}

impl Change for Assess {
    const NAME: &'static str = "assess";
    const NEEDS: Permission = Permission::SignalsAnswer;
    const BASIS: Basis = Basis::Surveillance;
    type Out = Assessed;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        self.what()?;
        match (self.signal, self.event) {
            (Some(signal), _) => Ok(signal_in_reach(tx, signal)?.territory),
            (_, Some(event)) => Ok(event_in_reach(tx, event)?.0),
            _ => Ok(tx.actor.scope.territory.clone()),
        }
    }
    fn about(&self) -> Vec<String> {
        self.what().into_iter().chain([self.assessment.to_string()]).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let owner = self.what()?;
        let key = Vault::key_for(tx, &owner)?;
        self.reasons.shut(&key, &reasons_context(&owner))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Assessed> {
        let about = self.what()?;
        let known = "SELECT count(*) FROM surveillance_assessment WHERE id = $1";
        if tx.count(known, params![self.assessment])? > 0 {
            return Err(exists("assessment", "评估"));
        }
        let conclusion = concluded(&self.instrument, &self.answers)?;
        let territory = self.territory(tx)?;
        tx.run(
            "INSERT INTO surveillance_assessment (id, territory, about, instrument, answers, reasons, conclusion, at, by_whom) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            params![
                self.assessment,
                territory,
                about,
                &self.instrument,
                json!(self.answers).to_string(),
                self.reasons.cipher()?,
                &conclusion,
                tx.at,
                &tx.actor.id
            ],
        )?;
        let said = packed::instruments().by_id(&self.instrument).and_then(|one| one.conclusion(&conclusion));
        let (zh, en) = said.map(|said| (said.zh.clone(), said.en.clone())).unwrap_or_default();
        Ok(Assessed { conclusion, zh, en })
    }
}
