//! Whose numbers a method gives: the right ones, or those of a program people compare with.
//!
//! Deliberately absent: what differs. Each method says at its own place which fault of which program it repeats.

use serde::{Deserialize, Serialize};

/// A fault of another program is repeated only when its name is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Compatibility {
    /// What the papers say.
    #[default]
    #[serde(rename = "none")]
    None,
    /// R package surveillance 1.20.
    #[serde(rename = "surveillance_1_20")]
    Surveillance1_20,
    /// R package scanstatistics 1.1.
    #[serde(rename = "scanstatistics_1_1")]
    Scanstatistics1_1,
    /// R package EpiEstim 2.2-4.
    #[serde(rename = "epiestim_2_2")]
    EpiEstim2_2,
    /// The formula of Nishiura et al. 2016 for the end of an outbreak.
    #[serde(rename = "nishiura_2016")]
    Nishiura2016,
}
