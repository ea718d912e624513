//! Who may have infected whom: names in free text, the graph of links, shared places and times, reconstruction from days, contacts
//! and distances, and two lists about the same people.
//!
//! Deliberately absent: fetching cases and deciding that a candidate link is true; a person does that.

mod candidate;
mod contact_rules;
mod dated_contacts;
mod graph;
mod hypotheses;
mod information;
mod known_ids;
mod mentions;
pub mod overlap;
mod reconcile;
pub mod reconstruction;
mod relation;
mod simulated;
pub mod success;
mod word_merge;

pub use candidate::{Candidate, Telling, candidate_links, earliest_named_infector};
pub use contact_rules::{Met, Proposal, Whom, contact_window, look_back, propose_class};
pub use dated_contacts::{DatedContact, DatedContacts, Reachable, Reached};
pub use graph::{ContactGraph, Generation};
pub use hypotheses::{Hypothesis, Suspect, rank_hypotheses};
pub use information::{Beliefs, yes_or_no};
pub use known_ids::KnownIds;
pub use mentions::{Form, Mention, mentions};
pub use reconcile::{Agreement, FieldTally, IdRule, IdRuleError, Match, Reconciliation, Record, reconcile};
pub use relation::Relation;
pub use simulated::{OutbreakDesign, SimulatedOutbreak, simulate_outbreak};
pub use word_merge::merge_words;
