//! Files to rows: what is in the cells, whatever the file was written with, within bounds that are set
//! beforehand. Messages of laboratories to reports and back, in the two languages they speak.
//!
//! Deliberately absent: what a column means (linelist), what a row changes (the imports room), and what follows from a result.

mod caps;
mod complaint;
mod delimited;
mod encoding;
mod error;
pub mod fhir;
mod file;
mod header;
pub mod hl7;
pub mod instrument;
mod json;
pub mod lab_report;
mod pipe;
mod received;
mod spreadsheet;
mod stated_time;

pub use caps::Caps;
pub use complaint::{Complaint, Place, ReportFault};
pub use error::FileError;
pub use file::{Choice, File, Format, Row, Rows, Source, open};
pub use received::{Received, Recognised, Seen, Verdict, Written};
pub use stated_time::{CivilDate, Clock, StatedTime, StatedTimeError};
