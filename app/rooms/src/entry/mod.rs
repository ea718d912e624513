//! Checkpoints and ports. Of this room stands only what concerns monitored occupations: their rosters, and whose test is overdue.

pub mod changes;
mod file;
pub mod http;
pub mod views;

use base::Named;

/// Somebody on a roster.
pub struct Worker;
impl Named for Worker {
    const PREFIX: &'static str = "worker";
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");
