//! Cases, contacts, the links between them, and the events (outbreak workspaces) that hold them.

pub mod changes;
mod forget;
pub mod http;
mod keep;
mod record;
mod team;
pub mod views;

pub(crate) use changes::event_territory;
pub(crate) use forget::{among, forget_notes, forget_words};
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
