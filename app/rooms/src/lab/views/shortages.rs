//! What rounds are short of, for whoever lends it.

use crate::lab::Round;
use base::{Id, Moment};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Row, Scope, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct ShortagesAsked {
    /// `open`, which is meant when nothing is said, or `answered`.
    #[serde(default)]
    pub state: Option<String>,
    /// The last row that was seen: its moment and id, joined by a tab.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

const COLUMNS: &str = "h.id, h.round, h.territory, h.what, h.size, h.needed, h.have, h.begins, h.ends, h.note, h.told, h.answered, \
                       h.answer, r.number, c.id, c.name";
const FROM: &str =
    "lab_shortage h JOIN lab_round r ON r.id = h.round JOIN lab_campaign c ON c.id = r.campaign";

fn of_row(row: &Row) -> Result<Json> {
    Ok(json!({
        "id": row.text(0)?, "round": row.text(1)?, "territory": row.text(2)?, "what": row.text(3)?, "size": row.opt_int(4)?,
        "needed": row.int(5)?, "have": row.int(6)?, "begins": row.int(7)?, "ends": row.int(8)?, "note": row.text(9)?,
        "told": row.int(10)?, "answered": row.opt_int(11)?, "answer": row.opt_text(12)?, "round_number": row.int(13)?,
        "campaign": row.text(14)?, "campaign_name": row.text(15)?,
    }))
}

/// Open ones by the hour they are needed, the next first; answered ones newest first.
pub fn shortages(query: &mut dyn Query, scope: &Scope, asked: &ShortagesAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let answered = asked.state.as_deref() == Some("answered");
    let (first, past) = scope.territory.range();
    let after = asked.after.as_deref().and_then(|after| after.split_once('\t'));
    let begin = if answered { i64::MAX } else { i64::MIN };
    let (at, id) = after.map_or((begin, ""), |(at, id)| (at.parse().unwrap_or(begin), id));
    let sql = if answered {
        format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE h.territory >= $1 AND h.territory < $2 AND h.answered IS NOT NULL \
             AND (h.answered < $3 OR (h.answered = $3 AND h.id > $4)) ORDER BY h.answered DESC, h.id LIMIT $5"
        )
    } else {
        format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE h.territory >= $1 AND h.territory < $2 AND h.answered IS NULL \
             AND (h.begins > $3 OR (h.begins = $3 AND h.id > $4)) ORDER BY h.begins, h.id LIMIT $5"
        )
    };
    let found = query.rows(&sql, params![first, past, at, id, PAGE + 1])?;
    let more = found.len() > PAGE;
    let rows: Vec<Json> = found.iter().take(PAGE).map(of_row).collect::<Result<_>>()?;
    let next = rows.last().filter(|_| more).map(|last| {
        let moment = if answered { &last["answered"] } else { &last["begins"] };
        format!("{moment}\t{}", last["id"].as_str().unwrap_or_default())
    });
    Ok(json!({ "now": now, "rows": rows, "next": next }))
}

/// Those of one round, the open ones first.
pub(super) fn of_round(
    query: &mut dyn Query,
    round: Id<Round>,
    first: &str,
    past: &str,
) -> Result<Vec<Json>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE h.round = $1 AND h.territory >= $2 AND h.territory < $3 \
         ORDER BY CASE WHEN h.answered IS NULL THEN 0 ELSE 1 END, h.begins, h.id LIMIT 200"
    );
    query.rows(&sql, params![round, first, past])?.iter().map(of_row).collect()
}
