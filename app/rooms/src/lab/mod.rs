//! Testing: campaigns and rounds, posts where people are sampled, tubes from the swab to the report, and whether it all adds up.
//!
//! Deliberately absent: what a curve means, which tube may stand where, and what does not add up; that is `pure/lab`.

pub mod changes;
mod counts;
mod forget;
mod found;
pub mod http;
mod indexing;
mod intake;
mod look_back;
pub mod messages;
mod outages;
mod paper_lines;
mod paper_list;
mod people;
mod plate;
mod reach;
mod reconciling;
pub mod rehearsal;
pub mod results;
mod run_file;
mod tested;
pub mod views;

pub(crate) use forget::{DueNames, forget_index, forget_names, in_blocks, names_due};
pub use found::{keep_reporting, report_found_now};
pub use indexing::{index_now, keep_index};
pub use intake::ToldTube;
pub use outages::PublicOutage;
pub(crate) use outages::{propose_outage, public_outages};
pub use paper_list::read as read_paper_list;
pub(crate) use tested::{last_test, marks_of_number};

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
    Campaign = "campaign",
    Round = "round",
    /// Where people are sampled.
    Post = "post",
    Laboratory = "laboratory",
    /// One plate through one instrument.
    Run = "run",
    /// Sampling or results stood still.
    Outage = "outage",
    /// Samplers at a post for some hours.
    Shift = "shift",
    /// What a round is short of.
    Shortage = "shortage",
    /// The telephone a tube was registered on.
    Device = "device",
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");

/// What names of tubes go by when their time is over.
pub(crate) const FORGETTING: &str = include_str!("forgetting.sql");

/// What laboratories tell by message.
pub(crate) const MESSAGES: &str = messages::SCHEMA;
/// Which of them still name somebody.
pub(crate) const MESSAGES_NAMED: &str = messages::NAMED;

/// How those who were found are met again.
pub(crate) const FOUND: &str = include_str!("found.sql");

/// When the platform itself kept people from being sampled.
pub(crate) const OUTAGES: &str = include_str!("outages.sql");
/// Shifts, shortages and paper lists.
pub(crate) const MANNED: &str = include_str!("manned.sql");
