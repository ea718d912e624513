//! The level above says that it has seen a zone left early.

use crate::control::Override;
use crate::control::reach::{override_in_reach, person_of};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Refusal, Result, Sent, Status, Tx, params};

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
        Ok(override_in_reach(tx, self.told)?.0)
    }
    fn about(&self) -> Vec<String> {
        vec![self.told.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (_, by_whom) = override_in_reach(tx, self.told)?;
        if tx.actor.person() == person_of(&by_whom) {
            return Err(Refusal::new(
                Status::Forbidden,
                "control.own_override",
                "you left this zone early yourself, and somebody else has to look at it; ask a colleague, or the level above yours",
                "该区域由您本人例外解除，须由他人查看；请交由同事或上级处理",
            )
            .into());
        }
        let (at, by_whom) = (tx.at, tx.actor.id.clone());
        tx.run(
            "UPDATE control_override SET seen = $2, seen_by = $3 WHERE id = $1 AND seen IS NULL",
            params![self.told, at, by_whom],
        )?;
        Ok(())
    }
}
