//! Zones as a list, and one with its criteria and history.

use crate::cases::views::numbers_of;
use crate::control::Zone;
use crate::control::finds::{LOOK_DAYS, finds_in, stated_in};
use crate::control::inside::{rounds, seen};
use crate::control::reach::{ZoneRecord, zone_within, zones_of};
use crate::control::rules::edition_of;
use base::{Day, Id};
use control::{leave, promotion};
use packs::FindEffect;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct ZonesAsked {
    /// With those that were left.
    #[serde(default)]
    pub all: bool,
}

/// Those of one's own territory, and those a level above has set over it.
pub fn zones(query: &mut dyn Query, scope: &Scope, asked: &ZonesAsked, today: Day) -> Result<Json> {
    scope.demand(Permission::ControlRead)?;
    let mut rows = Vec::new();
    for zone in zones_of(query, scope, asked.all)? {
        if !scope.kept.sees(Some(&zone.disease)) {
            continue;
        }
        rows.push(row(query, scope, &zone, today)?);
    }
    Ok(json!({ "today": today, "rows": rows }))
}

/// The clock and what is missing; of a zone in force only.
fn row(query: &mut dyn Query, scope: &Scope, zone: &ZoneRecord, today: Day) -> Result<Json> {
    let mut told = plain(zone);
    let Some((_, zones)) = edition_of(&zone.protocol).ok().filter(|_| zone.released.is_none()) else {
        return Ok(told);
    };
    let seen = seen(query, zone, zones, today)?;
    told["leave"] = json!(leave(zones, &seen, today));
    told["raise"] = json!(promotion(zones, &seen, &zone.known, today).map(|(level, _)| level));
    told["may"] = json!({
        "propose": scope.may(Permission::ControlPropose) && scope.reaches(&zone.territory),
        "decide": scope.may(Permission::ControlDecide) && scope.reaches(&zone.territory),
    });
    // Who set the clock is a case; those who read no cases see that there was one.
    if !scope.may(Permission::CasesRead) && !told["leave"]["clock_find"].is_null() {
        told["leave"]["clock_find"] = json!("");
    }
    Ok(told)
}

fn plain(zone: &ZoneRecord) -> Json {
    json!({
        "id": zone.id, "territory": zone.territory, "name": zone.name, "disease": zone.disease, "event": zone.event,
        "protocol": zone.protocol, "edition": zone.edition, "level": zone.level, "area": zone.area, "people": zone.people,
        "entrances": zone.entrances, "since": zone.since, "first_set": zone.first_set, "after_higher": zone.after_higher,
        "contacts": zone.contacts, "basis": zone.basis, "released": zone.released,
    })
}

pub fn zone(query: &mut dyn Query, scope: &Scope, id: Id<Zone>, today: Day) -> Result<Json> {
    scope.demand(Permission::ControlRead)?;
    let record = zone_within(query, scope, id)?;
    if !scope.kept.sees(Some(&record.disease)) {
        return Err(crate::refuse::missing("zone", "区域"));
    }
    let mut told = row(query, scope, &record, today)?;
    told["today"] = json!(today);
    told["history"] = json!(history(query, id)?);
    told["rounds"] = json!(rounds_told(query, scope, &record)?);
    let (finds, stays) = (finds(query, scope, &record, today)?, stays_of(query, scope, &record)?);
    if reads_cases(scope, &record) {
        let named = finds.iter().chain(&stays).map(|one| &one["case"]).chain([&told["leave"]["clock_find"]]);
        let named: Vec<String> = named.filter_map(|case| case.as_str().map(str::to_owned)).collect();
        told["case_nos"] = json!(numbers_of(query, scope, named)?);
    }
    told["finds"] = json!(finds);
    told["stays"] = json!(stays);
    told["decided_by"] = json!(record.decided_by);
    Ok(told)
}

fn history(query: &mut dyn Query, zone: Id<Zone>) -> Result<Vec<Json>> {
    let sql = "SELECT seq, what, day, level, area, at, by_whom, basis, missing, why FROM control_step WHERE zone = $1 \
               ORDER BY seq LIMIT 500";
    let rows = query.rows(sql, params![zone])?;
    rows.iter()
        .map(|row| {
            let missing = row.opt_text(8)?.unwrap_or_default();
            Ok(json!({
                "seq": row.int(0)?, "what": row.text(1)?, "day": row.text(2)?, "level": row.opt_text(3)?,
                "area": row.json::<Json>(4)?, "at": row.int(5)?, "by": row.text(6)?, "basis": row.text(7)?,
                "missing": missing.split_whitespace().collect::<Vec<_>>(), "why": row.opt_text(9)?,
            }))
        })
        .collect()
}

/// With the campaign they were counted in, for those who read the laboratories' work.
fn rounds_told(query: &mut dyn Query, scope: &Scope, zone: &ZoneRecord) -> Result<Vec<Json>> {
    let reads = scope.may(Permission::LabRead);
    let rounds = rounds(query, zone)?.into_iter();
    let told = rounds.map(|round| {
        let mut told = json!(round.held);
        told["counted"] = json!(round.campaign.is_some());
        told["campaign"] = json!(round.campaign.filter(|_| reads));
        told
    });
    Ok(told.collect())
}

/// By day and way of being found, and whether the clock starts anew; whose they are for those who read cases.
fn finds(query: &mut dyn Query, scope: &Scope, zone: &ZoneRecord, today: Day) -> Result<Vec<Json>> {
    let Ok((_, zones)) = edition_of(&zone.protocol) else { return Ok(Vec::new()) };
    if !reads_cases(scope, zone) {
        return Ok(Vec::new());
    }
    let inside = seen(query, zone, zones, today)?.finds;
    let known: Vec<String> =
        finds_in(query, &scope.territory, &zone.disease, zone.first_set - LOOK_DAYS, today)?
            .into_iter()
            .map(|find| find.id)
            .collect();
    let own = inside.into_iter().filter(|find| known.contains(&find.id));
    let told = own.map(|find| {
        let counts = find.how.effect(&zones.finds) == FindEffect::Reset;
        json!({ "day": find.day, "case": find.id, "how": find.how, "counts": counts })
    });
    Ok(told.collect())
}

fn reads_cases(scope: &Scope, zone: &ZoneRecord) -> bool {
    scope.may(Permission::CasesRead) && scope.kept.reads(Some(&zone.disease))
}

/// Where the infected stayed inside: the ground the zone stands on, for those who read cases.
fn stays_of(query: &mut dyn Query, scope: &Scope, zone: &ZoneRecord) -> Result<Vec<Json>> {
    if !reads_cases(scope, zone) {
        return Ok(Vec::new());
    }
    let inside = stated_in(query, &zone.territory, &zone.disease)?
        .into_iter()
        .filter(|one| zone.area.touches(&one.stay.unit) && scope.reaches(&one.stay.unit.territory));
    Ok(inside.map(|one| json!({ "id": one.id, "case": one.case, "stay": one.stay })).collect())
}
