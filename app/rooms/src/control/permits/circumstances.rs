//! What holds at a place for a gathering there: the level of its zone and what orders limit.

use crate::control::held::levels_at;
use crate::control::measures::limits_at;
use crate::control::permits::record::PermitRecord;
use crate::packed;
use base::Moment;
use control::{Circumstances, Unit, strictest};
use packs::UnitKind;
use store::{Query, Result};

/// A level that is in force now counts for a gathering to come: nobody knows its end before it is left. The hall is known by its name,
/// as places below the township are.
pub(crate) fn circumstances(
    query: &mut dyn Query,
    permit: &PermitRecord,
    now: Moment,
) -> Result<Circumstances> {
    let hall = Unit::part(permit.territory.clone(), &[&permit.place], UnitKind::Building);
    let levels = levels_at(query, &hall)?;
    let time = (permit.gathering.starts, permit.gathering.ends);
    Ok(Circumstances {
        level: strictest(&packed::measures().gatherings, &levels).to_owned(),
        limits: limits_at(query, &permit.territory, time, now)?,
    })
}
