//! Restrictions on a person with due process: a reason from a closed list, a row of evidence that truly concerns them, an article, two
//! approvers of two other organisations, an end, notice, appeal, and an auditor who looks at a sample nobody chose.
//!
//! Deliberately absent: who may take which step and what holds at a moment; that is `control::restriction`. And any way to restrict
//! somebody by name.

pub mod changes;
mod forget;
mod ground;
mod homes;
pub mod http;
mod keeping;
mod list_file;
mod not_ground;
mod party;
mod record;
mod refusals;
mod secret;
pub mod views;

pub(crate) use forget::{forget_restrictions, is_restricted};
pub(crate) use keeping::Keeper;
pub use keeping::{keep_restrictions, settle_restrictions_now};

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
    Restriction = "restriction",
    Appeal = "appeal",
    /// A list of restrictions somebody offered.
    Offer = "offer",
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");
pub(crate) const ENDS: &str = include_str!("ends.sql");
