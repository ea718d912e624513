//! A zone, or a part of it, is left without waiting for a proposal.

use crate::control::Zone;
use crate::control::changes::steps::{let_go, today};
use crate::control::inside::leaving;
use crate::control::reach::{ZoneRecord, zone_in_reach};
use crate::control::rules::sound;
use crate::refuse::{invalid, required};
use base::{Id, Territory};
use control::{Area, Unit};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx};

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseZone {
    pub id: Id<Sent>,
    pub zone: Id<Zone>,
    /// Some of its places; all where none is named.
    #[serde(default)]
    pub units: Vec<Unit>,
    /// The order it rests on.
    pub basis: String,
    /// Why, although a criterion is missing; the level above is told.
    #[serde(default)]
    pub exception: Option<String>,
}

impl Change for ReleaseZone {
    const NAME: &'static str = "release zone";
    const NEEDS: Permission = Permission::ControlDecide;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(zone_in_reach(tx, self.zone)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.zone.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("basis", &self.basis)?;
        let zone = zone_in_reach(tx, self.zone)?;
        let units = if self.units.is_empty() { Vec::new() } else { part_of(&zone.area, &self.units)? };
        let today = today(tx);
        // A part is judged by what was found in it, and not by what was found elsewhere in the zone.
        let judged = match units.as_slice() {
            [] => zone.clone(),
            part => ZoneRecord { area: zone.area.within(part), ..zone.clone() },
        };
        let leave = leaving(tx, &judged, today)?;
        let_go(tx, &zone, &units, None, &leave, &self.basis, self.exception.as_deref())
    }
}

/// Units that lie in an area as a whole.
pub(super) fn part_of(area: &Area, units: &[Unit]) -> Result<Vec<Unit>> {
    let part = sound(&Area::of(units.to_vec()))?.units;
    if let Some(outside) = part.iter().find(|unit| !area.holds(unit)) {
        return Err(invalid(
            "control.not_inside",
            "units",
            format!("{outside} is no part of this zone; choose one of its places, or something inside one"),
            format!("{outside} 不在该区域内；请选择区域内的地点"),
        ));
    }
    Ok(part)
}
