//! What was done with a task, step by step.

use crate::tasks::Task;
use crate::tasks::record::TaskRecord;
use crate::tasks::tally::{Added, add};
use base::{Id, Moment};
use store::{Query, Result, Tx, params};

pub(super) struct Said<'a> {
    pub what: &'a str,
    pub to_whom: Option<&'a str>,
    pub reason: Option<&'a str>,
}

impl<'a> Said<'a> {
    pub fn that(what: &'a str) -> Said<'a> {
        Said { what, to_whom: None, reason: None }
    }

    pub fn to(what: &'a str, whom: &'a str) -> Said<'a> {
        Said { what, to_whom: Some(whom), reason: None }
    }

    #[must_use]
    pub fn because(self, reason: Option<&'a str>) -> Said<'a> {
        Said { reason, ..self }
    }
}

pub(super) fn step(tx: &mut Tx<'_>, task: Id<Task>, at: Moment, said: &Said<'_>) -> Result<()> {
    let sql = "SELECT coalesce(max(number), 0) + 1 FROM tasks_step WHERE task = $1";
    let number = tx.count(sql, params![task])?;
    tx.run(
        "INSERT INTO tasks_step (task, number, at, what, by_whom, to_whom, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![task, number, at, said.what, &tx.actor.id, said.to_whom, said.reason],
    )?;
    Ok(())
}

/// The task is somebody else's from now on; what is counted goes along.
pub(super) fn give_to(tx: &mut Tx<'_>, record: &TaskRecord, owner: &str, team: Option<&str>) -> Result<()> {
    if record.owner != owner {
        add(tx, &record.territory, &record.owner, record.deadline, Added::GONE)?;
        add(tx, &record.territory, owner, record.deadline, Added::OPENED)?;
    }
    tx.run(
        "UPDATE tasks_task SET owner = $2, team = $3, offered_to = NULL, offered_by = NULL WHERE id = $1",
        params![record.id, owner, team],
    )?;
    Ok(())
}
