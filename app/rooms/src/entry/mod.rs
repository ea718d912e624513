//! Checkpoints and ports. Of this room stands only what concerns monitored occupations: their rosters, and whose test is overdue.

pub mod changes;
mod duty;
mod file;
mod forget;
pub mod http;
mod reading;
pub mod views;

pub(crate) use duty::duty_of;
pub use duty::{Duty, duties_of};
pub(crate) use forget::{forget_workers, workers_due};
pub use reading::{keep_reading_tests, read_tests_now};

use base::Named;

/// Somebody on a roster.
pub struct Worker;
impl Named for Worker {
    const PREFIX: &'static str = "worker";
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");
