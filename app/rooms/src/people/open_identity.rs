//! Opening an identity: written before anything is shown, with purpose and reason.

use crate::access::second_person::{Ask, AskKind, use_agreed};
use crate::packed;
use crate::people::{Subject, subject_territory};
use crate::refuse::{invalid, required};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Scope, Tx};

/// Somebody reads who a handle is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenIdentity {
    pub id: Id<store::Sent>,
    pub subject: Id<Subject>,
    pub purpose: String,
    pub reason: String,
    /// The second person's agreement, where one is needed; it is used up.
    #[serde(default)]
    pub ask: Option<Id<Ask>>,
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
        subject_territory(tx, self.subject)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("reason", &self.reason)?;
        required("purpose", &self.purpose)?;
        match self.ask {
            Some(ask) => use_agreed(tx, ask, AskKind::OpenIdentity, &self.subject.to_string()),
            None => Ok(()),
        }
    }
}

/// The purpose must be one that opens identities, and one the role may name.
pub(crate) fn demand_opening(scope: &Scope, purpose: &str) -> Result<()> {
    let roles = packed::roles();
    let opens = roles.purposes.iter().any(|known| known.id == purpose && known.opens_identity);
    let own = roles.role(&scope.role).is_some_and(|role| role.purposes.iter().any(|known| known == purpose));
    if opens && own {
        return Ok(());
    }
    Err(invalid(
        "people.purpose",
        "purpose",
        "identities are not opened for this purpose by your role; choose another purpose",
        "您的角色不能以该目的查看身份；请选择其他目的",
    ))
}
