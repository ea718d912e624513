//! How a task begins, whoever asks for it: a person, or another room while a change of its own is applied.
//!
//! Another room names itself and its record ([`Source`]). A task has an id that follows from them, so that asking twice opens one.

use crate::packed;
use crate::people::Subject;
use crate::refuse::{exists, invalid};
use crate::tasks::Task;
use crate::tasks::inside::Inside;
use crate::tasks::owner::{Owner, demand_owner};
use crate::tasks::record::{COLUMNS, TaskRecord};
use crate::tasks::steps::{Said, step};
use crate::tasks::tally::{Added, add};
use base::{Id, Moment, Territory};
use sha2::{Digest, Sha256};
use store::{Query, Result, Sealed, Tx, params};
use tasks::{Spot, State, next_telling};

/// What is to be done. `inside` was sealed by the change that opens it; another room that says where a person lives leaves it to them.
#[derive(Debug, Clone)]
pub struct NewTask<'a> {
    pub task: Id<Task>,
    pub territory: &'a Territory,
    /// Of the tasks pack.
    pub kind: &'a str,
    pub owner: Owner,
    pub spot: Option<&'a Spot>,
    pub subject: Option<Id<Subject>>,
    pub inside: Option<&'a Sealed<Inside>>,
    /// Where none is given, the kind's hours from now.
    pub deadline: Option<Moment>,
    pub source: Option<Source<'a>>,
}

/// Which room's record wants it done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    pub room: &'a str,
    /// Of one errand: a record's id, with the day where it is asked for every day.
    pub id: &'a str,
}

impl Source<'_> {
    /// The task that is opened for it.
    pub fn task(&self) -> Id<Task> {
        let digest = Sha256::digest(self.text());
        Id::from_bits(u128::from_be_bytes(digest[..16].try_into().expect("sixteen of thirty-two bytes")))
    }

    fn text(&self) -> String {
        format!("{}:{}", self.room, self.id)
    }
}

impl<'a> NewTask<'a> {
    /// Of another room, with nothing but what it must have.
    pub fn of(source: Source<'a>, territory: &'a Territory, kind: &'a str) -> NewTask<'a> {
        NewTask {
            task: source.task(),
            territory,
            kind,
            owner: Owner::Nobody,
            spot: None,
            subject: None,
            inside: None,
            deadline: None,
            source: Some(source),
        }
    }
}

/// Longer ahead is a mistake in the date.
const LONGEST_DAYS: i64 = 60;

/// Opens it, unless its source has one already. Whether it is new.
///
/// # Errors
/// A kind that is not in the pack, a deadline that has passed or lies too far ahead, an owner who does not work there.
pub fn open(tx: &mut Tx<'_>, new: &NewTask<'_>) -> Result<bool> {
    let known = tx.count("SELECT count(*) FROM tasks_task WHERE id = $1", params![new.task])?;
    if known > 0 {
        return if new.source.is_some() { Ok(false) } else { Err(exists("task", "任务")) };
    }
    let Some(kind) = packed::tasks().kind(new.kind) else {
        return Err(invalid(
            "tasks.kind",
            "kind",
            "there is no such kind of task in the pack; choose one of its list",
            "任务包中没有该任务类型；请从列表中选择",
        ));
    };
    let at = tx.at;
    let deadline = new.deadline.unwrap_or_else(|| at.plus_seconds(i64::from(kind.hours.value) * 3_600));
    if deadline <= at || deadline > at.plus_seconds(LONGEST_DAYS * 86_400) {
        return Err(invalid(
            "tasks.deadline",
            "deadline",
            format!("a task is due after now and within {LONGEST_DAYS} days; mend the date"),
            format!("任务期限须晚于现在且不超过 {LONGEST_DAYS} 天；请更正"),
        ));
    }
    demand_owner(tx, new.owner, new.territory)?;
    let pack = packed::tasks();
    let owner = new.owner.to_string();
    let team = match new.owner {
        Owner::Team(team) => Some(team.to_string()),
        _ => None,
    };
    let spot = new
        .spot
        .map(|spot| serde_json::to_string(spot).map_err(|fault| store::Error::Shape(fault.to_string())));
    tx.run(
        "INSERT INTO tasks_task (id, territory, kind, pack, state, active, owner, team, spot, subject, inside, source, opened, \
         deadline, by_whom, rung, next_rung) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15)",
        params![
            new.task,
            new.territory,
            new.kind,
            &pack.version,
            State::Open.word(),
            &owner,
            team,
            spot.transpose()?,
            new.subject,
            new.inside.map(Sealed::cipher).transpose()?,
            new.source.map(|source| source.text()),
            at,
            deadline,
            &tx.actor.id,
            next_telling(&pack.ladder, 0, at, deadline)
        ],
    )?;
    add(tx, new.territory, &owner, deadline, Added::OPENED)?;
    let said = if owner.is_empty() { Said::that("open") } else { Said::to("open", &owner) };
    step(tx, new.task, at, &said)?;
    Ok(true)
}

cases::words! {
    /// Why a task that is still to be done is to be done no more.
    Closing, "reason to cancel a task" {
        NotNeeded = "not_needed",
        Mistake = "mistake",
        Double = "double",
        /// What asked for it has ended.
        SourceEnded = "source_ended",
        /// It was done in another way, and its room knows.
        DoneOtherwise = "done_otherwise",
    }
}

/// What asked for it wants it no more. Whether there was something to close.
///
/// # Errors
/// Those of the database.
pub fn close_of(tx: &mut Tx<'_>, source: Source<'_>, why: Closing) -> Result<bool> {
    let sql = format!("SELECT {COLUMNS} FROM tasks_task t WHERE t.id = $1");
    let found = tx.first(&sql, params![source.task()])?.as_ref().map(TaskRecord::of).transpose()?;
    match found.filter(|task| task.state.is_active()) {
        Some(task) => cancel(tx, &task, why).map(|()| true),
        None => Ok(false),
    }
}

pub(super) fn cancel(tx: &mut Tx<'_>, task: &TaskRecord, why: Closing) -> Result<()> {
    let done = why == Closing::DoneOtherwise;
    let at = tx.at;
    let added = if done { Added::ended(at <= task.deadline, false) } else { Added::GONE };
    add(tx, &task.territory, &task.owner, task.deadline, added)?;
    let state = if done { State::Done } else { State::Cancelled };
    tx.run(
        "UPDATE tasks_task SET state = $2, active = 0, ended = $3, heard = $3, ended_by = $4, reason = $5, offered_to = NULL, \
         offered_by = NULL, next_rung = NULL WHERE id = $1",
        params![task.id, state.word(), at, &tx.actor.id, why.word()],
    )?;
    step(tx, task.id, at, &Said::that(if done { "finish" } else { "cancel" }).because(Some(why.word())))
}

/// How far the task of a source is; `None` when there is none.
///
/// # Errors
/// Those of the database.
pub fn state_of(query: &mut dyn Query, source: Source<'_>) -> Result<Option<State>> {
    let row = query.first("SELECT state FROM tasks_task WHERE id = $1", params![source.task()])?;
    row.map(|row| row.read(0)).transpose()
}
