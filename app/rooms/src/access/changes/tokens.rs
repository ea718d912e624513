//! Tokens by which other systems exchange data: made with less than an integrator's role, for a time, and revoked.

use super::known_permissions;
use crate::access::TokenId;
use crate::refuse::{exists, invalid, missing, required};
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// A token is made anew at least once a year.
pub(crate) const LONGEST_DAYS: i64 = 365;

/// Another system gets a token of its own.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    pub id: Id<Sent>,
    pub token: Id<TokenId>,
    pub name: String,
    pub territory: Territory,
    /// Some of those of the role `integrator`.
    pub permissions: Vec<String>,
    pub ends: Moment,
    /// Never journaled: only whoever was shown the token has it.
    #[serde(skip)]
    pub hash: String,
}

impl Change for CreateToken {
    const NAME: &'static str = "create token";
    const NEEDS: Permission = Permission::AccountsManage;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.token.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        known_permissions(&self.permissions)?;
        if self.ends <= tx.at || self.ends > tx.at.plus_seconds(LONGEST_DAYS * 24 * 3600) {
            return Err(invalid(
                "access.token_days",
                "days",
                format!("a token lasts from 1 to {LONGEST_DAYS} days; choose a number between"),
                format!("令牌有效期为 1 至 {LONGEST_DAYS} 天；请重新选择"),
            ));
        }
        if tx.count("SELECT count(*) FROM access_token WHERE id = $1", params![self.token])? > 0 {
            return Err(exists("token", "令牌"));
        }
        tx.run(
            "INSERT INTO access_token (id, hash, name, territory, permissions, made_by, created, ends) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![
                self.token,
                &self.hash,
                &self.name,
                &self.territory,
                self.permissions.join(" "),
                tx.actor.person().to_owned(),
                tx.at,
                self.ends
            ],
        )?;
        Ok(())
    }
}

/// A token opens nothing any more.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeToken {
    pub id: Id<Sent>,
    pub token: Id<TokenId>,
}

impl Change for RevokeToken {
    const NAME: &'static str = "revoke token";
    const NEEDS: Permission = Permission::AccountsManage;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let row = tx.first("SELECT territory FROM access_token WHERE id = $1", params![self.token])?;
        let territory: Option<Territory> = row.map(|row| row.read(0)).transpose()?;
        // Outside the actor's territory a token does not exist.
        let held = territory.filter(|territory| tx.actor.scope.reaches(territory));
        held.ok_or_else(|| missing("token", "令牌"))
    }
    fn about(&self) -> Vec<String> {
        vec![self.token.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let sql = "UPDATE access_token SET revoked = $2 WHERE id = $1 AND revoked IS NULL";
        tx.run(sql, params![self.token, tx.at])?;
        Ok(())
    }
}
