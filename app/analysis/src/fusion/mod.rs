//! The multi-point trigger on plain files: `quell fuse`, and `quell evaluate`, which tries detectors and the fusion on
//! outbreaks that are known.
//!
//! Deliberately absent: what to do about a signal.

mod evaluate;
mod file;
mod fuse;
mod plan;
mod settings;
mod trial;

pub use evaluate::Evaluate;
pub use fuse::Fuse;
