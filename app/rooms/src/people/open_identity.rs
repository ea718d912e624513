//! Opening an identity: written before anything is shown, with purpose and reason.

use crate::people::Subject;
use crate::refuse::{missing, required};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Tx, params};

/// Somebody reads who a handle is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenIdentity {
    pub id: Id<store::Sent>,
    pub subject: Id<Subject>,
    pub purpose: String,
    pub reason: String,
}

impl Change for OpenIdentity {
    const NAME: &'static str = "open identity";
    const NEEDS: Permission = Permission::IdentityOpen;
    const BASIS: Basis = Basis::IdentityOpening;
    type Out = ();

    fn id(&self) -> Id<store::Sent> {
        self.id
    }

    fn about(&self) -> Vec<String> {
        vec![self.subject.to_string()]
    }

    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let row = tx.first("SELECT territory FROM people_subject WHERE id = $1", params![self.subject])?;
        row.ok_or_else(|| missing("person", "人员"))?.read(0)
    }

    fn apply(&self, _tx: &mut Tx<'_>) -> Result<()> {
        required("reason", &self.reason)?;
        required("purpose", &self.purpose)?;
        Ok(())
    }
}
