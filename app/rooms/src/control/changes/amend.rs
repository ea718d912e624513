//! What a zone is made of is corrected: places, people, ways in.

use crate::control::Zone;
use crate::control::changes::steps::{redraw, redrawn};
use crate::control::reach::zone_in_reach;
use crate::control::rules::{edition_of, territory_of};
use crate::refuse::{invalid, required};
use base::{Id, Territory};
use control::Area;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

/// What is left out stays as it is. Places are named anew, and the same ones: taking some away is a release, with its criteria, and
/// adding some a proposal that somebody else decides.
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
            Some(area) => redrawn(tx, &zone, area)?,
            None => zone.area.clone(),
        };
        let (_, zones) = edition_of(&zone.protocol)?;
        // Nobody is closed in by one person's word, nor by correcting a list of places.
        if let Some(added) = zone.area.lacks(&area).filter(|_| zones.not_the_proposer.value) {
            return Err(invalid(
                "control.amend_adds",
                "area",
                format!("{added} would be closed in by this; propose it, so that somebody else decides"),
                format!("{added} 将因此被划入；请提出扩大范围的建议，由他人决定"),
            ));
        }
        let name = self.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&zone.name);
        tx.run("UPDATE control_zone SET name = $2 WHERE id = $1", params![zone.id, name])?;
        let lived =
            (self.people.map(i64::from).or(zone.people), self.entrances.map(i64::from).or(zone.entrances));
        redraw(tx, &zone, &area, lived, "amended", &self.basis)
    }
}
