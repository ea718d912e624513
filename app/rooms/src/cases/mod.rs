//! Cases, contacts, the links between them, and the events (outbreak workspaces) that hold them.

pub mod changes;
pub mod http;
mod keep;
mod record;
mod team;
pub mod views;

pub use keep::{keep_cases, keep_contacts, keep_links};
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

/// Which records are about a person: asked whenever a person is looked at, and when two are compared.
pub(crate) const SUBJECTS: &str = "
CREATE INDEX cases_case_subject ON cases_case (subject);
CREATE INDEX cases_contact_subject ON cases_contact (subject);
";
