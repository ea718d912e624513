//! What happens, day by day, in plain values.

use crate::{Person, Severity};
use base::{Day, Territory};
use cases::{Classification, ContactClass, Dates, Evidence, Found};
use serde::Serialize;

/// A run is a function of scenario, version and seed, and carries all three.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Script {
    pub scenario: String,
    pub version: String,
    pub seed: u64,
    /// In order of day; within a day in the order in which they can be applied.
    pub steps: Vec<Dated>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dated {
    pub day: Day,
    pub basis: Basis,
    pub step: Step,
}

/// How a step is known. The person in it is invented in every case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Count and day were stated in a public text.
    Published,
    /// Needed to make the published figures fit together.
    Inferred,
    /// Made up so that there is something to look at.
    Invented,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    OpenEvent { no: String, zh: String, en: String, disease: String, territory: Territory },
    Place { no: String, kind: PlaceKind, zh: String, en: String, territory: Territory },
    ReportCase(Box<CaseReport>),
    Classify { case_no: String, to: Classification, why: String },
    AddContact(Box<ContactReport>),
    Link(Link),
    Figure { kind: String, value: u64, zh: String, en: String, source: String },
    Note { zh: String, en: String, source: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    Home,
    Hospital,
    QuarantineSite,
    Restaurant,
    Workplace,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseReport {
    /// Number in the event's own list, such as `TG-001`.
    pub no: String,
    pub person: Person,
    pub classification: Classification,
    pub severity: Option<Severity>,
    pub found: Found,
    pub dates: Dates,
    /// The contact this person was listed as before the result, if any.
    pub was_contact: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContactReport {
    /// Such as `TG-C-017` (close) or `TG-S-104` (contact of a contact).
    pub no: String,
    pub person: Person,
    pub class: ContactClass,
    /// The case at the head of this contact.
    pub of_case: String,
    /// For a contact of a contact: the close contact in between.
    pub via: Option<String>,
    pub exposure: Exposure,
    /// Number of the place where they met, if it is one of the script's.
    pub at_place: Option<String>,
    pub first_exposure: Day,
    pub last_exposure: Day,
}

/// How they met; the nine kinds of the Chinese tracing rule, as far as this replay needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    Meal,
    Work,
    Visit,
    Transport,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    pub infector: String,
    pub infectee: String,
    pub evidence: Evidence,
}

impl Script {
    pub fn cases(&self) -> impl Iterator<Item = &CaseReport> {
        self.steps.iter().filter_map(|dated| match &dated.step {
            Step::ReportCase(report) => Some(&**report),
            _ => None,
        })
    }

    pub fn contacts(&self) -> impl Iterator<Item = &ContactReport> {
        self.steps.iter().filter_map(|dated| match &dated.step {
            Step::AddContact(report) => Some(&**report),
            _ => None,
        })
    }

    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.steps.iter().filter_map(|dated| match &dated.step {
            Step::Link(link) => Some(link),
            _ => None,
        })
    }
}
