//! Subjects behind random handles. Who a handle is, is sealed; opening it is a change of its own.

mod catch_up;
mod clusters;
mod duplicates;
pub mod http;
mod identity;
mod link_people;
mod look_up;
mod marks;
mod open_identity;
mod traits;
mod turn_key;

pub use catch_up::{MarkPeople, mark_everybody, start as start_marking};
pub use clusters::{other_records, same_person};
pub use identity::{
    Identity, Subject, forget_subject, has_identity, keep_subject, open_identity_of, seal_identity,
    subject_territory,
};
pub(crate) use identity::{open_sealed, territory_of};
pub use link_people::{LinkPeople, PartPeople};
pub use look_up::LookUpPerson;
pub(crate) use marks::{RULES, blocks, keep_marks};
pub use open_identity::OpenIdentity;
pub(crate) use open_identity::demand_opening;
pub use traits::Traits;
pub use turn_key::{KeyDeed, TurnKey};

pub(crate) const SCHEMA: &str = "
CREATE TABLE people_subject (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  identity TEXT,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

pub(crate) const MARKS: &str = marks::SCHEMA;
pub(crate) const LINKS: &str = clusters::SCHEMA;
pub(crate) const LOOKUPS: &str = look_up::SCHEMA;
