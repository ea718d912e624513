//! Files to rows: what is in the cells, whatever the file was written with, within bounds that are set
//! beforehand.
//!
//! Deliberately absent: what a column means (linelist) and what a row changes (the imports room).

mod caps;
mod complaint;
mod delimited;
mod encoding;
mod error;
mod file;
mod header;
pub mod hl7;
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
pub use received::{Received, Recognised, Seen, Verdict};
pub use stated_time::{CivilDate, Clock, StatedTime, StatedTimeError};
