//! Permits that would be decided again, before anybody orders it. Another level somewhere is another rule for halls inside, and for those
//! in the rest of the county.

use crate::control::held::{Holds, holding, levels_of};
use crate::control::measures::limits_at;
use crate::control::permits::PermitState;
use crate::control::permits::record::PermitRecord;
use crate::control::permits::reopen::{hindered, to_come};
use crate::control::rules::counties;
use crate::packed;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Moment};
use control::{Area, Circumstances, Unit, strictest};
use packs::UnitKind;
use serde_json::{Value as Json, json};
use store::{Query, Result};

const MOST: usize = 500;

/// What would be ordered: a level by an edition, or the end of what holds there.
pub(crate) struct WouldBe<'a> {
    pub area: &'a Area,
    pub protocol: &'a str,
    pub level: Option<&'a str>,
    /// What is the rest of a county takes no place from any zone.
    pub takes: bool,
}

/// Not over by that day: granted and not fitting then, or refused for what would be over. The same question as when it is ordered.
pub(crate) fn would_reopen(
    query: &mut dyn Query,
    order: &WouldBe<'_>,
    day: Day,
    now: Moment,
) -> Result<Vec<Json>> {
    let from = now.max(Moment::start_of(day, UTC_OFFSET_MINUTES));
    let mut told = Vec::new();
    for county in counties(order.area) {
        let then = order.among(holding(query, &county)?);
        for record in to_come(query, &county, "'granted', 'refused', 'reopened'", from)? {
            let hall = Unit::part(record.territory.clone(), &[&record.place], UnitKind::Building);
            let time = (record.gathering.starts, record.gathering.ends);
            let levels = levels_of(&then, &hall);
            let holds = Circumstances {
                level: strictest(&packed::measures().gatherings, &levels).to_owned(),
                limits: limits_at(query, &record.territory, time, now)?,
            };
            if let Some(milder) = decided_again(&record, &holds) {
                told.push(json!({
                    "id": record.id, "title": record.title, "people": record.gathering.people, "starts": record.gathering.starts,
                    "milder": milder,
                }));
            }
        }
    }
    told.truncate(MOST);
    Ok(told)
}

/// Absent: it stays as it is.
fn decided_again(record: &PermitRecord, then: &Circumstances) -> Option<bool> {
    let fits = hindered(record, then).is_empty();
    if record.state == PermitState::Granted {
        return (!fits).then_some(false);
    }
    let stood_against = record.held.as_ref().is_some_and(|held| !hindered(record, held).is_empty());
    (stood_against && fits).then_some(true)
}

impl WouldBe<'_> {
    /// Levels of the county as they would be.
    fn among(&self, mut now: Vec<Holds>) -> Vec<Holds> {
        if self.takes {
            for one in now.iter_mut().filter(|one| one.area.shared_with(self.area).is_some()) {
                one.area = one.area.without(&self.area.units);
            }
            now.retain(|one| !one.area.is_empty());
        }
        now.extend(self.level.map(|level| Holds {
            area: self.area.clone(),
            protocol: self.protocol.to_owned(),
            level: level.to_owned(),
        }));
        now
    }
}
