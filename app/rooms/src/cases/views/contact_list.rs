//! Contacts as a list, a page at a time by key.

use crate::cases::Contact;
use crate::cases::reach::unread;
use crate::cases::views::filter::{Filter, cursor};
use crate::cases::views::known_as_cases;
use crate::cases::{ContactRecord, contact_columns};
use crate::people::Subject;
use base::Id;
use base::Territory;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Row, Scope};

const COUNTED: i64 = 10_000;

fn contact_row(row: &Row) -> Result<(ContactRecord, Json)> {
    let contact = ContactRecord::of(row)?;
    let told = json!({
        "id": contact.id, "contact_no": contact.contact_no, "event": contact.event, "territory": contact.territory,
        "place": contact.place, "sex": contact.sex, "age": contact.age, "age_band": contact.age_band,
        "class": contact.class, "relation": contact.relation, "first_exposure": contact.first_exposure,
        "last_exposure": contact.last_exposure, "source_case": contact.source_case,
        "source_case_no": row.opt_text(20)?.or_else(|| contact.source_no.clone()), "subject": contact.subject,
        "status": contact.status, "became_case": contact.became_case, "changed_at": contact.changed.to_string(),
    });
    Ok((contact, told))
}

const SOURCE_NO: &str = "(SELECT s.case_no FROM cases_case s WHERE s.id = k.source_case)";

pub fn contact_list(query: &mut dyn Query, scope: &Scope, filter: &Filter) -> Result<Json> {
    scope.demand(Permission::ContactsRead)?;
    // The count needs no order, so it goes straight to the rows in reach.
    let all = filter.conditions_of_all(scope, true)?;
    let count_sql = format!(
        "SELECT count(*) FROM (SELECT 1 AS one FROM cases_contact k WHERE {} LIMIT {}) AS counted",
        all.sql,
        COUNTED + 1
    );
    let count = query.count(&count_sql, &all.params)?;
    let mut conditions = filter.conditions(query, scope, true)?;
    if let Some((day, id)) = filter.after() {
        conditions.params.extend([day.into(), id.into()]);
        let (at, id_at) = (conditions.params.len() - 1, conditions.params.len());
        conditions.sql.push_str(&format!(" AND (k.sort_day, k.id) < (${at}, ${id_at})"));
    }
    let sql = format!(
        "SELECT {}, {SOURCE_NO}, k.sort_day FROM cases_contact k WHERE {} ORDER BY k.sort_day DESC, k.id DESC LIMIT {}",
        contact_columns(),
        conditions.sql,
        filter.limit() + 1
    );
    let found = query.rows(&sql, &conditions.params)?;
    let more = found.len() > filter.limit();
    let mut rows = Vec::new();
    let mut last = None;
    for row in found.iter().take(filter.limit()) {
        let (contact, told) = contact_row(row)?;
        last = Some(cursor(&row.text(21)?, &contact.id.to_string()));
        rows.push((contact.subject, told));
    }
    let rows = with_known_cases(query, scope, rows)?;
    Ok(json!({
        "rows": rows,
        "next": last.filter(|_| more),
        "count": { "n": count.min(COUNTED), "exact": count <= COUNTED },
    }))
}

/// Contacts of one case, inside the scope.
pub fn contact_rows_of_case(
    query: &mut dyn Query,
    scope: &Scope,
    case: Id<crate::cases::Case>,
) -> Result<Vec<Json>> {
    if !scope.may(Permission::ContactsRead) {
        return Ok(Vec::new());
    }
    let (first, past) = scope.territory.range();
    let mut params = vec![case.into(), first.into(), past.into()];
    let unread = unread(scope, true, &mut params);
    let sql = format!(
        "SELECT {}, {SOURCE_NO} FROM cases_contact k WHERE k.source_case = $1 AND k.territory >= $2 AND k.territory < $3\
         {unread} ORDER BY k.sort_day DESC, k.id DESC LIMIT 500",
        contact_columns()
    );
    let rows = query.rows(&sql, &params)?;
    let rows = rows.iter().map(contact_row).collect::<Result<Vec<_>>>()?;
    with_known_cases(query, scope, rows.into_iter().map(|(contact, told)| (contact.subject, told)).collect())
}

/// Where a contact lives: the territory, and what a list said of the place.
pub(crate) struct Home {
    pub territory: Territory,
    pub place: Option<String>,
}

/// Where contacts live, of those among these that are within reach.
pub(crate) fn homes_of(
    query: &mut dyn Query,
    scope: &Scope,
    contacts: &[Id<Contact>],
) -> Result<BTreeMap<Id<Contact>, Home>> {
    if contacts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (first, past) = scope.territory.range();
    let mut params = vec![first.into(), past.into()];
    let unread = unread(scope, true, &mut params);
    let mut these = Vec::new();
    for contact in contacts {
        params.push((*contact).into());
        these.push(format!("${}", params.len()));
    }
    let sql = format!(
        "SELECT k.id, k.territory, k.place FROM cases_contact k WHERE k.territory >= $1 AND k.territory < $2{unread} \
         AND k.id IN ({}) ORDER BY k.id",
        these.join(", ")
    );
    let home = |row: &Row| {
        let place = Some(row.text(2)?).filter(|place| !place.is_empty());
        Ok((row.read(0)?, Home { territory: row.read(1)?, place }))
    };
    query.rows(&sql, &params)?.iter().map(home).collect()
}

/// A contact whose person is known as a case under another record says so, though nobody has written it on the contact.
fn with_known_cases(
    query: &mut dyn Query,
    scope: &Scope,
    rows: Vec<(Id<Subject>, Json)>,
) -> Result<Vec<Json>> {
    let subjects: Vec<Id<Subject>> = rows.iter().map(|(subject, _)| *subject).collect();
    let mut known = known_as_cases(query, scope, &subjects)?;
    let with = |(subject, mut told): (Id<Subject>, Json)| {
        told["known_case"] = known.remove(&subject).unwrap_or_default();
        told
    };
    Ok(rows.into_iter().map(with).collect())
}
