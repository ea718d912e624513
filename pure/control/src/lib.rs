//! Graded control: which places are under which level, since when, why, and what is still missing before they are left.
//!
//! Deliberately absent: orders. This crate proposes with its reasons; people decide in `app/`.

mod area;
mod between;
mod board;
mod cost;
mod crowd;
mod demand;
mod denied;
mod effect;
mod find;
mod ground;
mod leave;
mod measure;
mod party;
mod permit;
mod propose;
mod restriction;
mod restriction_audit;
mod unit;

pub use area::{Area, Shared};
pub use between::Between;
pub use board::{Board, Standing};
pub use cost::{Cost, cost, days_between};
pub use crowd::{ComeFrom, CrowdRisk, IfOne, crowd_risk};
pub use demand::{Demand, demands, if_clean};
pub use denied::Denied;
pub use effect::{Effect, Lived, Moved, effect};
pub use find::{Find, How, Stay};
pub use ground::{Ground, Terms, ground};
pub use leave::{
    AboveSeen, ContactsSeen, Criterion, FindInside, Leave, Missing, RoundHeld, ZoneSeen, claimed, clock,
    leave, promotion,
};
pub use measure::{Extension, Measure, MeasureState};
pub use party::{Party, Stamp};
pub use permit::{Circumstances, Gathering, Room, capacity, strictest, unmet};
pub use propose::{Doubt, Proposal, propose};
pub use restriction::{
    APPROVALS, BadTerm, Clocks, Course, RestrictionEnd, RestrictionState, Signatory, Unfit, judge_term,
    latest_end,
};
pub use restriction_audit::{Alarm, AlarmKind, Seen, alarms, drawn, hour_of, is_night, sample_size};
pub use unit::{Unit, UnitError};
