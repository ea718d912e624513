//! How a task begins, whoever asks for it: a person, or another room while a change of its own is applied.
//!
//! Another room says what a record of it [`wants`] done from now on. A task has an id that follows from room, record and what, so that
//! saying it twice opens one; what is wanted no more closes by itself.

use crate::cases::among;
use crate::packed;
use crate::people::Subject;
use crate::refuse::{exists, invalid};
use crate::tasks::Task;
use crate::tasks::inside::Inside;
use crate::tasks::owner::{Owner, demand_owner};
use crate::tasks::record::{COLUMNS, TaskRecord};
use crate::tasks::steps::{Said, give_to, step};
use crate::tasks::tally::{Added, add};
use base::{Id, Moment, Territory};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use store::{Query, Result, Sealed, Tx, Value, params};
use tasks::{Spot, State, next_telling};

/// What is to be done. `inside` was sealed by the change that opens it.
#[derive(Debug, Clone)]
pub(super) struct NewTask<'a> {
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
    pub source: Option<String>,
}

/// Which room's record wants something done. Its own errands and nobody else's begin with it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub room: &'a str,
    pub record: &'a str,
}

impl Source<'_> {
    fn text(&self, what: &str) -> String {
        format!("{}:{}/{what}", self.room, self.record)
    }

    /// Everything of this record: `0` is the letter after `/`.
    fn range(&self) -> (String, String) {
        (self.text(""), format!("{}:{}0", self.room, self.record))
    }
}

/// Something a record of another room wants done.
#[derive(Debug, Clone)]
pub struct Errand<'a> {
    /// Tells it from the record's others: a day, or the hour it is due.
    pub what: String,
    /// Of the tasks pack.
    pub kind: &'a str,
    /// Whoever cannot do it there leaves it to whoever takes it.
    pub owner: Owner,
    pub subject: Option<Id<Subject>>,
    /// Where none is given, the kind's hours from now.
    pub deadline: Option<Moment>,
}

impl<'a> Errand<'a> {
    pub fn of(kind: &'a str, what: impl ToString) -> Errand<'a> {
        Errand { what: what.to_string(), kind, owner: Owner::Nobody, subject: None, deadline: None }
    }

    #[must_use]
    pub fn due(self, deadline: Moment) -> Errand<'a> {
        Errand { deadline: Some(deadline), ..self }
    }
}

/// What a record wants done from now on: what was not asked before is opened, what is open and wanted no more is closed.
///
/// # Errors
/// A kind that is not in the pack.
pub fn wants(
    tx: &mut Tx<'_>,
    source: Source<'_>,
    territory: &Territory,
    errands: &[Errand<'_>],
    otherwise: Closing,
) -> Result<()> {
    let (first, past) = source.range();
    let sql = format!(
        "SELECT {COLUMNS} FROM tasks_task t WHERE t.source >= $1 AND t.source < $2 ORDER BY t.source"
    );
    let rows = tx.rows(&sql, params![first, past])?;
    let known: Vec<TaskRecord> = rows.iter().map(TaskRecord::of).collect::<Result<_>>()?;
    let wanted: Vec<String> = errands.iter().map(|errand| source.text(&errand.what)).collect();
    let is_it = |task: &TaskRecord, text: &String| task.source.as_ref() == Some(text);
    for task in known.iter().filter(|task| task.state.is_active()) {
        if !wanted.iter().any(|text| is_it(task, text)) {
            cancel(tx, task, otherwise)?;
        }
    }
    for (errand, text) in errands.iter().zip(&wanted) {
        if known.iter().any(|task| is_it(task, text)) {
            continue;
        }
        let new = NewTask {
            task: id_of(text),
            territory,
            kind: errand.kind,
            owner: if works_there(tx, errand.owner, territory)? { errand.owner } else { Owner::Nobody },
            spot: None,
            subject: errand.subject,
            inside: None,
            deadline: errand.deadline.map(|deadline| still_ahead(tx.at, deadline)),
            source: Some(text.clone()),
        };
        open(tx, &new)?;
    }
    Ok(())
}

/// Whether what these records want done was taken back, each in its place.
pub(crate) fn taken_back(query: &mut dyn Query, wanted: &[(Source<'_>, String)]) -> Result<Vec<bool>> {
    let mut all = Vec::with_capacity(wanted.len());
    for block in wanted.chunks(500) {
        let texts: Vec<String> = block.iter().map(|(source, what)| source.text(what)).collect();
        let mut values: Vec<Value> = texts.iter().map(Value::from).collect();
        values.push(State::Cancelled.word().into());
        let sql = format!(
            "SELECT source FROM tasks_task WHERE source IN {} AND state = ${}",
            among(texts.len()),
            values.len()
        );
        let rows = query.rows(&sql, &values)?;
        let cancelled = rows.iter().map(|row| row.text(0)).collect::<Result<BTreeSet<String>>>()?;
        all.extend(texts.iter().map(|text| cancelled.contains(text)));
    }
    Ok(all)
}

fn id_of(source: &str) -> Id<Task> {
    let digest = Sha256::digest(source);
    Id::from_bits(u128::from_be_bytes(digest[..16].try_into().expect("sixteen of thirty-two bytes")))
}

/// What another room heard late is still given an hour.
fn still_ahead(at: Moment, deadline: Moment) -> Moment {
    deadline.max(at.plus_seconds(3_600)).min(at.plus_seconds(LONGEST_DAYS * 86_400))
}

fn works_there(tx: &mut Tx<'_>, owner: Owner, territory: &Territory) -> Result<bool> {
    match demand_owner(tx, owner, territory) {
        Err(store::Error::Refused(_)) => Ok(false),
        told => told.map(|()| true),
    }
}

/// What rooms want done about somebody goes with them to another territory, for whoever takes it there.
pub(crate) fn move_errands(tx: &mut Tx<'_>, subject: Id<Subject>, to: &Territory) -> Result<()> {
    let sql = format!(
        "SELECT {COLUMNS} FROM tasks_task t WHERE t.subject = $1 AND t.active = 1 AND t.source IS NOT NULL ORDER BY t.id"
    );
    for row in tx.rows(&sql, params![subject])? {
        let task = TaskRecord::of(&row)?;
        if to.holds(&task.territory) {
            continue;
        }
        add(tx, &task.territory, &task.owner, task.deadline, Added::GONE)?;
        add(tx, to, "", task.deadline, Added::OPENED)?;
        // Nobody there knows of it yet, and there it is told from the first rung on.
        let next_rung = next_telling(&packed::tasks().ladder, 0, task.opened, task.deadline);
        tx.run(
            "UPDATE tasks_task SET territory = $2, state = $3, owner = '', team = NULL, acknowledged = NULL, started = NULL, \
             offered_to = NULL, offered_by = NULL, rung = 0, next_rung = $4, told_lead = NULL, told_depth = NULL WHERE id = $1",
            params![task.id, to, State::Open.word(), next_rung],
        )?;
        let at = tx.at;
        step(tx, task.id, at, &Said::to("move", &format!("at:{to}")))?;
    }
    Ok(())
}

/// Somebody else looks after a record from now on, and what it wants done is theirs, or of whoever takes it where they do not work
/// there. What others took from whoever looked after it before stays with them.
pub(crate) fn give_errands(tx: &mut Tx<'_>, source: Source<'_>, from: Owner, to: Owner) -> Result<()> {
    let (first, past) = source.range();
    let sql = format!(
        "SELECT {COLUMNS} FROM tasks_task t WHERE t.source >= $1 AND t.source < $2 AND t.active = 1 ORDER BY t.source"
    );
    let from = from.to_string();
    for row in tx.rows(&sql, params![first, past])? {
        let task = TaskRecord::of(&row)?;
        let theirs = task.owner.is_empty() || task.owner == from;
        let owner = if works_there(tx, to, &task.territory)? { to.to_string() } else { String::new() };
        if !theirs || task.owner == owner {
            continue;
        }
        give_to(tx, &task, &owner, None)?;
        tx.run(
            "UPDATE tasks_task SET state = $2, acknowledged = NULL, started = NULL WHERE id = $1",
            params![task.id, State::Open.word()],
        )?;
        let at = tx.at;
        step(tx, task.id, at, &Said::to("assign", &owner))?;
    }
    Ok(())
}

/// Longer ahead is a mistake in the date.
const LONGEST_DAYS: i64 = 60;

/// # Errors
/// A kind that is not in the pack, a deadline that has passed or lies too far ahead, an owner who does not work there.
pub(super) fn open(tx: &mut Tx<'_>, new: &NewTask<'_>) -> Result<()> {
    let known = tx.count("SELECT count(*) FROM tasks_task WHERE id = $1", params![new.task])?;
    if known > 0 {
        return Err(exists("task", "任务"));
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
            new.source.as_deref(),
            at,
            deadline,
            &tx.actor.id,
            next_telling(&pack.ladder, 0, at, deadline)
        ],
    )?;
    add(tx, new.territory, &owner, deadline, Added::OPENED)?;
    let said = if owner.is_empty() { Said::that("open") } else { Said::to("open", &owner) };
    step(tx, new.task, at, &said)
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
