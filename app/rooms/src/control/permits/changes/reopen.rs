//! The clock looks over all permits: what changed by the hour and not by a deed is noticed too.

use crate::control::permits::reopen_affected;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx};

/// Permits that no longer fit what holds at their place are decided again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopenPermits {
    pub id: Id<Sent>,
}

impl Change for ReopenPermits {
    const NAME: &'static str = "reopen permits";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::GradedControl;
    /// How many.
    type Out = usize;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(Territory::whole())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<usize> {
        reopen_affected(tx, &Territory::whole())
    }
}
