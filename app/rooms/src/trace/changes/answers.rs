//! Answers: each change of one is a version, and two people who write at once lose nothing.

use crate::people::Subject;
use crate::refuse::invalid;
use crate::trace::Interview;
use crate::trace::answers::{Written, demand_answer, says_something, written};
use crate::trace::interview::{InterviewRecord, interview_in_reach, recount};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::{
    Basis, Change, Error, Permission, Query, Refusal, Result, Sealed, Sent, Status, SubjectKey, Tx, Vault,
    params,
};

pub(crate) fn answer_context(subject: Id<Subject>, question: &str) -> String {
    format!("trace_answer.said|{subject}|{question}")
}

/// A question is answered, or its answer changed.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerQuestion {
    pub id: Id<Sent>,
    pub interview: Id<Interview>,
    pub question: String,
    /// `null` takes the answer back.
    pub value: Sealed<Json>,
    /// The version the writer saw; 0 when there was none.
    pub based_on: i64,
    /// What became of it: found when it came in, because only then is the key at hand.
    #[serde(default)]
    #[schemars(skip)]
    became: Option<Became>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Became {
    seq: i64,
    /// Nothing is kept of what says the same.
    same: bool,
    stands: Sealed<Json>,
    merged: bool,
    aside: bool,
    says_something: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Answered {
    pub seq: i64,
    pub merged: bool,
    pub conflict: bool,
}

impl AnswerQuestion {
    fn weigh(&self, tx: &mut Tx<'_>, subject: Id<Subject>, key: &SubjectKey, value: &Json) -> Result<Became> {
        let question = demand_answer(&self.question, value)?;
        let head = head_of(tx, self.interview, &self.question)?;
        if self.based_on < 0 || self.based_on > head {
            return Err(invalid(
                "trace.based_on",
                "based_on",
                "this answer has no such version; load the page again and write on what stands there",
                "该答案没有此版本；请重新加载页面后再修改",
            ));
        }
        let context = answer_context(subject, &self.question);
        let mut version = |seq: i64| stands_at(tx, self.interview, &self.question, seq, key, &context);
        let (stands, base) = (version(head)?, version(self.based_on)?);
        let became = |stands: Json, same, merged, aside| Became {
            seq: if same { head } else { head + 1 },
            same,
            says_something: says_something(&stands),
            stands: Sealed::Open(stands),
            merged,
            aside,
        };
        Ok(match written(question.kind, &base, &stands, value) {
            Written::Same => became(stands, true, false, false),
            Written::Stands(value) => became(value, false, false, false),
            Written::Merged(value) => became(value, false, true, false),
            Written::Aside => became(stands, false, false, true),
        })
    }
}

/// The number of the last version; 0 when nobody has answered.
fn head_of(tx: &mut Tx<'_>, interview: Id<Interview>, question: &str) -> Result<i64> {
    let sql = "SELECT coalesce(max(seq), 0) FROM trace_answer WHERE interview = $1 AND question = $2";
    tx.count(sql, params![interview, question])
}

fn stands_at(
    tx: &mut Tx<'_>,
    interview: Id<Interview>,
    question: &str,
    seq: i64,
    key: &SubjectKey,
    context: &str,
) -> Result<Json> {
    let sql = "SELECT stands FROM trace_answer WHERE interview = $1 AND question = $2 AND seq = $3";
    let Some(row) = tx.first(sql, params![interview, question, seq])? else { return Ok(Json::Null) };
    match key.open(context, &row.text(0)?) {
        Ok(value) => Ok(value),
        // Of somebody who was erased meanwhile nothing opens any more.
        Err(Error::Seal(_)) => Ok(Json::Null),
        Err(fault) => Err(fault),
    }
}

/// Only a server seals: what comes in shut was made elsewhere and opens nowhere.
fn demand_open(value: &Sealed<Json>) -> Result<Json> {
    match value {
        Sealed::Open(value) => Ok(value.clone()),
        Sealed::Shut(_) => Err(invalid(
            "trace.answer",
            "value",
            "this answer is sealed already and cannot be read; write it out",
            "该答案已被加密，无法读取；请填写原文",
        )),
    }
}

fn keep(
    tx: &mut Tx<'_>,
    interview: &InterviewRecord,
    question: &str,
    said: &str,
    based_on: i64,
    became: &Became,
) -> Result<()> {
    tx.run(
        "INSERT INTO trace_answer (interview, question, seq, subject, said, stands, based_on, merged, aside, says_something, \
         at, by_whom) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            interview.id,
            question,
            became.seq,
            interview.subject,
            said,
            became.stands.cipher()?,
            based_on,
            became.merged,
            became.aside,
            became.says_something,
            tx.at,
            &tx.actor.id
        ],
    )?;
    Ok(())
}

impl Change for AnswerQuestion {
    const NAME: &'static str = "answer question";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = Answered;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(interview_in_reach(tx, self.interview)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.interview.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let value = demand_open(&self.value)?;
        let interview = interview_in_reach(tx, self.interview)?;
        if !interview.asks_somebody() {
            return Err(invalid(
                "trace.asks_nobody",
                "question",
                "a lot or a place answers no questions; write down where it lay, or whom it touched",
                "货物与场所没有问卷；请登记其停留地点或接触人员",
            ));
        }
        let subject = interview.subject;
        let key = Vault::key_for(tx, &subject.to_string())?;
        let mut became = self.weigh(tx, subject, &key, &value)?;
        let context = answer_context(subject, &self.question);
        became.stands.shut(&key, &context)?;
        self.became = Some(became);
        self.value.shut(&key, &context)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Answered> {
        let interview = interview_in_reach(tx, self.interview)?;
        let became = self.became.as_ref().ok_or(Error::Seal("an answer that was not weighed"))?;
        if !became.same {
            keep(tx, &interview, &self.question, self.value.cipher()?, self.based_on, became)?;
            recount(tx, &interview)?;
        }
        Ok(Answered { seq: became.seq, merged: became.merged, conflict: became.aside })
    }
}

/// Of two answers that stood beside each other somebody says what stands.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleAnswer {
    pub id: Id<Sent>,
    pub interview: Id<Interview>,
    pub question: String,
    pub value: Sealed<Json>,
    /// The version the writer saw; who has not seen the last one settles nothing.
    pub based_on: i64,
    #[serde(default)]
    #[schemars(skip)]
    says_something: bool,
}

impl Change for SettleAnswer {
    const NAME: &'static str = "settle answer";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = Answered;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(interview_in_reach(tx, self.interview)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.interview.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let value = demand_open(&self.value)?;
        demand_answer(&self.question, &value)?;
        self.says_something = says_something(&value);
        let subject = interview_in_reach(tx, self.interview)?.subject;
        let key = Vault::key_for(tx, &subject.to_string())?;
        self.value.shut(&key, &answer_context(subject, &self.question))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Answered> {
        let interview = interview_in_reach(tx, self.interview)?;
        let head = head_of(tx, self.interview, &self.question)?;
        if self.based_on != head {
            return Err(Refusal::new(
                Status::Conflict,
                "trace.written_since",
                "somebody has written here since; look at what stands now and settle that",
                "此后有人修改过；请查看最新内容后再确认",
            )
            .into());
        }
        let became = Became {
            seq: head + 1,
            same: false,
            stands: Sealed::Shut(self.value.cipher()?.to_owned()),
            merged: false,
            aside: false,
            says_something: self.says_something,
        };
        tx.run(
            "UPDATE trace_answer SET aside = 2 WHERE interview = $1 AND question = $2 AND aside = 1",
            params![self.interview, &self.question],
        )?;
        keep(tx, &interview, &self.question, self.value.cipher()?, self.based_on, &became)?;
        recount(tx, &interview)?;
        Ok(Answered { seq: became.seq, merged: false, conflict: false })
    }
}
