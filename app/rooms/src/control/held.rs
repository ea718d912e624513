//! Which level held at a place: now, and on days that are over.

use crate::control::above::holding_or_within;
use crate::control::reach::in_force;
use crate::control::rules::edition_of;
use base::{Day, Territory};
use control::{Area, Unit};
use store::{Query, Result, params};

/// Where a level holds, and by which edition.
pub(crate) struct Holds {
    pub area: Area,
    pub protocol: String,
    pub level: String,
}

/// Zones in force of a county.
pub(crate) fn holding(query: &mut dyn Query, county: &Territory) -> Result<Vec<Holds>> {
    let mut zones = in_force(query, county)?;
    zones.retain(|zone| zone.area.units.iter().any(|unit| unit.county() == *county));
    let told = zones.into_iter();
    Ok(told.map(|zone| Holds { area: zone.area, protocol: zone.protocol, level: zone.level }).collect())
}

/// Levels that hold at a place now, by whichever edition. Where no zone holds it as a whole and something stricter stands in its
/// county, it is the rest of that county.
pub(crate) fn levels_at(query: &mut dyn Query, place: &Unit) -> Result<Vec<String>> {
    Ok(levels_of(&holding(query, &place.county())?, place))
}

/// The same, of zones of its county as they are, or as they would be.
pub(crate) fn levels_of(zones: &[Holds], place: &Unit) -> Vec<String> {
    let own: Vec<String> =
        zones.iter().filter(|zone| zone.area.holds(place)).map(|zone| zone.level.clone()).collect();
    if !own.is_empty() {
        return own;
    }
    let rest = |protocol: &str| edition_of(protocol).ok().and_then(|(_, zones)| zones.rest());
    zones.iter().filter_map(|zone| rest(&zone.protocol)).map(|level| level.id.clone()).collect()
}

/// Whether a place as a whole lay in a zone on one of these days, and not in what is only the rest of a county.
pub(crate) fn was_in_zone(query: &mut dyn Query, place: &Unit, (first, last): (Day, Day)) -> Result<bool> {
    let (here, mut county) = holding_or_within(&place.county(), 2);
    let sql = format!(
        "SELECT z.id, z.protocol, s.level, s.area, s.day FROM control_zone z JOIN control_step s ON s.zone = z.id \
         WHERE s.day <= $1 AND {here} ORDER BY z.id, s.seq LIMIT 20000"
    );
    let mut values = params![last].to_vec();
    values.append(&mut county);
    // A step holds until the day of the next one; that day is both's.
    let mut before: Option<(String, bool)> = None;
    for row in query.rows(&sql, &values)? {
        let (zone, from): (String, Day) = (row.text(0)?, row.read(4)?);
        let held_until_now = before.take().is_some_and(|(of, holds)| holds && (of != zone || from >= first));
        if held_until_now {
            return Ok(true);
        }
        let area: Area = row.json(3)?;
        let (protocol, level) = (row.text(1)?, row.opt_text(2)?);
        let closed = level.is_some_and(|level| closes_in(&protocol, &level));
        before = Some((zone, closed && area.holds(place)));
    }
    Ok(before.is_some_and(|(_, holds)| holds))
}

/// Whether a level closes people in, or is only what the rest of a county is. An edition that is in no pack any more closes nobody in.
pub(crate) fn closes_in(protocol: &str, level: &str) -> bool {
    let known = edition_of(protocol).ok().and_then(|(_, zones)| zones.level(level));
    known.is_some_and(|level| !level.rest_of_county)
}
