//! Sign-in providers of organisations (OpenID Connect): whoever runs Quell names them in a file, and a person is let in on
//! a provider's word when their account is linked to the provider's number for them.

mod book;
mod errand;
pub(crate) mod routes;
mod talk;
mod token;

pub use book::Providers;
pub(crate) use errand::Errand;
use errand::{Why, comes_back, goes};
pub use talk::Provider;
pub(crate) use talk::Trouble;

use crate::access::AccountId;
use crate::access::changes::Outside;
use base::{Id, Moment, Named};
use serde::Serialize;
use store::{Query, Result, Row, params};

pub struct LinkedId;
impl Named for LinkedId {
    const PREFIX: &'static str = "linked";
}

pub(crate) const SCHEMA: &str = "
CREATE TABLE access_linked (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  added INTEGER NOT NULL,
  used INTEGER,
  acr TEXT,
  amr TEXT,
  UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX access_linked_account ON access_linked (account);
";

/// One link of an account, as its owner and administrators see it.
#[derive(Debug, Clone, Serialize)]
pub struct LinkedRow {
    pub id: Id<LinkedId>,
    #[serde(skip)]
    pub account: String,
    pub issuer: String,
    pub subject: String,
    pub added: String,
    pub used: Option<String>,
    /// How the provider made sure, the last time.
    pub acr: Option<String>,
    pub amr: Option<String>,
}

const COLUMNS: &str = "id, account, issuer, subject, added, used, acr, amr";

fn of(row: &Row) -> Result<LinkedRow> {
    Ok(LinkedRow {
        id: row.read(0)?,
        account: row.text(1)?,
        issuer: row.text(2)?,
        subject: row.text(3)?,
        added: Moment(row.int(4)?).to_string(),
        used: row.opt_int(5)?.map(|at| Moment(at).to_string()),
        acr: row.opt_text(6)?,
        amr: row.opt_text(7)?,
    })
}

pub(crate) fn linked_of(query: &mut dyn Query, account: Id<AccountId>) -> Result<Vec<LinkedRow>> {
    let sql = format!("SELECT {COLUMNS} FROM access_linked WHERE account = $1 ORDER BY added, id LIMIT 100");
    query.rows(&sql, params![account])?.iter().map(of).collect()
}

pub(crate) fn linked_to(query: &mut dyn Query, who: &Outside) -> Result<Option<LinkedRow>> {
    let sql = format!("SELECT {COLUMNS} FROM access_linked WHERE issuer = $1 AND subject = $2");
    query.first(&sql, params![&who.issuer, &who.subject])?.as_ref().map(of).transpose()
}
