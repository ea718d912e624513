//! What an order would do, before it is given.

use crate::control::permits::{WouldBe, would_reopen};
use crate::control::reach::in_force;
use crate::control::rules::{counties, edition, edition_of, level_of, sound, territory_of};
use crate::regions::{Atlas, UTC_OFFSET_MINUTES};
use base::{Day, Moment};
use control::{Area, Lived, effect};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope};

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EffectAsked {
    pub disease: String,
    /// Absent: the end of a zone.
    #[serde(default)]
    pub level: Option<String>,
    pub area: Area,
    #[serde(default)]
    pub people: Option<u32>,
    #[serde(default)]
    pub entrances: Option<u32>,
    #[serde(default)]
    pub day: Option<Day>,
    /// Absent: the edition in force on that day. A zone goes on under the edition it was set by.
    #[serde(default)]
    pub protocol: Option<String>,
}

pub fn effects(
    query: &mut dyn Query,
    scope: &Scope,
    atlas: &Atlas,
    asked: &EffectAsked,
    now: Moment,
) -> Result<Json> {
    scope.demand(Permission::ControlRead)?;
    let day = asked.day.unwrap_or_else(|| now.day_at_offset(UTC_OFFSET_MINUTES));
    let (protocol, zones) = match &asked.protocol {
        Some(protocol) => edition_of(protocol)?,
        None => edition(&asked.disease, day)?,
    };
    let area = sound(&asked.area)?;
    scope.demand_territory(&territory_of(&area))?;
    if let Some(level) = &asked.level {
        level_of(zones, level)?;
    }
    let mut held = Vec::new();
    for county in counties(&area) {
        held.extend(in_force(query, &county)?);
    }
    let level_now = |unit: &control::Unit| {
        let over = held.iter().filter(|zone| zone.area.holds(unit));
        over.min_by_key(|zone| zones.place_of(&zone.level).unwrap_or(usize::MAX))
            .map(|zone| zone.level.clone())
    };
    // One number for all of it, if somebody gave one; otherwise the census of counties and townships where it has one.
    let lived: Vec<Lived> = area
        .units
        .iter()
        .enumerate()
        .map(|(place, unit)| {
            let census =
                atlas.at(&unit.territory).and_then(|place| place.population).filter(|_| unit.part.is_empty());
            let census = census.and_then(|people| u64::try_from(people).ok());
            Lived {
                unit: unit.clone(),
                people: match asked.people {
                    Some(people) => Some(if place == 0 { u64::from(people) } else { 0 }),
                    None => census,
                },
                entrances: asked.entrances.map(|ways| if place == 0 { ways } else { 0 }),
                now: level_now(unit),
            }
        })
        .collect();
    let told = effect(zones, asked.level.as_deref(), day, &lived);
    let level = asked.level.as_deref();
    let takes = !level.and_then(|level| zones.level(level)).is_some_and(|level| level.rest_of_county);
    let order = WouldBe { area: &area, protocol: &protocol.id, level, takes };
    let permits = would_reopen(query, &order, day, now)?;
    Ok(json!({
        "protocol": protocol.id, "edition": protocol.edition(), "day": day, "level": asked.level, "effect": told,
        "permits": permits,
    }))
}
