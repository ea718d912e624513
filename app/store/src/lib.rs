//! The one door to the database: embedded SQLite or PostgreSQL behind the same words.
//!
//! A write is a [`Change`]: applied with its journal row in one transaction, once per id, by somebody whose [`Scope`]
//! allows it. A read goes through [`Db::read`]. Deliberately absent: anything about disease; rooms bring their tables.

pub mod archive;
mod change;
mod db;
mod engine;
mod erased;
mod error;
mod health;
mod journal;
mod keyring;
mod migrate;
mod patience;
mod rebuild;
mod rotation;
mod scope;
mod signing;
mod tx;
mod value;
mod vault;
mod wire;
mod writer;

pub use change::{Basis, Change, Permission, Sent};
pub use db::{Db, Place};
pub use engine::Engine;
pub use error::{Error, Refusal, Result, Status};
pub use health::{Health, Worry};
pub use journal::{Entry, Verdict, entries, last_moment, verify};
pub use keyring::{KeyId, KeyState};
pub use migrate::Migration;
pub use rebuild::{Difference, LeftOut, Rebuild, Retold, Untold, What};
pub use rotation::{KeyUse, Rewrapped};
pub use scope::{Actor, Kept, Scope};
pub use signing::{Signer, signature_fits};
pub use tx::{Query, Reader, Tx};
pub use value::{Row, Value};
pub use vault::{Sealed, SubjectKey, Vault, random_bits};
