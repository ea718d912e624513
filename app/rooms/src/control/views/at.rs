//! What applies at a place on a day, from the history of zones.

use crate::control::rules::edition_of;
use crate::refuse::missing;
use crate::regions::Atlas;
use base::{Day, Territory};
use control::{Area, Unit};
use packs::UnitKind;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct AtAsked {
    pub territory: Territory,
    /// The compound, village or building below it, and then parts of that, joined by ` · `.
    #[serde(default)]
    pub part: Option<String>,
    #[serde(default)]
    pub on: Option<Day>,
}

struct Held {
    zone: String,
    name: String,
    disease: String,
    protocol: String,
    level: String,
    area: Area,
    since: Day,
}

pub fn at(query: &mut dyn Query, scope: &Scope, atlas: &Atlas, asked: &AtAsked, today: Day) -> Result<Json> {
    scope.demand(Permission::ControlRead)?;
    let inside = scope.reaches(&asked.territory) || asked.territory.holds(&scope.territory);
    if !inside || atlas.at(&asked.territory).is_none() {
        return Err(missing("place", "地点"));
    }
    let on = asked.on.unwrap_or(today);
    let parts: Vec<&str> = asked.part.as_deref().map_or(Vec::new(), |part| part.split('·').collect());
    let unit = if parts.is_empty() {
        Unit::whole(asked.territory.clone())
    } else {
        Unit::part(asked.territory.clone(), &parts, UnitKind::Building).tidied()
    };
    let mut held = held_on(query, &unit, on)?;
    held.retain(|one| scope.kept.sees(Some(&one.disease)));
    let mut own: Vec<&Held> = held.iter().filter(|one| one.area.holds(&unit)).collect();
    own.sort_by_key(|one| place_of(one));
    let rest = held.iter().find_map(|one| {
        let (_, zones) = edition_of(&one.protocol).ok()?;
        zones.rest().map(|rest| (one.protocol.as_str(), rest))
    });
    // Something stricter stands somewhere in the county: then this is its rest.
    let rest = rest
        .filter(|_| own.is_empty())
        .map(|(protocol, rest)| json!({ "protocol": protocol, "level": rest.id }));
    let partly = held.iter().filter(|one| !one.area.holds(&unit) && one.area.touches(&unit));
    Ok(json!({
        "on": on, "unit": unit, "zones": own.into_iter().map(told).collect::<Vec<_>>(), "rest": rest,
        "inside": partly.map(told).collect::<Vec<_>>(),
    }))
}

fn told(one: &Held) -> Json {
    json!({ "zone": one.zone, "name": one.name, "protocol": one.protocol, "level": one.level, "since": one.since })
}

fn place_of(one: &Held) -> usize {
    edition_of(&one.protocol).ok().and_then(|(_, zones)| zones.place_of(&one.level)).unwrap_or(usize::MAX)
}

/// The last word said of each zone of the county by the end of the day.
fn held_on(query: &mut dyn Query, unit: &Unit, on: Day) -> Result<Vec<Held>> {
    let county = unit.county();
    let (first, past) = county.range();
    let above: Vec<String> =
        (0..county.depth()).map(|depth| county.at_depth(depth).path().to_owned()).collect();
    let list = (4..4 + above.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT z.id, z.name, z.protocol, s.level, s.area, s.day, z.disease FROM control_zone z JOIN control_step s ON s.zone = z.id \
         WHERE ((z.territory >= $1 AND z.territory < $2) OR z.territory IN ({list})) AND s.day <= $3 ORDER BY z.id, s.seq \
         LIMIT 20000"
    );
    let mut values = params![first, past, on].to_vec();
    values.extend(above.into_iter().map(store::Value::from));
    let mut last: BTreeMap<String, Option<Held>> = BTreeMap::new();
    for row in query.rows(&sql, &values)? {
        let zone = row.text(0)?;
        let held = row.opt_text(3)?.map(|level| {
            Ok::<_, store::Error>(Held {
                zone: zone.clone(),
                name: row.text(1)?,
                disease: row.text(6)?,
                protocol: row.text(2)?,
                level,
                area: row.json(4)?,
                since: row.read(5)?,
            })
        });
        last.insert(zone, held.transpose()?);
    }
    Ok(last
        .into_values()
        .flatten()
        .filter(|one| one.area.units.iter().any(|unit| unit.county() == county))
        .collect())
}
