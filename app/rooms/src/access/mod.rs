//! Who may come in: accounts, sign-in, sessions, and the one place where a Scope is made.

mod address;
mod beyond;
mod breached;
pub mod changes;
pub mod delegation;
mod devices;
mod enter;
pub mod glass;
mod grant;
pub mod http;
pub mod levels;
pub mod looks;
mod passkeys;
mod passwords;
mod presence;
mod proof;
mod providers;
pub(crate) mod refused;
mod second_factor;
pub mod second_person;
mod sees;
mod sessions;
mod sign_in;
pub mod standing;
mod throttle;
mod tokens;
mod views;
mod visitor;
mod waiting;
mod ways;

pub use address::Address;
pub use breached::Breached;
pub use enter::{enter, proved_again};
pub(crate) use grant::{
    FOLLOWED_SELF, ZONES, appellant, applicant, due_process, follow_up_clock, followed_self, house_itself,
    meter, passer_by, proposer_of_zones, reach_of_the_ill, reader_of_tests, reporter_of_positives,
    teller_of_late, watchman,
};
pub use grant::{actor_of, clockwork, scope_of};
pub use passkeys::PasskeyId;
pub(crate) use passkeys::SCHEMA as PASSKEYS;
pub use passwords::{hash_password, invent_password, judge_password};
pub(crate) use presence::Presence;
pub use proof::Proof;
pub(crate) use providers::SCHEMA as LINKED;
pub use providers::{LinkedId, Providers};
pub(crate) use refused::Refusals;
pub use sessions::Signed;
pub use throttle::Throttle;
pub(crate) use tokens::token_within;
pub(crate) use views::session_lasts;
pub use views::{Account, Session, account_by_id, account_by_login, accounts, any_account};
pub use visitor::Visitor;
pub use ways::Ways;

use base::Named;

pub struct AccountId;
impl Named for AccountId {
    const PREFIX: &'static str = "account";
}

pub struct TokenId;
impl Named for TokenId {
    const PREFIX: &'static str = "token";
}

pub struct SessionId;
impl Named for SessionId {
    const PREFIX: &'static str = "session";
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

/// Failed sign-ins in a row at a login, from devices it does not know; gone when its owner comes in.
pub(crate) const FAILURES: &str = "
CREATE TABLE access_failure (
  account TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  last INTEGER NOT NULL
) STRICT;
";

/// Authenticators with their secret sealed, and the marks of recovery codes.
pub(crate) const FACTORS: &str = "
CREATE TABLE access_totp (
  account TEXT PRIMARY KEY,
  secret TEXT NOT NULL,
  confirmed INTEGER,
  last_step INTEGER NOT NULL
) STRICT;
CREATE TABLE access_recovery (
  account TEXT NOT NULL,
  mark TEXT NOT NULL,
  used INTEGER,
  PRIMARY KEY (account, mark)
) STRICT;
";

/// Tokens of other systems; only a hash of each is kept.
pub(crate) const TOKENS: &str = "
CREATE TABLE access_token (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL,
  name TEXT NOT NULL,
  territory TEXT NOT NULL,
  permissions TEXT NOT NULL,
  made_by TEXT NOT NULL,
  created INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  revoked INTEGER,
  seen INTEGER
) STRICT;
CREATE INDEX access_token_hash ON access_token (hash);
CREATE INDEX access_token_territory ON access_token (territory);
";

/// Sessions have names of their own, and say how and when they were proved. Those made before end here: everybody signs
/// in once more.
pub(crate) const SESSIONS: &str = "
DROP TABLE access_session;
CREATE TABLE access_session (
  id TEXT PRIMARY KEY,
  token TEXT NOT NULL,
  account TEXT NOT NULL,
  purpose TEXT NOT NULL,
  method TEXT NOT NULL,
  created INTEGER NOT NULL,
  proved INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  origin TEXT NOT NULL,
  agent TEXT NOT NULL
) STRICT;
CREATE INDEX access_session_token ON access_session (token);
CREATE INDEX access_session_account ON access_session (account);
";
