//! One case with everything that is recorded about it, except who it is.

use crate::access::http::{names, told};
use crate::cases::changes::reason_context;
use crate::cases::reach::case_within;
use crate::cases::views::{case_row, contact_rows_of_case, same_person_as};
use crate::cases::{Case, CaseRecord};
use crate::packed;
use crate::people::has_identity;
use base::Id;
use cases::Classification;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, Vault, params};

/// The record and its page.
pub fn case_page(query: &mut dyn Query, scope: &Scope, case: Id<Case>) -> Result<(CaseRecord, Json)> {
    scope.demand(Permission::CasesRead)?;
    let case = case_within(query, scope, case)?;
    let links = links(query, scope, &case)?;
    let count = |direction: &str| links.iter().filter(|link| link["direction"] == direction).count() as i64;
    let mut page = case_row(&case, count("from"), count("to"));
    let more = json!({
        "subject": case.subject,
        "same_person": same_person_as(query, scope, case.subject)?,
        "occupation": case.occupation,
        "point": case.point,
        "stated_dates": case.dates,
        "states": states(query, &case)?,
        "contacts": contact_rows_of_case(query, scope, case.id)?,
        "next_classifications": next(&case),
        "pack": packed::version_of(case.disease.as_deref()),
        "history": history(query, &case)?,
        "has_identity": has_identity(query, case.subject)?
            || query.count("SELECT count(*) FROM cases_case WHERE id = $1 AND said IS NOT NULL", params![case.id])? > 0,
        "links": links,
    });
    if let (Some(page), Json::Object(more)) = (page.as_object_mut(), more) {
        page.extend(more);
    }
    Ok((case, page))
}

fn next(case: &CaseRecord) -> Vec<Classification> {
    packed::ladder(case.disease.as_deref()).next(case.classification).collect()
}

fn states(query: &mut dyn Query, case: &CaseRecord) -> Result<Vec<Json>> {
    let sql = "SELECT classification, day, at, by_whom, reason FROM cases_state WHERE case_id = $1 ORDER BY seq LIMIT 200";
    let rows = query.rows(sql, params![case.id])?;
    let mut people = Vec::new();
    for row in &rows {
        people.push(row.text(3)?);
    }
    let people = names(query, people)?;
    let key = Vault::key_of(query, &case.subject.to_string())?;
    let mut states = Vec::new();
    for row in &rows {
        let sealed = row.opt_text(4)?;
        let reason = sealed
            .zip(key.as_ref())
            .map(|(sealed, key)| key.open::<String>(&reason_context(case.subject), &sealed));
        states.push(json!({
            "classification": row.text(0)?, "day": row.opt_text(1)?, "at": told(row.int(2)?),
            "by": people.get(&row.text(3)?), "reason": reason.transpose()?,
        }));
    }
    Ok(states)
}

/// Links whose other end lies in the scope are opened; of the others only the number of the list is told.
fn links(query: &mut dyn Query, scope: &Scope, case: &CaseRecord) -> Result<Vec<Json>> {
    let mut links = Vec::new();
    for (direction, own, other) in [("from", "to_case", "from_case"), ("to", "from_case", "to_case")] {
        let sql = format!(
            "SELECT l.id, l.{other}, c.case_no, c.territory, l.evidence, l.relation, c.classification, c.curve_day, c.disease \
             FROM cases_link l JOIN cases_case c ON c.id = l.{other} WHERE l.{own} = $1 ORDER BY c.curve_day, l.id LIMIT 500"
        );
        for row in query.rows(&sql, params![case.id])? {
            // Of a disease this reader does not read, not even that there is a link.
            if !scope.kept.reads(row.opt_text(8)?.as_deref()) {
                continue;
            }
            let inside = scope.territory.holds(&row.read(3)?);
            links.push(json!({
                "id": row.text(0)?, "direction": direction, "case": inside.then(|| row.text(1)).transpose()?,
                "case_no": row.text(2)?, "evidence": row.text(4)?, "relation": row.opt_text(5)?,
                "classification": inside.then(|| row.text(6)).transpose()?, "day": row.opt_text(7)?,
            }));
        }
    }
    let sql = "SELECT infector_no, evidence, relation FROM cases_dangling WHERE case_id = $1 ORDER BY infector_no LIMIT 50";
    for row in query.rows(sql, params![case.id])? {
        links.push(json!({
            "id": null, "direction": "from", "case": null, "case_no": row.text(0)?, "evidence": row.text(1)?,
            "relation": row.opt_text(2)?, "dangling": true,
        }));
    }
    Ok(links)
}

fn history(query: &mut dyn Query, case: &CaseRecord) -> Result<Vec<Json>> {
    let rows = query.rows(
        "SELECT DISTINCT j.at, j.actor, j.change, j.seq FROM journal_about a JOIN journal j ON j.seq = a.seq \
         WHERE (a.record = $1 OR a.record = $2) AND j.change <> 'look' ORDER BY j.seq DESC LIMIT 100",
        params![case.id, case.subject],
    )?;
    let mut people = Vec::new();
    for row in &rows {
        people.push(row.text(1)?);
    }
    let people = names(query, people)?;
    rows.iter()
        .map(|row| {
            Ok(json!({ "at": told(row.int(0)?), "by": people.get(&row.text(1)?), "change": row.text(2)?, "fields": [] }))
        })
        .collect()
}
