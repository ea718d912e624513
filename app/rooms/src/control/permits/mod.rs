//! Permits for gatherings: what an organiser asks for, what may be allowed there now, and what happens to a permit when that changes.
//!
//! Deliberately absent: how many may meet and how risky that is; that is `pure/control`, by packs/measures/gatherings.toml.

pub mod changes;
mod circumstances;
pub mod http;
mod record;
mod reopen;
mod views;
mod would_reopen;

pub(crate) use changes::ReopenPermits;
pub(crate) use reopen::{any_affected, look_again, reopen_affected};
pub(crate) use views::{count_waiting, granted_in};
pub(crate) use would_reopen::{WouldBe, would_reopen};

use base::Named;

pub struct Permit;
impl Named for Permit {
    const PREFIX: &'static str = "permit";
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");

cases::words! {
    PermitState, "state of a permit" {
        Applied = "applied", Granted = "granted", Refused = "refused",
        /// Was granted, and does not fit any more what holds there: it is decided again.
        Reopened = "reopened",
        /// The organiser does not hold it.
        Withdrawn = "withdrawn",
    }
}
