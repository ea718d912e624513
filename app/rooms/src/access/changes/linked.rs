//! Whom a provider's word lets in as whom. The pair of issuer and subject counts and nothing else: an e-mail address can
//! be given to another person.

use crate::access::changes::{end_other_sessions, end_sessions, own_account, territory_of_account};
use crate::access::{AccountId, LinkedId, SessionId};
use crate::refuse::{invalid, missing};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Refusal, Result, Sent, Status, Tx, params};

/// OpenID Connect Core 1.0, section 2: a subject has at most 255 ASCII characters.
const LONGEST_SUBJECT: usize = 255;

fn link(tx: &mut Tx<'_>, linked: Id<LinkedId>, account: Id<AccountId>, who: &Outside) -> Result<()> {
    if who.subject.is_empty() || who.subject.len() > LONGEST_SUBJECT {
        return Err(invalid(
            "access.subject",
            "subject",
            "the provider's number of the person has 1 to 255 characters; copy it from the provider",
            "提供方的用户标识应为 1 至 255 个字符；请从提供方复制",
        ));
    }
    let sql = "SELECT count(*) FROM access_linked WHERE issuer = $1 AND subject = $2";
    if tx.count(sql, params![&who.issuer, &who.subject])? > 0 {
        // Whose it is stays untold.
        return Err(Refusal::new(
            Status::Conflict,
            "access.linked_already",
            "this person of the provider is linked to an account already; unlink them there first, or ask an administrator",
            "该提供方用户已关联到一个账号；请先在该账号解除关联，或联系系统管理员",
        )
        .into());
    }
    tx.run(
        "INSERT INTO access_linked (id, account, issuer, subject, added, used, acr, amr) \
         VALUES ($1, $2, $3, $4, $5, NULL, NULL, NULL)",
        params![linked, account, &who.issuer, &who.subject, tx.at],
    )?;
    Ok(())
}

/// A person as their provider numbers them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    pub issuer: String,
    pub subject: String,
}

/// Somebody who is in links their account to themselves at a provider, who has just said that it is they.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkProvider {
    pub id: Id<Sent>,
    pub linked: Id<LinkedId>,
    pub who: Outside,
}

impl Change for LinkProvider {
    const NAME: &'static str = "link provider";
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
        vec![self.linked.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let own = own_account(tx)?;
        link(tx, self.linked, own, &self.who)
    }
}

/// Somebody takes the link off their account. Their other sessions end: one of them may have begun with it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnlinkProvider {
    pub id: Id<Sent>,
    pub linked: Id<LinkedId>,
    /// The session that stays.
    pub session: Id<SessionId>,
}

impl Change for UnlinkProvider {
    const NAME: &'static str = "unlink provider";
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
        vec![self.linked.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let own = own_account(tx)?;
        let sql = "DELETE FROM access_linked WHERE id = $1 AND account = $2";
        found(tx.run(sql, params![self.linked, own])?)?;
        end_other_sessions(tx, own, self.session)
    }
}

/// An administrator says beforehand who a person is at the provider, so that their first sign-in needs no password.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkAccount {
    pub id: Id<Sent>,
    pub linked: Id<LinkedId>,
    pub account: Id<AccountId>,
    pub who: Outside,
}

impl Change for LinkAccount {
    const NAME: &'static str = "link account";
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
        vec![self.account.to_string(), self.linked.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        link(tx, self.linked, self.account, &self.who)
    }
}

/// An administrator takes a link away. The account's sessions end.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnlinkAccount {
    pub id: Id<Sent>,
    pub linked: Id<LinkedId>,
    pub account: Id<AccountId>,
}

impl Change for UnlinkAccount {
    const NAME: &'static str = "unlink account";
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
        vec![self.account.to_string(), self.linked.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let sql = "DELETE FROM access_linked WHERE id = $1 AND account = $2";
        found(tx.run(sql, params![self.linked, self.account])?)?;
        end_sessions(tx, self.account)
    }
}

/// A provider has said who somebody is, and how it made sure.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseProvider {
    pub id: Id<Sent>,
    pub linked: Id<LinkedId>,
    /// The provider's word for how sure it is.
    pub acr: Option<String>,
    /// The provider's words for what the person showed, such as `pwd`, `otp`, `mfa`.
    pub amr: Vec<String>,
}

impl Change for UseProvider {
    const NAME: &'static str = "use provider";
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
        vec![self.linked.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let own = own_account(tx)?;
        let sql = "UPDATE access_linked SET used = $3, acr = $4, amr = $5 WHERE id = $1 AND account = $2";
        let amr = self.amr.join(" ");
        found(tx.run(sql, params![self.linked, own, tx.at, self.acr.as_deref(), amr])?)
    }
}

fn found(rows: u64) -> Result<()> {
    if rows == 0 { Err(missing("link to a provider", "关联登录")) } else { Ok(()) }
}
