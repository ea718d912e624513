//! Days as people write them into lists: what is written, how it is read, and when it cannot be.
//!
//! Deliberately absent: choosing between day-first and month-first for a whole column (recognise does, with
//! all its cells).

mod order;
mod rule;
mod words;
mod written;

pub use order::DateFormat;
pub use rule::{DateFault, DateRule};
pub use written::Written;
