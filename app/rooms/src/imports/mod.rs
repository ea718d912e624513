//! Line lists coming in: one engine for the wizard and the command line. Every row is accounted for, a whole import can be
//! undone, and one that was killed goes on where it stopped.

mod account;
pub mod changes;
mod engine;
mod forget;
pub mod http;
mod jobs;
mod lists;
mod pieces;
mod reach;
mod settle;
pub mod undo;
mod view;

pub use account::{Action, FieldChange, LinkCounts, Report};
pub use engine::{Engine, Fault, Progress, Target};
pub(crate) use forget::{forget_reports, forget_traces};
pub use jobs::{Jobs, hash_of, remembered, resume};

use base::Named;

pub struct Import;
impl Named for Import {
    const PREFIX: &'static str = "import";
}

pub(crate) const SCHEMA: &str = "
CREATE TABLE imports_import (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  state TEXT NOT NULL,
  kind TEXT NOT NULL,
  event TEXT,
  list TEXT,
  mapping TEXT NOT NULL,
  choice TEXT NOT NULL,
  report TEXT,
  full_report TEXT,
  by_whom TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX imports_import_at ON imports_import (at, id);

-- What each row did to which record, and what the record was before (sealed), so that a whole import can be undone and a
-- killed one goes on with the same account.
CREATE TABLE imports_row (
  import TEXT NOT NULL,
  line INTEGER NOT NULL,
  side TEXT NOT NULL,
  record TEXT NOT NULL,
  action TEXT NOT NULL,
  before TEXT,
  PRIMARY KEY (import, line, side)
) STRICT, WITHOUT ROWID;

CREATE TABLE imports_mapping (
  fingerprint TEXT PRIMARY KEY,
  mapping TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
";
