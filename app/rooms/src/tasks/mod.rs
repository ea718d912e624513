//! Tasks: who does what where until when, the proof that it was done, and who is told when it was not.
//!
//! Deliberately absent: what a task is about. Another room that needs something done opens a task with [`open`] while one of its own
//! changes is applied, and closes it with [`close_of`] when it needs it no more.

pub mod changes;
mod forget;
pub mod http;
mod inside;
mod intake;
mod late;
mod opening;
mod owner;
mod record;
mod steps;
mod tally;
pub mod views;

pub(crate) use forget::forget_tasks;
pub use late::{keep_telling, tell_late_now};
pub use opening::{Closing, NewTask, Source, close_of, open, state_of};
pub use owner::Owner;

use base::Named;

pub struct Task;
impl Named for Task {
    const PREFIX: &'static str = "task";
}

/// People who share tasks, and who leads them.
pub struct Team;
impl Named for Team {
    const PREFIX: &'static str = "team";
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");
pub(crate) const TOLD: &str = include_str!("told.sql");
