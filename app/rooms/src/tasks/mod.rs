//! Tasks: who does what where until when, the proof that it was done, and who is told when it was not.
//!
//! Deliberately absent: what a task is about. Another room says, while one of its own changes is applied, what a record of it [`wants`]
//! done from now on.

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

pub(crate) use forget::{forget_task_words, forget_tasks, words_due};
pub use late::{keep_telling, tell_late_now};
pub use opening::{Closing, Errand, Source, wants};
pub(crate) use opening::{give_errands, move_errands, taken_back};
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

/// How the words of tasks about nobody are met when their time is over.
pub(crate) const WORDS: &str = include_str!("words.sql");

/// The tally by day beside the one by hour.
pub(crate) const DAYS: &str = include_str!("days.sql");
