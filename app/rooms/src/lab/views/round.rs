//! How far a round is: by zone, by post and by hour, added up from counts that were made as it happened.

use crate::lab::Round;
use crate::lab::reach::{RoundRecord, Zone, round_within};
use base::{Id, Moment, Territory};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Row, Scope, params};

const SUMS: &str = "coalesce(cast(sum(tubes) AS BIGINT), 0), coalesce(cast(sum(people) AS BIGINT), 0), \
                    coalesce(cast(sum(received) AS BIGINT), 0), coalesce(cast(sum(rejected) AS BIGINT), 0), \
                    coalesce(cast(sum(plated) AS BIGINT), 0), coalesce(cast(sum(reported) AS BIGINT), 0), \
                    coalesce(cast(sum(reported_people) AS BIGINT), 0), coalesce(cast(sum(positive) AS BIGINT), 0)";

fn sums(row: &Row, from: usize) -> Result<Json> {
    Ok(json!({
        "tubes": row.int(from)?, "people": row.int(from + 1)?, "received": row.int(from + 2)?,
        "rejected": row.int(from + 3)?, "plated": row.int(from + 4)?, "reported": row.int(from + 5)?,
        "reported_people": row.int(from + 6)?, "positive": row.int(from + 7)?,
    }))
}

/// The part of an area that somebody reaches.
pub(super) fn seen(scope: &Scope, area: &Territory) -> (String, String) {
    if scope.reaches(area) { area.range() } else { scope.territory.range() }
}

/// The whole of a round, within reach.
pub(super) fn progress(query: &mut dyn Query, scope: &Scope, round: &RoundRecord) -> Result<Json> {
    let (first, past) = seen(scope, &round.territory);
    let sql = format!("SELECT {SUMS} FROM lab_count WHERE round = $1 AND territory >= $2 AND territory < $3");
    let told = query.first(&sql, params![round.id, first, past])?.map(|row| sums(&row, 0)).transpose()?;
    let population: u64 = round
        .zones
        .iter()
        .filter(|zone| scope.reaches(&zone.territory))
        .map(|zone| u64::from(zone.population))
        .sum();
    let mut told = told.unwrap_or_default();
    told["population"] = json!(population);
    Ok(told)
}

pub fn round_board(query: &mut dyn Query, scope: &Scope, id: Id<Round>, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let round = round_within(query, scope, id)?;
    let mut zones = Vec::new();
    for zone in round.zones.iter().filter(|zone| scope.reaches(&zone.territory)) {
        zones.push(of_zone(query, &round, zone)?);
    }
    let (first, past) = seen(scope, &round.territory);
    let shifts = super::shifts::of_round(query, &round, &first, &past)?;
    let posts = by_post(query, &round, &first, &past, super::shifts::now_or_next(&shifts, now))?;
    let shortages = super::shortages::of_round(query, id, &first, &past)?;
    let hours = by_hour(query, &round, &first, &past)?;
    let holds = query.first(
        "SELECT count(*), coalesce(cast(sum(CASE WHEN due < $3 THEN 1 ELSE 0 END) AS BIGINT), 0) FROM lab_hold \
         WHERE territory >= $1 AND territory < $2 AND ended IS NULL",
        params![first, past, now],
    )?;
    let (held, overdue) =
        holds.map_or(Ok((0, 0)), |row| Ok::<_, store::Error>((row.int(0)?, row.int(1)?)))?;
    Ok(json!({
        "now": now, "id": round.id, "campaign": round.campaign, "number": round.number, "territory": round.territory,
        "opens": round.opens, "deadline": round.deadline, "ended": round.ended, "coverage_target": round.coverage_target,
        "progress": progress(query, scope, &round)?, "zones": zones, "posts": posts, "hours": hours,
        "held": held, "held_overdue": overdue, "shortages": shortages,
        "may": { "manage": scope.may(Permission::LabManage) && scope.reaches(&round.territory) },
    }))
}

fn of_zone(query: &mut dyn Query, round: &RoundRecord, zone: &Zone) -> Result<Json> {
    let (first, past) = zone.territory.range();
    let sql = format!("SELECT {SUMS} FROM lab_count WHERE round = $1 AND territory >= $2 AND territory < $3");
    let told = query.first(&sql, params![round.id, first, past])?.map(|row| sums(&row, 0)).transpose()?;
    Ok(json!({
        "territory": zone.territory, "class": zone.class, "population": zone.population, "pool_size": zone.pool_size,
        "progress": told,
    }))
}

/// Posts of a city's round: seven thousand at most, a few hundred bytes each.
const POSTS: i64 = 10_000;

fn by_post(
    query: &mut dyn Query,
    round: &RoundRecord,
    first: &str,
    past: &str,
    mut shifts: BTreeMap<String, (Option<Json>, Option<Moment>)>,
) -> Result<Vec<Json>> {
    let names = query.rows(
        "SELECT id, name, territory, desks, ended FROM lab_post WHERE campaign = $1 AND territory >= $2 AND territory < $3 \
         ORDER BY territory, id LIMIT $4",
        params![round.campaign, first, past, POSTS],
    )?;
    let sql = format!(
        "SELECT post, max(hour), {SUMS} FROM lab_count WHERE round = $1 AND territory >= $2 AND territory < $3 GROUP BY post"
    );
    let mut told = BTreeMap::new();
    for row in query.rows(&sql, params![round.id, first, past])? {
        told.insert(row.text(0)?, (row.int(1)?, sums(&row, 2)?));
    }
    names
        .iter()
        .map(|row| {
            let id = row.text(0)?;
            let (hour, progress) =
                told.remove(&id).map_or((None, None), |(hour, sums)| (Some(hour), Some(sums)));
            let (shift, next_shift) = shifts.remove(&id).unwrap_or_default();
            Ok(json!({
                "id": id, "name": row.text(1)?, "territory": row.text(2)?, "desks": row.int(3)?, "ended": row.opt_int(4)?,
                "last_hour": hour.map(|hour| Moment(hour * 3_600_000)), "progress": progress, "shift": shift,
                "next_shift": next_shift,
            }))
        })
        .collect()
}

fn by_hour(query: &mut dyn Query, round: &RoundRecord, first: &str, past: &str) -> Result<Vec<Json>> {
    let sql = format!(
        "SELECT hour, {SUMS} FROM lab_count WHERE round = $1 AND territory >= $2 AND territory < $3 \
         GROUP BY hour ORDER BY hour LIMIT 400"
    );
    let rows = query.rows(&sql, params![round.id, first, past])?;
    rows.iter()
        .map(|row| {
            let mut told = sums(row, 1)?;
            told["hour"] = json!(Moment(row.int(0)? * 3_600_000));
            Ok(told)
        })
        .collect()
}
