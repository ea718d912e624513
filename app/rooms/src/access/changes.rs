//! The writes of the access room, each read like an order.

mod factors;
mod linked;
mod passkeys;
mod sessions;
mod tokens;

pub(crate) use factors::secret_context;
pub use factors::{ConfirmTotp, EnrolTotp, RemoveTotp, RenewRecovery, ResetSecondFactor};
pub use linked::{LinkAccount, LinkProvider, Outside, UnlinkAccount, UnlinkProvider, UseProvider};
pub(crate) use passkeys::copied;
pub use passkeys::{AddPasskey, DoubtPasskey, NamePasskey, RemovePasskey, TakePasskeys, UsePasskey};
pub use sessions::{
    EndOtherSessions, EndSession, EndSessions, NoteFailures, NoteRefusals, NoteSeen, ProveAgain, SetSession,
    SignIn,
};
pub use tokens::{CreateToken, RevokeToken};

use crate::access::delegation::end_lendings_of;
use crate::access::views::{account_by_id, account_by_login, any_account};
use crate::access::{AccountId, SessionId};
use crate::packed;
use crate::refuse::{exists, invalid, missing, required};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

fn insert(tx: &mut Tx<'_>, account: &CreateAccount) -> Result<()> {
    required("login", &account.login)?;
    required("name", &account.name)?;
    if !account.login.chars().all(|c| c.is_alphanumeric() || "._-@".contains(c)) {
        return Err(invalid(
            "access.login_letters",
            "login",
            "a login holds letters, digits and . _ - @ only; choose another",
            "登录名只能包含字母、数字和 . _ - @；请另选",
        ));
    }
    if account_by_login(tx, &account.login)?.is_some() {
        return Err(exists("login", "登录名"));
    }
    tx.run(
        "INSERT INTO access_account (id, territory, login, name, role, password, disabled, created, organisation) \
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)",
        params![
            account.account,
            &account.territory,
            &account.login,
            &account.name,
            &account.role,
            &account.password_hash,
            tx.at,
            stated(account.organisation.as_deref())
        ],
    )?;
    Ok(())
}

/// The first administrator, while there is no account at all.
#[derive(Debug, Serialize, Deserialize)]
pub struct FirstRun {
    pub first: CreateAccount,
}

impl Change for FirstRun {
    const NAME: &'static str = "first run";
    const NEEDS: Permission = Permission::AccountsManage;
    const BASIS: Basis = Basis::FirstRun;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.first.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.first.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.first.account.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        if any_account(tx)? {
            return Err(exists("administrator", "管理员"));
        }
        insert(tx, &self.first)
    }
}

/// A person gets an account with a role in a territory.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    pub id: Id<Sent>,
    pub account: Id<AccountId>,
    pub login: String,
    pub name: String,
    pub role: String,
    pub territory: Territory,
    #[serde(default)]
    pub organisation: Option<String>,
    /// Never journaled: the door hashes the password and the journal holds neither.
    #[serde(skip)]
    pub password_hash: String,
}

impl Change for CreateAccount {
    const NAME: &'static str = "create account";
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
        vec![self.account.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        insert(tx, self)
    }
}

/// An account is disabled or enabled, or gets another role or territory. Its sessions end at once.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAccount {
    pub id: Id<Sent>,
    pub account: Id<AccountId>,
    #[serde(default)]
    pub disabled: Option<bool>,
    #[serde(default)]
    pub role: Option<String>,
    #[serde(default)]
    pub territory: Option<Territory>,
    /// An empty one takes it away.
    #[serde(default)]
    pub organisation: Option<String>,
}

impl Change for SetAccount {
    const NAME: &'static str = "set account";
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
        let own = self.account.to_string();
        if tx.actor.person() == own || tx.actor.acts_for() == Some(own.as_str()) {
            return Err(invalid(
                "access.own_account",
                "account",
                "nobody changes their own rights; ask another administrator",
                "不能更改自己的权限；请联系另一位管理员",
            ));
        }
        if let Some(territory) = &self.territory {
            tx.actor.scope.demand_territory(territory)?;
        }
        if let Some(role) = &self.role {
            known_role(role)?;
        }
        tx.run(
            "UPDATE access_account SET disabled = coalesce($2, disabled), role = coalesce($3, role), \
             territory = coalesce($4, territory) WHERE id = $1",
            params![self.account, self.disabled, self.role.as_deref(), self.territory.as_ref()],
        )?;
        end_lendings_of(tx, self.account)?;
        if let Some(organisation) = &self.organisation {
            let sql = "UPDATE access_account SET organisation = $2 WHERE id = $1";
            tx.run(sql, params![self.account, stated(Some(organisation))])?;
        }
        end_sessions(tx, self.account)
    }
}

/// A new password; every session of the account ends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    pub id: Id<Sent>,
    pub account: Id<AccountId>,
    #[serde(skip)]
    pub password_hash: String,
}

impl Change for ResetPassword {
    const NAME: &'static str = "reset password";
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
        set_password(tx, self.account, &self.password_hash)
    }
}

/// Somebody changes their own password, having shown the old one; their other sessions end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeOwnPassword {
    pub id: Id<Sent>,
    /// The session that stays; rows written before sessions had names say none, and none stayed.
    #[serde(default)]
    pub session: Option<Id<SessionId>>,
    #[serde(skip)]
    pub password_hash: String,
}

impl Change for ChangeOwnPassword {
    const NAME: &'static str = "change own password";
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
        let own = own_account(tx)?;
        tx.run("UPDATE access_account SET password = $2 WHERE id = $1", params![own, &self.password_hash])?;
        tx.run(
            "DELETE FROM access_session WHERE account = $1 AND id <> $2",
            params![own, self.session.map(|session| session.to_string()).unwrap_or_default()],
        )?;
        Ok(())
    }
}

fn stated(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Changes after which a session may be over; whoever holds something open looks again.
pub(crate) const ENDS_SESSIONS: [&str; 9] = [
    SetSession::NAME,
    EndSession::NAME,
    EndOtherSessions::NAME,
    EndSessions::NAME,
    SetAccount::NAME,
    ResetPassword::NAME,
    ChangeOwnPassword::NAME,
    ResetSecondFactor::NAME,
    RevokeToken::NAME,
];

/// A role that no pack knows would be an account that may nothing and that nobody finds.
pub(crate) fn known_role(role: &str) -> Result<()> {
    if packed::roles().role(role).is_some() {
        return Ok(());
    }
    Err(invalid(
        "access.role",
        "role",
        "there is no such role; choose one of the list",
        "没有该角色；请从列表选择",
    ))
}

/// What a token may do is some of what the role `integrator` may, and something.
fn known_permissions(permissions: &[String]) -> Result<()> {
    let role = packed::roles().role("integrator");
    let held =
        |word: &String| role.is_some_and(|role| role.permissions.iter().any(|held| held.word() == word));
    if !permissions.is_empty() && permissions.iter().all(held) {
        return Ok(());
    }
    Err(invalid(
        "access.token_permissions",
        "permissions",
        "a token may do some of what the role integrator may, and no more; choose from the list",
        "令牌的权限须从“系统对接”角色的权限中选择，不能更多；请从列表选择",
    ))
}

/// Outside the actor's territory an account does not exist.
pub(crate) fn territory_of_account(tx: &mut Tx<'_>, account: Id<AccountId>) -> Result<Territory> {
    let account = account_by_id(tx, &account.to_string())?;
    let held = account.filter(|account| tx.actor.scope.reaches(&account.territory));
    Ok(held.ok_or_else(|| missing("account", "账号"))?.territory)
}

/// The account of whoever does it.
fn own_account(tx: &Tx<'_>) -> Result<Id<AccountId>> {
    tx.actor.person().parse().map_err(|_| missing("account", "账号"))
}

fn set_password(tx: &mut Tx<'_>, account: Id<AccountId>, hash: &str) -> Result<()> {
    tx.run("UPDATE access_account SET password = $2 WHERE id = $1", params![account, hash])?;
    tx.run("DELETE FROM access_failure WHERE account = $1", params![account])?;
    end_sessions(tx, account)
}

fn end_sessions(tx: &mut Tx<'_>, account: Id<AccountId>) -> Result<()> {
    tx.run("DELETE FROM access_session WHERE account = $1", params![account])?;
    Ok(())
}

/// All but the one in which somebody has just changed how they come in.
fn end_other_sessions(tx: &mut Tx<'_>, account: Id<AccountId>, stays: Id<SessionId>) -> Result<()> {
    tx.run("DELETE FROM access_session WHERE account = $1 AND id <> $2", params![account, stays])?;
    Ok(())
}
