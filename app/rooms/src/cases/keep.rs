//! Writing records, one or many. Every change and every import goes through these three functions.

use crate::cases::{CaseRecord, Contact, ContactRecord, LinkRecord};
use base::{Id, Territory};
use store::{Result, Tx, Value, params};

const CASE: &str = "INSERT INTO cases_case (id, territory, event, list, case_no, subject, disease, place, lon, lat, sex, age, \
     age_band, occupation, classification, outcome, found, dates, onset, result, report, isolation, admission, sort_day, \
     curve_day, curve_kind, created, changed, said, said_mark)";

const CASE_AGAIN: &str = "ON CONFLICT (id) DO UPDATE SET territory = excluded.territory, event = excluded.event, \
     disease = excluded.disease, place = excluded.place, lon = excluded.lon, lat = excluded.lat, sex = excluded.sex, \
     age = excluded.age, age_band = excluded.age_band, occupation = excluded.occupation, \
     classification = excluded.classification, outcome = excluded.outcome, found = excluded.found, \
     dates = excluded.dates, onset = excluded.onset, result = excluded.result, report = excluded.report, \
     isolation = excluded.isolation, admission = excluded.admission, sort_day = excluded.sort_day, \
     curve_day = excluded.curve_day, curve_kind = excluded.curve_kind, changed = excluded.changed, \
     said = coalesce(excluded.said, cases_case.said), said_mark = coalesce(excluded.said_mark, cases_case.said_mark)";

/// What the row of a list said, sealed, and its mark; both absent for a case that was not imported.
pub type Said = Option<(String, String)>;

/// Inserts new cases and replaces known ones.
pub fn keep_cases(tx: &mut Tx<'_>, cases: &[(CaseRecord, Said)]) -> Result<()> {
    let rows: Vec<Vec<Value>> = cases.iter().map(|(case, said)| with_said(case.values(), said)).collect();
    tx.insert_many(CASE, 30, &rows, CASE_AGAIN)
}

const CONTACT: &str = "INSERT INTO cases_contact (id, territory, event, list, contact_no, subject, place, source_case, source_no, \
     sex, age, age_band, class, relation, first_exposure, last_exposure, status, became_case, sort_day, created, changed, \
     said, said_mark)";

const CONTACT_AGAIN: &str = "ON CONFLICT (id) DO UPDATE SET territory = excluded.territory, event = excluded.event, \
     place = excluded.place, source_case = excluded.source_case, source_no = excluded.source_no, sex = excluded.sex, \
     age = excluded.age, age_band = excluded.age_band, class = excluded.class, relation = excluded.relation, \
     first_exposure = excluded.first_exposure, last_exposure = excluded.last_exposure, status = excluded.status, \
     became_case = excluded.became_case, sort_day = excluded.sort_day, changed = excluded.changed, \
     said = coalesce(excluded.said, cases_contact.said), said_mark = coalesce(excluded.said_mark, cases_contact.said_mark)";

pub fn keep_contacts(tx: &mut Tx<'_>, contacts: &[(ContactRecord, Said)]) -> Result<()> {
    let rows: Vec<Vec<Value>> =
        contacts.iter().map(|(contact, said)| with_said(contact.values(), said)).collect();
    tx.insert_many(CONTACT, 23, &rows, CONTACT_AGAIN)
}

/// Another territory watches this contact from now on.
pub(crate) fn move_contact(tx: &mut Tx<'_>, contact: Id<Contact>, to: &Territory) -> Result<()> {
    let sql = "UPDATE cases_contact SET territory = $2, changed = $3 WHERE id = $1";
    tx.run(sql, params![contact, to, tx.at])?;
    Ok(())
}

/// A pair is linked once; saying it again with other evidence replaces what was said.
pub fn keep_links(tx: &mut Tx<'_>, links: &[LinkRecord]) -> Result<()> {
    let rows: Vec<Vec<Value>> = links
        .iter()
        .map(|link| {
            vec![
                link.id.into(),
                (&link.territory).into(),
                link.event.into(),
                link.from.into(),
                link.to.into(),
                link.evidence.word().into(),
                link.relation.as_deref().into(),
                tx.at.into(),
            ]
        })
        .collect();
    tx.insert_many(
        "INSERT INTO cases_link (id, territory, event, from_case, to_case, evidence, relation, created)",
        8,
        &rows,
        "ON CONFLICT (from_case, to_case) DO UPDATE SET evidence = excluded.evidence, \
         relation = coalesce(excluded.relation, cases_link.relation)",
    )
}

fn with_said(mut values: Vec<Value>, said: &Said) -> Vec<Value> {
    values.push(said.as_ref().map(|(sealed, _)| sealed.as_str()).into());
    values.push(said.as_ref().map(|(_, mark)| mark.as_str()).into());
    values
}
