//! People behind a signal, until it is known of each of them; by tube and place, without names.

use base::Moment;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct HoldsAsked {
    /// `open`, which is meant when nothing is said, or `ended`.
    #[serde(default)]
    pub state: Option<String>,
    /// The last row that was seen: its moment, tube and place, joined by tabs.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

/// Open ones by when they are due, the most urgent first; ended ones newest first.
pub fn holds(query: &mut dyn Query, scope: &Scope, asked: &HoldsAsked, now: Moment) -> Result<Json> {
    if !scope.may(Permission::LabCollect) {
        scope.demand(Permission::LabRead)?;
    }
    let ended = asked.state.as_deref() == Some("ended");
    let (first, past) = scope.territory.range();
    let mut after = asked.after.as_deref().unwrap_or_default().split('\t');
    let at = after.next().and_then(|at| at.parse().ok());
    let (tube, place) = (after.next().unwrap_or_default(), after.next().and_then(|place| place.parse().ok()));
    let columns = "barcode, position, territory, state, since, due, told, again, ended";
    let sql = if ended {
        format!(
            "SELECT {columns} FROM lab_hold WHERE territory >= $1 AND territory < $2 AND ended IS NOT NULL \
             AND (ended < $3 OR (ended = $3 AND (barcode, position) > ($4, $5))) ORDER BY ended DESC, barcode, position LIMIT $6"
        )
    } else {
        format!(
            "SELECT {columns} FROM lab_hold WHERE territory >= $1 AND territory < $2 AND ended IS NULL \
             AND (due > $3 OR (due = $3 AND (barcode, position) > ($4, $5))) ORDER BY due, barcode, position LIMIT $6"
        )
    };
    let begin = if ended { i64::MAX } else { i64::MIN };
    let values =
        params![first.clone(), past.clone(), at.unwrap_or(begin), tube, place.unwrap_or(-1_i64), PAGE + 1];
    let found = query.rows(&sql, values)?;
    let more = found.len() > PAGE;
    let rows: Vec<Json> = found
        .iter()
        .take(PAGE)
        .map(|row| {
            Ok(json!({
                "tube": row.text(0)?, "position": row.int(1)?, "territory": row.text(2)?, "state": row.text(3)?,
                "since": row.int(4)?, "due": row.int(5)?, "told": row.opt_int(6)?, "again": row.opt_text(7)?,
                "ended": row.opt_int(8)?,
            }))
        })
        .collect::<Result<_>>()?;
    let next = rows.last().filter(|_| more).map(|last| {
        let moment = if ended { &last["ended"] } else { &last["due"] };
        format!("{moment}\t{}\t{}", last["tube"].as_str().unwrap_or_default(), last["position"])
    });
    let sql = "SELECT count(*) FROM lab_hold WHERE territory >= $1 AND territory < $2 AND ended IS NULL";
    let count = query.count(sql, params![first, past])?;
    Ok(json!({ "now": now, "rows": rows, "next": next, "count": count }))
}
