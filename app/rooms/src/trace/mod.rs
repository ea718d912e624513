//! From one case to everyone who must know: places, what people told of where they were, who met whom, and lists handed over.
//!
//! Deliberately absent: what an exposure means; that is `pure/trace` with the rules of `packs/protocols`.

mod answers;
pub mod changes;
mod contact_state;
mod delays;
pub mod fence;
mod forget;
mod goods;
pub mod http;
pub(crate) use wall::day_in as day_in_cell;
pub(crate) mod inferred;
mod interview;
mod measures;
mod mentions;
mod point;
mod reach;
mod run;
mod shared_by;
mod sources;
pub(crate) mod sources_http;
pub(crate) mod standing;
mod suspects;
mod uncounted;
pub mod views;
mod visit;
mod wall;

pub(crate) use forget::forget_told;

use base::Named;

macro_rules! named {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),+ $(,)?) => { $(
        $(#[$doc])*
        pub struct $name;
        impl Named for $name {
            const PREFIX: &'static str = $prefix;
        }
    )+ };
}
named! {
    /// A place somebody was at; the places of an event (`cases::Place`) are those its team names.
    Place = "premises",
    /// A lot of goods.
    Goods = "goods",
    Interview = "interview",
    Visit = "visit",
    Exposure = "exposure",
    /// A list of contacts given to another territory.
    Handover = "handover",
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");
pub(crate) const INTERVIEWS: &str = include_str!("interviews.sql");
pub(crate) const EXPOSURES: &str = include_str!("exposures.sql");
pub(crate) const GOODS: &str = include_str!("goods.sql");
