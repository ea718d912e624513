//! Who shared a place and a time with a case: by place, by distance, by seat.
//!
//! Deliberately absent: what an exposure means for the person. A shared place is a reason to ask, never a finding; the
//! contact rules and a person decide.

mod air;
mod coordinates;
mod datum_guess;
mod findings;
mod index;
mod minute;
mod near;
mod seats;
mod sharing;
mod soundness;
mod stay;
mod told_day;
mod told_rides;
mod vehicle_number;

pub(crate) use findings::Findings;

pub use air::minutes_to_clear;
pub use coordinates::{Datum, Position, metres_between, shifted_on_maps};
pub use datum_guess::{ToldPosition, datum_of_list, mixed_systems, sound_positions};
pub use index::VisitIndex;
pub use minute::Minute;
pub use near::{NearExposure, NearIndex};
pub use seats::{Nearness, Ride, RideExposure, Seat, shared_rides};
pub use sharing::{CaseVisit, Exposure, GapRule, Looking, shared_stays};
pub use soundness::{VisitRules, sound_visits};
pub use stay::{Spread, Stay, ToldVisit, Within};
pub use told_day::ToldDay;
pub use told_rides::{ToldRide, told_rides};
pub use vehicle_number::vehicle_number;
