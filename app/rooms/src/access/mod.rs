//! Who may come in: accounts, sign-in, sessions, and the one place where a Scope is made.

pub mod changes;
mod grant;
pub mod http;
mod passwords;
mod sessions;
mod throttle;
mod views;

pub use grant::{actor_of, scope_of};
pub use passwords::{hash_password, invent_password};
pub use sessions::{Session, Signed};
pub use throttle::Throttle;
pub use views::{Account, account_by_id, account_by_login, accounts, any_account};

use base::Named;

pub struct AccountId;
impl Named for AccountId {
    const PREFIX: &'static str = "account";
}

pub(crate) const SCHEMA: &str = "
CREATE TABLE access_account (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  disabled INTEGER NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE TABLE access_session (
  token TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  purpose TEXT NOT NULL,
  created INTEGER NOT NULL,
  ends INTEGER NOT NULL
) STRICT;
CREATE INDEX access_session_account ON access_session (account);
";
