//! HL7 version 2: laboratory results in (ORU^R01), acknowledged one by one, and out.
//!
//! A file or a connection brings messages one after the other, with or without a batch around them. Each is judged by
//! itself, and within it each order: what is broken is refused with its place, and never takes its neighbours along.
//! Deliberately absent: what a code means, and whether somebody is told.

mod acknowledge;
mod charset;
mod elements;
mod fields;
mod frame;
mod groups;
mod messages;
mod order;
mod signs;
mod values;
mod write;

pub use acknowledge::acknowledge;
pub use frame::{frame, take_frame};
pub use messages::{Messages, messages};
pub use write::{batch, write};
