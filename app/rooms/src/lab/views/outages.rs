//! Outages for whoever records them: those that were counted and wait for a person's word, and those on record.

use base::Moment;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Row, Scope, params};

const DAYS: i64 = 60;
const MOST: i64 = 200;

/// Of one's own territory, and those that were counted for the whole house, until somebody has spoken for all of one's own.
pub fn outages(query: &mut dyn Query, scope: &Scope, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let (first, past) = scope.territory.range();
    let own = &scope.territory;
    let above: Vec<String> = (0..=own.depth()).map(|depth| own.at_depth(depth).path().to_owned()).collect();
    let list = (6..6 + above.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT o.id, o.territory, o.what, o.began, o.until, o.told, o.state, o.created FROM lab_outage o WHERE o.began >= $1 \
         AND ((o.territory >= $2 AND o.territory < $3 AND o.state <> 'proposed') OR (o.state = 'proposed' AND NOT EXISTS \
         (SELECT 1 FROM lab_outage s WHERE s.state <> 'proposed' AND s.what = o.what AND s.territory IN ({list}) \
         AND s.began <= coalesce(o.until, $5) AND coalesce(s.until, $5) >= o.began))) \
         ORDER BY o.began DESC, o.id LIMIT $4"
    );
    let mut values = params![now.plus_seconds(-DAYS * 86_400), first, past, MOST, now].to_vec();
    values.extend(above.into_iter().map(store::Value::from));
    let rows = query.rows(&sql, &values)?;
    let rows: Vec<Json> = rows.iter().map(one).collect::<Result<_>>()?;
    Ok(json!({ "now": now, "rows": rows }))
}

fn one(row: &Row) -> Result<Json> {
    Ok(json!({
        "id": row.text(0)?, "territory": row.text(1)?, "what": row.text(2)?, "from": row.int(3)?, "until": row.opt_int(4)?,
        "told": row.text(5)?, "state": row.text(6)?, "created": row.int(7)?,
    }))
}
