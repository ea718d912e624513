//! Layouts that are known by themselves: the exports of SORMAS and Go.Data.

use crate::{Fact, Field, ListKind};

/// A layout whose columns mean the same wherever they come from.
pub struct Template {
    pub name: &'static str,
    pub kind: ListKind,
    columns: &'static [(&'static str, Field)],
}

impl Template {
    /// What the column says; `None` for a column of the layout that Quell has no field for.
    pub fn field(&self, column: &str) -> Option<Field> {
        let folded = folded(column);
        self.columns.iter().find(|(name, _)| folded == *name).map(|(_, field)| *field)
    }
}

/// The layout these columns belong to, when it is a known one (and of the kind that was asked for).
pub fn known(columns: &[String], kind: Option<ListKind>) -> Option<Template> {
    let present: Vec<String> = columns.iter().map(|column| folded(column)).collect();
    let fits = |signs: &[&str]| signs.iter().all(|sign| present.iter().any(|column| column == sign));
    let found = LAYOUTS.iter().find(|layout| layout.signs.iter().any(|signs| fits(signs)))?;
    kind.is_none_or(|kind| kind == found.kind).then_some(Template {
        name: found.name,
        kind: found.kind,
        columns: found.columns,
    })
}

/// Lower case, list places taken out: `addresses City [1]` and `addresses[].city` both become `addresses
/// city`.
fn folded(column: &str) -> String {
    let column = column.trim().trim_start_matches('\u{feff}').replace("[]", "").replace("[1]", "");
    // Go.Data writes the path with dots or with spaces, by version; SORMAS always with dots.
    let spaced = column.replace('.', " ").to_lowercase();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Layout {
    name: &'static str,
    kind: ListKind,
    /// Any of these sets of columns gives the layout away.
    signs: &'static [&'static [&'static str]],
    columns: &'static [(&'static str, Field)],
}

const fn row(fact: Fact) -> Field {
    Field::row(fact)
}

/// Column names from the SORMAS 1.9x exports and import templates, and from Go.Data's model paths and English
/// labels (both projects publish them in their source).
const LAYOUTS: &[Layout] = &[
    Layout {
        name: "sormas_contact_export",
        kind: ListKind::Contacts,
        signs: &[&["contactclassification", "lastcontactdate"], &["caseidexternalsystem", "lastcontactdate"]],
        columns: SORMAS_CONTACT,
    },
    Layout {
        name: "sormas_case_export",
        kind: ListKind::Cases,
        signs: &[&["caseclassification", "person firstname"], &["uuid", "epidnumber", "caseclassification"]],
        columns: SORMAS_CASE,
    },
    Layout {
        name: "sormas_line_listing",
        kind: ListKind::Cases,
        signs: &[
            &["epidnumber", "person firstname", "responsibleregion"],
            &["disease", "person firstname", "reportdate"],
        ],
        columns: SORMAS_CASE,
    },
    Layout {
        name: "godata_contact",
        kind: ListKind::Contacts,
        signs: &[
            &["visualid", "dateoflastcontact"],
            &["contact id", "date of last contact", "date of reporting"],
        ],
        columns: GODATA_CONTACT,
    },
    Layout {
        name: "godata_case",
        kind: ListKind::Cases,
        signs: &[&["visualid", "dateofonset"], &["case id", "date of onset", "date of reporting"]],
        columns: GODATA_CASE,
    },
];

const SORMAS_CASE: &[(&str, Field)] = &[
    ("uuid", row(Fact::CaseNo)),
    // Import templates have no uuid; in exports the uuid stands first and wins.
    ("epidnumber", row(Fact::CaseNo)),
    ("disease", row(Fact::Disease)),
    ("person firstname", row(Fact::GivenName)),
    ("person lastname", row(Fact::FamilyName)),
    ("person sex", row(Fact::Sex)),
    ("person approximateage", row(Fact::Age)),
    ("person approximateagetype", row(Fact::AgeUnit)),
    ("person agegroup", row(Fact::AgeBand)),
    ("birthdate", row(Fact::Birth)),
    ("person birthdatedd", row(Fact::BirthDay)),
    ("person birthdatemm", row(Fact::BirthMonth)),
    ("person birthdateyyyy", row(Fact::BirthYear)),
    ("person phone", row(Fact::Phone)),
    ("person occupationtype", row(Fact::Occupation)),
    ("person address region", row(Fact::Province)),
    ("person address district", row(Fact::City)),
    ("person address community", row(Fact::County)),
    ("person address city", row(Fact::Place)),
    ("person address street", row(Fact::Address)),
    ("responsibleregion", row(Fact::NotifiedProvince)),
    ("responsibledistrict", row(Fact::NotifiedCity)),
    ("responsiblecommunity", row(Fact::NotifiedCounty)),
    ("caseclassification", row(Fact::Classification)),
    ("outcome", row(Fact::Outcome)),
    ("outcomedate", row(Fact::OutcomeDate)),
    ("reportdate", row(Fact::Report)),
    ("symptoms onsetdate", row(Fact::Onset)),
    ("quarantinefrom", row(Fact::Isolation)),
    ("hospitalization admissiondate", row(Fact::Admission)),
    ("hospitalization dischargedate", row(Fact::Recovery)),
    ("person deathdate", row(Fact::Death)),
];

const SORMAS_CONTACT: &[(&str, Field)] = &[
    ("uuid", row(Fact::ContactNo)),
    ("sourcecaseuuid", row(Fact::SourceCaseNo)),
    ("caseidexternalsystem", row(Fact::SourceCaseNo)),
    ("disease", row(Fact::Disease)),
    ("contactclassification", row(Fact::ContactClass)),
    ("firstcontactdate", row(Fact::FirstExposure)),
    ("lastcontactdate", row(Fact::LastExposure)),
    ("relationtocase", row(Fact::Relation)),
    ("person firstname", row(Fact::GivenName)),
    ("person lastname", row(Fact::FamilyName)),
    ("person sex", row(Fact::Sex)),
    ("person approximateage", row(Fact::Age)),
    ("birthdate", row(Fact::Birth)),
    ("person birthdatedd", row(Fact::BirthDay)),
    ("person birthdatemm", row(Fact::BirthMonth)),
    ("person birthdateyyyy", row(Fact::BirthYear)),
    ("person phone", row(Fact::Phone)),
    ("person occupationtype", row(Fact::Occupation)),
    ("person address region", row(Fact::Province)),
    ("person address district", row(Fact::City)),
    ("person address community", row(Fact::County)),
    ("person address city", row(Fact::Place)),
    ("person address street", row(Fact::Address)),
];

const GODATA_CASE: &[(&str, Field)] = &[
    ("visualid", row(Fact::CaseNo)),
    ("case id", row(Fact::CaseNo)),
    ("firstname", row(Fact::GivenName)),
    ("first name", row(Fact::GivenName)),
    ("lastname", row(Fact::FamilyName)),
    ("last name", row(Fact::FamilyName)),
    ("gender", row(Fact::Sex)),
    ("occupation", row(Fact::Occupation)),
    ("age years", row(Fact::Age)),
    ("age age years", row(Fact::Age)),
    ("dob", row(Fact::Birth)),
    ("date of birth", row(Fact::Birth)),
    ("classification", row(Fact::Classification)),
    ("dateofinfection", row(Fact::Exposure)),
    ("date of infection", row(Fact::Exposure)),
    ("dateofonset", row(Fact::Onset)),
    ("date of onset", row(Fact::Onset)),
    ("dateofreporting", row(Fact::Report)),
    ("date of reporting", row(Fact::Report)),
    ("datebecomecase", row(Fact::Result)),
    ("date of becoming case", row(Fact::Result)),
    ("outcomeid", row(Fact::Outcome)),
    ("outcome", row(Fact::Outcome)),
    ("dateofoutcome", row(Fact::OutcomeDate)),
    ("date of outcome", row(Fact::OutcomeDate)),
    ("documents number", row(Fact::IdNumber)),
    ("documents document number", row(Fact::IdNumber)),
    ("addresses country", row(Fact::Country)),
    ("addresses locationid", row(Fact::Place)),
    ("addresses location", row(Fact::Place)),
    ("addresses city", row(Fact::City)),
    ("addresses addressline1", row(Fact::Address)),
    ("addresses address line 1", row(Fact::Address)),
    ("addresses geolocation lat", row(Fact::Lat)),
    ("addresses geolocation lng", row(Fact::Lon)),
    ("addresses geolocation latitude", row(Fact::Lat)),
    ("addresses geolocation longitude", row(Fact::Lon)),
    ("addresses phonenumber", row(Fact::Phone)),
    ("addresses phone number", row(Fact::Phone)),
];

const GODATA_CONTACT: &[(&str, Field)] = &[
    ("visualid", row(Fact::ContactNo)),
    ("contact id", row(Fact::ContactNo)),
    ("firstname", row(Fact::GivenName)),
    ("first name", row(Fact::GivenName)),
    ("lastname", row(Fact::FamilyName)),
    ("last name", row(Fact::FamilyName)),
    ("gender", row(Fact::Sex)),
    ("occupation", row(Fact::Occupation)),
    ("age years", row(Fact::Age)),
    ("age age years", row(Fact::Age)),
    ("dob", row(Fact::Birth)),
    ("date of birth", row(Fact::Birth)),
    ("dateoflastcontact", row(Fact::LastExposure)),
    ("date of last contact", row(Fact::LastExposure)),
    ("risklevel", row(Fact::ContactClass)),
    ("risk level", row(Fact::ContactClass)),
    ("documents number", row(Fact::IdNumber)),
    ("addresses country", row(Fact::Country)),
    ("addresses locationid", row(Fact::Place)),
    ("addresses location", row(Fact::Place)),
    ("addresses city", row(Fact::City)),
    ("addresses addressline1", row(Fact::Address)),
    ("addresses address line 1", row(Fact::Address)),
    ("addresses phonenumber", row(Fact::Phone)),
    ("addresses phone number", row(Fact::Phone)),
];
