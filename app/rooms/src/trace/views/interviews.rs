//! Interviews as a list, the clock that runs out first on top.

use super::stated;
use crate::asked::place_within;
use crate::refuse::invalid;
use crate::trace::interview::{INTERVIEW_COLUMNS, InterviewRecord, NO_CLOCK};
use base::Moment;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, Value};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct InterviewsAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
    /// `open`, `core_late`, `full_late` or `done`; all when nothing is said.
    #[serde(default)]
    pub state: Option<String>,
    /// Of one case or one contact.
    #[serde(default)]
    pub case: Option<String>,
    #[serde(default)]
    pub contact: Option<String>,
    /// Of one lot or one place that is followed.
    #[serde(default)]
    pub goods: Option<String>,
    #[serde(default)]
    pub place: Option<String>,
    /// The last row that was seen: its clock and id, joined by a comma.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

pub fn interviews(
    query: &mut dyn Query,
    scope: &Scope,
    asked: &InterviewsAsked,
    now: Moment,
) -> Result<Json> {
    scope.demand(Permission::ContactsRead)?;
    let within = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = within.range();
    let mut sql = "WHERE i.territory >= $1 AND i.territory < $2".to_owned();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    for disease in &scope.kept.unread {
        values.push(disease.as_str().into());
        sql.push_str(&format!(" AND (i.disease IS NULL OR i.disease <> ${})", values.len()));
    }
    let filters = [
        ("event", &asked.event),
        ("case_id", &asked.case),
        ("contact", &asked.contact),
        ("goods", &asked.goods),
        ("place", &asked.place),
    ];
    for (column, said) in filters {
        if let Some(said) = stated(said) {
            values.push(said.into());
            sql.push_str(&format!(" AND i.{column} = ${}", values.len()));
        }
    }
    match stated(&asked.state) {
        None => {}
        Some("open") => {
            values.push(NO_CLOCK.into());
            sql.push_str(&format!(" AND i.next_due < ${}", values.len()));
        }
        Some("done") => {
            values.push(NO_CLOCK.into());
            sql.push_str(&format!(" AND i.next_due = ${}", values.len()));
        }
        Some(late @ ("core_late" | "full_late")) => {
            let form = &late[..4];
            values.push(now.into());
            sql.push_str(&format!(" AND i.{form}_done IS NULL AND i.{form}_due < ${}", values.len()));
        }
        Some(_) => {
            return Err(invalid(
                "trace.state",
                "state",
                "there is no such state; ask for open, core_late, full_late or done",
                "没有该状态；可选：open、core_late、full_late、done",
            ));
        }
    }
    if let Some((due, id)) = stated(&asked.after).and_then(|after| after.split_once(',')) {
        values.extend([due.parse::<i64>().unwrap_or_default().into(), id.into()]);
        sql.push_str(&format!(" AND (i.next_due, i.id) > (${}, ${})", values.len() - 1, values.len()));
    }
    let sql = format!(
        "SELECT {INTERVIEW_COLUMNS} FROM trace_interview i {sql} ORDER BY i.next_due, i.id LIMIT {}",
        PAGE + 1
    );
    let mut rows: Vec<InterviewRecord> =
        query.rows(&sql, &values)?.iter().map(InterviewRecord::of).collect::<Result<_>>()?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|last| format!("{},{}", last.next_due, last.id));
    Ok(json!({ "rows": rows.iter().map(row_of).collect::<Vec<_>>(), "next": next, "now": now.to_string() }))
}

pub(super) fn row_of(one: &InterviewRecord) -> Json {
    let at = |at: Option<Moment>| at.map(|at| at.to_string());
    json!({
        "id": one.id, "case": one.case, "contact": one.contact, "goods": one.goods, "place": one.place, "subject": one.subject, "no": one.no, "event": one.event,
        "territory": one.territory, "disease": one.disease, "opened_at": one.opened.to_string(),
        "protocol": one.protocol, "protocol_version": one.protocol_version, "pack": one.pack,
        "core_due": one.core_due.to_string(), "core_done_at": at(one.core_done),
        "full_due": one.full_due.to_string(), "full_done_at": at(one.full_done),
        "answered": [one.answered, one.needed], "visits": one.visits, "conflicts": one.conflicts,
        "changed_at": one.changed.to_string(),
    })
}
