//! What of a task is sealed: where somebody lives, what is to be known, and the answers that prove it was done.

use crate::cases::reach::person_is_known;
use crate::people::Subject;
use crate::refuse::invalid;
use crate::tasks::Task;
use crate::tasks::record::{TaskRecord, key_owner};
use base::Id;
use packs::{AnswerKind, FormQuestion, TaskKind};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use store::{Query, Result, Scope, Sealed, Tx, Vault};
use tasks::Spot;

/// What whoever does it must know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inside {
    #[serde(default)]
    pub spot: Option<Spot>,
    #[serde(default)]
    pub note: Option<String>,
}

/// That it was done: answers to the kind's questions, and where, if whoever did it lets that be known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    #[serde(default)]
    pub answers: BTreeMap<String, Json>,
    #[serde(default)]
    pub at: Option<Fix>,
}

/// A position as the telephone knew it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    pub lon: f64,
    pub lat: f64,
    #[serde(default)]
    pub metres: Option<f64>,
}

const LONGEST_NOTE: usize = 2_000;
const LONGEST_ANSWER: usize = 500;

impl Inside {
    pub fn check(&self) -> Result<()> {
        if self.note.as_deref().is_some_and(|note| note.len() > LONGEST_NOTE) {
            return Err(invalid(
                "tasks.note",
                "inside.note",
                format!("a note of more than {LONGEST_NOTE} bytes; shorten it"),
                format!("备注超过 {LONGEST_NOTE} 字节；请缩短"),
            ));
        }
        self.spot.as_ref().map_or(Ok(()), check_spot)
    }

    pub fn is_empty(&self) -> bool {
        self.note.as_deref().is_none_or(|note| note.trim().is_empty())
            && self.spot.as_ref().is_none_or(Spot::is_empty)
    }
}

pub(super) fn check_spot(spot: &Spot) -> Result<()> {
    if [&spot.street, &spot.building, &spot.stairwell].iter().all(|text| text.len() <= 200) {
        return Ok(());
    }
    Err(invalid(
        "tasks.spot",
        "spot",
        "a street, building or stairwell of more than 200 bytes; shorten it",
        "街道、楼栋或单元名称过长；请缩短",
    ))
}

/// A person may have many tasks: what is sealed of one opens in no other.
fn context(part: &str, task: Id<Task>) -> String {
    format!("tasks_task.{part}|{task}")
}

pub(super) fn shut<T: Serialize>(
    tx: &mut Tx<'_>,
    part: &str,
    (task, subject): (Id<Task>, Option<Id<Subject>>),
    sealed: &mut Option<Sealed<T>>,
) -> Result<()> {
    let Some(sealed) = sealed else { return Ok(()) };
    let key = Vault::key_for(tx, &key_owner(task, subject))?;
    sealed.shut(&key, &context(part, task))
}

/// Where and what, of somebody this reader may know of; nothing when the key is gone.
pub(super) fn inside_of(query: &mut dyn Query, scope: &Scope, record: &TaskRecord) -> Result<Inside> {
    let plain = Inside { spot: record.spot.clone(), note: None };
    let Some(sealed) = record.inside.as_deref() else { return Ok(plain) };
    if !knows(query, scope, record)? {
        return Ok(plain);
    }
    let owner = record.key_owner();
    let Some(key) = Vault::key_of(query, &owner)? else { return Ok(plain) };
    let inside: Inside = key.open(&context("inside", record.id), sealed)?;
    Ok(Inside { spot: inside.spot.or(plain.spot), note: inside.note })
}

/// Of somebody who stands only in records of diseases one does not read, one does not know.
pub(super) fn knows(query: &mut dyn Query, scope: &Scope, record: &TaskRecord) -> Result<bool> {
    record.subject.map_or(Ok(true), |subject| person_is_known(query, scope, subject))
}

pub(super) fn proof_of(query: &mut dyn Query, record: &TaskRecord) -> Result<Option<Proof>> {
    let Some(sealed) = record.proof.as_deref() else { return Ok(None) };
    let owner = record.key_owner();
    let Some(key) = Vault::key_of(query, &owner)? else { return Ok(None) };
    key.open(&context("proof", record.id), sealed).map(Some)
}

/// Seals what an order says: where a person lives goes inside.
pub(super) fn seal_order(
    tx: &mut Tx<'_>,
    task: Id<Task>,
    subject: Option<Id<Subject>>,
    spot: &mut Option<Spot>,
    inside: &mut Option<Sealed<Inside>>,
) -> Result<()> {
    if matches!(inside, Some(Sealed::Shut(_))) {
        return Ok(());
    }
    let mut said = match inside.take() {
        Some(Sealed::Open(said)) => said,
        _ => Inside::default(),
    };
    said.note = said.note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if subject.is_some() {
        said.spot = spot.take().or(said.spot);
    } else {
        *spot = spot.take().or_else(|| said.spot.take());
    }
    *spot = spot.take().map(|spot| spot.trimmed()).filter(|spot| !spot.is_empty());
    said.spot = said.spot.map(|spot| spot.trimmed()).filter(|spot| !spot.is_empty());
    spot.as_ref().map_or(Ok(()), check_spot)?;
    said.check()?;
    if !said.is_empty() {
        *inside = Some(Sealed::Open(said));
    }
    shut(tx, "inside", (task, subject), inside)
}

/// The answers fit the questions of the kind, and those that are needed are there.
pub(super) fn demand_answers(kind: Option<&TaskKind>, proof: &Proof) -> Result<()> {
    let questions: &[FormQuestion] = kind.map_or(&[], |kind| &kind.questions);
    for (id, value) in &proof.answers {
        let known = questions.iter().find(|question| question.id == *id);
        if !known.is_some_and(|question| value.is_null() || fits(question, value)) {
            return Err(invalid(
                "tasks.answer",
                &format!("proof.answers.{id}"),
                "this is no answer to a question of this kind of task; load the page again and answer anew",
                "答案与该类任务的问题不符；请重新加载页面后填写",
            ));
        }
    }
    let absent = questions.iter().find(|question| {
        question.needed && proof.answers.get(&question.id).is_none_or(|value| !says_something(value))
    });
    if let Some(absent) = absent {
        return Err(invalid(
            "tasks.unanswered",
            &format!("proof.answers.{}", absent.id),
            format!("\"{}\" is not answered; answer it", absent.en),
            format!("“{}”未填写；请填写", absent.zh),
        ));
    }
    let lies_on_earth = |fix: Fix| fix.lon.abs() <= 180.0 && fix.lat.abs() <= 90.0;
    if proof.at.is_some_and(|fix| !lies_on_earth(fix)) {
        return Err(invalid(
            "tasks.position",
            "proof.at",
            "there is no such position; leave it out",
            "位置无效；请去掉位置",
        ));
    }
    Ok(())
}

fn says_something(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(text) => !text.trim().is_empty(),
        _ => true,
    }
}

fn fits(question: &FormQuestion, value: &Json) -> bool {
    match question.kind {
        AnswerKind::Number => value.as_f64().is_some_and(f64::is_finite),
        AnswerKind::YesNoUnknown => {
            value.as_str().is_some_and(|word| ["yes", "no", "unknown"].contains(&word))
        }
        AnswerKind::Choice => {
            value.as_str().is_some_and(|id| question.choices.iter().any(|choice| choice.id == id))
        }
        _ => value.as_str().is_some_and(|text| text.len() <= LONGEST_ANSWER),
    }
}
