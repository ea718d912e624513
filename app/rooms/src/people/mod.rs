//! Subjects behind random handles. Who a handle is, is sealed; opening it is a change of its own.

mod access_log;
mod catch_up;
mod certificate;
mod clockwork;
mod clusters;
mod duplicates;
mod duplicates_http;
mod erase;
mod exports;
mod hold;
pub mod http;
mod identity;
mod link_people;
mod list_file;
mod look_up;
mod marks;
mod open_identity;
mod retention;
mod traits;
mod turn_key;
mod visitors;

pub use access_log::{access_log, who};
pub use catch_up::{MarkPeople, mark_everybody, start as start_marking};
pub use certificate::{certificate, certificate_key, erasures, verify_certificate};
pub use clockwork::{Ran, keep_clocks, repeat_erasures, repeat_erasures_at, run_clocks};
pub use clusters::{other_records, same_person};
pub(crate) use duplicates::known_alike;
pub use erase::{ErasePeople, Erasure, Ground, forget_subject};
pub(crate) use exports::forget_exports;
pub use exports::{Export, ExportIdentities, ExportRows, FetchExport, Listed, demand_rows};
pub use hold::SetHold;
pub use identity::{
    Identity, Subject, has_identity, keep_subject, open_identity_of, seal_identity, subject_territory,
};
pub(crate) use identity::{move_subject, open_sealed, territory_of};
pub use link_people::{LinkPeople, PartPeople};
pub use list_file::trace_list;
pub use look_up::LookUpPerson;
pub(crate) use marks::{RULES, blocks, keep_marks, numbers_of};
pub use open_identity::{AT_MOST_ALONE, OpenIdentity};
pub(crate) use open_identity::{OPENINGS, demand_opening, open_together};
pub use retention::{Due, clocks, falls_due};
pub use traits::Traits;
pub use turn_key::{KeyDeed, TurnKey};
pub(crate) use visitors::{RegisteredMark, keep_visitor, registered_marks};

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
pub(crate) const MARKS: &str = marks::SCHEMA;
pub(crate) const LINKS: &str = clusters::SCHEMA;
pub(crate) const LOOKUPS: &str = look_up::SCHEMA;
