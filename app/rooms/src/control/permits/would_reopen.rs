//! Permits that a level would open again, before anybody orders it.

use crate::control::above::holding_or_within;
use crate::control::measures::limits_at;
use crate::control::permits::record::{COLUMNS, PermitRecord};
use crate::control::rules::territory_of;
use crate::packed;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Moment};
use control::{Area, Circumstances, Unit, unmet};
use packs::UnitKind;
use serde_json::{Value as Json, json};
use store::{Query, Result, params};

const MOST: usize = 500;

/// Granted for a hall of the area, not over by that day, and not fitting under the level.
pub(crate) fn would_reopen(
    query: &mut dyn Query,
    area: &Area,
    level: &str,
    day: Day,
    now: Moment,
) -> Result<Vec<Json>> {
    let from = now.max(Moment::start_of(day, UTC_OFFSET_MINUTES));
    let (here, mut inside) = holding_or_within(&territory_of(area), 2);
    let sql = format!(
        "SELECT {COLUMNS} FROM control_permit WHERE state = 'granted' AND ends > $1 AND {here} ORDER BY starts, id LIMIT {MOST}"
    );
    let mut values = params![from].to_vec();
    values.append(&mut inside);
    let mut told = Vec::new();
    for row in query.rows(&sql, &values)? {
        let record = PermitRecord::of(&row)?;
        let hall = Unit::part(record.territory.clone(), &[&record.place], UnitKind::Building);
        if !area.holds(&hall) {
            continue;
        }
        let time = (record.gathering.starts, record.gathering.ends);
        let holds = Circumstances {
            level: level.to_owned(),
            limits: limits_at(query, &record.territory, time, now)?,
        };
        if !unmet(&record.gathering, &packed::measures().gatherings, &holds).is_empty() {
            told.push(json!({
                "id": record.id, "title": record.title, "people": record.gathering.people, "starts": record.gathering.starts,
            }));
        }
    }
    Ok(told)
}
