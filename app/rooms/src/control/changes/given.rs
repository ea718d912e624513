//! What is known inside a zone: a round of testing, and how its contacts stand.

use crate::control::changes::steps::today;
use crate::control::reach::zone_in_reach;
use crate::control::{Zone, ZoneRound};
use crate::refuse::invalid;
use base::{Day, Id, Territory};
use control::ContactsSeen;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

/// Everybody inside was, or is being, tested once. Sent again with the same round, it is the later word.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteRound {
    pub id: Id<Sent>,
    pub zone: Id<Zone>,
    pub round: Id<ZoneRound>,
    pub began: Day,
    /// Absent while results are outstanding.
    #[serde(default)]
    pub ended: Option<Day>,
    /// Everybody who should have been.
    pub people: u32,
    pub with_result: u32,
    /// Found outside those already under care.
    pub positives_community: u32,
    /// Positive or grey tubes whose people are not known singly yet.
    pub unresolved: u32,
}

impl Change for NoteRound {
    const NAME: &'static str = "note round";
    const NEEDS: Permission = Permission::ControlPropose;
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
        zone_in_reach(tx, self.zone)?;
        let last = self.ended.unwrap_or(self.began);
        if last < self.began || last > today(tx) {
            return Err(invalid(
                "control.round_days",
                "ended",
                "the round ends before it begins, or in days that have not come; correct the days",
                "轮次的结束早于开始，或在未来；请更正日期",
            ));
        }
        if self.with_result > self.people {
            return Err(invalid(
                "control.round_people",
                "with_result",
                "more people have a result than live inside; correct one of the two numbers",
                "有结果人数多于应检人数；请更正其一",
            ));
        }
        tx.run(
            "INSERT INTO control_round (id, zone, began, ended, people, with_result, positives_community, unresolved, at, by_whom) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO UPDATE SET began = excluded.began, ended = excluded.ended, \
             people = excluded.people, with_result = excluded.with_result, positives_community = excluded.positives_community, \
             unresolved = excluded.unresolved, at = excluded.at, by_whom = excluded.by_whom WHERE control_round.zone = excluded.zone",
            params![
                self.round,
                self.zone,
                self.began,
                self.ended,
                self.people,
                self.with_result,
                self.positives_community,
                self.unresolved,
                tx.at,
                &tx.actor.id
            ],
        )?;
        Ok(())
    }
}

/// How those stand whom somebody infected met here.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteContacts {
    pub id: Id<Sent>,
    pub zone: Id<Zone>,
    pub contacts: ContactsSeen,
}

impl Change for NoteContacts {
    const NAME: &'static str = "note contacts";
    const NEEDS: Permission = Permission::ControlPropose;
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
        zone_in_reach(tx, self.zone)?;
        let text = serde_json::to_string(&self.contacts).unwrap_or_default();
        tx.run("UPDATE control_zone SET contacts = $2 WHERE id = $1", params![self.zone, text])?;
        Ok(())
    }
}
