//! Files to rows: what is in the cells, whatever the file was written with, within bounds that are set
//! beforehand.
//!
//! Deliberately absent: what a column means (linelist) and what a row changes (the imports room).

mod caps;
mod delimited;
mod encoding;
mod error;
mod file;
mod header;
mod json;
mod pipe;
mod spreadsheet;

pub use caps::Caps;
pub use error::FileError;
pub use file::{Choice, File, Format, Row, Rows, Source, open};
