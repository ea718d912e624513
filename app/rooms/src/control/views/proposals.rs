//! What waits for a decision, and what the level above has not looked at yet.

use crate::cases::views::numbers_of;
use crate::control::reach::{ProposalRecord, person_of, waiting};
use serde_json::{Value as Json, json};
use store::{Actor, Permission, Query, Result, Scope, params};

pub fn proposals(query: &mut dyn Query, actor: &Actor) -> Result<Json> {
    let scope = &actor.scope;
    scope.demand(Permission::ControlRead)?;
    let waiting = waiting(query, scope)?;
    let rows: Vec<Json> =
        waiting.iter().filter(|one| scope.kept.sees(Some(&one.disease))).map(|one| row(scope, one)).collect();
    let reasons = rows.iter().filter_map(|row| row["reasons"].as_array()).flatten();
    let cases: Vec<String> = reasons.filter_map(|one| one["case"].as_str().map(str::to_owned)).collect();
    Ok(json!({
        "rows": rows, "case_nos": numbers_of(query, scope, cases)?, "overrides": overrides(query, actor)?,
        "may": {
            "propose": scope.may(Permission::ControlPropose), "decide": scope.may(Permission::ControlDecide),
            "approve": scope.may(Permission::ControlApprove),
        },
    }))
}

fn row(scope: &Scope, one: &ProposalRecord) -> Json {
    let reads = scope.may(Permission::CasesRead) && scope.kept.reads(Some(&one.disease));
    json!({
        "id": one.id, "territory": one.territory, "zone": one.zone, "what": one.what, "name": one.name,
        "disease": one.disease, "event": one.event, "protocol": one.protocol, "edition": one.edition, "level": one.level,
        "area": one.area, "people": one.people, "entrances": one.entrances, "day": one.day,
        "reasons": if reads { one.reasons.clone() } else { json!([]) }, "why": one.why, "proposed": one.proposed,
        "by": one.by_whom, "by_house": one.by_whom == crate::access::ZONES, "answer_why": one.answer_why,
    })
}

/// Of places below one's own level: who decided early is not who is told.
fn overrides(query: &mut dyn Query, actor: &Actor) -> Result<Vec<Json>> {
    let scope = &actor.scope;
    if !scope.may(Permission::ControlApprove) {
        return Ok(Vec::new());
    }
    let (first, past) = scope.territory.range();
    let sql = "SELECT o.id, o.zone, o.missing, o.why, o.at, o.by_whom, z.name, z.territory, z.disease FROM control_override o \
               JOIN control_zone z ON z.id = o.zone WHERE o.territory >= $1 AND o.territory < $2 AND o.seen IS NULL \
               ORDER BY o.at, o.id LIMIT 200";
    let rows = query.rows(sql, params![first, past])?;
    let mut told = Vec::new();
    for row in &rows {
        if person_of(&row.text(5)?) == actor.person() || !scope.kept.sees(Some(&row.text(8)?)) {
            continue;
        }
        let missing = row.text(2)?;
        told.push(json!({
            "id": row.text(0)?, "zone": row.text(1)?, "missing": missing.split_whitespace().collect::<Vec<_>>(),
            "why": row.text(3)?, "at": row.int(4)?, "by": row.text(5)?, "name": row.text(6)?, "territory": row.text(7)?,
        }));
    }
    Ok(told)
}
