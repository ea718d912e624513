//! Where somebody infected was while they could pass it on: the ground of every zone.

use crate::cases::Case;
use crate::cases::reach::case_in_reach;
use crate::control::Stay;
use crate::control::finds::told;
use crate::control::reach::stay_in_reach;
use crate::control::rules::sound;
use crate::refuse::{exists, invalid, required};
use base::{Day, Id, Territory};
use control::{Area, Unit};
use packs::{SpreadRisk, StayKind};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// A case lived, worked or was for a while at a place.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddStay {
    pub id: Id<Sent>,
    pub stay: Id<Stay>,
    pub case: Id<Case>,
    pub unit: Unit,
    pub kind: StayKind,
    pub risk: SpreadRisk,
    /// Those who were there cannot all be found.
    pub hard_to_trace: bool,
    pub from: Day,
    pub until: Day,
}

impl Change for AddStay {
    const NAME: &'static str = "add stay";
    const NEEDS: Permission = Permission::ControlPropose;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.unit.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.stay.to_string(), self.case.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let case = case_in_reach(tx, self.case)?;
        let unit = sound(&Area::of(vec![self.unit.clone()]))?.units.remove(0);
        if self.until < self.from {
            return Err(invalid(
                "control.stay_days",
                "until",
                "the stay ends before it begins; exchange the two days",
                "停留的结束早于开始；请对调两个日期",
            ));
        }
        let Some(disease) = case.disease else {
            return Err(invalid(
                "control.no_disease",
                "case",
                "the case says no disease, and rules of zones are of a disease; amend the case first",
                "该病例未写明病种，分区规则按病种而定；请先补充病例",
            ));
        };
        if tx.count("SELECT count(*) FROM control_stay WHERE id = $1", params![self.stay])? > 0 {
            return Err(exists("stay", "停留"));
        }
        let text = serde_json::to_string(&unit).unwrap_or_default();
        tx.run(
            "INSERT INTO control_stay (id, territory, case_id, disease, unit, kind, risk, hard_to_trace, from_day, until_day, \
             created, by_whom, removed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL)",
            params![
                self.stay,
                &unit.territory,
                self.case,
                disease,
                text,
                told(&self.kind),
                told(&self.risk),
                self.hard_to_trace,
                self.from,
                self.until,
                tx.at,
                &tx.actor.id
            ],
        )?;
        Ok(())
    }
}

/// It was not so.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveStay {
    pub id: Id<Sent>,
    pub stay: Id<Stay>,
    pub reason: String,
}

impl Change for RemoveStay {
    const NAME: &'static str = "remove stay";
    const NEEDS: Permission = Permission::ControlPropose;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        stay_in_reach(tx, self.stay)
    }
    fn about(&self) -> Vec<String> {
        vec![self.stay.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("reason", &self.reason)?;
        stay_in_reach(tx, self.stay)?;
        let at = tx.at;
        tx.run(
            "UPDATE control_stay SET removed = $2 WHERE id = $1 AND removed IS NULL",
            params![self.stay, at],
        )?;
        Ok(())
    }
}
