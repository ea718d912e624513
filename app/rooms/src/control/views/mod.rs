//! Reads of graded control. None of them names anybody.

mod levels;

pub use levels::{LevelsAsked, levels};
