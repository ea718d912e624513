//! Somebody, or the house itself, proposes a zone, another level for one, or its end.

use crate::cases::Event;
use crate::control::changes::steps::{redrawn, today};
use crate::control::reach::zone_in_reach;
use crate::control::rules::{edition, edition_of, level_of, sound, territory_of, unclaimed};
use crate::control::{Proposal, Zone};
use crate::refuse::{exists, invalid, required};
use base::{Day, Id, Territory};
use control::{Area, Unit};
use packs::Protocol;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A new zone.
    Set,
    /// A stricter level for one in force.
    Raise,
    /// More places for one in force, at its level.
    Widen,
    /// A milder level, or the end.
    Leave,
}

impl What {
    pub fn word(self) -> &'static str {
        match self {
            What::Set => "set",
            What::Raise => "raise",
            What::Widen => "widen",
            What::Leave => "leave",
        }
    }
}

/// One find and the rule by which it asks for a level here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    pub case: String,
    pub unit: Unit,
    pub rule: String,
    pub from: Day,
    pub until: Day,
    pub clock: Day,
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeZone {
    pub id: Id<Sent>,
    pub proposal: Id<Proposal>,
    pub what: What,
    /// The zone it is about; absent for a new one.
    #[serde(default)]
    pub zone: Option<Id<Zone>>,
    pub name: String,
    pub disease: String,
    #[serde(default)]
    pub event: Option<Id<Event>>,
    /// Absent for the end of a zone.
    #[serde(default)]
    pub level: Option<String>,
    pub area: Area,
    /// Who lives inside, as far as it is known.
    #[serde(default)]
    pub people: Option<u32>,
    /// Ways in and out that would be watched.
    #[serde(default)]
    pub entrances: Option<u32>,
    /// From which day.
    pub day: Day,
    #[serde(default)]
    pub reasons: Vec<Because>,
    pub why: String,
}

impl Change for ProposeZone {
    const NAME: &'static str = "propose zone";
    const NEEDS: Permission = Permission::ControlPropose;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(match (self.what, self.zone) {
            (What::Widen, Some(zone)) => {
                let record = zone_in_reach(tx, zone)?;
                Territory::narrowest_of([&record.territory, &territory_of(&sound(&self.area)?)])
            }
            (_, Some(zone)) => zone_in_reach(tx, zone)?.territory,
            (_, None) => territory_of(&sound(&self.area)?),
        })
    }
    fn about(&self) -> Vec<String> {
        let zone = self.zone.map(|zone| zone.to_string());
        std::iter::once(self.proposal.to_string()).chain(zone).collect()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        required("why", &self.why)?;
        if tx.count("SELECT count(*) FROM control_proposal WHERE id = $1", params![self.proposal])? > 0 {
            return Err(exists("proposal", "建议"));
        }
        let (area, level, protocol) = self.judged(tx)?;
        let text = serde_json::to_string(&area).unwrap_or_default();
        let reasons = serde_json::to_string(&self.reasons).unwrap_or_default();
        tx.run(
            "INSERT INTO control_proposal (id, territory, zone, what, name, disease, event, protocol, edition, level, area, \
             people, entrances, day, reasons, why, proposed, by_whom, answer, answered, answered_by, answer_why) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, NULL, NULL, NULL, NULL)",
            params![
                self.proposal,
                territory_of(&area),
                self.zone,
                self.what.word(),
                self.name.trim(),
                &self.disease,
                self.event,
                &protocol.id,
                protocol.edition(),
                level,
                text,
                self.people,
                self.entrances,
                self.day,
                reasons,
                self.why.trim(),
                tx.at,
                &tx.actor.id
            ],
        )?;
        Ok(())
    }
}

impl ProposeZone {
    /// The area it is about, the level that would hold there, and the edition it goes by.
    fn judged(&self, tx: &mut Tx<'_>) -> Result<(Area, Option<String>, &'static Protocol)> {
        if self.what == What::Set {
            if self.zone.is_some() {
                return Err(no_zone_named());
            }
            // It holds from the moment it is decided: people would be closed in days before the order says.
            if self.day > today(tx) {
                return Err(invalid(
                    "control.day_to_come",
                    "day",
                    "a zone holds from the moment somebody decides it, and not from a day that has not come; write today, or propose it on that day",
                    "区域自决定之时起生效，不能定于未来日期；请填今日，或届时再提出",
                ));
            }
            let (protocol, zones) = edition(&self.disease, self.day)?;
            let (area, level) = (sound(&self.area)?, self.level.clone().unwrap_or_default());
            level_of(zones, &level)?;
            unclaimed(tx, zones, &level, &area, None)?;
            return Ok((area, Some(level), protocol));
        }
        let record = zone_in_reach(tx, self.zone.ok_or_else(no_zone_named)?)?;
        let (protocol, zones) = edition_of(&record.protocol)?;
        if self.what == What::Widen {
            let area = redrawn(tx, &record, &self.area)?;
            return Ok((area, Some(record.level), protocol));
        }
        // Only the end of a zone names no level.
        if let Some(level) = &self.level {
            level_of(zones, level)?;
            if (self.what == What::Raise) != zones.is_stricter(level, &record.level) {
                return Err(wrong_way(self.what));
            }
            unclaimed(tx, zones, level, &record.area, Some(record.id))?;
        } else if self.what == What::Raise {
            level_of(zones, "")?;
        }
        Ok((record.area, self.level.clone(), protocol))
    }
}

pub(super) fn wrong_way(what: What) -> store::Error {
    let (en, zh) = match what {
        What::Raise => (
            "is not stricter than the level in force; choose a stricter one, or propose to leave it",
            "不严于现行级别；请选择更严的级别，或提出解除",
        ),
        _ => (
            "is not milder than the level in force; choose a milder one, or propose to raise it",
            "不低于现行级别；请选择更低的级别，或提出升级",
        ),
    };
    invalid("control.wrong_way", "level", format!("the level {en}"), format!("该级别{zh}"))
}

fn no_zone_named() -> store::Error {
    invalid(
        "control.which_zone",
        "zone",
        "a new zone names none, and raising or leaving names the zone it is about; correct one of the two",
        "新设区域不填所属区域，升级或解除须填；请更正",
    )
}
