//! Whether somebody reaches a record: its territory, and its disease. Outside the reach a record does not exist, for reading
//! and for writing, and nothing tells it from one that never was.

use crate::cases::{Case, CaseRecord, Contact, ContactRecord, Event, case_columns, contact_columns};
use crate::people::Subject;
use crate::refuse::missing;
use base::{Id, Territory};
use std::collections::BTreeSet;
use store::{Query, Result, Scope, Tx, Value, params};

pub fn case_within(query: &mut dyn Query, scope: &Scope, case: Id<Case>) -> Result<CaseRecord> {
    let sql = format!("SELECT {} FROM cases_case c WHERE c.id = $1", case_columns());
    let case = query.first(&sql, params![case])?.as_ref().map(CaseRecord::of).transpose()?;
    let held =
        case.filter(|case| scope.reaches(&case.territory) && scope.kept.reads(case.disease.as_deref()));
    held.ok_or_else(|| missing("case", "病例"))
}

/// The case a change is about.
pub(crate) fn case_in_reach(tx: &mut Tx<'_>, case: Id<Case>) -> Result<CaseRecord> {
    let actor = tx.actor;
    case_within(tx, &actor.scope, case)
}

pub(crate) fn contact_in_reach(tx: &mut Tx<'_>, contact: Id<Contact>) -> Result<ContactRecord> {
    let actor = tx.actor;
    let sql = format!("SELECT {} FROM cases_contact k WHERE k.id = $1", contact_columns());
    let contact = tx.first(&sql, params![contact])?.as_ref().map(ContactRecord::of).transpose()?;
    let held = contact.filter(|contact| actor.scope.reaches(&contact.territory));
    let contact = held.ok_or_else(|| missing("contact", "密接者"))?;
    if contact_is_read(tx, &actor.scope, &contact)? {
        Ok(contact)
    } else {
        Err(missing("contact", "密接者"))
    }
}

pub(crate) fn contact_is_read(query: &mut dyn Query, scope: &Scope, contact: &ContactRecord) -> Result<bool> {
    if scope.kept.unread.is_empty() {
        return Ok(true);
    }
    let diseases = diseases_of_contact(query, contact)?;
    Ok(diseases.iter().all(|disease| scope.kept.reads(Some(disease))))
}

/// Whether a person is known to somebody: who stands only in records of diseases one does not read, is not.
pub(crate) fn person_is_known(query: &mut dyn Query, scope: &Scope, subject: Id<Subject>) -> Result<bool> {
    if scope.kept.unread.is_empty() {
        return Ok(true);
    }
    let diseases = diseases_of_subject(query, subject)?;
    Ok(diseases.is_empty() || diseases.iter().any(|disease| scope.kept.reads(Some(disease))))
}

/// A contact is of the disease of the case they met, and of their event's.
fn diseases_of_contact(query: &mut dyn Query, contact: &ContactRecord) -> Result<Vec<String>> {
    let sql = "SELECT disease FROM cases_case WHERE id = $1 AND disease IS NOT NULL \
               UNION ALL SELECT disease FROM cases_event WHERE id = $2 AND disease IS NOT NULL";
    query.rows(sql, params![contact.source_case, contact.event])?.iter().map(|row| row.text(0)).collect()
}

/// The disease a contact is watched for, when it is known.
pub(crate) fn disease_of_contact(query: &mut dyn Query, contact: &ContactRecord) -> Result<Option<String>> {
    Ok(diseases_of_contact(query, contact)?.into_iter().next())
}

/// Every disease for which a person stands in a record.
pub fn diseases_of_subject(query: &mut dyn Query, subject: Id<Subject>) -> Result<BTreeSet<String>> {
    let sql = "SELECT c.disease FROM cases_case c WHERE c.subject = $1 AND c.disease IS NOT NULL \
               UNION SELECT s.disease FROM cases_contact k JOIN cases_case s ON s.id = k.source_case \
               WHERE k.subject = $1 AND s.disease IS NOT NULL \
               UNION SELECT e.disease FROM cases_contact k JOIN cases_event e ON e.id = k.event \
               WHERE k.subject = $1 AND e.disease IS NOT NULL";
    query.rows(sql, params![subject])?.iter().map(|row| row.text(0)).collect()
}

/// Events inside the territory, and those above that reach into it; never one of a disease that is closed to the reader.
pub(crate) fn sees_event(scope: &Scope, territory: &Territory, disease: Option<&str>) -> bool {
    (scope.reaches(territory) || territory.holds(&scope.territory)) && scope.kept.sees(disease)
}

/// An event somebody asks about: its territory and its disease.
pub(crate) fn event_in_sight(
    query: &mut dyn Query,
    scope: &Scope,
    event: Id<Event>,
) -> Result<(Territory, Option<String>)> {
    let row = query.first("SELECT territory, disease FROM cases_event WHERE id = $1", params![event])?;
    let event = row.map(|row| Ok::<_, store::Error>((row.read(0)?, row.opt_text(1)?))).transpose()?;
    let seen = event.filter(|(territory, disease)| sees_event(scope, territory, disease.as_deref()));
    seen.ok_or_else(|| missing("event", "疫情事件"))
}

/// An event a change is about, or puts something into.
pub(crate) fn event_in_reach(tx: &mut Tx<'_>, event: Id<Event>) -> Result<(Territory, Option<String>)> {
    let actor = tx.actor;
    event_in_sight(tx, &actor.scope, event)
}

/// The condition that leaves out records of diseases this scope does not read; empty for most readers.
pub(crate) fn unread(scope: &Scope, contacts: bool, params: &mut Vec<Value>) -> String {
    left_out(&scope.kept.unread, contacts, params)
}

/// The same for any diseases, on a case `c` or a contact `k`; its parameters come after those there are.
pub(crate) fn left_out(diseases: &BTreeSet<String>, contacts: bool, params: &mut Vec<Value>) -> String {
    if diseases.is_empty() {
        return String::new();
    }
    let mut places = Vec::new();
    for disease in diseases {
        params.push(disease.as_str().into());
        places.push(format!("${}", params.len()));
    }
    let list = places.join(", ");
    if contacts {
        return format!(
            " AND NOT EXISTS (SELECT 1 FROM cases_case s WHERE s.id = k.source_case AND s.disease IN ({list})) \
             AND NOT EXISTS (SELECT 1 FROM cases_event e WHERE e.id = k.event AND e.disease IN ({list}))"
        );
    }
    format!(" AND (c.disease IS NULL OR c.disease NOT IN ({list}))")
}
