//! Accounts as administrators and the sign-in see them.

use crate::access::presence::{GRACE_SECONDS, IDLE_SECONDS};
use crate::access::tokens::token_lasts;
use crate::access::{AccountId, SessionId, TokenId};
use base::{Id, Moment, Named, Territory};
use serde::Serialize;
use store::{Query, Result, Row, params};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    pub id: Id<AccountId>,
    pub territory: Territory,
    pub login: String,
    pub name: String,
    pub role: String,
    #[serde(skip)]
    pub password: String,
    pub disabled: bool,
    /// The organisation that answers for the person, when it was stated.
    pub organisation: Option<String>,
    /// More than a password is needed to sign in.
    pub second_factor: bool,
    pub created_at: String,
    pub last_seen: Option<String>,
}

const COLUMNS: &str = "a.id, a.territory, a.login, a.name, a.role, a.password, a.disabled, a.created, \
     (SELECT max(s.seen) FROM access_session s WHERE s.account = a.id), a.organisation, \
     (SELECT count(*) FROM access_totp t WHERE t.account = a.id AND t.confirmed IS NOT NULL)";

impl Account {
    fn of(row: &Row) -> Result<Account> {
        Ok(Account {
            id: row.read(0)?,
            territory: row.read(1)?,
            login: row.text(2)?,
            name: row.text(3)?,
            role: row.text(4)?,
            password: row.text(5)?,
            disabled: row.int(6)? != 0,
            created_at: Moment(row.int(7)?).to_string(),
            second_factor: row.int(10)? > 0,
            last_seen: row.opt_int(8)?.map(|at| Moment(at).to_string()),
            organisation: row.opt_text(9)?,
        })
    }
}

pub fn account_by_login(query: &mut dyn Query, login: &str) -> Result<Option<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM access_account a WHERE a.login = $1");
    query.first(&sql, params![login])?.as_ref().map(Account::of).transpose()
}

pub fn account_by_id(query: &mut dyn Query, id: &str) -> Result<Option<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM access_account a WHERE a.id = $1");
    query.first(&sql, params![id])?.as_ref().map(Account::of).transpose()
}

/// Failures in a row that are written down for this account.
pub fn failures_of(query: &mut dyn Query, account: Id<AccountId>) -> Result<i64> {
    let sql = "SELECT coalesce(max(failures), 0) FROM access_failure WHERE account = $1";
    query.count(sql, params![account])
}

/// Accounts in and below a territory, by login.
pub fn accounts(query: &mut dyn Query, territory: &Territory) -> Result<Vec<Account>> {
    let (first, past) = territory.range();
    let sql = format!(
        "SELECT {COLUMNS} FROM access_account a WHERE a.territory >= $1 AND a.territory < $2 ORDER BY a.login LIMIT 5000"
    );
    query.rows(&sql, params![first, past])?.iter().map(Account::of).collect()
}

pub fn any_account(query: &mut dyn Query) -> Result<bool> {
    Ok(query.count("SELECT count(*) FROM access_account", params![])? > 0)
}

/// Somebody who is in: as whom, for which purpose, and how and when they last proved it.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: Id<SessionId>,
    pub account: Account,
    pub purpose: String,
    pub method: String,
    pub proved: Moment,
    pub seen: Moment,
    pub ends: Moment,
}

/// A person's sessions as they see them themselves.
#[derive(Debug, Serialize)]
pub struct OwnSession {
    pub id: Id<SessionId>,
    pub method: String,
    pub since: String,
    pub proved: String,
    pub last_seen: String,
    pub from: String,
    pub agent: String,
}

/// Those that still open something, the latest first.
pub fn sessions_of(query: &mut dyn Query, account: Id<AccountId>, now: Moment) -> Result<Vec<OwnSession>> {
    let awake = now.plus_seconds(-IDLE_SECONDS - GRACE_SECONDS);
    let sql = "SELECT id, method, created, proved, seen, origin, agent FROM access_session \
         WHERE account = $1 AND ends > $2 AND seen > $3 ORDER BY created DESC, id LIMIT 200";
    let told = |row: &Row, at: usize| row.int(at).map(|at| Moment(at).to_string());
    let rows = query.rows(sql, params![account, now, awake])?;
    let one = |row: &Row| {
        Ok(OwnSession {
            id: row.read(0)?,
            method: row.text(1)?,
            since: told(row, 2)?,
            proved: told(row, 3)?,
            last_seen: told(row, 4)?,
            from: row.text(5)?,
            agent: row.text(6)?,
        })
    };
    rows.iter().map(one).collect()
}

/// Whether a session still opens something; asked by what stays open longer than a request.
pub fn session_lasts(
    query: &mut dyn Query,
    actor: &str,
    session: Id<SessionId>,
    now: Moment,
) -> Result<bool> {
    if actor.starts_with(TokenId::PREFIX) {
        return token_lasts(query, actor, now);
    }
    let sql = "SELECT count(*) FROM access_session s JOIN access_account a ON a.id = s.account \
         WHERE s.id = $1 AND s.ends > $2 AND a.disabled = 0";
    Ok(query.count(sql, params![session, now])? > 0)
}

/// The session a token belongs to, while it lasts and its account is open.
pub fn session_by_token(query: &mut dyn Query, token_hash: &str, now: Moment) -> Result<Option<Session>> {
    let sql = "SELECT id, account, purpose, method, proved, seen, ends FROM access_session WHERE token = $1 AND ends > $2";
    let Some(row) = query.first(sql, params![token_hash, now])? else { return Ok(None) };
    let account = account_by_id(query, &row.text(1)?)?.filter(|account| !account.disabled);
    let Some(account) = account else { return Ok(None) };
    Ok(Some(Session {
        id: row.read(0)?,
        account,
        purpose: row.text(2)?,
        method: row.text(3)?,
        proved: Moment(row.int(4)?),
        seen: Moment(row.int(5)?),
        ends: Moment(row.int(6)?),
    }))
}
