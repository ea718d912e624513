//! Passkeys come, get a name, are used, are doubted, and go. Only the public half is ever here.

use crate::access::changes::{end_other_sessions, end_sessions, own_account, territory_of_account};
use crate::access::{AccountId, PasskeyId, SessionId};
use crate::refuse::{exists, invalid, missing, required};
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// More than anybody's keys, telephones and laptops together.
const MOST: i64 = 20;
const LONGEST_NAME: usize = 60;

fn name_of(name: &str) -> Result<&str> {
    required("name", name)?;
    if name.chars().count() > LONGEST_NAME {
        return Err(invalid(
            "access.passkey_name",
            "name",
            format!("the name is longer than {LONGEST_NAME} characters; shorten it"),
            format!("名称超过 {LONGEST_NAME} 个字符；请缩短"),
        ));
    }
    Ok(name.trim())
}

/// Somebody who is in adds a passkey to their account.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddPasskey {
    pub id: Id<Sent>,
    pub passkey: Id<PasskeyId>,
    pub name: String,
    /// The credential's own number, as browsers write it.
    pub credential: String,
    /// The public key and what the authenticator said of itself, in the library's form.
    pub key: serde_json::Value,
    pub counter: u32,
}

impl Change for AddPasskey {
    const NAME: &'static str = "add passkey";
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
        vec![self.passkey.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let own = own_account(tx)?;
        let name = name_of(&self.name)?;
        let sql = "SELECT count(*) FROM access_passkey WHERE credential = $1";
        if tx.count(sql, params![&self.credential])? > 0 {
            return Err(exists("passkey", "通行密钥"));
        }
        if tx.count("SELECT count(*) FROM access_passkey WHERE account = $1", params![own])? >= MOST {
            return Err(invalid(
                "access.passkeys_many",
                "name",
                format!("an account has at most {MOST} passkeys; remove one you no longer use"),
                format!("每个账号最多 {MOST} 个通行密钥；请先移除不再使用的"),
            ));
        }
        tx.run(
            "INSERT INTO access_passkey (id, account, credential, name, key, counter, added, used, doubted) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL)",
            params![self.passkey, own, &self.credential, name, self.key.to_string(), self.counter, tx.at],
        )?;
        Ok(())
    }
}

/// The name by which its owner tells one passkey from another.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamePasskey {
    pub id: Id<Sent>,
    pub passkey: Id<PasskeyId>,
    pub name: String,
}

impl Change for NamePasskey {
    const NAME: &'static str = "name passkey";
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
        vec![self.passkey.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (own, name) = (own_account(tx)?, name_of(&self.name)?);
        let sql = "UPDATE access_passkey SET name = $3 WHERE id = $1 AND account = $2";
        found(tx.run(sql, params![self.passkey, own, name])?)
    }
}

/// Somebody takes a passkey off their account. Their other sessions end: one of them may have begun with it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemovePasskey {
    pub id: Id<Sent>,
    pub passkey: Id<PasskeyId>,
    /// The session that stays.
    pub session: Id<SessionId>,
}

impl Change for RemovePasskey {
    const NAME: &'static str = "remove passkey";
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
        vec![self.passkey.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let own = own_account(tx)?;
        let sql = "DELETE FROM access_passkey WHERE id = $1 AND account = $2";
        found(tx.run(sql, params![self.passkey, own])?)?;
        end_other_sessions(tx, own, self.session)
    }
}

/// An administrator takes all passkeys off an account, because a telephone was stolen. Its sessions end.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakePasskeys {
    pub id: Id<Sent>,
    pub account: Id<AccountId>,
}

impl Change for TakePasskeys {
    const NAME: &'static str = "take passkeys";
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
        tx.run("DELETE FROM access_passkey WHERE account = $1", params![self.account])?;
        end_sessions(tx, self.account)
    }
}

/// A passkey has proved its owner. Its counter moves on; one that does not is a copy, and proves nothing.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsePasskey {
    pub id: Id<Sent>,
    pub passkey: Id<PasskeyId>,
    pub counter: u32,
}

impl Change for UsePasskey {
    const NAME: &'static str = "use passkey";
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
        vec![self.passkey.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        // Authenticators that keep no counter always say 0. Asked here once more than in the signature's check: two answers
        // at the same moment have both seen the old counter.
        let moved = tx.run(
            "UPDATE access_passkey SET counter = $3, used = $4 \
             WHERE id = $1 AND account = $2 AND doubted IS NULL AND (counter < $3 OR (counter = 0 AND $3 = 0))",
            params![self.passkey, own_account(tx)?, self.counter, tx.at],
        )?;
        if moved == 0 { Err(copied()) } else { Ok(()) }
    }
}

/// A passkey has signed with a counter that was used before: there are two of it, or somebody put an old copy back. It
/// lets nobody in any more until its owner removes it and adds a new one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoubtPasskey {
    pub id: Id<Sent>,
    pub passkey: Id<PasskeyId>,
}

impl Change for DoubtPasskey {
    const NAME: &'static str = "doubt passkey";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let sql = "SELECT account FROM access_passkey WHERE id = $1";
        let row = tx.first(sql, params![self.passkey])?.ok_or_else(|| missing("passkey", "通行密钥"))?;
        territory_of_account(tx, row.read(0)?)
    }
    fn about(&self) -> Vec<String> {
        vec![self.passkey.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let at: Moment = tx.at;
        tx.run(
            "UPDATE access_passkey SET doubted = coalesce(doubted, $2) WHERE id = $1",
            params![self.passkey, at],
        )?;
        Ok(())
    }
}

pub(crate) fn copied() -> store::Error {
    invalid(
        "access.passkey_copied",
        "passkey",
        "this passkey has been copied or put back from an old copy, so it lets nobody in; sign in another way, remove it \
         under My account and add a new one",
        "该通行密钥可能被复制或由旧备份恢复，已停用；请用其他方式登录，在“我的账号”中移除后重新添加",
    )
}

fn found(rows: u64) -> Result<()> {
    if rows == 0 { Err(missing("passkey", "通行密钥")) } else { Ok(()) }
}
