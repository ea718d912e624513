//! Subjects behind random handles. Who a handle is, is sealed; opening it is a change of its own.

mod access_log;
mod certificate;
mod clockwork;
mod erase;
mod exports;
mod hold;
pub mod http;
mod identity;
mod list_file;
mod open_identity;
mod retention;
mod turn_key;

pub use access_log::{access_log, who};
pub use certificate::{certificate, certificate_key, erasures, verify_certificate};
pub use clockwork::{Ran, keep_clocks, repeat_erasures, run_clocks};
pub use erase::{ErasePeople, Erasure, Ground, forget_subject};
pub(crate) use exports::forget_exports;
pub use exports::{Export, ExportIdentities, ExportRows, FetchExport, Listed, demand_rows};
pub use hold::SetHold;
pub use identity::{
    Identity, Subject, has_identity, keep_subject, open_identity_of, seal_identity, subject_territory,
};
pub use list_file::trace_list;
pub(crate) use open_identity::OPENINGS;
pub use open_identity::{AT_MOST_ALONE, OpenIdentity};
pub use retention::{Due, clocks, falls_due};
pub use turn_key::{KeyDeed, TurnKey};

pub(crate) const SCHEMA: &str = "
CREATE TABLE people_subject (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  identity TEXT,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Erasure, holds, and the ledger of lists that left.
pub(crate) const KEEPING: &str = include_str!("schema.sql");
