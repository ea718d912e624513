//! The level above says that it has seen a zone left early.

use crate::control::Override;
use crate::control::reach::override_in_reach;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeOverride {
    pub id: Id<Sent>,
    pub told: Id<Override>,
}

impl Change for AcknowledgeOverride {
    const NAME: &'static str = "acknowledge override";
    const NEEDS: Permission = Permission::ControlApprove;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        override_in_reach(tx, self.told)
    }
    fn about(&self) -> Vec<String> {
        vec![self.told.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        override_in_reach(tx, self.told)?;
        let (at, by_whom) = (tx.at, tx.actor.id.clone());
        tx.run(
            "UPDATE control_override SET seen = $2, seen_by = $3 WHERE id = $1 AND seen IS NULL",
            params![self.told, at, by_whom],
        )?;
        Ok(())
    }
}
