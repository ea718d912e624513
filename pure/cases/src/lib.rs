//! What a case is: its dates, its classification as a state machine, how it was found, and the four earlies as delays.
//!
//! Deliberately absent: who may change what (access) and where it is kept (store).

mod classification;
mod dates;
mod earlies;
mod words;

pub use classification::{Classification, IllegalStep, Ladder};
pub use dates::{DateKind, Dates};
pub use earlies::{Delay, DelaySummary, Early, Limits, summarise};
pub use words::{ContactClass, Evidence, Found, Outcome, Sex, UnknownWord};
