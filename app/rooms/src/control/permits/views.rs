//! Permits as the department sees them, with the risk beside each, and as the organiser hears of theirs.

use crate::asked::place_within;
use crate::cases::views::found_in_community;
use crate::control::permits::circumstances::circumstances;
use crate::control::permits::record::{COLUMNS, PermitRecord, no_permit, permit, permit_within};
use crate::control::permits::{Permit, PermitState};
use crate::packed;
use crate::regions::{Atlas, UTC_OFFSET_MINUTES};
use base::{Id, Moment, Territory};
use control::{ComeFrom, CrowdRisk, capacity, crowd_risk, unmet};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Row, Scope, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct PermitsAsked {
    #[serde(default)]
    pub territory: Option<String>,
    /// `waiting` (to be decided; the default) or `all`.
    #[serde(default)]
    pub which: Option<String>,
    /// The last row that was seen: when it starts and its id, joined by a tab.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

/// What is held soonest first.
pub fn permits(query: &mut dyn Query, scope: &Scope, asked: &PermitsAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::ControlRead)?;
    let place = place_within(scope, asked.territory.as_deref())?;
    let (waiting, over) = match asked.which.as_deref() {
        Some("all") => ("", i64::MIN),
        _ => ("state IN ('applied', 'reopened') AND ", now.0),
    };
    let after = asked.after.as_deref().and_then(|after| after.split_once('\t'));
    let (at, id) = after.map_or((i64::MIN, ""), |(at, id)| (at.parse().unwrap_or(i64::MIN), id));
    let (first, past) = place.range();
    let sql = format!(
        "SELECT {COLUMNS} FROM control_permit WHERE territory >= $1 AND territory < $2 AND {waiting}ends > $5 \
         AND (starts > $3 OR (starts = $3 AND id > $4)) ORDER BY starts, id LIMIT {}",
        PAGE + 1
    );
    let found = query.rows(&sql, params![first, past, at, id, over])?;
    let more = found.len() > PAGE;
    let records: Vec<PermitRecord> = found.iter().take(PAGE).map(PermitRecord::of).collect::<Result<_>>()?;
    let next =
        records.last().filter(|_| more).map(|last| format!("{}\t{}", last.gathering.starts.0, last.id));
    Ok(json!({ "now": now, "rows": records.iter().map(told).collect::<Vec<_>>(), "next": next }))
}

fn told(record: &PermitRecord) -> Json {
    json!({
        "id": record.id, "territory": record.territory, "place": record.place, "title": record.title,
        "organiser": record.organiser, "people": record.gathering.people, "starts": record.gathering.starts,
        "ends": record.gathering.ends, "activity": record.gathering.activity, "indoors": record.gathering.indoors,
        "masks": record.gathering.masks, "duties": record.gathering.duties, "state": record.state,
        "applied": record.applied, "decided": record.decided, "note": record.note,
    })
}

/// One permit: what holds there now, what is not met, how many may come, and the risk with its interval.
pub fn permit_page(
    query: &mut dyn Query,
    scope: &Scope,
    id: Id<Permit>,
    atlas: &Atlas,
    now: Moment,
) -> Result<Json> {
    scope.demand(Permission::ControlRead)?;
    let record = permit_within(query, scope, id)?;
    let rules = &packed::measures().gatherings;
    let holds = circumstances(query, &record, now)?;
    let mut page = told(&record);
    let missing: Vec<Json> = unmet(&record.gathering, rules, &holds)
        .into_iter()
        .map(|denied| json!({ "code": denied.code, "zh": denied.zh, "en": denied.en }))
        .collect();
    page["unmet"] = json!(missing);
    page["capacity"] = json!(capacity(&record.gathering, rules, &holds));
    page["holds"] = json!({ "level": holds.level, "limits": holds.limits });
    page["held"] =
        json!(record.held.as_ref().map(|held| json!({ "level": held.level, "limits": held.limits })));
    page["risk"] = json!(risk(query, scope, &record, atlas, now)?);
    page["steps"] = json!(steps(query, id)?);
    page["now"] = json!(now);
    Ok(page)
}

/// Days over which finds are counted for the risk.
const DAYS: i32 = 7;

/// From what was found in the open community of the county in the last week. The counts themselves are not told here.
fn risk(
    query: &mut dyn Query,
    scope: &Scope,
    record: &PermitRecord,
    atlas: &Atlas,
    now: Moment,
) -> Result<Option<CrowdRisk>> {
    let rules = &packed::measures().gatherings;
    let county = record.territory.at_depth(3);
    let Some(population) = atlas.at(&county).and_then(|place| place.population) else { return Ok(None) };
    let of_family = packed::diseases().iter().filter(|disease| disease.family == rules.family);
    let diseases: Vec<String> = of_family
        .map(|disease| disease.id.clone())
        .filter(|disease| scope.kept.sees(Some(disease)))
        .collect();
    let today = now.day_at_offset(UTC_OFFSET_MINUTES);
    let found = found_in_community(query, &county, &diseases, (today - DAYS + 1, today))?;
    let from = [ComeFrom {
        people: f64::from(record.gathering.people),
        population: population as f64,
        found: u32::try_from(found).unwrap_or(u32::MAX),
        days: f64::from(DAYS),
    }];
    Ok(crowd_risk(&record.gathering, &from, rules))
}

fn steps(query: &mut dyn Query, id: Id<Permit>) -> Result<Vec<Json>> {
    let sql = "SELECT at, state, note_zh, note_en FROM control_permit_step WHERE permit = $1 ORDER BY number";
    let one = |row: &Row| {
        Ok(
            json!({ "at": row.int(0)?, "state": row.text(1)?, "note_zh": row.text(2)?, "note_en": row.text(3)? }),
        )
    };
    query.rows(sql, params![id])?.iter().map(one).collect()
}

/// For whoever has the permit's number: its answer and every notice since.
pub fn public_permit(query: &mut dyn Query, id: Id<Permit>, now: Moment) -> Result<Json> {
    let record = permit(query, id)?.ok_or_else(no_permit)?;
    let holds = circumstances(query, &record, now)?;
    let rules = &packed::measures().gatherings;
    let mut page = told(&record);
    page["capacity"] = json!(capacity(&record.gathering, rules, &holds));
    page["steps"] = json!(steps(query, id)?);
    page["now"] = json!(now);
    Ok(page)
}

/// Permits that were granted there and then for more people than this.
pub(crate) fn granted_in(
    query: &mut dyn Query,
    territory: &Territory,
    (from, to): (Moment, Moment),
    limit: u32,
    now: Moment,
) -> Result<i64> {
    let (first, past) = territory.range();
    query.count(
        "SELECT count(*) FROM control_permit WHERE territory >= $1 AND territory < $2 AND state = $3 AND ends > $4 \
         AND starts < $5 AND people > $6 AND ends > $7",
        params![first, past, PermitState::Granted.word(), from, to, limit, now],
    )
}

/// Those of a territory that somebody is to decide.
pub(crate) fn count_waiting(query: &mut dyn Query, scope: &Scope, now: Moment) -> Result<i64> {
    let (first, past) = scope.territory.range();
    let sql = "SELECT count(*) FROM control_permit WHERE territory >= $1 AND territory < $2 \
               AND state IN ('applied', 'reopened') AND ends > $3";
    query.count(sql, params![first, past, now])
}
