//! The exposure fence: a place and a time in which somebody may have been exposed, published; how many registered visitors were
//! there, in bands; who they were, only after a second person of another organisation agreed, for four hours, written down
//! before a name is read. What follows is an invitation to a test and never a restriction.
//!
//! Deliberately absent: telephone cells and any matching of everybody with everybody. A visit is somebody's own registration at
//! that place or on that ride (docs/decisions/0023-the-exposure-fence.md).

pub mod changes;
mod file;
mod forget;
pub(crate) mod http;
mod places;
mod present;
mod record;
mod views;

pub use crate::trace::wall::Wall;
pub(crate) use changes::reason_of_opening;
pub(crate) use forget::{Registered, forget_visitors, forget_visits, only_registered, registered_due};
pub(crate) use record::fence_territory;

use base::Named;

pub struct Fence;
impl Named for Fence {
    const PREFIX: &'static str = "fence";
}

/// A registered visit.
pub struct Visitor;
impl Named for Visitor {
    const PREFIX: &'static str = "registered";
}

pub struct Opening;
impl Named for Opening {
    const PREFIX: &'static str = "opening";
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");

cases::words! {
    /// What somebody's visit was registered by.
    Registration, "kind of registration" {
        CheckIn = "check_in", Manifest = "manifest", Declaration = "declaration", Permit = "permit",
    }
}

cases::words! {
    /// What came of an invitation to a test.
    Invited, "state of an invitation" {
        /// Their name was opened; nobody has called yet.
        Opened = "opened",
        Invited = "invited",
        /// They told us that they were tested.
        Tested = "tested",
        /// They do not want to. Nothing follows from it.
        Declined = "declined",
    }
}
