//! Contacts who are watched and on no pathway yet, with what is proposed for each by their class and the edition in force.

use super::stated;
use crate::asked::place_within;
use crate::cases::left_out;
use crate::cases::reach::disease_of_contact;
use crate::cases::{ContactRecord, contact_columns};
use crate::followup::changes::category_of;
use crate::packed;
use base::Day;
use followup::{Followed, plan};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, Value};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct WaitingAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
    /// The id of the last row that was seen.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

pub fn waiting(query: &mut dyn Query, scope: &Scope, asked: &WaitingAsked, today: Day) -> Result<Json> {
    scope.demand(Permission::FollowupRead)?;
    let within = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = within.range();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    let mut sql = "WHERE k.territory >= $1 AND k.territory < $2 AND k.status = 'watched' \
         AND NOT EXISTS (SELECT 1 FROM followup_course f WHERE f.subject = k.subject AND f.ended IS NULL)"
        .to_owned();
    if let Some(event) = stated(&asked.event) {
        values.push(event.into());
        sql.push_str(&format!(" AND k.event = ${}", values.len()));
    }
    sql.push_str(&left_out(&scope.kept.unread, true, &mut values));
    let count = query.count(&format!("SELECT count(*) FROM cases_contact k {sql}"), &values)?;
    if let Some(after) = stated(&asked.after) {
        values.push(after.into());
        sql.push_str(&format!(" AND k.id > ${}", values.len()));
    }
    let sql =
        format!("SELECT {} FROM cases_contact k {sql} ORDER BY k.id LIMIT {}", contact_columns(), PAGE + 1);
    let mut contacts: Vec<ContactRecord> =
        query.rows(&sql, &values)?.iter().map(ContactRecord::of).collect::<Result<_>>()?;
    let more = contacts.len() > PAGE;
    contacts.truncate(PAGE);
    let mut rows = Vec::with_capacity(contacts.len());
    for contact in &contacts {
        let disease = disease_of_contact(query, contact)?;
        rows.push(proposed(contact, disease.as_deref(), today));
    }
    let next = contacts.last().filter(|_| more).map(|contact| contact.id);
    Ok(json!({ "today": today, "rows": rows, "next": next, "count": count }))
}

fn proposed(contact: &ContactRecord, disease: Option<&str>, today: Day) -> Json {
    let edition = packed::protocols().for_disease(disease, today);
    let category = contact.class.map(category_of);
    let whole = category
        .zip(contact.last_exposure)
        .and_then(|(category, zero)| plan(edition, &Followed::new(category, zero, today), today));
    json!({
        "contact": contact.id, "contact_no": contact.contact_no, "territory": contact.territory, "event": contact.event,
        "place": contact.place, "age": contact.age, "class": contact.class, "category": category,
        "last_exposure": contact.last_exposure, "disease": disease, "protocol": edition.id, "protocol_zh": edition.zh,
        "protocol_en": edition.en, "followed": category.is_some_and(|category| edition.pathway(category).is_some()),
        "phases": whole.as_ref().map(|whole| {
            whole.phases.iter().filter(|phase| !phase.passed).map(|phase| json!({
                "place": phase.place, "first": phase.first, "last": phase.last,
            })).collect::<Vec<_>>()
        }),
        "last": whole.map(|whole| whole.last),
    })
}
