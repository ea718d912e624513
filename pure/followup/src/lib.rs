//! Follow-up: what an edition asks of one person, day by day, and when they may go.
//!
//! Deliberately absent: who decides a release, and where records are kept. A plan is made anew from what happened; nothing here
//! remembers.

mod advice;
mod case_release;
mod offsets;
mod plan;
mod record;
mod release;
mod strip;
mod switch;

pub use advice::{Advice, NoTail, advise, residual};
pub use case_release::{CaseCriterion, CaseTick, judge_case};
pub use offsets::Offsets;
pub use plan::{DueTest, Missed, MissedItem, PhasePlan, Plan, Standing, TestState, plan};
pub use record::{Check, Followed, Outcome, Released, Switched, Taken, Transfer};
pub use release::Tick;
pub use strip::{Cell, strip};
pub use switch::{Effect, EffectKind, switch};
