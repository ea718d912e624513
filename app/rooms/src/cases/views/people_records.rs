//! What the records of a person say, without who it is: for the people room, which compares persons.

use crate::cases::reach::contact_is_read;
use crate::cases::{CaseRecord, ContactRecord, case_columns, contact_columns};
use crate::people::{Subject, Traits, blocks, other_records};
use base::Id;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope};

fn records_of(
    query: &mut dyn Query,
    subjects: &[Id<Subject>],
) -> Result<(Vec<CaseRecord>, Vec<ContactRecord>)> {
    let (mut cases, mut contacts) = (Vec::new(), Vec::new());
    for (list, params) in blocks(subjects) {
        let sql = format!(
            "SELECT {} FROM cases_case c WHERE c.subject IN ({list}) ORDER BY c.sort_day, c.id",
            case_columns()
        );
        for row in query.rows(&sql, &params)? {
            cases.push(CaseRecord::of(&row)?);
        }
        let sql = format!(
            "SELECT {} FROM cases_contact k WHERE k.subject IN ({list}) ORDER BY k.sort_day, k.id",
            contact_columns()
        );
        for row in query.rows(&sql, &params)? {
            contacts.push(ContactRecord::of(&row)?);
        }
    }
    Ok((cases, contacts))
}

/// Sex and age of each, by the latest record that states them; of a case before that of a contact.
pub(crate) fn traits_of(
    query: &mut dyn Query,
    subjects: &[Id<Subject>],
) -> Result<BTreeMap<Id<Subject>, Traits>> {
    let (cases, contacts) = records_of(query, subjects)?;
    let contacts = contacts.iter().map(|contact| (contact.subject, contact.traits()));
    let told = contacts.chain(cases.iter().map(|case| (case.subject, case.traits())));
    let mut traits: BTreeMap<Id<Subject>, Traits> = BTreeMap::new();
    for (subject, told) in told {
        match traits.get_mut(&subject) {
            Some(known) => {
                known.sex = told.sex.or(known.sex);
                if told.age.is_some() {
                    (known.age, known.on) = (told.age, told.on);
                }
            }
            None => {
                traits.insert(subject, told);
            }
        }
    }
    Ok(traits)
}

/// The records of each person inside the scope.
pub(crate) fn people_records(
    query: &mut dyn Query,
    scope: &Scope,
    subjects: &[Id<Subject>],
) -> Result<BTreeMap<Id<Subject>, Vec<Json>>> {
    let (cases, contacts) = records_of(query, subjects)?;
    let mut records: BTreeMap<Id<Subject>, Vec<Json>> = BTreeMap::new();
    for case in cases {
        let read = scope.kept.reads(case.disease.as_deref());
        if !read || !scope.may(Permission::CasesRead) || !scope.territory.holds(&case.territory) {
            continue;
        }
        records.entry(case.subject).or_default().push(json!({
            "kind": "case", "id": case.id, "no": case.case_no, "event": case.event, "territory": case.territory,
            "place": case.place, "sex": case.sex, "age": case.age, "age_band": case.age_band,
            "occupation": case.occupation, "status": case.classification, "disease": case.disease,
            "day": case.dates.curve_day().map(|(_, day)| day),
        }));
    }
    for contact in contacts {
        let within = scope.may(Permission::ContactsRead) && scope.territory.holds(&contact.territory);
        if !within || !contact_is_read(query, scope, &contact)? {
            continue;
        }
        records.entry(contact.subject).or_default().push(json!({
            "kind": "contact", "id": contact.id, "no": contact.contact_no, "event": contact.event,
            "territory": contact.territory, "place": contact.place, "sex": contact.sex, "age": contact.age,
            "age_band": contact.age_band, "occupation": null, "status": contact.status, "disease": null,
            "day": contact.last_exposure,
        }));
    }
    Ok(records)
}

/// The other records of one person inside the scope, each with its handle, and how many lie outside it.
pub(crate) fn same_person_as(query: &mut dyn Query, scope: &Scope, subject: Id<Subject>) -> Result<Json> {
    let others = other_records(query, &[subject])?.remove(&subject).unwrap_or_default();
    let others: Vec<Id<Subject>> = others.into_iter().collect();
    let records = people_records(query, scope, &others)?;
    let told: Vec<Json> = others
        .iter()
        .filter_map(|other| Some(json!({ "subject": other, "records": records.get(other)? })))
        .collect();
    let elsewhere = others.len() - told.len();
    Ok(json!({ "here": told, "elsewhere": elsewhere }))
}

/// Contacts who are known as a case under another record: which case, inside the scope.
pub(crate) fn known_as_cases(
    query: &mut dyn Query,
    scope: &Scope,
    contacts: &[Id<Subject>],
) -> Result<BTreeMap<Id<Subject>, Json>> {
    let others = other_records(query, contacts)?;
    let all: Vec<Id<Subject>> = others.values().flatten().copied().collect();
    let records = people_records(query, scope, &all)?;
    let case_of = |other: &Id<Subject>| records.get(other)?.iter().find(|record| record["kind"] == "case");
    Ok(others
        .iter()
        .filter_map(|(subject, others)| {
            let case = others.iter().find_map(case_of)?;
            Some((*subject, json!({ "id": case["id"], "case_no": case["no"] })))
        })
        .collect())
}
