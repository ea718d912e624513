//! Fences as the team reads them, with counts in bands; and as everybody reads them, without anything of a case.

use super::Fence;
use super::changes::count_text;
use super::record::{COLUMNS, FenceRecord};
use crate::access::second_person::{AskKind, ask_standing};
use crate::trace::fence::places::{Shown, shown};
use base::{Day, Id, Moment, Territory};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, Value, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct FencesAsked {
    /// One alone.
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
    /// The cursor of the page before.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 50;
const RUNS: i64 = 20;

/// The latest first.
pub(super) fn fences(
    query: &mut dyn Query,
    scope: &Scope,
    me: &str,
    asked: &FencesAsked,
    now: Moment,
) -> Result<Json> {
    scope.demand(Permission::ContactsRead).or_else(|_| scope.demand(Permission::FencePublish))?;
    let (first, past) = scope.territory.range();
    let mut params: Vec<Value> = vec![first.into(), past.into()];
    let mut conditions = String::new();
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    for (column, wanted) in [("id", said(&asked.id)), ("event", said(&asked.event))] {
        if let Some(wanted) = wanted {
            params.push(wanted.into());
            conditions.push_str(&format!(" AND f.{column} = ${}", params.len()));
        }
    }
    if let Some((drafted, id)) = said(&asked.after).as_deref().and_then(|after| after.split_once('|')) {
        let drafted: i64 = drafted.parse().unwrap_or(0);
        params.push(drafted.into());
        params.push(id.into());
        let at = params.len();
        conditions.push_str(&format!(
            " AND (f.drafted < ${0} OR (f.drafted = ${0} AND f.id > ${1}))",
            at - 1,
            at
        ));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM trace_fence f WHERE f.territory >= $1 AND f.territory < $2{conditions} \
         ORDER BY f.drafted DESC, f.id LIMIT {}",
        PAGE + 1
    );
    let rows = query.rows(&sql, &params)?;
    let mut fences = rows.iter().map(FenceRecord::of).collect::<Result<Vec<_>>>()?;
    let more = fences.len() > PAGE;
    fences.truncate(PAGE);
    let next = fences.last().filter(|_| more).map(|last| format!("{}|{}", last.drafted.0, last.id));
    let mut told = Vec::new();
    for fence in &fences {
        told.push(fence_told(query, me, fence, now)?);
    }
    Ok(json!({ "rows": told, "next": next, "now": now.to_string() }))
}

fn fence_told(query: &mut dyn Query, me: &str, fence: &FenceRecord, now: Moment) -> Result<Json> {
    let place = named(query, fence)?;
    Ok(json!({
        "id": fence.id, "event": fence.event, "territory": fence.territory, "place": fence.place, "ride": fence.ride,
        "place_name": place.name, "from": fence.first, "to": fence.last, "gap_minutes": fence.gap_minutes,
        "text_zh": fence.text_zh, "text_en": fence.text_en, "basis": fence.basis,
        "published_at": fence.published.map(|at| at.to_string()), "withdrawn_at": fence.withdrawn.map(|at| at.to_string()),
        "ends": fence.ends, "runs": runs(query, fence.id)?, "opening": opening(query, me, fence.id, now)?,
    }))
}

/// A run of a vehicle is its own name.
fn named(query: &mut dyn Query, fence: &FenceRecord) -> Result<Shown> {
    match (&fence.place, &fence.ride) {
        (Some(place), _) => shown(query, place),
        (None, ride) => Ok(Shown {
            name: ride.as_ref().map(|ride| format!("{} {}", ride.number, ride.day)).unwrap_or_default(),
            lon: None,
            lat: None,
        }),
    }
}

fn runs(query: &mut dyn Query, fence: Id<Fence>) -> Result<Vec<Json>> {
    let sql = "SELECT at, by_whom, told, sources, counted FROM trace_fence_run WHERE fence = $1 ORDER BY seq DESC LIMIT $2";
    let mut told = Vec::new();
    for row in query.rows(sql, params![fence, RUNS])? {
        let count = row.opt_int(2)?.map(i64::unsigned_abs);
        told.push(json!({
            "at": Moment(row.int(0)?).to_string(), "by": crate::people::who(query, &row.text(1)?)?, "count": count,
            "count_text": count_text(count), "sources": row.json::<Json>(3)?,
            "counted_at": Moment(row.int(4)?).to_string(),
        }));
    }
    Ok(told)
}

/// How far opening its names has come. The request itself is its asker's.
fn opening(query: &mut dyn Query, me: &str, fence: Id<Fence>, now: Moment) -> Result<Json> {
    let sql = "SELECT max(until) FROM trace_fence_opening WHERE fence = $1";
    let until =
        query.first(sql, params![fence])?.map(|row| row.opt_int(0)).transpose()?.flatten().map(Moment);
    let ask = ask_standing(query, AskKind::OpenFence, &fence.to_string(), now)?;
    let state = match (until, ask.as_ref().map(|ask| ask.state)) {
        (Some(until), _) if until > now => "open",
        (_, Some("waiting")) => "asked",
        (_, Some("agreed")) => "agreed",
        (Some(_), _) => "over",
        _ => "none",
    };
    let own = ask.filter(|ask| ask.asker == me).map(|ask| ask.ask);
    Ok(json!({ "state": state, "ask": own, "until": until.map(|until| until.to_string()) }))
}

/// What everybody may read: place, time, advice, and until when. Nothing else leaves this function.
pub(super) fn public_fences(query: &mut dyn Query, today: Day) -> Result<Vec<(Territory, Json)>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM trace_fence f WHERE f.published IS NOT NULL AND f.withdrawn IS NULL AND f.ends >= $1 \
         ORDER BY f.first_minute DESC, f.id LIMIT 1000"
    );
    let mut told = Vec::new();
    for row in query.rows(&sql, params![today])? {
        let fence = FenceRecord::of(&row)?;
        let place = named(query, &fence)?;
        let ride = fence
            .ride
            .as_ref()
            .map(|ride| json!({ "kind": ride.kind, "number": ride.number, "day": ride.day }));
        let public = json!({
            "place_name": place.name, "territory": fence.territory, "lon": place.lon, "lat": place.lat, "ride": ride,
            "from": fence.first, "to": fence.last, "gap_minutes": fence.gap_minutes, "text_zh": fence.text_zh,
            "text_en": fence.text_en, "ends": fence.ends,
        });
        told.push((fence.territory, public));
    }
    Ok(told)
}
