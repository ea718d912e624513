//! From what a row says to the record it becomes: places found, diseases recognised, and, for a known record, only what
//! the row says differently from what it said last time.

use crate::cases::{Case, CaseRecord, ContactRecord, ContactStatus, Event, List};
use crate::imports::account::{FieldChange, found};
use crate::packed;
use crate::people::Identity;
use crate::regions::Atlas;
use base::{Day, Id, Moment, Territory};
use cases::{Classification, DateKind};
use linelist::{CaseDraft, ContactDraft, Fact, Field, Person, Place, Problem, Said, Severity};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::random_bits;

/// What every row of one import shares.
#[derive(Clone)]
pub struct Ground {
    pub atlas: Arc<Atlas>,
    /// Where a record goes whose place nobody knows.
    pub territory: Territory,
    pub event: Option<Id<Event>>,
    pub list: Id<List>,
    /// The event's disease, for rows that state none.
    pub disease: Option<String>,
    pub classification: Option<Classification>,
    pub now: Moment,
}

/// A place of the atlas, and the names as stated when they lead to none.
struct Settled {
    territory: Territory,
    place: String,
}

impl Ground {
    fn settle_place(&self, row: u64, residence: &Place, problems: &mut Vec<Problem>) -> Settled {
        let stated: Vec<&str> =
            residence.names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
        let place = stated.iter().rev().copied().collect::<Vec<_>>().join(", ");
        if let Some(code) = residence.code.as_deref().filter(|code| !code.trim().is_empty()) {
            if let Some(territory) = self.atlas.by_code(code) {
                return Settled { territory: territory.clone(), place: String::new() };
            }
            let told = format!(
                "no region has the code {code}; the case is kept with its place as text: correct the code, or import your regions"
            );
            problems.push(found(row, "region_code", code, "place.unknown_code", Severity::Warning, told));
        }
        let names: Vec<String> = stated.iter().map(|name| (*name).to_owned()).collect();
        let (territory, unknown) = self.atlas.find(&names);
        if let Some(name) = unknown {
            let told = format!(
                "`{name}` is no place of the region pack{}; the case is kept with its place as text: correct the name, or import your regions",
                territory.as_ref().map(|inside| format!(" inside {inside}")).unwrap_or_default()
            );
            problems.push(found(row, "place", &name, "place.unknown", Severity::Warning, told));
        }
        Settled { territory: territory.unwrap_or_else(|| self.territory.clone()), place }
    }

    fn settle_disease(
        &self,
        row: u64,
        stated: Option<&str>,
        on: Option<Day>,
        problems: &mut Vec<Problem>,
    ) -> Option<String> {
        let Some(stated) = stated.map(str::trim).filter(|text| !text.is_empty()) else {
            return self.disease.clone();
        };
        if packed::disease(Some(stated)).is_some() {
            return Some(stated.to_owned());
        }
        let known = packed::diseases().recognise(stated, on);
        match known.as_slice() {
            [] => {
                let told = format!(
                    "no disease pack is called `{stated}`; the event's disease stands: choose one in the mapping"
                );
                problems.push(found(row, "disease", stated, "disease.unknown", Severity::Warning, told));
                self.disease.clone()
            }
            [one] => Some(one.id.clone()),
            several => several
                .iter()
                .find(|pack| Some(&pack.id) == self.disease.as_ref())
                .or(several.first())
                .map(|pack| pack.id.clone()),
        }
    }

    /// A case that is not known yet.
    pub fn new_case(
        &self,
        row: u64,
        case_no: &str,
        draft: &CaseDraft,
        problems: &mut Vec<Problem>,
    ) -> CaseRecord {
        let place = if draft.residence == Place::default() { &draft.notified } else { &draft.residence };
        let settled = self.settle_place(row, place, problems);
        let on = draft.dates.curve_day().map(|(_, day)| day);
        CaseRecord {
            id: Id::from_bits(random_bits()),
            territory: settled.territory,
            event: self.event,
            list: Some(self.list),
            case_no: case_no.to_owned(),
            subject: Id::from_bits(random_bits()),
            disease: self.settle_disease(row, draft.disease.as_deref(), on, problems),
            place: settled.place,
            point: draft.residence.point,
            sex: draft.person.sex,
            age: draft.person.age_years,
            age_band: draft.person.age_band.clone(),
            occupation: draft.person.occupation.clone(),
            classification: draft.classification.or(self.classification).unwrap_or(Classification::Suspected),
            outcome: draft.outcome,
            found: draft.found,
            dates: draft.dates.clone(),
            created: self.now,
            changed: self.now,
        }
    }

    /// Takes over what the row says differently from last time; everything else stays as people left it.
    pub fn amend_case(
        &self,
        row: u64,
        record: &mut CaseRecord,
        draft: &CaseDraft,
        changed: &[FieldChange],
        problems: &mut Vec<Problem>,
    ) {
        let fresh = self.new_case(row, &record.case_no, draft, problems);
        for fact in facts(changed) {
            match fact {
                Fact::Sex => record.sex = fresh.sex,
                Fact::Age
                | Fact::AgeUnit
                | Fact::AgeBand
                | Fact::AgeLow
                | Fact::AgeHigh
                | Fact::Birth
                | Fact::BirthYear => {
                    record.age = fresh.age;
                    record.age_band.clone_from(&fresh.age_band);
                }
                Fact::Occupation => record.occupation.clone_from(&fresh.occupation),
                Fact::Disease => record.disease.clone_from(&fresh.disease),
                Fact::Classification => record.classification = fresh.classification,
                Fact::Outcome => record.outcome = fresh.outcome,
                Fact::OutcomeDate => copy_dates(record, &fresh, &[DateKind::Death, DateKind::Recovery]),
                Fact::Found => record.found = fresh.found,
                Fact::ExposureLast => copy_dates(record, &fresh, &[DateKind::Exposure]),
                Fact::OnsetLast => copy_dates(record, &fresh, &[DateKind::Onset]),
                Fact::Lon | Fact::Lat => record.point = fresh.point,
                place if is_place(place) => {
                    record.territory = fresh.territory.clone();
                    record.place.clone_from(&fresh.place);
                }
                other => {
                    if let Some(kind) = other.date_kind() {
                        copy_dates(record, &fresh, &[kind]);
                    }
                    // A day of death states the death, a day of result the confirmation.
                    if matches!(other, Fact::Death | Fact::Recovery) {
                        record.outcome = fresh.outcome;
                    }
                    if other == Fact::Result && record.classification == Classification::Suspected {
                        record.classification = fresh.classification;
                    }
                }
            }
        }
        record.changed = self.now;
    }

    pub fn new_contact(
        &self,
        row: u64,
        contact_no: &str,
        draft: &ContactDraft,
        source: Option<Id<Case>>,
        problems: &mut Vec<Problem>,
    ) -> ContactRecord {
        let settled = self.settle_place(row, &draft.residence, problems);
        ContactRecord {
            id: Id::from_bits(random_bits()),
            territory: settled.territory,
            event: self.event,
            list: Some(self.list),
            contact_no: contact_no.to_owned(),
            subject: Id::from_bits(random_bits()),
            place: settled.place,
            source_case: source,
            source_no: draft.source_case_no.clone(),
            sex: draft.person.sex,
            age: draft.person.age_years,
            age_band: draft.person.age_band.clone(),
            class: draft.class,
            relation: draft.relation.clone(),
            first_exposure: draft.first_exposure.as_ref().map(|stated| stated.day),
            last_exposure: draft.last_exposure.as_ref().map(|stated| stated.until.unwrap_or(stated.day)),
            status: ContactStatus::Watched,
            became_case: None,
            created: self.now,
            changed: self.now,
        }
    }

    pub fn amend_contact(&self, record: &mut ContactRecord, fresh: ContactRecord, changed: &[FieldChange]) {
        for fact in facts(changed) {
            match fact {
                Fact::Sex => record.sex = fresh.sex,
                Fact::Age | Fact::AgeUnit | Fact::AgeBand | Fact::Birth | Fact::BirthYear => {
                    record.age = fresh.age;
                    record.age_band.clone_from(&fresh.age_band);
                }
                Fact::Relation => record.relation.clone_from(&fresh.relation),
                Fact::ContactClass => record.class = fresh.class,
                Fact::FirstExposure => record.first_exposure = fresh.first_exposure,
                Fact::LastExposure => record.last_exposure = fresh.last_exposure,
                Fact::SourceCaseNo => {
                    record.source_case = fresh.source_case;
                    record.source_no.clone_from(&fresh.source_no);
                }
                place if is_place(place) => {
                    record.territory = fresh.territory.clone();
                    record.place.clone_from(&fresh.place);
                }
                _ => {}
            }
        }
        record.changed = self.now;
    }
}

fn is_place(fact: Fact) -> bool {
    use Fact::{
        City, Country, County, NotifiedCity, NotifiedCode, NotifiedCounty, NotifiedProvince, Province,
        RegionCode, Township,
    };
    matches!(
        fact,
        RegionCode
            | Country
            | Province
            | City
            | County
            | Township
            | Fact::Place
            | NotifiedCode
            | NotifiedProvince
            | NotifiedCity
            | NotifiedCounty
    )
}

fn facts(changed: &[FieldChange]) -> BTreeSet<Fact> {
    changed
        .iter()
        .filter_map(|change| Field::try_from(change.field.clone()).ok())
        .map(|field| field.fact)
        .collect()
}

fn copy_dates(record: &mut CaseRecord, fresh: &CaseRecord, kinds: &[DateKind]) {
    for kind in kinds {
        match fresh.dates.stated(*kind) {
            Some(stated) => record.dates.set(*kind, stated.clone()),
            None => {
                record.dates.0.remove(kind);
            }
        }
    }
}

pub fn identity_of(person: &Person) -> Option<Identity> {
    let identity = Identity {
        name: person.name.clone(),
        id_number: person.id_number.clone(),
        phone: person.phone.clone(),
        address: person.address.clone(),
    };
    (!identity.is_empty()).then_some(identity)
}

/// Did the row speak about who the person is?
pub fn identity_changed(changed: &[FieldChange]) -> bool {
    let told = facts(changed);
    [Fact::Name, Fact::GivenName, Fact::FamilyName, Fact::IdNumber, Fact::Phone, Fact::Address]
        .iter()
        .any(|fact| told.contains(fact))
}

/// What this edition says differently from the last one. A column that is absent now says nothing; a cell that is blank
/// now, and was not, says that the value is withdrawn.
pub fn differences(before: &Said, now: &Said) -> Vec<FieldChange> {
    now.iter()
        .filter_map(|(field, text)| {
            let was = before.get(field).map(String::as_str).unwrap_or_default();
            let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            (was != text).then(|| FieldChange {
                field: field.clone(),
                before: given(was),
                after: given(text),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(&str, &str)]) -> Said {
        pairs.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_column_that_disappears_withdraws_nothing_and_a_blank_cell_does() {
        let before = said(&[("onset", "2020-01-22"), ("sex", "male")]);
        assert_eq!(differences(&before, &said(&[("onset", "2020-01-22")])), []);
        let withdrawn = differences(&before, &said(&[("onset", "")]));
        assert_eq!(withdrawn[0].before.as_deref(), Some("2020-01-22"));
        assert_eq!(withdrawn[0].after, None);
    }
}
