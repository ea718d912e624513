//! Tasks: what may follow on what, when a task is late and who is told then, and the order of doors on a way.
//!
//! Deliberately absent: clocks and tables. A moment is given, and what follows is told.

mod ladder;
mod spot;
mod state;

pub use ladder::{Told, next_telling, told_at};
pub use spot::{Spot, way_order};
pub use state::{Deed, State, Step};
