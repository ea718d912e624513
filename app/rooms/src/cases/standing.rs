//! How a record stands now, for rooms that rest something on it; whoever asks has asked about reach, or acts for the house.

use crate::cases::{Case, CaseRecord, Contact, ContactRecord, case_columns, contact_columns};
use base::{Id, Territory};
use store::{Query, Result, params};

pub(crate) fn case_of(query: &mut dyn Query, case: Id<Case>) -> Result<Option<CaseRecord>> {
    let sql = format!("SELECT {} FROM cases_case c WHERE c.id = $1", case_columns());
    query.first(&sql, params![case])?.as_ref().map(CaseRecord::of).transpose()
}

pub(crate) fn contact_of(query: &mut dyn Query, contact: Id<Contact>) -> Result<Option<ContactRecord>> {
    let sql = format!("SELECT {} FROM cases_contact k WHERE k.id = $1", contact_columns());
    query.first(&sql, params![contact])?.as_ref().map(ContactRecord::of).transpose()
}

/// Cases of a person that were not excluded, and where they are kept.
pub(crate) fn cases_of_person(
    query: &mut dyn Query,
    subject: Id<crate::people::Subject>,
) -> Result<Vec<(Id<Case>, Territory)>> {
    let sql = "SELECT id, territory FROM cases_case WHERE subject = $1 AND classification <> 'discarded' ORDER BY id LIMIT 50";
    query.rows(sql, params![subject])?.iter().map(|row| Ok((row.read(0)?, row.read(1)?))).collect()
}

/// Records of a person as the contact of a case that was not excluded. A contact of nobody is a name on a list.
pub(crate) fn contacts_of_person(
    query: &mut dyn Query,
    subject: Id<crate::people::Subject>,
) -> Result<Vec<(Id<Contact>, Territory)>> {
    let sql = "SELECT k.id, k.territory FROM cases_contact k JOIN cases_case c ON c.id = k.source_case \
               WHERE k.subject = $1 AND c.classification <> 'discarded' ORDER BY k.id LIMIT 50";
    query.rows(sql, params![subject])?.iter().map(|row| Ok((row.read(0)?, row.read(1)?))).collect()
}

/// Whether a record of this person lies in a territory.
pub(crate) fn is_recorded_in(
    query: &mut dyn Query,
    subject: Id<crate::people::Subject>,
    (first, past): (&str, &str),
) -> Result<bool> {
    let sql = "SELECT (SELECT count(*) FROM cases_case WHERE subject = $1 AND territory >= $2 AND territory < $3) \
               + (SELECT count(*) FROM cases_contact WHERE subject = $1 AND territory >= $2 AND territory < $3)";
    Ok(query.count(sql, params![subject, first, past])? > 0)
}
