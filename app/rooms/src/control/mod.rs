//! Graded control: zones with levels, why they were set, and what is still missing before they are left.
//!
//! Deliberately absent: what draws a place into a level and what lets it go; that is `pure/control` by the packs' editions.

pub mod http;
pub mod restrictions;
pub mod views;
