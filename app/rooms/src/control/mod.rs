//! Graded control: zones with levels, why they were set, and what is still missing before they are left.
//!
//! Deliberately absent: what draws a place into a level and what lets it go; that is `pure/control` by the packs' editions.

pub(crate) mod above;
pub mod changes;
mod finds;
pub(crate) mod held;
pub mod http;
mod inside;
mod keep;
pub mod measures;
pub mod permits;
mod reach;
pub mod restrictions;
mod rules;
pub mod views;

pub use keep::{keep_proposing, propose_now};

use base::Named;

macro_rules! named {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),+ $(,)?) => { $(
        $(#[$doc])*
        pub struct $name;
        impl Named for $name {
            const PREFIX: &'static str = $prefix;
        }
    )+ };
}
named! {
    Zone = "zone",
    Proposal = "proposal",
    /// Where somebody infected was.
    Stay = "stay",
    /// Everybody of a zone tested once; not the round of a campaign.
    ZoneRound = "zround",
    /// Left although a criterion was missing.
    Override = "override",
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");
