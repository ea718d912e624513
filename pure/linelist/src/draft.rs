//! What one row of a list says, before anybody asks whether it is new.

use base::StatedDay;
use cases::{Classification, ContactClass, Dates, Evidence, Found, Outcome, Sex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the rows of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// One row, one case (or one more piece about the case above it).
    Cases,
    /// One row, one contact of a case.
    Contacts,
    /// One row, one infector and one infectee, with or without facts about both.
    Links,
}

/// Everything the row says, in canonical words: key = field word (`onset`) or `column:<header>` for a column
/// without a field; value = ISO day, closed word or trimmed text. Blank cells are present as `""`: the column
/// was there and said nothing. Two editions of a list are compared through this, so a date written another
/// way is not a change.
pub type Said = BTreeMap<String, String>;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Person {
    pub name: Option<String>,
    pub id_number: Option<String>,
    pub phone: Option<String>,
    /// Street and house; never a region.
    pub address: Option<String>,
    pub sex: Option<Sex>,
    /// Age in years; months and days become fractions.
    pub age_years: Option<f64>,
    /// The age as a band, when the list gives no number: `30s`, `30-39`.
    pub age_band: Option<String>,
    pub birth: Option<StatedDay>,
    pub occupation: Option<String>,
}

/// A place as stated: an official code, or names from broad to narrow (`山西`, `晋中市`, `太谷区`), or both.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub code: Option<String>,
    pub names: Vec<String>,
    /// WGS84 degrees: longitude, latitude.
    pub point: Option<(f64, f64)>,
}

/// Somebody named as infector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InfectorRef {
    pub case_no: String,
    pub evidence: Evidence,
    /// The words it was read from, when it was read from free text.
    pub said: Option<String>,
    /// `family`, `coworker`, … when stated.
    pub relation: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CaseDraft {
    /// The number the list itself gives to the case.
    pub case_no: Option<String>,
    /// As stated; the imports room finds the disease pack.
    pub disease: Option<String>,
    pub person: Person,
    pub residence: Place,
    /// Who was notified, when it differs from where the person lives.
    pub notified: Place,
    pub dates: Dates,
    pub classification: Option<Classification>,
    pub outcome: Option<Outcome>,
    pub found: Option<Found>,
    pub infectors: Vec<InfectorRef>,
    pub said: Said,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ContactDraft {
    pub contact_no: Option<String>,
    pub source_case_no: Option<String>,
    pub person: Person,
    pub residence: Place,
    pub first_exposure: Option<StatedDay>,
    pub last_exposure: Option<StatedDay>,
    pub relation: Option<String>,
    pub class: Option<ContactClass>,
    pub said: Said,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LinkDraft {
    pub infector: CaseDraft,
    pub infectee: CaseDraft,
    pub evidence: Option<Evidence>,
    pub relation: Option<String>,
    pub setting: Option<String>,
    pub said: Said,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
#[expect(
    clippy::large_enum_variant,
    reason = "drafts are read one at a time; a box would only move the bytes"
)]
pub enum Draft {
    Case(CaseDraft),
    Contact(ContactDraft),
    Link(LinkDraft),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row cannot be used; it is counted as failed.
    Error,
    /// The row is used; this cell is kept as text and left unknown.
    Warning,
    /// Nothing is wrong; something was decided that a reader should know.
    Info,
}

/// One finding about one cell or row, for people and machines. `code` is stable, such as `date.no_such_day`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Row number as the spreadsheet or editor shows it; for JSON the record's place, from 1. 0 when it
    /// concerns the whole file.
    pub row: u64,
    pub column: Option<String>,
    pub value: Option<String>,
    pub code: String,
    pub severity: Severity,
    /// What is wrong and what to do.
    pub message: String,
}
