//! Opening an identity: written before anything is shown, with purpose and reason.

use crate::access::second_person::{Ask, AskKind, use_agreed};
use crate::people::{Subject, subject_territory};
use crate::refuse::required;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sealed, Tx, Vault};

/// Somebody reads who a handle is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenIdentity {
    pub id: Id<store::Sent>,
    pub subject: Id<Subject>,
    pub purpose: String,
    /// Free text about a person, so it is sealed with the person.
    pub reason: Sealed<String>,
    /// The second person's agreement, where one is needed; it is used up.
    #[serde(default)]
    pub ask: Option<Id<Ask>>,
}

pub(crate) fn reason_context(subject: Id<Subject>) -> String {
    format!("open_identity.reason|{subject}")
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

    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let key = Vault::key_for(tx, &self.subject.to_string())?;
        self.reason.shut(&key, &reason_context(self.subject))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("purpose", &self.purpose)?;
        match self.ask {
            Some(ask) => use_agreed(tx, ask, AskKind::OpenIdentity, &self.subject.to_string()),
            None => Ok(()),
        }
    }
}
