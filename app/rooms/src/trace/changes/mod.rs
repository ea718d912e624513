//! Writes of the trace room, one file for each kind of thing.

mod places;

pub use places::{AmendPlace, RegisterPlace};
