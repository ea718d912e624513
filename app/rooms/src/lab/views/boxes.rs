//! Boxes between a post and a laboratory: who has them, since when, and whether both counted the same.

use base::Moment;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Row, Scope, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct BoxesAsked {
    /// `open`, which is meant when nothing is said, or `received`.
    #[serde(default)]
    pub state: Option<String>,
    /// The last row that was seen: its moment and code, joined by a tab.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

/// What was received longer ago stands in the books of its round.
const RECEIVED_S: i64 = 3 * 86_400;

/// Samples are to be in a laboratory within four hours, cooled (from memory of the technical guides; no text was at hand).
const WITHIN_S: i64 = 4 * 3_600;

/// Those that wait or travel, the longest first; those that were received, the last first.
pub fn boxes(query: &mut dyn Query, scope: &Scope, asked: &BoxesAsked, now: Moment) -> Result<Json> {
    if !scope.may(Permission::LabCollect) {
        scope.demand(Permission::LabRead)?;
    }
    let received = asked.state.as_deref() == Some("received");
    let (first, past) = scope.territory.range();
    let after = asked.after.as_deref().and_then(|after| after.split_once('\t'));
    let begin = if received { i64::MAX } else { now.plus_seconds(-30 * 86_400).0 };
    let (at, barcode) = after.map_or((begin, ""), |(at, barcode)| (at.parse().unwrap_or(begin), barcode));
    let since = now.plus_seconds(-RECEIVED_S);
    let (which, order) = if received {
        ("b.received >= $5 AND (b.received < $3 OR (b.received = $3 AND b.barcode > $4))", "b.received DESC")
    } else {
        // A statement names all that it is given.
        (
            "b.received IS NULL AND cast($5 AS BIGINT) > 0 AND (b.packed > $3 OR (b.packed = $3 AND b.barcode > $4))",
            "b.packed",
        )
    };
    let sql = format!(
        "SELECT b.barcode, b.territory, b.post, p.name, b.tubes, b.packed, b.handed_over, b.counted, b.courier, l.name, \
         b.received, b.received_tubes FROM lab_box b LEFT JOIN lab_post p ON p.id = b.post LEFT JOIN lab_laboratory l ON l.id = b.lab \
         WHERE b.territory >= $1 AND b.territory < $2 AND {which} ORDER BY {order}, b.barcode LIMIT $6"
    );
    let found = query.rows(&sql, params![first, past, at, barcode, since, PAGE + 1])?;
    let more = found.len() > PAGE;
    let rows: Vec<Json> = found.iter().take(PAGE).map(|row| of_row(row, now)).collect::<Result<_>>()?;
    let next = rows.last().filter(|_| more).map(|last| {
        let moment = if received { &last["received"] } else { &last["packed"] };
        format!("{moment}\t{}", last["box"].as_str().unwrap_or_default())
    });
    Ok(json!({ "now": now, "rows": rows, "next": next }))
}

/// A box that nobody packed on a telephone has neither post nor list: what is known of it begins with its arrival.
fn of_row(row: &Row, now: Moment) -> Result<Json> {
    let (packed, received) = (Moment(row.int(5)?), row.opt_int(10)?);
    let post = Some(row.text(2)?).filter(|post| !post.is_empty());
    let known = post.is_some();
    Ok(json!({
        "box": row.text(0)?, "territory": row.text(1)?, "post": post, "post_name": row.opt_text(3)?,
        "tubes": known.then_some(row.int(4)?), "packed": known.then_some(packed), "handed_over": row.opt_int(6)?,
        "counted": row.opt_int(7)?, "courier": row.opt_text(8)?, "laboratory": row.opt_text(9)?, "received": received,
        "received_tubes": row.opt_int(11)?, "late": received.is_none() && packed.plus_seconds(WITHIN_S) < now,
    }))
}
