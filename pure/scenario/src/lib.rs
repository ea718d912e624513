//! Scenarios: an outbreak told as dated steps, from published counts and a seed.
//!
//! The counts and days are facts; every person is invented. Deliberately absent: turning steps into writes
//! (`app/`).

mod incubation;
mod person;
mod screening;
mod script;
mod sentinels;
mod spec;
mod taigu;

pub use person::{Person, id_number_is_valid};
pub use screening::residents;
pub use script::{Basis, CaseReport, ContactReport, Dated, Exposure, Link, PlaceKind, Script, Step};
pub use sentinels::{Rise, Sentinel, counted, rise_before, sent_by, sentinels};
pub use spec::{Contacts, Event, Family, Figure, Finds, Remark, Screening, Severity, Spec, SpecError};
pub use taigu::{ScriptError, taigu};

/// The replay that comes with Quell.
pub const TAIGU_2022: &str = include_str!("../../../scenarios/taigu-2022.toml");
