//! A part of a zone becomes a zone of its own, with a level and a clock of its own.

use crate::control::Zone;
use crate::control::changes::release::part_of;
use crate::control::changes::steps::{NewZone, Step, today};
use crate::control::reach::zone_in_reach;
use crate::control::rules::{edition_of, level_of};
use crate::refuse::{exists, invalid, required};
use base::{Id, Territory};
use control::{Area, Unit};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitZone {
    pub id: Id<Sent>,
    pub zone: Id<Zone>,
    pub new_zone: Id<Zone>,
    pub name: String,
    pub units: Vec<Unit>,
    pub level: String,
    #[serde(default)]
    pub people: Option<u32>,
    #[serde(default)]
    pub entrances: Option<u32>,
    /// The order it rests on.
    pub basis: String,
}

impl Change for SplitZone {
    const NAME: &'static str = "split zone";
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
        vec![self.zone.to_string(), self.new_zone.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        required("basis", &self.basis)?;
        let zone = zone_in_reach(tx, self.zone)?;
        if tx.count("SELECT count(*) FROM control_zone WHERE id = $1", params![self.new_zone])? > 0 {
            return Err(exists("zone", "区域"));
        }
        let (_, zones) = edition_of(&zone.protocol)?;
        level_of(zones, &self.level)?;
        // Milder by splitting would be a release without its criteria.
        if zones.is_stricter(&zone.level, &self.level) {
            return Err(invalid(
                "control.split_milder",
                "level",
                "a part becomes no milder by being split off; leave it through its criteria, or with a reason",
                "拆分不能降低级别；请按解除条件或写明理由解除",
            ));
        }
        let units = part_of(&zone.area, &self.units)?;
        let left = zone.area.without(&units);
        if left.is_empty() {
            return Err(invalid(
                "control.split_all",
                "units",
                "that is all of the zone; raise it as a whole instead",
                "所选即整个区域；请整体调整级别",
            ));
        }
        let day = today(tx);
        let text = serde_json::to_string(&left).unwrap_or_default();
        tx.run("UPDATE control_zone SET area = $2 WHERE id = $1", params![zone.id, text])?;
        let step = Step {
            zone: zone.id,
            what: "split",
            day,
            level: Some(&zone.level),
            area: &left,
            basis: &self.basis,
            missing: Vec::new(),
            why: None,
        };
        step.write(tx)?;
        let same = self.level == zone.level;
        let new = NewZone {
            zone: self.new_zone,
            name: &self.name,
            disease: &zone.disease,
            event: zone.event.as_deref(),
            protocol: &zone.protocol,
            edition: &zone.edition,
            level: &self.level,
            area: &Area { units, except: zone.area.except.clone() }.without(&[]),
            people: self.people.map(i64::from),
            entrances: self.entrances.map(i64::from),
            // The same level keeps its clock: splitting gives and takes no day.
            since: if same { zone.since } else { day },
            basis: &self.basis,
            what: "split off",
        };
        new.write(tx)?;
        if same {
            let contacts = zone.contacts.as_ref().map(|told| serde_json::to_string(told).unwrap_or_default());
            tx.run(
                "UPDATE control_zone SET after_higher = $2, contacts = $3 WHERE id = $1",
                params![self.new_zone, zone.after_higher, contacts],
            )?;
        }
        Ok(())
    }
}
