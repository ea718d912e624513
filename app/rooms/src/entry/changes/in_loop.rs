//! Into the closed loop, out of it, and off the roster: whoever leaves a loop is to be followed.

use super::{in_future, is_ahead, worker_in_reach};
use crate::entry::Worker;
use crate::people::Subject;
use crate::tasks::{Closing, Errand, Source, wants};
use base::{Day, Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Query, Result, Sent, Tx, params};

/// They go into the closed loop or out of it. Whoever leaves one is to be followed.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLoop {
    pub id: Id<Sent>,
    pub worker: Id<Worker>,
    pub in_loop: bool,
    pub day: Day,
}

impl Change for SetLoop {
    const NAME: &'static str = "set loop";
    const NEEDS: Permission = Permission::EntryRoster;
    type Out = ();
    of_one_worker!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (territory, subject, was_in) = worker_in_reach(tx, self.worker)?;
        if is_ahead(tx.at, self.day) {
            return Err(in_future("day"));
        }
        if was_in == self.in_loop {
            return Ok(());
        }
        tx.run(
            "UPDATE entry_worker SET in_loop = $2, since = $3 WHERE id = $1",
            params![self.worker, self.in_loop, self.day],
        )?;
        if was_in {
            return wants_following(tx, self.worker, subject, &territory, self.day);
        }
        wants_no_following(tx, self.worker, &territory)
    }
}

/// They do not work there any more.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StrikeWorker {
    pub id: Id<Sent>,
    pub worker: Id<Worker>,
    pub day: Day,
}

impl Change for StrikeWorker {
    const NAME: &'static str = "strike worker";
    const NEEDS: Permission = Permission::EntryRoster;
    type Out = ();
    of_one_worker!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (territory, subject, was_in) = worker_in_reach(tx, self.worker)?;
        if is_ahead(tx.at, self.day) {
            return Err(in_future("day"));
        }
        tx.run(
            "UPDATE entry_worker SET struck = $2, in_loop = 0 WHERE id = $1",
            params![self.worker, tx.at],
        )?;
        if was_in { wants_following(tx, self.worker, subject, &territory, self.day) } else { Ok(()) }
    }
}

pub(super) fn wants_following(
    tx: &mut Tx<'_>,
    worker: Id<Worker>,
    subject: Id<Subject>,
    territory: &Territory,
    day: Day,
) -> Result<()> {
    // What was wanted once is not asked for again, so that every leaving is an errand of its own.
    let nth = 1 + tx.count("SELECT count(*) FROM entry_leaving WHERE worker = $1", params![worker])?;
    tx.run(
        "INSERT INTO entry_leaving (worker, nth, day, territory, subject, told) VALUES ($1, $2, $3, $4, $5, $6)",
        params![worker, nth, day, territory, subject, tx.at],
    )?;
    let errand = Errand { subject: Some(subject), ..Errand::of("follow_leaver", nth) };
    wants(tx, of_leaving(&worker.to_string()), territory, &[errand], Closing::SourceEnded)
}

/// Whoever is in the loop again is tested there.
pub(super) fn wants_no_following(tx: &mut Tx<'_>, worker: Id<Worker>, territory: &Territory) -> Result<()> {
    wants(tx, of_leaving(&worker.to_string()), territory, &[], Closing::SourceEnded)
}

pub(in crate::entry) fn of_leaving(worker: &str) -> Source<'_> {
    Source { room: "entry", record: worker }
}
