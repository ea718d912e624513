//! Reading a line list the way an epidemiologist would: which column says what, what each cell means, what is doubtful.
//!
//! Deliberately absent: opening files (exchange) and deciding what is new (the imports room).

mod draft;

pub use draft::{
    CaseDraft, ContactDraft, Draft, InfectorRef, LinkDraft, ListKind, Person, Place, Problem, Said, Severity,
};
