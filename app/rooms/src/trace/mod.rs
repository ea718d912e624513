//! From one case to everyone who must know: places, what people told of where they were, who met whom, and lists handed over.
//!
//! Deliberately absent: what an exposure means; that is `pure/trace` with the rules of `packs/protocols`.

pub mod changes;
mod delays;
pub mod fence;
pub mod http;
pub(crate) mod inferred;
mod measures;
mod mentions;
mod point;
mod reach;
pub(crate) mod sources_http;
pub mod views;

use base::Named;

/// A place somebody was at; the places of an event (`cases::Place`) are those its team names.
pub struct Place;
impl Named for Place {
    const PREFIX: &'static str = "premises";
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");
