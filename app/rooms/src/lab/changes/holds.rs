//! People behind a signal are told, and their names are opened for that and on record.

use crate::lab::changes::forget_swabs::reasons_of;
use crate::lab::people::{Envelope, Named, Swab, open};
use crate::people::open_together;
use crate::refuse::{invalid, missing, required};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Scope, Sealed, Sent, Tx, Vault, params};

/// Somebody behind a signal was told, and knows where and when they are sampled again.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellHold {
    pub id: Id<Sent>,
    pub tube: String,
    pub position: u8,
}

impl Change for TellHold {
    const NAME: &'static str = "tell hold";
    const NEEDS: Permission = Permission::LabCollect;
    const BASIS: Basis = Basis::LaboratoryTesting;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let actor = tx.actor;
        held_within(tx, &actor.scope, &self.tube)
    }
    fn about(&self) -> Vec<String> {
        vec![format!("tube_{}", self.tube)]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let at = tx.at;
        let told = tx.run(
            "UPDATE lab_hold SET told = coalesce(told, $3) WHERE barcode = $1 AND position = $2",
            params![&self.tube, i64::from(self.position), at],
        )?;
        if told == 0 { Err(missing("person held", "暂时管控人员")) } else { Ok(()) }
    }
}

/// Where people of this tube are held, for whoever reaches it.
fn held_within(query: &mut dyn Query, scope: &Scope, tube: &str) -> Result<Territory> {
    let sql = "SELECT territory FROM lab_hold WHERE barcode = $1 ORDER BY position LIMIT 1";
    let found = query.first(sql, params![tube])?.map(|row| row.read(0)).transpose()?;
    found
        .filter(|territory| scope.reaches(territory))
        .ok_or_else(|| missing("tube with people held", "有暂时管控人员的试管"))
}

/// The names of a tube's people are opened: only of one that holds people, only while they are held.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenHeld {
    pub id: Id<Sent>,
    pub tube: String,
    pub purpose: String,
    pub reason: Sealed<String>,
    /// Refused to whoever opened this many others within the hour. The rule of the day travels with the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most_alone: Option<i64>,
}

pub(crate) fn reason_context(tube: &str) -> String {
    format!("open_held.reason|{tube}")
}

impl Change for OpenHeld {
    const NAME: &'static str = "open held";
    const NEEDS: Permission = Permission::IdentityOpen;
    const BASIS: Basis = Basis::IdentityOpening;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let actor = tx.actor;
        held_within(tx, &actor.scope, &self.tube)
    }
    fn about(&self) -> Vec<String> {
        vec![format!("tube_{}", self.tube)]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let key = Vault::key_for(tx, &reasons_of(&self.tube))?;
        self.reason.shut(&key, &reason_context(&self.tube))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("purpose", &self.purpose)?;
        let sql =
            "SELECT count(*) FROM lab_hold WHERE barcode = $1 AND (ended IS NULL OR state = 'confirmed')";
        if tx.count(sql, params![&self.tube])? == 0 {
            return Err(invalid(
                "lab.nobody_held",
                "tube",
                "nobody of this tube is held any more, so its names stay shut; ask through the case if there is one",
                "该管已无暂时管控人员，身份不再开放；如已成为病例请通过病例办理",
            ));
        }
        // Rows of before the rule have no limit, and counted towards none.
        match self.at_most_alone {
            Some(_) => open_together(tx, self.id, &format!("tube_{}", self.tube), self.at_most_alone),
            None => Ok(()),
        }
    }
}

/// Names of those of a tube who are held, after their opening was written down.
pub(crate) fn names_of(query: &mut dyn Query, tube: &str) -> Result<Vec<Named>> {
    let sql = "SELECT people, sealed FROM lab_tube WHERE barcode = $1";
    let Some(row) = query.first(sql, params![tube])? else { return Ok(Vec::new()) };
    let (people, envelopes): (Vec<Swab>, Vec<Envelope>) = (row.json(0)?, row.json(1)?);
    let sql = "SELECT position FROM lab_hold WHERE barcode = $1 AND (ended IS NULL OR state = 'confirmed')";
    let held: Vec<i64> =
        query.rows(sql, params![tube])?.iter().map(|row| row.int(0)).collect::<Result<_>>()?;
    let mut named = open(query, &people, &envelopes)?;
    named.retain(|one| held.contains(&i64::from(one.position)));
    Ok(named)
}
