//! When somebody on a roster was tested, by whoever told it.

use super::{in_future, is_ahead, worker_in_reach};
use crate::entry::Worker;
use base::{Day, Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

cases::words! {
    /// By whom a test was told.
    ToldBy, "way in which a test is told" {
        Hand = "hand",
        File = "file",
        /// A laboratory reported it.
        Laboratory = "laboratory",
    }
}

/// They were tested.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellWorkerTest {
    pub id: Id<Sent>,
    pub worker: Id<Worker>,
    pub day: Day,
}

impl Change for TellWorkerTest {
    const NAME: &'static str = "tell worker test";
    const NEEDS: Permission = Permission::EntryRoster;
    type Out = ();
    of_one_worker!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        worker_in_reach(tx, self.worker)?;
        if is_ahead(tx.at, self.day) {
            return Err(in_future("day"));
        }
        keep_test(tx, self.worker, self.day, ToldBy::Hand)
    }
}

/// An earlier test that is told later changes nothing.
fn keep_test(tx: &mut Tx<'_>, worker: Id<Worker>, day: Day, by: ToldBy) -> Result<()> {
    tx.run(
        "UPDATE entry_worker SET tested = $2, told_by = $3 WHERE id = $1 AND struck IS NULL AND (tested IS NULL OR tested < $2)",
        params![worker, day, by.word()],
    )?;
    Ok(())
}

/// When somebody was sampled last with a result.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRead {
    pub worker: Id<Worker>,
    pub day: Day,
}

/// Laboratories reported on people of a roster; sent by the house's clockwork.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadTests {
    pub id: Id<Sent>,
    pub territory: Territory,
    pub tests: Vec<TestRead>,
}

impl Change for ReadTests {
    const NAME: &'static str = "read tests";
    const NEEDS: Permission = Permission::EntryRoster;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        self.tests.iter().map(|test| test.worker.to_string()).collect()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.tests.iter().try_for_each(|test| keep_test(tx, test.worker, test.day, ToldBy::Laboratory))
    }
}
