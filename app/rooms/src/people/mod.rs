//! Subjects behind random handles. Who a handle is, is sealed; opening it is a change of its own.

mod identity;
mod open_identity;
mod turn_key;

pub use identity::{
    Identity, Subject, forget_subject, has_identity, keep_subject, open_identity_of, seal_identity,
    subject_territory,
};
pub use open_identity::OpenIdentity;
pub use turn_key::{KeyDeed, TurnKey};

pub(crate) const SCHEMA: &str = "
CREATE TABLE people_subject (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  identity TEXT,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
