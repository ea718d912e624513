//! The government of the place allows a gathering or does not.

use crate::control::measures::denied;
use crate::control::permits::circumstances::circumstances;
use crate::control::permits::record::permit_within;
use crate::control::permits::{Permit, PermitState};
use crate::packed;
use crate::refuse::{invalid, required};
use base::{Id, Territory};
use control::unmet;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Refusal, Result, Sent, Status, Tx, params};

/// Yes, when everything that holds there now is met; or no, with the reason, which the organiser reads.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecidePermit {
    pub id: Id<Sent>,
    pub permit: Id<Permit>,
    pub granted: bool,
    /// Read by the organiser; needed for a no.
    #[serde(default)]
    pub note: String,
}

impl Change for DecidePermit {
    const NAME: &'static str = "decide permit";
    const NEEDS: Permission = Permission::ControlDecide;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let actor = tx.actor;
        Ok(permit_within(tx, &actor.scope, self.permit)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.permit.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let actor = tx.actor;
        let record = permit_within(tx, &actor.scope, self.permit)?;
        if record.applied_by == actor.person() || Some(record.applied_by.as_str()) == actor.acts_for() {
            return Err(Refusal::new(
                Status::Forbidden,
                "control.own_order",
                "nobody decides what they asked for; let a colleague decide",
                "不能审批自己提出的申请；请由同事审批",
            )
            .into());
        }
        if !matches!(record.state, PermitState::Applied | PermitState::Reopened) {
            return Err(Refusal::new(
                Status::Conflict,
                "control.state",
                "nothing is to be decided here; reload the page",
                "此处无需处理；请刷新页面",
            )
            .into());
        }
        if self.note.chars().count() > 600 {
            return Err(invalid(
                "control.too_wordy",
                "note",
                "the note is longer than 600 letters; say it shorter",
                "说明超过 600 字；请精简",
            ));
        }
        let (at, gathering) = (tx.at, &record.gathering);
        let holds = circumstances(tx, &record, at)?;
        let state = if self.granted { PermitState::Granted } else { PermitState::Refused };
        if self.granted {
            if gathering.ends <= at {
                return Err(invalid(
                    "control.past",
                    "granted",
                    "it is over already; nothing is left to allow",
                    "活动已结束；无需许可",
                ));
            }
            if let Some(first) = unmet(gathering, &packed::measures().gatherings, &holds).into_iter().next() {
                return Err(denied(first));
            }
        } else {
            required("note", &self.note)?;
        }
        let held = serde_json::to_string(&holds).map_err(|fault| store::Error::Shape(fault.to_string()))?;
        tx.run(
            "UPDATE control_permit SET state = $2, decided = $3, held = $4, note = $5 WHERE id = $1",
            params![self.permit, state.word(), at, held, self.note.trim()],
        )?;
        record.step(tx, state, &self.note, &self.note)
    }
}
