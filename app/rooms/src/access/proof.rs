//! How somebody showed that it is they: written on the sign-in and on the session.

use crate::access::AccountId;
use crate::refuse::invalid;
use base::Id;
use serde::{Deserialize, Serialize};
use store::{Error, Result, Tx, params};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Proof {
    #[default]
    Password,
    /// A code of the authenticator, after the password; its step is spent.
    Code { step: i64 },
    /// A recovery code, after the password; it is spent.
    RecoveryCode { mark: String },
    /// A passkey, named by its credential.
    Passkey { credential: String },
    /// A provider of the organisation, named by its issuer.
    Provider { issuer: String },
}

impl Proof {
    pub const PASSKEY: &'static str = "passkey";

    pub fn word(&self) -> &'static str {
        match self {
            Proof::Password => "password",
            Proof::Code { .. } => "code",
            Proof::RecoveryCode { .. } => "recovery_code",
            Proof::Passkey { .. } => Proof::PASSKEY,
            Proof::Provider { .. } => "provider",
        }
    }

    /// What proves once proves once: two requests with one code are one sign-in and one refusal, whatever the moment.
    pub(super) fn spend(&self, tx: &mut Tx<'_>, account: Id<AccountId>) -> Result<()> {
        let spent = match self {
            Proof::Code { step } => tx.run(
                "UPDATE access_totp SET last_step = $2 \
                 WHERE account = $1 AND last_step < $2 AND confirmed IS NOT NULL",
                params![account, *step],
            )?,
            Proof::RecoveryCode { mark } => tx.run(
                "UPDATE access_recovery SET used = $3 WHERE account = $1 AND mark = $2 AND used IS NULL",
                params![account, mark, tx.at],
            )?,
            Proof::Password | Proof::Passkey { .. } | Proof::Provider { .. } => 1,
        };
        if spent == 0 { Err(code_used()) } else { Ok(()) }
    }
}

pub(super) fn code_used() -> Error {
    invalid(
        "access.code_used",
        "code",
        "this code has been used; wait for the next one (a recovery code works once)",
        "该验证码已使用；请等待下一个（恢复码只能使用一次）",
    )
}
