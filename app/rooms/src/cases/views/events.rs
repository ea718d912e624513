//! Events as a list and as a workspace.

use crate::access::http::{names, told};
use crate::cases::changes::note_context;
use crate::cases::reach::sees_event;
use crate::cases::views::outline::event_counts;
use crate::cases::{Event, Team};
use crate::refuse::missing;
use base::Id;
use disclosure::Suppressed;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, Vault, params};

/// An event above holds the neighbours' cases too: only those inside the territory are counted.
const COUNTS: &str = "(SELECT count(*) FROM cases_case c WHERE c.event = e.id AND c.territory >= $1 AND c.territory < $2), \
     (SELECT count(*) FROM cases_contact k WHERE k.event = e.id AND k.territory >= $1 AND k.territory < $2)";

/// Of a disease whose records one does not read, one is not of the team.
fn team_for<'a>(scope: &'a Scope, disease: Option<&str>) -> Option<Team<'a>> {
    Team::of(scope).filter(|team| team.kept.reads(disease))
}

pub fn events(query: &mut dyn Query, scope: &Scope) -> Result<Json> {
    scope.demand(Permission::SituationRead)?;
    let sql = format!(
        "SELECT e.id, e.name, e.disease, e.territory, e.status, e.started, e.ended, e.changed, {COUNTS} \
         FROM cases_event e ORDER BY e.status DESC, e.changed DESC, e.id LIMIT 1000"
    );
    let (first, past) = scope.territory.range();
    let exact = Team::of(scope).is_some() && scope.kept.unread.is_empty();
    let outline = if exact { BTreeMap::new() } else { event_counts(query, scope)? };
    let mut rows = Vec::new();
    for row in query.rows(&sql, params![first, past])? {
        let disease = row.opt_text(2)?;
        if sees_event(scope, &row.read(3)?, disease.as_deref()) {
            let id = row.text(0)?;
            let (cases, contacts) = match team_for(scope, disease.as_deref()) {
                Some(_) => (json!(row.int(8)?), json!(row.int(9)?)),
                None => in_outline(&outline, &id),
            };
            rows.push(json!({
                "id": id, "name": row.text(1)?, "disease": disease, "territory": row.text(3)?,
                "status": row.text(4)?, "started": row.opt_text(5)?, "ended": row.opt_text(6)?,
                "last_change": told(row.int(7)?), "cases": cases, "contacts": contacts,
            }));
        }
    }
    Ok(json!({ "rows": rows }))
}

fn in_outline(outline: &BTreeMap<String, (Suppressed, Suppressed)>, event: &str) -> (Json, Json) {
    let (cases, contacts) = outline.get(event).unwrap_or(&(Suppressed::None, Suppressed::None));
    (json!(cases), json!(contacts))
}

pub fn event_page(query: &mut dyn Query, scope: &Scope, event: Id<Event>) -> Result<Json> {
    scope.demand(Permission::SituationRead)?;
    let row = query.first(
        "SELECT name, disease, territory, status, started, ended, summary, changed FROM cases_event WHERE id = $1",
        params![event],
    )?;
    let row = row.ok_or_else(|| missing("event", "疫情事件"))?;
    let disease = row.opt_text(1)?;
    if !sees_event(scope, &row.read(2)?, disease.as_deref()) {
        return Err(missing("event", "疫情事件"));
    }
    let team = team_for(scope, disease.as_deref());
    let (counts, clock) = match &team {
        Some(team) => (counts(query, team, event)?, clock(query, team, event)?),
        None => counts_in_outline(query, scope, event)?,
    };
    let reads = scope.kept.reads(disease.as_deref());
    Ok(json!({
        "id": event, "name": row.text(0)?, "disease": disease, "territory": row.text(2)?,
        "status": row.text(3)?, "started": row.opt_text(4)?, "ended": row.opt_text(5)?, "summary": row.text(6)?,
        "last_change": told(row.int(7)?),
        "figures": figures(query, event)?, "counts": counts, "clock": clock,
        // Places and notes of a disease one does not read would tell whom it is about.
        "places": if reads { places(query, event)? } else { Vec::new() },
        "notes": if reads { notes(query, scope, event)? } else { Vec::new() },
    }))
}

/// The first days of a few cases would be somebody's days: without exact counts there is no clock either.
fn counts_in_outline(query: &mut dyn Query, scope: &Scope, event: Id<Event>) -> Result<(Json, Json)> {
    let (cases, contacts) = in_outline(&event_counts(query, scope)?, &event.to_string());
    let clock = json!({ "first_onset": null, "first_result": null, "first_report": null });
    Ok((json!({ "cases": cases, "contacts": contacts, "links": Suppressed::Withheld }), clock))
}

fn counts(query: &mut dyn Query, scope: &Team<'_>, event: Id<Event>) -> Result<Json> {
    let (first, past) = scope.territory.range();
    let mut count = |table: &str| {
        let sql =
            format!("SELECT count(*) FROM {table} WHERE event = $1 AND territory >= $2 AND territory < $3");
        query.count(&sql, params![event, &first, &past])
    };
    Ok(
        json!({ "cases": count("cases_case")?, "contacts": count("cases_contact")?, "links": count("cases_link")? }),
    )
}

fn clock(query: &mut dyn Query, scope: &Team<'_>, event: Id<Event>) -> Result<Json> {
    let (first, past) = scope.territory.range();
    let sql = "SELECT min(onset), min(result), min(report) FROM cases_case \
               WHERE event = $1 AND territory >= $2 AND territory < $3 AND classification <> 'discarded'";
    let row = query.first(sql, params![event, first, past])?;
    let text = |at: usize| row.as_ref().map(|row| row.opt_text(at)).transpose().map(Option::flatten);
    Ok(json!({ "first_onset": text(0)?, "first_result": text(1)?, "first_report": text(2)? }))
}

fn figures(query: &mut dyn Query, event: Id<Event>) -> Result<Vec<Json>> {
    let sql = "SELECT id, day, kind, value, territory, source FROM cases_figure WHERE event = $1 ORDER BY day, id LIMIT 1000";
    let rows = query.rows(sql, params![event])?;
    rows.iter()
        .map(|row| {
            Ok(json!({ "id": row.text(0)?, "day": row.text(1)?, "kind": row.text(2)?, "value": row.int(3)?,
                       "territory": row.text(4)?, "source": row.text(5)? }))
        })
        .collect()
}

fn places(query: &mut dyn Query, event: Id<Event>) -> Result<Vec<Json>> {
    let sql = "SELECT id, name, territory, kind, first_day, last_day FROM cases_place WHERE event = $1 \
               ORDER BY first_day, name, id LIMIT 1000";
    let rows = query.rows(sql, params![event])?;
    rows.iter()
        .map(|row| {
            Ok(json!({ "id": row.text(0)?, "name": row.text(1)?, "territory": row.text(2)?, "kind": row.text(3)?,
                       "first_day": row.opt_text(4)?, "last_day": row.opt_text(5)? }))
        })
        .collect()
}

/// Notes name people, so they open only to those who work on cases.
fn notes(query: &mut dyn Query, scope: &Scope, event: Id<Event>) -> Result<Vec<Json>> {
    if !scope.may(Permission::CasesRead) {
        return Ok(Vec::new());
    }
    let owner = event.to_string();
    let Some(key) = Vault::key_of(query, &owner)? else { return Ok(Vec::new()) };
    let sql = "SELECT id, at, by_whom, text FROM cases_note WHERE event = $1 ORDER BY at DESC, id LIMIT 500";
    let rows = query.rows(sql, params![&owner])?;
    let mut people = Vec::new();
    for row in &rows {
        people.push(row.text(2)?);
    }
    let people = names(query, people)?;
    rows.iter()
        .map(|row| {
            let text: String = key.open(&note_context(&owner), &row.text(3)?)?;
            Ok(json!({ "id": row.text(0)?, "at": told(row.int(1)?), "by": people.get(&row.text(2)?), "text": text }))
        })
        .collect()
}
