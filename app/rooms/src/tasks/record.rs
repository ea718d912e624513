//! A task as the table holds it, and whether somebody reaches it: outside the reach it does not exist.

use crate::people::Subject;
use crate::refuse::{invalid, missing};
use crate::tasks::Task;
use crate::tasks::owner::{hands_of, teams_of};
use base::{Id, Moment, Territory};
use store::{Permission, Query, Refusal, Result, Row, Scope, Status, Tx, params};
use tasks::{Spot, State};

#[derive(Debug, Clone)]
pub struct TaskRecord {
    pub id: Id<Task>,
    pub territory: Territory,
    pub kind: String,
    pub state: State,
    pub owner: String,
    pub team: Option<String>,
    pub spot: Option<Spot>,
    pub subject: Option<Id<Subject>>,
    pub inside: Option<String>,
    pub source: Option<String>,
    pub opened: Moment,
    pub deadline: Moment,
    pub by_whom: String,
    pub acknowledged: Option<Moment>,
    pub started: Option<Moment>,
    pub ended: Option<Moment>,
    pub heard: Option<Moment>,
    pub ended_by: Option<String>,
    pub reason: Option<String>,
    pub proof: Option<String>,
    pub photo: Option<String>,
    pub offered_to: Option<String>,
    pub offered_by: Option<String>,
    pub rung: i64,
    pub told_lead: Option<String>,
    pub told_depth: Option<i64>,
}

pub(crate) const COLUMNS: &str = "t.id, t.territory, t.kind, t.state, t.owner, t.team, t.spot, t.subject, t.inside, t.source, \
    t.opened, t.deadline, t.by_whom, t.acknowledged, t.started, t.ended, t.heard, t.ended_by, t.reason, t.proof, t.photo, \
    t.offered_to, t.offered_by, t.rung, t.told_lead, t.told_depth";

impl TaskRecord {
    pub(crate) fn of(row: &Row) -> Result<TaskRecord> {
        let moment = |at: usize| row.opt_int(at).map(|at| at.map(Moment));
        Ok(TaskRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            kind: row.text(2)?,
            state: row.read(3)?,
            owner: row.text(4)?,
            team: row.opt_text(5)?,
            spot: if row.opt_text(6)?.is_some() { Some(row.json(6)?) } else { None },
            subject: row.opt_read(7)?,
            inside: row.opt_text(8)?,
            source: row.opt_text(9)?,
            opened: Moment(row.int(10)?),
            deadline: Moment(row.int(11)?),
            by_whom: row.text(12)?,
            acknowledged: moment(13)?,
            started: moment(14)?,
            ended: moment(15)?,
            heard: moment(16)?,
            ended_by: row.opt_text(17)?,
            reason: row.opt_text(18)?,
            proof: row.opt_text(19)?,
            photo: row.opt_text(20)?,
            offered_to: row.opt_text(21)?,
            offered_by: row.opt_text(22)?,
            rung: row.int(23)?,
            told_lead: row.opt_text(24)?,
            told_depth: row.opt_int(25)?,
        })
    }

    /// Under whose key what is sealed of it lies.
    pub(crate) fn key_owner(&self) -> String {
        key_owner(self.id, self.subject)
    }
}

pub(crate) fn key_owner(task: Id<Task>, subject: Option<Id<Subject>>) -> String {
    subject.map_or_else(|| task.to_string(), |subject| subject.to_string())
}

pub(crate) fn task_within(query: &mut dyn Query, scope: &Scope, task: Id<Task>) -> Result<TaskRecord> {
    let sql = format!("SELECT {COLUMNS} FROM tasks_task t WHERE t.id = $1");
    let found = query.first(&sql, params![task])?.as_ref().map(TaskRecord::of).transpose()?;
    found.filter(|found| scope.reaches(&found.territory)).ok_or_else(|| missing("task", "任务"))
}

/// The task a change is about.
pub(crate) fn task_in_reach(tx: &mut Tx<'_>, task: Id<Task>) -> Result<TaskRecord> {
    let actor = tx.actor;
    task_within(tx, &actor.scope, task)
}

/// The same for whoever works on it: theirs, their team's, nobody's yet, or one that was theirs when they set out. Whoever gives tasks may
/// stand in.
pub(super) fn task_in_hand(tx: &mut Tx<'_>, task: Id<Task>) -> Result<TaskRecord> {
    let record = task_in_reach(tx, task)?;
    let actor = tx.actor;
    if record.owner.is_empty() || actor.scope.may(Permission::TasksManage) {
        return Ok(record);
    }
    for hand in hands_of(actor) {
        let its_team = [Some(record.owner.as_str()), record.team.as_deref()];
        if record.owner == hand
            || teams_of(tx, hand)?.iter().any(|team| its_team.contains(&Some(team.as_str())))
        {
            return Ok(record);
        }
        let sql = "SELECT count(*) FROM tasks_step WHERE task = $1 AND to_whom = $2";
        if tx.count(sql, params![task, hand])? > 0 {
            return Ok(record);
        }
    }
    Err(Refusal::new(
        Status::Forbidden,
        "tasks.not_yours",
        "this task is somebody else's; ask them to hand it over, or whoever gave it to move it to you",
        "该任务由他人负责；请对方移交，或请下达者改派",
    )
    .into())
}

/// Nothing is done any more with a task that is over.
pub(super) fn demand_active(record: &TaskRecord) -> Result<()> {
    if record.state.is_active() {
        return Ok(());
    }
    Err(invalid(
        "tasks.over",
        "task",
        format!("this task is over ({}); open another if something is still to be done", record.state),
        "该任务已结束；如仍需处理，请新建任务",
    ))
}
