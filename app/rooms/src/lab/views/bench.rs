//! What waits on a laboratory's bench.

use crate::lab::Laboratory;
use crate::lab::reach::{LABORATORY_COLUMNS, LaboratoryRecord, laboratory_within};
use base::{Id, Moment};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Row, Scope, params};

pub fn laboratories(query: &mut dyn Query, scope: &Scope, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let (first, past) = scope.territory.range();
    let sql = format!(
        "SELECT {LABORATORY_COLUMNS} FROM lab_laboratory l WHERE l.territory >= $1 AND l.territory < $2 \
         ORDER BY l.territory, l.name, l.id LIMIT 1000"
    );
    let rows = query.rows(&sql, params![first, past])?;
    let rows: Vec<Json> = rows
        .iter()
        .map(|row| {
            let one = LaboratoryRecord::of(row)?;
            Ok(json!({
                "id": one.id, "territory": one.territory, "name": one.name, "capacity": one.capacity,
                "report_hours": one.report_hours, "ended": one.ended,
            }))
        })
        .collect::<Result<_>>()?;
    Ok(json!({
        "now": now, "rows": rows,
        "may": { "manage": scope.may(Permission::LabManage), "work": scope.may(Permission::LabWork) },
    }))
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct BenchAsked {
    pub laboratory: Id<Laboratory>,
    /// The last tube that was seen: when it was received and its code, joined by a tab.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 200;

/// Tubes that were received and stand in no well, the longest waiting first; boxes on their way; tubes nobody registered.
pub fn bench(query: &mut dyn Query, scope: &Scope, asked: &BenchAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabWork)?;
    let one = laboratory_within(query, scope, asked.laboratory)?;
    let after = asked.after.as_deref().and_then(|after| after.split_once('\t'));
    let (at, barcode) = after.map_or((0, ""), |(at, barcode)| (at.parse().unwrap_or(0), barcode));
    let rows = query.rows(
        "SELECT barcode, kind, size, filled, box, received, closed, again FROM lab_tube WHERE lab = $1 \
         AND reported IS NULL AND run IS NULL AND rejected IS NULL AND (received > $2 OR (received = $2 AND barcode > $3)) \
         ORDER BY received, barcode LIMIT $4",
        params![one.id, at, barcode, PAGE + 1],
    )?;
    let more = rows.len() > PAGE;
    let waiting: Vec<Json> = rows.iter().take(PAGE).map(tube_of).collect::<Result<_>>()?;
    let next = waiting
        .last()
        .filter(|_| more)
        .map(|last| format!("{}\t{}", last["received"], last["tube"].as_str().unwrap_or_default()));
    let count = query.count(
        "SELECT count(*) FROM lab_tube WHERE lab = $1 AND reported IS NULL AND run IS NULL AND rejected IS NULL",
        params![one.id],
    )?;
    let strays = query.rows(
        "SELECT barcode, box, received FROM lab_stray WHERE lab = $1 AND settled IS NULL ORDER BY received LIMIT 200",
        params![one.id],
    )?;
    let strays: Vec<Json> = strays
        .iter()
        .map(|row| Ok(json!({ "tube": row.text(0)?, "box": row.opt_text(1)?, "received": row.int(2)? })))
        .collect::<Result<_>>()?;
    Ok(json!({
        "now": now, "laboratory": one.id, "name": one.name, "territory": one.territory, "capacity": one.capacity,
        "report_hours": one.report_hours, "waiting": waiting, "waiting_count": count, "next": next, "strays": strays,
    }))
}

fn tube_of(row: &Row) -> Result<Json> {
    Ok(json!({
        "tube": row.text(0)?, "kind": row.text(1)?, "size": row.int(2)?, "people": row.int(3)?, "box": row.opt_text(4)?,
        "received": row.int(5)?, "closed": row.int(6)?, "again": row.opt_text(7)?.is_some(),
    }))
}
