//! What came in, what waits for a word, a code or an epidemiologist. Nobody's name.

use crate::lab::Laboratory;
use crate::lab::reach::laboratory_within;
use crate::packed;
use base::{Id, Moment};
use packs::Kept;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Row, Scope, params};

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub(super) struct MessagesAsked {
    pub laboratory: Id<Laboratory>,
}

/// Rows of each list: what is older is settled, or is told by its count.
const LISTED: i64 = 200;
const DAYS: i64 = 70;

pub(super) fn messages(
    query: &mut dyn Query,
    scope: &Scope,
    asked: &MessagesAsked,
    now: Moment,
) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let laboratory = laboratory_within(query, scope, asked.laboratory)?;
    let lab = asked.laboratory;
    let rows =
        |query: &mut dyn Query, sql: &str, limit: i64, each: fn(&Row) -> Result<Json>| -> Result<Vec<Json>> {
            query.rows(sql, params![lab, limit])?.iter().map(each).collect()
        };
    let days = rows(
        query,
        "SELECT day, verdict, messages, reports FROM lab_message_count WHERE lab = $1 ORDER BY day DESC, verdict LIMIT $2",
        DAYS,
        |row| {
            Ok(
                json!({ "day": row.text(0)?, "verdict": row.text(1)?, "messages": row.int(2)?, "reports": row.int(3)? }),
            )
        },
    )?;
    let refused = rows(
        query,
        "SELECT received, sender, control, verdict, complaints, format FROM lab_message \
         WHERE lab = $1 AND verdict IN ('refused', 'in_part') ORDER BY received DESC LIMIT $2",
        LISTED,
        |row| {
            Ok(json!({
                "received": row.int(0)?, "sender": row.text(1)?, "control": row.text(2)?, "verdict": row.text(3)?,
                "complaints": row.json::<Json>(4)?, "format": row.text(5)?,
            }))
        },
    )?;
    let waiting = rows(
        query,
        "SELECT r.seq, r.specimen, r.number, r.standing, r.call, r.analysed, r.reported, r.received, r.sender, r.test_text, \
         t.result, t.reported, t.sampled, r.test FROM lab_report r LEFT JOIN lab_tube t ON t.barcode = r.specimen \
         WHERE r.lab = $1 AND r.waits = 'lab' ORDER BY r.seq DESC LIMIT $2",
        LISTED,
        |row| {
            Ok(json!({
                "report": row.int(0)?, "specimen": row.opt_text(1)?, "number": row.opt_text(2)?, "standing": row.text(3)?,
                "call": row.opt_text(4)?, "analysed": row.opt_int(5)?, "reported": row.opt_int(6)?, "received": row.int(7)?,
                "sender": row.text(8)?, "test": row.opt_text(9)?, "known": row.opt_text(10)?, "known_since": row.opt_int(11)?,
                "sampled": row.opt_int(12)?, "code": row.opt_text(13)?,
            }))
        },
    )?;
    let counts = rows(
        query,
        "SELECT standing, count(*) FROM lab_report WHERE lab = $1 AND waits IS NOT NULL GROUP BY standing ORDER BY standing LIMIT $2",
        LISTED,
        |row| Ok(json!({ "standing": row.text(0)?, "reports": row.int(1)? })),
    )?;
    let codes = rows(
        query,
        "SELECT kind, system, code, text, since, seen, means, mapped FROM lab_code WHERE lab = $1 \
         ORDER BY mapped IS NOT NULL, seen DESC, kind, system, code LIMIT $2",
        LISTED,
        |row| {
            Ok(json!({
                "kind": row.text(0)?, "system": row.text(1)?, "code": row.text(2)?, "text": row.text(3)?,
                "since": row.int(4)?, "seen": row.int(5)?, "means": row.opt_text(6)?, "mapped": row.opt_int(7)?,
            }))
        },
    )?;
    Ok(json!({
        "now": now, "laboratory": lab, "name": laboratory.name, "days": days, "refused": refused, "waiting": waiting,
        "waiting_counts": counts, "codes": codes,
        "may": { "work": scope.may(Permission::LabWork), "manage": scope.may(Permission::LabManage) },
    }))
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub(super) struct OutsideAsked {
    /// The last report that was seen.
    #[serde(default)]
    pub after: Option<i64>,
    /// Only those that say positive or grey, or that nobody could read.
    #[serde(default)]
    pub signals: bool,
}

const PAGE: usize = 50;

/// A laboratory may tell of everybody it tests: somebody waits behind the few that say neither negative nor invalid.
const SIGNALS: &str = "(r.call IS NULL OR r.call NOT IN ('negative', 'invalid'))";

/// Results of people in no tube, the oldest first.
pub(super) fn outside(
    query: &mut dyn Query,
    scope: &Scope,
    asked: &OutsideAsked,
    now: Moment,
    offset: i32,
) -> Result<Json> {
    scope.demand(Permission::CasesRead)?;
    let (first, past) = scope.territory.range();
    let mut after = asked.after.unwrap_or(0);
    let mut rows: Vec<Json> = Vec::new();
    let mut next = None;
    let keep_days = packed::retention().of(Kept::Told).map_or(0, |clock| i32::from(clock.keep_days));
    let wanted = if asked.signals { SIGNALS } else { "1 = 1" };
    let sql = format!(
        "SELECT r.seq, r.territory, l.name, r.call, r.test_text, r.test, r.disease, r.collected, r.analysed, r.reported, \
         r.received, r.number, r.linked, r.sealed FROM lab_report r LEFT JOIN lab_laboratory l ON l.id = r.lab \
         WHERE r.waits = 'outside' AND r.territory >= $1 AND r.territory < $2 AND r.seq > $3 AND {wanted} ORDER BY r.seq LIMIT $4"
    );
    'pages: loop {
        let found = query.rows(&sql, params![first.as_str(), past.as_str(), after, PAGE])?;
        for row in &found {
            // Of a disease that is kept from this reader there is no row.
            if !scope.kept.reads(row.opt_text(6)?.as_deref()) {
                after = row.int(0)?;
                continue;
            }
            if rows.len() == PAGE {
                next = Some(after);
                break 'pages;
            }
            after = row.int(0)?;
            rows.push(json!({
                "report": row.int(0)?, "territory": row.text(1)?, "laboratory": row.opt_text(2)?, "call": row.opt_text(3)?,
                "test": row.opt_text(4)?, "code": row.opt_text(5)?, "disease": row.opt_text(6)?,
                "collected": row.opt_int(7)?, "analysed": row.opt_int(8)?, "reported": row.opt_int(9)?,
                "received": row.int(10)?, "number": row.opt_text(11)?, "linked": row.opt_text(12)?,
                "has_name": row.opt_text(13)?.is_some(),
                "kept_until": Moment(row.int(10)?).day_at_offset(offset) + keep_days,
            }));
        }
        if found.len() < PAGE {
            break;
        }
    }
    Ok(json!({
        "now": now, "rows": rows, "next": next,
        "may": { "write": scope.may(Permission::CasesWrite), "open": scope.may(Permission::IdentityOpen) },
    }))
}

/// What laboratories told of a tube, the first first.
pub(crate) fn told_of(query: &mut dyn Query, barcode: &str) -> Result<Vec<Json>> {
    let sql = "SELECT r.seq, l.name, r.sender, r.number, r.standing, r.call, r.analysed, r.received, r.settled FROM lab_report r \
               LEFT JOIN lab_laboratory l ON l.id = r.lab WHERE r.specimen = $1 ORDER BY r.seq LIMIT 50";
    let rows = query.rows(sql, params![barcode])?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "report": row.int(0)?, "laboratory": row.opt_text(1)?, "sender": row.text(2)?, "number": row.opt_text(3)?,
                "standing": row.text(4)?, "call": row.opt_text(5)?, "analysed": row.opt_int(6)?, "received": row.int(7)?,
                "settled": row.opt_int(8)?,
            }))
        })
        .collect()
}
