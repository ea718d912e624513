//! FHIR R4: laboratory results in bundles, in and out.
//!
//! A message bundle is written; message bundles, document bundles and plain collections are read, one or many (NDJSON).
//! Each `DiagnosticReport` is one report, judged by itself; a reference that leads nowhere refuses what hangs on it.
//! Deliberately absent: profiles, terminology servers, searching and fetching. What is not in the bundle is not there.

mod bundles;
mod datatypes;
mod ids;
mod links;
mod outcome;
mod parties;
mod report;
mod resources;
mod values;
mod words;
mod write;

pub use bundles::{Bundles, bundles};
pub use outcome::{outcome, outcomes};
pub use write::write;
