//! What whoever has a task says they did. It may come hours later, from where there was no network, and twice, from two telephones.

use crate::packed;
use crate::refuse::invalid;
use crate::tasks::Task;
use crate::tasks::inside::{Proof, demand_answers, shut};
use crate::tasks::owner::hands_of;
use crate::tasks::record::{TaskRecord, task_in_hand};
use crate::tasks::steps::{Said, give_to, step};
use crate::tasks::tally::{Added, add};
use base::{Id, Moment};
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Result, Sealed, Sent, Tx, params};
use tasks::{Deed, State, Step};

/// What became of a deed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Became {
    /// How far the task is now.
    pub state: State,
    /// False when it was as far before this was heard: somebody else said so, or it was cancelled.
    pub counted: bool,
    /// Who ended it, when it is over; an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Moment>,
}

/// What a deed brings along.
#[derive(Default)]
struct Brought<'a> {
    reason: Option<&'a str>,
    proof: Option<&'a Sealed<Proof>>,
    photo: Option<&'a str>,
}

/// A telephone's clock may be wrong: nothing is done before it was asked for, or later than it was heard.
fn sensible(tx: &Tx<'_>, record: &TaskRecord, at: Moment) -> Moment {
    at.min(tx.at).max(record.opened)
}

fn tell(tx: &mut Tx<'_>, task: Id<Task>, deed: Deed, at: Moment, brought: &Brought<'_>) -> Result<Became> {
    let record = task_in_hand(tx, task)?;
    let at = sensible(tx, &record, at);
    let Step::To(state) = record.state.after(deed) else { return before(tx, &record, deed, at) };
    let record = taken(tx, record)?;
    match state {
        State::Acknowledged => {
            tx.run(
                "UPDATE tasks_task SET state = $2, acknowledged = $3 WHERE id = $1",
                params![task, state.word(), at],
            )?;
        }
        State::Started => {
            tx.run(
                "UPDATE tasks_task SET state = $2, started = $3, acknowledged = coalesce(acknowledged, $3) WHERE id = $1",
                params![task, state.word(), at],
            )?;
        }
        _ => {
            let added = Added::ended(at <= record.deadline, state == State::Cannot);
            add(tx, &record.territory, &record.owner, record.deadline, added)?;
            tx.run(
                "UPDATE tasks_task SET state = $2, active = 0, ended = $3, heard = $4, ended_by = $5, reason = $6, proof = $7, \
                 photo = $8, acknowledged = coalesce(acknowledged, $3), offered_to = NULL, offered_by = NULL, next_rung = NULL \
                 WHERE id = $1",
                params![
                    task,
                    state.word(),
                    at,
                    tx.at,
                    &tx.actor.id,
                    brought.reason,
                    brought.proof.map(Sealed::cipher).transpose()?,
                    brought.photo
                ],
            )?;
        }
    }
    step(tx, task, at, &Said::that(deed.word()).because(brought.reason))?;
    let over = !state.is_active();
    Ok(Became {
        state,
        counted: true,
        ended_by: over.then(|| tx.actor.person().to_owned()),
        ended: over.then_some(at),
    })
}

/// Somebody did the same already: it is written down that they came too, and told kindly.
fn before(tx: &mut Tx<'_>, record: &TaskRecord, deed: Deed, at: Moment) -> Result<Became> {
    if !record.state.is_active() {
        step(tx, record.id, at, &Said::that(deed.word()).because(Some("again")))?;
    }
    let by = record.ended_by.as_deref().and_then(|by| by.split(' ').next()).map(str::to_owned);
    Ok(Became { state: record.state, counted: false, ended_by: by, ended: record.ended })
}

/// What is a team's or nobody's becomes theirs with the first thing they do; the team stays beside it.
fn taken(tx: &mut Tx<'_>, record: TaskRecord) -> Result<TaskRecord> {
    if !(record.owner.is_empty() || record.owner.starts_with("team_")) {
        return Ok(record);
    }
    let hand = hands_of(tx.actor).first().map(|hand| (*hand).to_owned()).unwrap_or_default();
    if !hand.starts_with("account_") {
        return Ok(record);
    }
    let at = tx.at;
    give_to(tx, &record, &hand, record.team.as_deref())?;
    step(tx, record.id, at, &Said::to("take", &hand))?;
    Ok(TaskRecord { owner: hand, ..record })
}

/// Whoever has it knows of it; of a team's task, they take it.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeTask {
    pub id: Id<Sent>,
    pub task: Id<Task>,
    /// When, by their own clock.
    #[schemars(with = "i64")]
    pub at: Moment,
}

impl Change for AcknowledgeTask {
    const NAME: &'static str = "acknowledge task";
    const NEEDS: Permission = Permission::TasksWork;
    type Out = Became;

    of_one_task!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Became> {
        tell(tx, self.task, Deed::Acknowledge, self.at, &Brought::default())
    }
}

/// They are at it.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartTask {
    pub id: Id<Sent>,
    pub task: Id<Task>,
    /// When, by their own clock.
    #[schemars(with = "i64")]
    pub at: Moment,
}

impl Change for StartTask {
    const NAME: &'static str = "start task";
    const NEEDS: Permission = Permission::TasksWork;
    type Out = Became;

    of_one_task!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Became> {
        tell(tx, self.task, Deed::Start, self.at, &Brought::default())
    }
}

/// It is done, and what proves it.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishTask {
    pub id: Id<Sent>,
    pub task: Id<Task>,
    #[schemars(with = "i64")]
    pub at: Moment,
    #[serde(default)]
    pub proof: Option<Sealed<Proof>>,
    /// SHA-256 of a photograph that stays on the telephone.
    #[serde(default)]
    pub photo: Option<String>,
}

impl Change for FinishTask {
    const NAME: &'static str = "finish task";
    const NEEDS: Permission = Permission::TasksWork;
    type Out = Became;

    of_one_task!();

    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let record = task_in_hand(tx, self.task)?;
        // What cannot count is told as that, whatever it answers.
        if matches!(record.state.after(Deed::Finish), Step::Before) {
            self.proof = None;
            self.photo = None;
            return Ok(());
        }
        let kind = packed::tasks().kind(&record.kind);
        match &self.proof {
            Some(Sealed::Open(proof)) => demand_answers(kind, proof)?,
            Some(Sealed::Shut(_)) => {}
            None => demand_answers(kind, &Proof::default())?,
        }
        if matches!(&self.proof, Some(Sealed::Open(proof)) if *proof == Proof::default()) {
            self.proof = None;
        }
        shut(tx, "proof", (record.id, record.subject), &mut self.proof)
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Became> {
        let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|letter| letter.is_ascii_hexdigit());
        if self.photo.as_deref().is_some_and(|photo| !is_hash(photo)) {
            return Err(invalid(
                "tasks.photo",
                "photo",
                "a photograph is told by its SHA-256, 64 letters; take it again or leave it out",
                "照片须以 64 位 SHA-256 校验值上报；请重拍或去掉",
            ));
        }
        let brought = Brought { reason: None, proof: self.proof.as_ref(), photo: self.photo.as_deref() };
        tell(tx, self.task, Deed::Finish, self.at, &brought)
    }
}

/// It could not be done.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveUpTask {
    pub id: Id<Sent>,
    pub task: Id<Task>,
    #[schemars(with = "i64")]
    pub at: Moment,
    /// Of the tasks pack.
    pub reason: String,
}

impl Change for GiveUpTask {
    const NAME: &'static str = "give up task";
    const NEEDS: Permission = Permission::TasksWork;
    type Out = Became;

    of_one_task!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Became> {
        demand_reason(&self.reason)?;
        let brought = Brought { reason: Some(&self.reason), ..Brought::default() };
        tell(tx, self.task, Deed::GiveUp, self.at, &brought)
    }
}

pub(super) fn demand_reason(reason: &str) -> Result<()> {
    if packed::tasks().reason(reason).is_some() {
        return Ok(());
    }
    Err(invalid(
        "tasks.reason",
        "reason",
        "there is no such reason in the pack; choose one of its list",
        "任务包中没有该原因；请从列表中选择",
    ))
}
