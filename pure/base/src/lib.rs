//! The nouns everybody shares: days, instants, ids, territories and findings that travel with a result.
//!
//! Deliberately absent: anything that knows about disease, storage or the current time.

mod day;
mod id;
mod moment;
mod notes;
mod schema;
mod streams;
mod territory;

pub use day::{Day, DayError, Precision, StatedDay};
pub use id::{Id, IdError, Named};
pub use moment::{Moment, MomentError};
pub use notes::{Note, Notes};
pub use streams::{Stream, Streams};
pub use territory::{Territory, TerritoryError};
