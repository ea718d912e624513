//! Results to people: asked for by whoever holds the secret of a person's own code, and told in a code that others verify without
//! asking anybody (docs/result-codes.md).
//!
//! Deliberately absent: any look-up by name or number, and any trace of who asked.

mod card;
pub mod http;
mod issuer;
mod look_up;
mod masked;
mod of_number;

pub use issuer::Issuer;
pub use look_up::{Told, known_by, look_up};
pub(crate) use of_number::{Became, Sampled, samples_of};
