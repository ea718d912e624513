//! How somebody showed that it is they: written on the sign-in and on the session.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Proof {
    #[default]
    Password,
    /// A passkey, named by its credential.
    Passkey { credential: String },
    /// A provider of the organisation, named by its issuer.
    Provider { issuer: String },
}

impl Proof {
    pub fn word(&self) -> &'static str {
        match self {
            Proof::Password => "password",
            Proof::Passkey { .. } => "passkey",
            Proof::Provider { .. } => "provider",
        }
    }
}
