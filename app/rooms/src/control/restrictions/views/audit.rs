//! The day's sample: drawn by a key nobody chooses with, and drawn again each time it is looked at.

use super::chain::chain;
use super::list::row_of;
use super::one::{appeals, article_of, verdict};
use crate::asked::day_in;
use crate::control::restrictions::Restriction;
use crate::control::restrictions::record::kept_of;
use crate::packed;
use crate::refuse::invalid;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Id, Moment};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Actor, Permission, Query, Result, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct SampleAsked {
    /// The last day that was drawn, when none is said.
    #[serde(default)]
    pub day: Option<String>,
}

pub(in crate::control::restrictions) struct Drawn {
    pub seq: i64,
    pub head: String,
    pub out_of: usize,
    pub picked: Vec<Id<Restriction>>,
}

/// Whoever was restricted on a day, drawn by the journal as it stands now.
pub(in crate::control::restrictions) fn sample(query: &mut dyn Query, day: Day) -> Result<Drawn> {
    let last = query.first("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1", params![])?;
    let (seq, head) = match last {
        Some(row) => (row.int(0)?, row.text(1)?),
        None => (0, String::new()),
    };
    let (out_of, picked) = drawn_by(query, day, &head)?;
    Ok(Drawn { seq, head, out_of, picked })
}

/// Who is in it does not change when the day is over, and the rank hangs on the key file's root and on a hash of the journal: whoever
/// writes a row cannot know the one, and whoever holds the key file cannot choose the other.
fn drawn_by(query: &mut dyn Query, day: Day, head: &str) -> Result<(usize, Vec<Id<Restriction>>)> {
    let start = Moment::start_of(day, UTC_OFFSET_MINUTES);
    let end = Moment::start_of(day + 1, UTC_OFFSET_MINUTES);
    let rows = query.rows(
        "SELECT id FROM control_restriction WHERE second_at < $2 AND begins < $2 AND ends > $1 \
         AND (ended IS NULL OR ended > $1)",
        params![start, end],
    )?;
    let mut ranked = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = row.text(0)?;
        ranked.push((query.vault().mark("restriction sample", &format!("{day}|{head}|{id}")), id));
    }
    let size = control::sample_size(&packed::restrictions().audit, ranked.len());
    let picked = control::drawn(ranked, size);
    let picked = picked.iter().filter_map(|id| id.parse().ok()).collect();
    Ok((rows.len(), picked))
}

pub(super) fn day_asked(asked: &SampleAsked) -> Result<Option<Day>> {
    day_in(asked.day.as_deref(), "day")
}

/// A sample as it was drawn: its day, and whether it comes out the same today.
pub(super) struct Kept {
    pub day: Day,
    pub told: Json,
    pub picked: Vec<Id<Restriction>>,
}

pub(super) fn kept_sample(query: &mut dyn Query, day: Option<Day>) -> Result<Option<Kept>> {
    let sql = "SELECT day, at, seq, head, out_of FROM control_restriction_draw WHERE $1 = '' OR day = $1 \
               ORDER BY day DESC LIMIT 1";
    let asked = day.map(|day| day.to_string()).unwrap_or_default();
    let Some(row) = query.first(sql, params![asked])? else { return Ok(None) };
    let day: Day = row.read(0)?;
    let head = row.text(3)?;
    let rows = query.rows(
        "SELECT restriction FROM control_restriction_pick WHERE day = $1 ORDER BY place",
        params![day],
    )?;
    let picked = rows.iter().map(|row| row.read(0)).collect::<Result<Vec<Id<Restriction>>>>()?;
    let again = drawn_by(query, day, &head)?.1;
    let told = json!({
        "day": day, "drawn": row.int(1)?, "seq": row.int(2)?, "head": head, "out_of": row.int(4)?,
        "picked": picked.len(), "comes_out_the_same": again == picked,
    });
    Ok(Some(Kept { day, told, picked }))
}

pub fn audit(query: &mut dyn Query, actor: &Actor, asked: &SampleAsked, now: Moment) -> Result<Json> {
    let scope = &actor.scope;
    scope.demand(Permission::RestrictAudit)?;
    let days =
        query.rows("SELECT day FROM control_restriction_draw ORDER BY day DESC LIMIT 60", params![])?;
    let days = days.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
    let wanted = day_asked(asked)?;
    let Some(kept) = kept_sample(query, wanted)? else {
        if wanted.is_some() {
            return Err(invalid(
                "restrict.not_drawn",
                "day",
                "nothing was drawn for this day; a day is drawn when it is over",
                "该日尚未抽样；每日结束后抽样",
            ));
        }
        return Ok(json!({ "sample": null, "days": days, "rows": [], "now": now }));
    };
    let mut rows = Vec::new();
    for id in &kept.picked {
        let Some(one) = kept_of(query, *id)? else { continue };
        if !one.is_shown_to(scope) {
            continue;
        }
        let mut told = row_of(query, actor, None, &one, now)?;
        told["evidence"] = chain(query, scope, &one, now)?;
        told["article"] = article_of(&one);
        told["appeals"] = json!(appeals(query, &one, false)?);
        told["verdict"] = verdict(query, &one, true)?;
        rows.push(told);
    }
    Ok(json!({ "sample": kept.told, "days": days, "rows": rows, "now": now }))
}
