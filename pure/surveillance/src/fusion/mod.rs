//! The multi-point trigger: many streams in many places, step after step, become one ranked list that a team can work through.
//!
//! A stream says how unusual its step is (`unusual`, or any detector, or a p-value from outside); its own history corrects
//! what it says (`own_history`); the streams of one place are combined although they depend on each other (`combine`);
//! neighbours and upper levels make us look closer (`kin`); and the alert budget decides where the list ends (`budget`,
//! `online`, `list`). `outbreak` and `evaluation` try it on outbreaks that never happened.
//!
//! Deliberately absent: who is told, and what became of a signal.

mod budget;
mod combine;
mod count;
mod evaluation;
mod fuse;
mod kin;
mod list;
mod normal_step;
mod online;
mod outbreak;
mod own_history;
mod unusual;
mod watched;

pub use budget::{Counts, closeness_weights};
pub use combine::combine_dependent;
pub use evaluation::{Alarms, Episode, Tally, Truth, episodes, tally};
pub use fuse::{Control, Evidence, FuseRule, Fused, Reason, Signal, Stream, Trigger, fuse};
pub use kin::{Neighbours, sureness};
pub use list::Standing;
pub use normal_step::{Baseline, NormalStep};
pub use online::Lord;
pub use outbreak::{Outbreak, OutbreakShape};
pub use own_history::OwnHistory;
pub use unusual::{RecentCounts, describe};
pub use watched::{Watched, Watcher, Way, streams_of, streams_with_alarms, with_upper_levels};
