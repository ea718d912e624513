//! People come onto a roster: one by hand, many out of a file.

use super::ToldBy;
use super::row::{RosterRow, Seen};
use crate::refuse::invalid;
use crate::sent_table::Became;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx};

/// Somebody stands on a roster from now on.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EnrolWorker {
    pub id: Id<Sent>,
    #[serde(flatten)]
    pub row: RosterRow,
}

impl Change for EnrolWorker {
    const NAME: &'static str = "enrol worker";
    const NEEDS: Permission = Permission::EntryRoster;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = Became;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.row.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.row.worker.to_string(), self.row.subject.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.row.seal(tx, &mut Seen::new())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Became> {
        self.row.keep(tx, ToldBy::Hand)
    }
}

/// A block of a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolWorkers {
    pub id: Id<Sent>,
    /// That holds all of them.
    pub territory: Territory,
    pub rows: Vec<RosterRow>,
}

impl Change for EnrolWorkers {
    const NAME: &'static str = "enrol workers";
    const NEEDS: Permission = Permission::EntryRoster;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = Vec<Became>;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.subject.to_string()).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let mut seen = Seen::new();
        self.rows.iter_mut().try_for_each(|row| row.seal(tx, &mut seen))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Became>> {
        let kept = |row: &RosterRow| {
            // Who may write was asked of the block: a row outside it was asked of nobody.
            if !self.territory.holds(&row.territory) {
                return Err(invalid(
                    "entry.outside_block",
                    "territory",
                    format!(
                        "{} lies outside {}, for which the rows were sent; send it by itself",
                        row.territory, self.territory
                    ),
                    format!("{} 不在所报地区 {} 内；请单独发送", row.territory, self.territory),
                ));
            }
            row.keep(tx, ToldBy::File)
        };
        self.rows.iter().map(kept).collect()
    }
}
