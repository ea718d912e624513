//! The journal as a room: who reads it, its checkpoints kept elsewhere, and the journals of others this house is witness to.
//! The rows themselves are the store's.

mod changes;
pub mod http;
mod keeping;
mod witness;

pub use changes::SeeCheckpoint;
pub use keeping::{Keeper, Keeping, keep_checkpoints};
pub use witness::seen_by_witness;

/// The last checkpoint seen of each journal this house is witness to.
pub(crate) const SCHEMA: &str = "
CREATE TABLE journal_witness (
  origin TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  checkpoint TEXT NOT NULL,
  seen INTEGER NOT NULL
) STRICT;
";
