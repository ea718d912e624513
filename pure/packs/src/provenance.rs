//! How far a value may be trusted.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// Seen in the text its `source` names.
    Sourced,
    /// An editable default that nobody has checked yet; screens show it with a mark.
    Memory,
}
