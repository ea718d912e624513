//! What people read of places, interviews, exposures and lists; always through a Scope.

mod places;

pub use places::{PlacesAsked, places};
