//! The second factor: enrolled, confirmed, renewed, taken away.

use super::{end_sessions, territory_of_account};
use crate::access::AccountId;
use crate::refuse::{exists, invalid, missing};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Value, Vault, params};

pub(crate) fn secret_context(account: &str) -> String {
    format!("access_totp.secret|{account}")
}

/// Somebody gets a secret for their authenticator. It counts for nothing until a code has shown that it arrived.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolTotp {
    pub id: Id<Sent>,
    pub secret: Sealed<String>,
}

impl Change for EnrolTotp {
    const NAME: &'static str = "enrol authenticator";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let owner = tx.actor.person().to_owned();
        let key = Vault::key_for(tx, &owner)?;
        self.secret.shut(&key, &secret_context(&owner))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let owner = tx.actor.person().to_owned();
        let confirmed = "SELECT count(*) FROM access_totp WHERE account = $1 AND confirmed IS NOT NULL";
        if tx.count(confirmed, params![&owner])? > 0 {
            return Err(exists("authenticator", "动态口令"));
        }
        tx.run(
            "INSERT INTO access_totp (account, secret, last_step) VALUES ($1, $2, 0) \
             ON CONFLICT (account) DO UPDATE SET secret = excluded.secret",
            params![&owner, self.secret.cipher()?],
        )?;
        Ok(())
    }
}

/// The first code fits: from now on signing in needs one. Recovery codes come with it; only their marks are kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmTotp {
    pub id: Id<Sent>,
    pub step: i64,
    pub recovery: Vec<String>,
}

impl Change for ConfirmTotp {
    const NAME: &'static str = "confirm authenticator";
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
        Vec::new()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let owner = tx.actor.person().to_owned();
        let touched = tx.run(
            "UPDATE access_totp SET confirmed = $2, last_step = $3 WHERE account = $1 AND confirmed IS NULL",
            params![&owner, tx.at, self.step],
        )?;
        if touched == 0 {
            return Err(missing("authenticator to confirm", "待确认的动态口令"));
        }
        keep_recovery(tx, &owner, &self.recovery)
    }
}

/// New recovery codes; the old ones open nothing any more.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenewRecovery {
    pub id: Id<Sent>,
    pub recovery: Vec<String>,
}

impl Change for RenewRecovery {
    const NAME: &'static str = "renew recovery codes";
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
        let owner = tx.actor.person().to_owned();
        let confirmed = "SELECT count(*) FROM access_totp WHERE account = $1 AND confirmed IS NOT NULL";
        if tx.count(confirmed, params![&owner])? == 0 {
            return Err(missing("second factor", "第二验证因素"));
        }
        keep_recovery(tx, &owner, &self.recovery)
    }
}

/// Somebody gives their authenticator up, and with it the recovery codes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveTotp {
    pub id: Id<Sent>,
}

impl Change for RemoveTotp {
    const NAME: &'static str = "remove authenticator";
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
        let owner = tx.actor.person().to_owned();
        if forget_totp(tx, &owner)? == 0 {
            return Err(missing("authenticator", "动态口令"));
        }
        Ok(())
    }
}

/// An administrator takes somebody's second factor away, because the phone is gone; their sessions end at once.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetSecondFactor {
    pub id: Id<Sent>,
    pub account: Id<AccountId>,
}

impl Change for ResetSecondFactor {
    const NAME: &'static str = "reset second factor";
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
        let account = self.account.to_string();
        if tx.actor.person() == account {
            return Err(invalid(
                "access.own_factor",
                "account",
                "your own factors are under My account; another administrator resets them when they are lost",
                "本人的验证因素在“我的账号”中管理；如已丢失，请另一位管理员重置",
            ));
        }
        forget_totp(tx, &account)?;
        end_sessions(tx, self.account)
    }
}

fn forget_totp(tx: &mut Tx<'_>, account: &str) -> Result<u64> {
    tx.run("DELETE FROM access_recovery WHERE account = $1", params![account])?;
    tx.run("DELETE FROM access_totp WHERE account = $1", params![account])
}

fn keep_recovery(tx: &mut Tx<'_>, account: &str, marks: &[String]) -> Result<()> {
    tx.run("DELETE FROM access_recovery WHERE account = $1", params![account])?;
    let rows: Vec<Vec<Value>> = marks.iter().map(|mark| vec![account.into(), mark.into()]).collect();
    tx.insert_many("INSERT INTO access_recovery (account, mark)", 2, &rows, "")
}
