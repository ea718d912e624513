//! Passkeys (WebAuthn): a key pair in somebody's telephone, laptop or security key. Here lies its public half, which is
//! nobody's secret. A passkey proves possession and, by the authenticator's own PIN or finger, the person: it is two
//! factors in one, and no false page can ask for it.

mod ceremony;
pub(crate) mod routes;

pub(crate) use ceremony::{Challenge, adds, asks_to_add, asks_who, prove, who_answers};

use crate::access::AccountId;
use base::{Id, Moment, Named};
use serde::Serialize;
use store::{Query, Result, Row, params};

pub struct PasskeyId;
impl Named for PasskeyId {
    const PREFIX: &'static str = "passkey";
}

pub(crate) const SCHEMA: &str = "
CREATE TABLE access_passkey (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  credential TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  key TEXT NOT NULL,
  counter INTEGER NOT NULL,
  added INTEGER NOT NULL,
  used INTEGER,
  doubted INTEGER
) STRICT;
CREATE INDEX access_passkey_account ON access_passkey (account);
";

/// As its owner sees it.
#[derive(Debug, Clone, Serialize)]
pub struct PasskeyRow {
    pub id: Id<PasskeyId>,
    pub name: String,
    pub added: String,
    pub used: Option<String>,
    /// Since when it lets nobody in.
    pub doubted: Option<String>,
}

pub(crate) fn passkeys_of(query: &mut dyn Query, account: Id<AccountId>) -> Result<Vec<PasskeyRow>> {
    let sql = "SELECT id, name, added, used, doubted FROM access_passkey WHERE account = $1 ORDER BY added, id LIMIT 100";
    query.rows(sql, params![account])?.iter().map(of).collect()
}

fn of(row: &Row) -> Result<PasskeyRow> {
    let moment = |at: i64| Moment(at).to_string();
    Ok(PasskeyRow {
        id: row.read(0)?,
        name: row.text(1)?,
        added: moment(row.int(2)?),
        used: row.opt_int(3)?.map(moment),
        doubted: row.opt_int(4)?.map(moment),
    })
}
