//! The one door to the database: embedded SQLite or PostgreSQL behind the same words.
//!
//! A write is a [`Change`]: applied with its journal row in one transaction, once per id, by somebody whose [`Scope`]
//! allows it. A read goes through [`Db::read`]. Deliberately absent: anything about disease; rooms bring their tables.

pub mod archive;
mod change;
mod checkpoint;
mod db;
mod engine;
mod erased;
mod error;
mod export;
mod health;
mod journal;
mod keyring;
mod ledger;
mod log_keeper;
mod migrate;
mod patience;
mod postgres;
mod priority;
mod rebuild;
mod rotation;
mod scope;
mod signing;
mod tree;
mod tx;
mod value;
mod vault;
mod verify;
mod wire;
mod writer;

pub use change::{Basis, Change, Permission, Sent};
pub use checkpoint::{Checkpoint, Known, Witnessed, append, origin_of, public_key, read_log};
pub use db::{Db, Place};
pub use engine::Engine;
pub use error::{Error, Refusal, Result, Status};
pub use export::{Closing, Exported, Opening, export, read_export};
pub use health::{Health, Worry};
pub use journal::{Entry, Wanted, each_entry, entries, entries_after, last_moment, last_row};
pub use keyring::{KeyId, KeyState};
pub use ledger::{Ledger, leaves};
pub use migrate::Migration;
pub use rebuild::{Difference, LeftOut, Rebuild, Retold, Untold, What};
pub use rotation::{KeyUse, Rewrapped};
pub use scope::{Actor, Kept, Scope};
pub use signing::{Es256, Signer, signature_fits};
pub use tree::{Node, Tree, consistency, is_consistent, leaf};
pub use tx::{Query, Reader, Tx};
pub use value::{Row, Value};
pub use vault::{Sealed, SubjectKey, Vault, random_bits};
pub use verify::{Fault, FaultKind, Reading, Verdict, verify, verify_against};
