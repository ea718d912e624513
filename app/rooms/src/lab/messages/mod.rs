//! Laboratories' messages (HL7 version 2, FHIR R4): taken item by item, judged beside what is known of their tubes, answered in
//! the sender's own language, and our own results written the same way.
//!
//! Deliberately absent: how a message is read and written (`exchange`), and what a told result is worth (`pure/lab`).

mod answer;
mod book;
mod changes;
mod codes;
mod door;
pub mod http;
mod outside;
mod own;
mod told;
mod views;

pub(crate) use book::judge_waiting;
pub use changes::{LinkOutside, MapLabCode, OpenOutside, ReportOutside, SettleReport, TakeMessages};
pub(crate) use outside::{keys_of, reasons_of};
pub(crate) use views::told_of;

pub(crate) const SCHEMA: &str = include_str!("schema.sql");
pub(crate) const NAMED: &str = include_str!("named.sql");
