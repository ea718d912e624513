//! A proposal is answered, and what it proposes happens.

use crate::control::changes::steps::{NewZone, let_go, redraw, redrawn, set_level, today};
use crate::control::inside::leaving;
use crate::control::reach::{ProposalRecord, person_of, proposal_in_reach, zone_in_reach};
use crate::control::rules::{edition_of, sound, unclaimed};
use crate::control::{Proposal, Zone};
use crate::refuse::{exists, invalid, required};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Refusal, Result, Sent, Status, Tx, params};

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideZone {
    pub id: Id<Sent>,
    pub proposal: Id<Proposal>,
    /// The id of the zone, where a new one is set.
    #[serde(default)]
    pub zone: Option<Id<Zone>>,
    pub accept: bool,
    /// The order it rests on: who gave it, number and day; why, where it is refused.
    pub basis: String,
    /// Why a zone is left although a criterion is missing.
    #[serde(default)]
    pub exception: Option<String>,
}

impl Change for DecideZone {
    const NAME: &'static str = "decide zone";
    const NEEDS: Permission = Permission::ControlDecide;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(proposal_in_reach(tx, self.proposal)?.territory)
    }
    fn about(&self) -> Vec<String> {
        let zone = self.zone.map(|zone| zone.to_string());
        std::iter::once(self.proposal.to_string()).chain(zone).collect()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("basis", &self.basis)?;
        let told = proposal_in_reach(tx, self.proposal)?;
        if told.answer.is_some() {
            return Err(invalid(
                "control.answered",
                "proposal",
                "this proposal was answered already; look at the zone, or make another proposal",
                "该建议已有答复；请查看区域，或另行提出",
            ));
        }
        let (_, zones) = edition_of(&told.protocol)?;
        // An order rests on two people; what the edition asks for is asked of the people, not of their roles.
        if self.accept && zones.not_the_proposer.value && tx.actor.person() == person_of(&told.by_whom) {
            return Err(Refusal::new(
                Status::Forbidden,
                "control.own_proposal",
                "you proposed this yourself, and the edition wants somebody else to decide; ask a colleague",
                "该建议由您本人提出，按方案须由他人决定；请交由同事决定",
            )
            .into());
        }
        if self.accept {
            self.carry_out(tx, &told)?;
        }
        let answer = if self.accept { "accepted" } else { "refused" };
        tx.run(
            "UPDATE control_proposal SET answer = $2, answered = $3, answered_by = $4, answer_why = $5 WHERE id = $1",
            params![self.proposal, answer, tx.at, &tx.actor.id, self.basis.trim()],
        )?;
        Ok(())
    }
}

impl DecideZone {
    fn carry_out(&self, tx: &mut Tx<'_>, told: &ProposalRecord) -> Result<()> {
        let Some(zone) = told.zone else { return self.set(tx, told) };
        let record = zone_in_reach(tx, zone)?;
        if told.what == "raise" {
            let level = told.level.clone().unwrap_or_default();
            let (_, zones) = edition_of(&record.protocol)?;
            unclaimed(tx, zones, &level, &record.area, Some(record.id))?;
            return set_level(tx, &record, &level, &self.basis);
        }
        if told.what == "widen" {
            // How many live in the smaller area says nothing of the wider one.
            let area = redrawn(tx, &record, &told.area)?;
            return redraw(tx, &record, &area, (told.people, told.entrances), "widened", &self.basis);
        }
        let today = today(tx);
        let leave = leaving(tx, &record, today)?;
        let_go(tx, &record, &[], told.level.as_deref(), &leave, &self.basis, self.exception.as_deref())
    }

    fn set(&self, tx: &mut Tx<'_>, told: &ProposalRecord) -> Result<()> {
        let (Some(zone), Some(level)) = (self.zone, told.level.as_deref()) else {
            return Err(invalid(
                "control.no_zone_id",
                "zone",
                "a new zone needs an id of its own; send one",
                "新设区域须带有编号；请补上",
            ));
        };
        if tx.count("SELECT count(*) FROM control_zone WHERE id = $1", params![zone])? > 0 {
            return Err(exists("zone", "区域"));
        }
        let (_, zones) = edition_of(&told.protocol)?;
        let area = sound(&told.area)?;
        unclaimed(tx, zones, level, &area, None)?;
        let since = told.day.min(today(tx));
        let new = NewZone {
            zone,
            name: &told.name,
            disease: &told.disease,
            event: told.event.as_deref(),
            protocol: &told.protocol,
            edition: &told.edition,
            level,
            area: &area,
            people: told.people,
            entrances: told.entrances,
            since,
            day: since,
            basis: &self.basis,
            what: "set",
        };
        new.write(tx)
    }
}
