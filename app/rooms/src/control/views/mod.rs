//! Reads of graded control. None of them names anybody.

mod at;
mod due;
mod effects;
mod levels;
mod polygon;
mod proposals;
mod zones;

pub use at::{AtAsked, at};
pub use due::due;
pub use effects::{EffectAsked, effects};
pub use levels::{LevelsAsked, levels};
pub use polygon::{PolygonAsked, units_in};
pub use proposals::proposals;
pub use zones::{ZonesAsked, zone, zones};
