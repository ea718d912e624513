//! Measures a government orders: who proposed, decided and approved them on which article, until when, and what they cost.
//!
//! Deliberately absent: what may follow what; that is `pure/control`, by the articles of packs/measures.

mod awaited;
pub mod changes;
mod clock;
pub mod http;
mod limits;
mod party;
mod record;
mod review;
mod views;

pub(crate) use awaited::{Awaited, awaited};
pub use clock::{keep_measures, turn_measures};
pub(crate) use limits::limits_at;
pub(crate) use party::party_of;
pub(crate) use record::denied;

use base::Named;

pub struct Order;
impl Named for Order {
    const PREFIX: &'static str = "measure";
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");

cases::words! {
    /// What was done to a measure.
    Deed, "step of a measure" {
        Proposed = "proposed", Decided = "decided", TurnedDown = "turned_down", Approved = "approved", Refused = "refused",
        Announced = "announced", LongerAsked = "longer_asked", Reviewed = "reviewed", EffectTold = "effect_told",
        Lifted = "lifted", Lapsed = "lapsed", ReviewDue = "review_due",
    }
}
