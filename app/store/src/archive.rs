//! A whole database in one file, the same for both engines: every row of every table from one snapshot, then a manifest
//! that says what is inside and the SHA-256 of each part. Sealed values stay sealed; the master key is never inside.
//!
//! ```text
//! "quell backup 1\n" │ rows of table a │ rows of table b │ … │ manifest (JSON) │ its SHA-256 │ its length │ "quell backup ends\n"
//! ```
//!
//! Every byte lies in a part or in the manifest or is fixed: whatever bit flips, [`check`] refuses the file.

mod cells;
mod check;
mod disk;
mod fill;
mod restore;
mod write;

pub use check::check;
pub use disk::{free_bytes, kind_of_disk, sync_folder};
pub use restore::{Restored, is_plain_copy, restore};
pub use write::Progress;

pub use write::shape;
pub(crate) use write::write;

use base::Moment;
use serde::{Deserialize, Serialize};

pub(crate) const BEGINS: &[u8] = b"quell backup 1\n";
pub(crate) const ENDS: &[u8] = b"quell backup ends\n";

/// What stands at the end of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// The version of the program that wrote it.
    pub program: String,
    pub at: Moment,
    /// The steps its tables have seen: an older program refuses, a newer one brings them up to date.
    pub steps: Vec<Step>,
    /// How many rows the journal has, and the hash of the last.
    pub journal_rows: i64,
    pub head: String,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub name: String,
    pub hash: String,
}

/// The rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub table: String,
    pub columns: Vec<String>,
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
}

impl Manifest {
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }

    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
