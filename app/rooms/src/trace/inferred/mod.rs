//! Who infected whom, as the model of `pure/trace` draws it from what an event knows: a long piece of work, done beside everything
//! else and kept until something it rests on changes.
//!
//! Deliberately absent: writing a link. What the model says is shown as such; a person links cases.

mod board;
mod model;
mod view;

pub(crate) use board::Board;
pub use view::InferredAsked;
pub(crate) use view::{Ask, At, Leaning, inferred, leanings};
