//! What became of a wrapping key, on record. The key itself never is.

use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyDeed {
    Made,
    Current,
    Retired,
}

/// A wrapping key was made, became the current one, or was destroyed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnKey {
    pub id: Id<Sent>,
    pub key: String,
    pub deed: KeyDeed,
}

impl Change for TurnKey {
    const NAME: &'static str = "turn key";
    const NEEDS: Permission = Permission::AccountsManage;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(Territory::whole())
    }
    fn apply(&self, _tx: &mut Tx<'_>) -> Result<()> {
        Ok(())
    }
}
