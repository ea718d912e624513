//! Coming in, proving it again, naming a purpose, leaving.

use super::{end_sessions, territory_of_account};
use crate::access::presence::{GRACE_SECONDS, IDLE_SECONDS};
use crate::access::{AccountId, Proof, SessionId, TokenId};
use crate::refuse::missing;
use base::{Id, Moment, Named, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// Somebody comes in. Only a hash of the session's token is kept; the session has the number of this change, so that the
/// journal alone says which session is meant later.
#[derive(Debug, Serialize, Deserialize)]
pub struct SignIn {
    pub id: Id<Sent>,
    pub account: Id<AccountId>,
    #[serde(skip)]
    pub token_hash: String,
    pub purpose: String,
    pub ends: Moment,
    #[serde(default)]
    pub proof: Proof,
    /// The network the visitor came from, coarse.
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub agent: String,
}

impl SignIn {
    pub fn session(&self) -> Id<SessionId> {
        Id::from_bits(self.id.bits())
    }
}

impl Change for SignIn {
    const NAME: &'static str = "sign in";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.account.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.proof.spend(tx, self.account)?;
        tx.run("DELETE FROM access_failure WHERE account = $1", params![self.account])?;
        let asleep = tx.at.plus_seconds(-IDLE_SECONDS - GRACE_SECONDS);
        tx.run("DELETE FROM access_session WHERE ends < $1 OR seen < $2", params![tx.at, asleep])?;
        tx.run(
            "INSERT INTO access_session \
             (id, token, account, purpose, method, created, proved, seen, ends, origin, agent) \
             VALUES ($1, $2, $3, $4, $5, $6, $6, $6, $7, $8, $9)",
            params![
                self.session(),
                &self.token_hash,
                self.account,
                &self.purpose,
                self.proof.word(),
                tx.at,
                self.ends,
                &self.from,
                &self.agent
            ],
        )?;
        Ok(())
    }
}

/// Somebody who is in shows once more that it is they; from now on the session has another token.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProveAgain {
    pub id: Id<Sent>,
    pub session: Id<SessionId>,
    pub proof: Proof,
    #[serde(skip)]
    pub token_hash: String,
}

impl Change for ProveAgain {
    const NAME: &'static str = "prove again";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let own: Id<AccountId> = tx.actor.person().parse().map_err(|_| missing("session", "会话"))?;
        self.proof.spend(tx, own)?;
        let touched = tx.run(
            "UPDATE access_session SET token = $3, proved = $4 WHERE id = $1 AND account = $2",
            params![self.session, own, &self.token_hash, tx.at],
        )?;
        if touched == 0 { Err(missing("session", "会话")) } else { Ok(()) }
    }
}

/// Somebody leaves, or says for which purpose they go on working.
#[derive(Debug, Serialize, Deserialize)]
pub struct SetSession {
    pub id: Id<Sent>,
    /// Rows written before sessions had names say none; those sessions are long over.
    #[serde(default)]
    pub session: Option<Id<SessionId>>,
    /// `None` ends the session.
    pub purpose: Option<String>,
}

impl Change for SetSession {
    const NAME: &'static str = "set session";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let Some(session) = self.session else { return Ok(()) };
        match &self.purpose {
            Some(purpose) => {
                tx.run("UPDATE access_session SET purpose = $2 WHERE id = $1", params![session, purpose])?
            }
            None => tx.run("DELETE FROM access_session WHERE id = $1", params![session])?,
        };
        Ok(())
    }
}

/// Somebody ends one of their own sessions: a laptop left behind.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndSession {
    pub id: Id<Sent>,
    pub session: Id<SessionId>,
}

impl Change for EndSession {
    const NAME: &'static str = "end session";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let own = tx.actor.person().to_owned();
        let sql = "DELETE FROM access_session WHERE id = $1 AND account = $2";
        if tx.run(sql, params![self.session, own])? == 0 {
            return Err(missing("session", "会话"));
        }
        Ok(())
    }
}

/// Somebody ends all of their own sessions but one.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndOtherSessions {
    pub id: Id<Sent>,
    pub keep: Id<SessionId>,
}

impl Change for EndOtherSessions {
    const NAME: &'static str = "end other sessions";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let own = tx.actor.person().to_owned();
        let kept = "SELECT count(*) FROM access_session WHERE account = $1 AND id = $2";
        if tx.count(kept, params![&own, self.keep])? == 0 {
            return Err(missing("session", "会话"));
        }
        tx.run("DELETE FROM access_session WHERE account = $1 AND id <> $2", params![own, self.keep])?;
        Ok(())
    }
}

/// An administrator ends all sessions of an account.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndSessions {
    pub id: Id<Sent>,
    pub account: Id<AccountId>,
}

impl Change for EndSessions {
    const NAME: &'static str = "end sessions";
    const NEEDS: Permission = Permission::AccountsManage;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        territory_of_account(tx, self.account)
    }
    fn about(&self) -> Vec<String> {
        vec![self.account.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        end_sessions(tx, self.account)
    }
}

/// When sessions and tokens were last heard of, many at once and every few minutes: idleness outlives a restart, and no request
/// waits for a write of its own.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteSeen {
    pub id: Id<Sent>,
    pub seen: Vec<(String, Moment)>,
}

impl Change for NoteSeen {
    const NAME: &'static str = "note seen";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        for (id, at) in &self.seen {
            let sql = if id.starts_with(TokenId::PREFIX) {
                "UPDATE access_token SET seen = $2 WHERE id = $1 AND coalesce(seen, 0) < $2"
            } else {
                "UPDATE access_session SET seen = $2 WHERE id = $1 AND seen < $2"
            };
            tx.run(sql, params![id, *at])?;
        }
        Ok(())
    }
}

/// What was refused since the last such row: to whom, with which code, how often. Nothing follows from it by itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteRefusals {
    pub id: Id<Sent>,
    /// An account or a token, the code of the refusal, how often.
    pub refused: Vec<(String, String, i64)>,
}

impl Change for NoteRefusals {
    const NAME: &'static str = "note refusals";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        let mut who: Vec<String> = self.refused.iter().map(|(who, ..)| who.clone()).collect();
        who.dedup();
        who
    }
    fn apply(&self, _: &mut Tx<'_>) -> Result<()> {
        Ok(())
    }
}

/// Sign-ins that failed since the last such row: how many at which account, and how many at logins nobody has. What was
/// typed as a login is not kept: now and then it is a password.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteFailures {
    pub id: Id<Sent>,
    pub accounts: Vec<(Id<AccountId>, i64)>,
    pub unknown: i64,
}

impl Change for NoteFailures {
    const NAME: &'static str = "note failed sign-ins";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        self.accounts.iter().map(|(account, _)| account.to_string()).collect()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        for (account, failures) in &self.accounts {
            tx.run(
                "INSERT INTO access_failure (account, failures, last) VALUES ($1, $2, $3) ON CONFLICT (account) \
                 DO UPDATE SET failures = access_failure.failures + excluded.failures, last = excluded.last",
                params![*account, *failures, tx.at],
            )?;
        }
        Ok(())
    }
}
