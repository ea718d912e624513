//! Whether tracing works: numbers that a team held against its work would want to see, each from counts and days alone.
//!
//! Deliberately absent: targets. The serial interval with right truncation is [`stats::estimate_truncated_delay`], the offspring's k
//! with its interval [`stats::offspring_intervals`].

mod chain_cut;
mod found_by_tracing;
mod isolation_delay;

pub use chain_cut::{
    ChainCutError, CutAssumptions, KnownContact, KnownInfection, Quarantine, probability_chain_cut,
};
pub use found_by_tracing::{AttackByKind, Followed, FoundByTracing, attack_by_kind, found_by_tracing};
pub use isolation_delay::{IsolationDelay, Waiting, isolation_delay};
