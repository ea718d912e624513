//! A part of a zone becomes a zone of its own. Its level and clock stay what they were: milder would be a release without its criteria,
//! stricter an order that rests on one person.

use crate::control::changes::release::part_of;
use crate::control::changes::steps::{NewZone, redraw, today};
use crate::control::reach::zone_in_reach;
use crate::control::{Zone, ZoneRound};
use crate::refuse::{exists, invalid, required};
use base::{Id, Territory};
use control::Unit;
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
        let units = part_of(&zone.area, &self.units)?;
        let left = zone.area.without(&units);
        if left.is_empty() {
            return Err(invalid(
                "control.split_all",
                "units",
                "that is all of the zone, which is one already; choose some of its places",
                "所选即整个区域，无需拆分；请只选其中一部分",
            ));
        }
        let of_part = self.people.map(i64::from);
        let stay = zone.people.map(|all| all - of_part.unwrap_or(0));
        if stay.is_some_and(|stay| stay < 0) {
            return Err(invalid(
                "control.split_people",
                "people",
                "more people than live in the whole zone; correct this number, or the zone's first",
                "人数多于整个区域；请更正该人数，或先更正区域人数",
            ));
        }
        redraw(tx, &zone, &left, (stay, zone.entrances), "split", &self.basis)?;
        let area = zone.area.within(&units);
        let new = NewZone {
            zone: self.new_zone,
            name: &self.name,
            disease: &zone.disease,
            event: zone.event.as_deref(),
            protocol: &zone.protocol,
            edition: &zone.edition,
            level: &zone.level,
            area: &area,
            people: of_part,
            entrances: self.entrances.map(i64::from),
            // Splitting gives and takes no day.
            since: zone.since,
            day: today(tx),
            basis: &self.basis,
            what: "split off",
        };
        new.write(tx)?;
        let contacts = zone.contacts.as_ref().map(|told| serde_json::to_string(told).unwrap_or_default());
        let known = serde_json::to_string(&zone.known).unwrap_or_default();
        tx.run(
            "UPDATE control_zone SET after_higher = $2, contacts = $3, known = $4, split_from = $5 WHERE id = $1",
            params![self.new_zone, zone.after_higher, contacts, known, zone.id],
        )?;
        self.copy_rounds(tx)
    }
}

impl SplitZone {
    /// Who was tested in the whole zone was tested in the part: rounds noted by hand go with it, as its days do.
    fn copy_rounds(&self, tx: &mut Tx<'_>) -> Result<()> {
        let rows = tx.rows("SELECT id FROM control_round WHERE zone = $1 ORDER BY id", params![self.zone])?;
        for row in rows {
            let round: Id<ZoneRound> = row.read(0)?;
            // The same two always give the same copy.
            let copy: Id<ZoneRound> = Id::from_bits(round.bits() ^ self.new_zone.bits());
            tx.run(
                "INSERT INTO control_round (id, zone, began, ended, people, with_result, positives_community, unresolved, at, by_whom) \
                 SELECT $1, $2, began, ended, people, with_result, positives_community, unresolved, at, by_whom \
                 FROM control_round WHERE id = $3",
                params![copy, self.new_zone, round],
            )?;
        }
        Ok(())
    }
}
