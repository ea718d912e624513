//! Lending one's role to a colleague for a holiday: for a time, in one's territory or less, to be ended by either of the two
//! and by an administrator. Whoever borrows acts for the lender in a session of their own, and the journal names both.

use crate::access::http::told;
use crate::access::views::{account_by_id, account_by_login};
use crate::access::{Account, AccountId};
use crate::packed;
use crate::refuse::{exists, invalid, missing};
use base::{Id, Moment, Named, Territory};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use store::{Basis, Change, Permission, Query, Refusal, Result, Row, Scope, Sent, Status, Tx, params};

pub struct Delegation;
impl Named for Delegation {
    const PREFIX: &'static str = "delegation";
}

pub const LONGEST_DAYS: i64 = 30;

pub(crate) const SCHEMA: &str = "
CREATE TABLE access_delegation (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  lender TEXT NOT NULL,
  delegate TEXT NOT NULL,
  role TEXT NOT NULL,
  permissions TEXT NOT NULL,
  lent INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  ended_by TEXT
) STRICT;
CREATE INDEX access_delegation_delegate ON access_delegation (delegate, ends);
CREATE INDEX access_delegation_lender ON access_delegation (lender, ends);
";

/// A role that is lent now.
#[derive(Debug, Clone)]
pub(crate) struct Lent {
    pub id: Id<Delegation>,
    pub lender: Account,
    pub territory: Territory,
    /// Which of the role's permissions; empty means all.
    pub permissions: Vec<String>,
    pub ends: Moment,
}

const COLUMNS: &str = "id, territory, lender, delegate, role, permissions, lent, ends, ended_by";

struct Kept {
    id: Id<Delegation>,
    territory: Territory,
    lender: String,
    delegate: String,
    role: String,
    permissions: Vec<String>,
    lent: Moment,
    ends: Moment,
}

impl Kept {
    fn of(row: &Row) -> Result<Kept> {
        Ok(Kept {
            id: row.read(0)?,
            territory: row.read(1)?,
            lender: row.text(2)?,
            delegate: row.text(3)?,
            role: row.text(4)?,
            permissions: row.text(5)?.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            lent: Moment(row.int(6)?),
            ends: Moment(row.int(7)?),
        })
    }
}

fn kept(query: &mut dyn Query, delegation: &str) -> Result<Option<Kept>> {
    let sql = format!("SELECT {COLUMNS} FROM access_delegation WHERE id = $1");
    query.first(&sql, params![delegation])?.as_ref().map(Kept::of).transpose()
}

/// A lender who is gone, has another role or another territory lends nothing any more.
pub(crate) fn lent_now(
    query: &mut dyn Query,
    delegate: &Account,
    delegation: &str,
    now: Moment,
) -> Result<Option<Lent>> {
    let kept = kept(query, delegation)?
        .filter(|kept| kept.delegate == delegate.id.to_string() && kept.lent <= now && now < kept.ends);
    let Some(kept) = kept else { return Ok(None) };
    let lender = account_by_id(query, &kept.lender)?.filter(|lender| {
        !lender.disabled && lender.role == kept.role && lender.territory.holds(&kept.territory)
    });
    Ok(lender.map(|lender| Lent {
        id: kept.id,
        lender,
        territory: kept.territory,
        permissions: kept.permissions,
        ends: kept.ends,
    }))
}

/// Somebody lends their role, or a part of it, to a colleague.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LendRole {
    pub id: Id<Sent>,
    pub delegation: Id<Delegation>,
    /// The colleague's login.
    pub to: String,
    /// The whole of one's territory, or a part of it.
    pub territory: Territory,
    /// Some of the role's permissions; none named means all.
    #[serde(default)]
    pub permissions: BTreeSet<String>,
    pub days: i64,
}

impl Change for LendRole {
    const NAME: &'static str = "lend role";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.delegation.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        if !(1..=LONGEST_DAYS).contains(&self.days) {
            return Err(invalid(
                "access.lent_too_long",
                "days",
                "a role is lent for one to 30 days; choose a shorter time",
                "授权代理最长 30 天；请缩短时间",
            ));
        }
        // What was lent is not lent on, and nothing is lent from behind a glass.
        if tx.actor.id != tx.actor.person() {
            return Err(not_ones_own());
        }
        let me = tx.actor.person().to_owned();
        let lender = account_by_id(tx, &me)?.ok_or_else(not_ones_own)?;
        if !lender.territory.holds(&self.territory) {
            return Err(not_ones_own());
        }
        if tx.count("SELECT count(*) FROM access_delegation WHERE id = $1", params![self.delegation])? > 0 {
            return Err(exists("delegation", "授权代理"));
        }
        let delegate = self.colleague(tx, &lender)?;
        let lent = self.permissions_of(&lender)?;
        never_both(tx, &delegate, &lent)?;
        let words: Vec<&str> = self.permissions.iter().map(String::as_str).collect();
        tx.run(
            "INSERT INTO access_delegation (id, territory, lender, delegate, role, permissions, lent, ends) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![
                self.delegation,
                &self.territory,
                me,
                delegate.id,
                &lender.role,
                words.join(" "),
                tx.at,
                tx.at.plus_seconds(self.days * 24 * 3600)
            ],
        )?;
        Ok(())
    }
}

impl LendRole {
    /// Somebody of the same branch of the tree, above or below; of others not even the login is told.
    fn colleague(&self, tx: &mut Tx<'_>, lender: &Account) -> Result<Account> {
        let found = account_by_login(tx, self.to.trim())?.filter(|found| {
            !found.disabled
                && (found.territory.holds(&lender.territory) || lender.territory.holds(&found.territory))
        });
        let found = found.ok_or_else(|| missing("colleague", "同事"))?;
        if found.id == lender.id {
            return Err(invalid(
                "access.lent_to_oneself",
                "to",
                "this is your own login; name a colleague",
                "这是您自己的登录名；请填写同事",
            ));
        }
        Ok(found)
    }

    fn permissions_of(&self, lender: &Account) -> Result<BTreeSet<String>> {
        let whole = words_of(&lender.role);
        if self.permissions.is_empty() {
            return Ok(whole);
        }
        if !self.permissions.is_subset(&whole) {
            return Err(not_ones_own());
        }
        Ok(self.permissions.clone())
    }
}

fn words_of(role: &str) -> BTreeSet<String> {
    let role = packed::roles().role(role);
    role.into_iter().flat_map(|role| &role.permissions).map(|one| one.word().to_owned()).collect()
}

fn not_ones_own() -> store::Error {
    Refusal::new(
        Status::Forbidden,
        "access.not_ones_own",
        "only what is one's own is lent: your own role, in your own territory, from your own session; choose less",
        "只能授权本人的角色、辖区和会话内的权限；请缩小范围",
    )
    .into()
}

/// What no role may hold together nobody holds together by borrowing either, one after the other included: the colleague's
/// own role, everything lent to them now, and this.
fn never_both(tx: &mut Tx<'_>, delegate: &Account, lent: &BTreeSet<String>) -> Result<()> {
    let mut together = words_of(&delegate.role);
    together.extend(lent.iter().cloned());
    let sql = format!("SELECT {COLUMNS} FROM access_delegation WHERE delegate = $1 AND ends > $2");
    for row in tx.rows(&sql, params![delegate.id, tx.at])? {
        let other = Kept::of(&row)?;
        together.extend(if other.permissions.is_empty() {
            words_of(&other.role)
        } else {
            other.permissions.into_iter().collect()
        });
    }
    for separation in &packed::roles().separations {
        let [one, other] = separation.never_together;
        if together.contains(one.word()) && together.contains(other.word()) {
            return Err(Refusal::new(
                Status::Forbidden,
                "access.separated_duties",
                format!("your colleague would hold both {one} and {other}; lend to somebody else, or less"),
                format!("您的同事将同时拥有 {one} 与 {other}；请另选同事或缩小授权范围"),
            )
            .into());
        }
    }
    Ok(())
}

/// A lending ends before its time.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndLending {
    pub id: Id<Sent>,
    pub delegation: Id<Delegation>,
}

impl Change for EndLending {
    const NAME: &'static str = "end lending";
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
        vec![self.delegation.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let kept = kept(tx, &self.delegation.to_string())?;
        let actor = tx.actor;
        let may = |kept: &Kept| {
            let one_of_the_two = [&kept.lender, &kept.delegate].iter().any(|one| *one == actor.person());
            one_of_the_two
                || (actor.scope.may(Permission::AccountsManage) && actor.scope.reaches(&kept.territory))
        };
        if !kept.is_some_and(|kept| may(&kept)) {
            return Err(missing("delegation", "授权代理"));
        }
        let by = actor.person();
        end_where(tx, "id = $1", &self.delegation.to_string(), by)
    }
}

fn end_where(tx: &mut Tx<'_>, condition: &str, value: &str, by: &str) -> Result<()> {
    let now = tx.at;
    let sessions = format!(
        "UPDATE access_session SET under = NULL WHERE under IN (SELECT id FROM access_delegation WHERE {condition})"
    );
    tx.run(&sessions, params![value])?;
    let sql =
        format!("UPDATE access_delegation SET ends = $2, ended_by = $3 WHERE {condition} AND ends > $2");
    tx.run(&sql, params![value, now, by])?;
    Ok(())
}

/// An account with another role, another territory or none at all lends and borrows nothing any more.
pub(crate) fn end_lendings_of(tx: &mut Tx<'_>, account: Id<AccountId>) -> Result<()> {
    let (account, actor) = (account.to_string(), tx.actor);
    end_where(tx, "lender = $1", &account, actor.person())?;
    end_where(tx, "delegate = $1", &account, actor.person())
}

/// What one lends and borrows; for an administrator also what others lend in the territory.
pub fn delegations(query: &mut dyn Query, scope: &Scope, me: Id<AccountId>, now: Moment) -> Result<Json> {
    let me = me.to_string();
    let since = now.plus_seconds(-LONGEST_DAYS * 24 * 3600);
    let mut told = |condition: &str, values: &[store::Value]| -> Result<Vec<Json>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM access_delegation WHERE {condition} ORDER BY ends DESC, id LIMIT 200"
        );
        let rows = query.rows(&sql, values)?;
        rows.iter().map(|row| row_told(query, row, now)).collect()
    };
    let lent = told("lender = $1 AND ends > $2", params![&me, since])?;
    let borrowed = told("delegate = $1 AND ends > $2", params![&me, since])?;
    let others = if scope.may(Permission::AccountsManage) {
        let (first, past) = scope.territory.range();
        told("territory >= $1 AND territory < $2 AND ends > $3", params![first, past, now])?
    } else {
        Vec::new()
    };
    Ok(json!({ "lent": lent, "borrowed": borrowed, "others": others }))
}

fn row_told(query: &mut dyn Query, row: &Row, now: Moment) -> Result<Json> {
    let kept = Kept::of(row)?;
    let mut party = |id: &str| -> Result<Option<Json>> {
        Ok(account_by_id(query, id)?.map(|account| {
            json!({ "name": account.name, "role": account.role, "territory": account.territory,
                    "organisation": account.organisation })
        }))
    };
    Ok(json!({
        "id": kept.id, "territory": kept.territory, "role": kept.role, "permissions": kept.permissions,
        "lender": party(&kept.lender)?, "delegate": party(&kept.delegate)?, "lent_at": told(kept.lent.0),
        "ends_at": told(kept.ends.0), "running": now < kept.ends,
    }))
}
