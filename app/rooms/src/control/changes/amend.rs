//! What a zone is made of is corrected: places, people, ways in.

use crate::control::Zone;
use crate::control::changes::steps::{Step, today};
use crate::control::reach::zone_in_reach;
use crate::control::rules::{edition_of, sound, territory_of, unclaimed};
use crate::refuse::{invalid, required};
use base::{Id, Territory};
use control::Area;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

/// What is left out stays as it is. Places are only added: taking some away is a release, with its criteria.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendZone {
    pub id: Id<Sent>,
    pub zone: Id<Zone>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub area: Option<Area>,
    #[serde(default)]
    pub people: Option<u32>,
    #[serde(default)]
    pub entrances: Option<u32>,
    /// The order it rests on, or why it was wrong.
    pub basis: String,
}

impl Change for AmendZone {
    const NAME: &'static str = "amend zone";
    const NEEDS: Permission = Permission::ControlDecide;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let zone = zone_in_reach(tx, self.zone)?;
        Ok(match &self.area {
            Some(area) => Territory::narrowest_of([&zone.territory, &territory_of(area)]),
            None => zone.territory,
        })
    }
    fn about(&self) -> Vec<String> {
        vec![self.zone.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("basis", &self.basis)?;
        let zone = zone_in_reach(tx, self.zone)?;
        let area = match &self.area {
            Some(area) => sound(area)?,
            None => zone.area.clone(),
        };
        if let Some(gone) = zone.area.units.iter().find(|unit| !area.holds(unit) && zone.area.holds(unit)) {
            return Err(invalid(
                "control.amend_takes_away",
                "area",
                format!("{gone} would no longer be part of it; leave it through its criteria instead"),
                format!("{gone} 将不再属于该区域；请按解除条件解除"),
            ));
        }
        let (_, zones) = edition_of(&zone.protocol)?;
        unclaimed(tx, zones, &zone.level, &area, Some(zone.id))?;
        let name = self.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&zone.name);
        let text = serde_json::to_string(&area).unwrap_or_default();
        tx.run(
            "UPDATE control_zone SET name = $2, area = $3, territory = $4, people = $5, entrances = $6 WHERE id = $1",
            params![
                zone.id,
                name,
                text,
                territory_of(&area),
                self.people.map(i64::from).or(zone.people),
                self.entrances.map(i64::from).or(zone.entrances)
            ],
        )?;
        let step = Step {
            zone: zone.id,
            what: "amended",
            day: today(tx),
            level: Some(&zone.level),
            area: &area,
            basis: &self.basis,
            missing: Vec::new(),
            why: None,
        };
        step.write(tx)
    }
}
