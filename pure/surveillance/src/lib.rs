//! Early warning: series of counts in, scored points out. One file per detector; scans over space and time; what the
//! reproduction number is now; what has happened and is not yet reported.
//!
//! Deliberately absent: where series come from and who answers a signal.

mod compatibility;
mod scored;
mod series;

pub use compatibility::Compatibility;
pub use scored::{Detector, Doubt, Scored};
pub use series::{Series, SeriesError};
