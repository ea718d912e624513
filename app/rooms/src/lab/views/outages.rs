//! Outages for whoever records them: those that were counted and wait for a person's word, and those on record.

use base::Moment;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Row, Scope, params};

const DAYS: i64 = 60;
const MOST: i64 = 200;

/// Of one's own territory, and those that were counted for the whole house.
pub fn outages(query: &mut dyn Query, scope: &Scope, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let (first, past) = scope.territory.range();
    let sql = "SELECT id, territory, what, began, until, told, state, created FROM lab_outage WHERE began >= $1 \
               AND (state = 'proposed' OR (territory >= $2 AND territory < $3)) ORDER BY began DESC, id LIMIT $4";
    let rows = query.rows(sql, params![now.plus_seconds(-DAYS * 86_400), first, past, MOST])?;
    let rows: Vec<Json> = rows.iter().map(one).collect::<Result<_>>()?;
    Ok(json!({ "now": now, "rows": rows }))
}

fn one(row: &Row) -> Result<Json> {
    Ok(json!({
        "id": row.text(0)?, "territory": row.text(1)?, "what": row.text(2)?, "from": row.int(3)?, "until": row.opt_int(4)?,
        "told": row.text(5)?, "state": row.text(6)?, "created": row.int(7)?,
    }))
}
