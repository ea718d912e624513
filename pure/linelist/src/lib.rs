//! Reading a line list the way an epidemiologist would: which column says what, what each cell means, what is
//! doubtful.
//!
//! Deliberately absent: opening files (exchange) and deciding what is new (the imports room).

mod absent;
mod ages;
mod cell;
mod dates;
mod draft;
mod drafter;
mod field;
mod header;
mod map_file;
mod mapping;
mod profile;
mod recognise;
mod synonyms;
mod templates;
mod values;

pub use cell::Cell;
pub use dates::{DateFault, DateFormat, DateRule, Written};
pub use draft::{
    CaseDraft, ContactDraft, Draft, InfectorRef, LinkDraft, ListKind, Person, Place, Problem, Said, Severity,
};
pub use drafter::{Drafted, Drafter};
pub use field::{Fact, Field, FieldError, Group, Whose};
pub use header::fingerprint;
pub use map_file::{MapFile, MapFileError, Says};
pub use mapping::{
    ColumnMapping, DateExample, DateRead, DateReading, Defaults, Mapping, MappingError, Question,
    ValueReading,
};
pub use profile::{ColumnProfile, DateEvidence, Numbers, Profile};
pub use recognise::recognise;
pub use values::allowed;
