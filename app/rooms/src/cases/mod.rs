//! Cases, contacts, the links between them, and the events (outbreak workspaces) that hold them.

pub mod changes;
mod forget;
pub mod http;
mod keep;
pub mod reach;
mod record;
pub(crate) mod standing;
mod team;
pub mod views;

pub(crate) use forget::{among, forget_notes, forget_words};
pub(crate) use keep::move_contact;
pub use keep::{keep_cases, keep_contacts, keep_links};
pub(crate) use reach::left_out;
pub(crate) use reach::{event_in_reach, event_in_sight};
pub use record::{CaseRecord, ContactRecord, ContactStatus, LinkRecord, case_columns, contact_columns};
pub use team::Team;

use base::Named;

macro_rules! named {
    ($($name:ident = $prefix:literal),+ $(,)?) => { $(
        pub struct $name;
        impl Named for $name {
            const PREFIX: &'static str = $prefix;
        }
    )+ };
}
named! {
    Case = "case", Contact = "contact", Event = "event", List = "list", Link = "link",
    Place = "place", Note = "note", Figure = "figure",
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");

/// The disease stands in the index that counts everybody in reach, because some readers do not reach every disease; and
/// whose records a person has is asked before a name is opened.
pub(crate) const LEVELS: &str = "
DROP INDEX cases_case_territory;
CREATE INDEX cases_case_territory ON cases_case (territory, sort_day, id, event, classification, found, curve_day, onset,
  result, report, isolation, admission, disease);
";

/// Which records are about a person: asked whenever a person is looked at, and when two are compared.
pub(crate) const SUBJECTS: &str = "
CREATE INDEX IF NOT EXISTS cases_case_subject ON cases_case (subject);
CREATE INDEX IF NOT EXISTS cases_contact_subject ON cases_contact (subject);
";

/// Dated facts of an event, for 7-1-7. `source` is `person`, or `signal` when the signal that led to the event told it.
pub(crate) const MILESTONES: &str = "
CREATE TABLE cases_milestone (
  event TEXT NOT NULL,
  kind TEXT NOT NULL,
  day TEXT,
  applicable INTEGER NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  PRIMARY KEY (event, kind)
) STRICT, WITHOUT ROWID;
";
