//! An organiser asks to hold a gathering, or does not hold it after all.

use crate::control::measures::denied;
use crate::control::permits::record::{PermitRecord, no_permit, permit};
use crate::control::permits::{Permit, PermitState};
use crate::packed;
use crate::refuse::{exists, invalid, required};
use base::{Id, Moment, Territory};
use control::{Gathering, Room};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Refusal, Result, Sent, Status, Tx, params};

/// What an organiser tells of a gathering. The organiser is an organisation; nobody's name is asked.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyPermit {
    pub id: Id<Sent>,
    /// Made by whoever asks; it is also how they hear the answer.
    pub permit: Id<Permit>,
    pub territory: Territory,
    pub place: String,
    pub title: String,
    pub organiser: String,
    pub people: u32,
    #[schemars(with = "i64")]
    pub starts: Moment,
    #[schemars(with = "i64")]
    pub ends: Moment,
    /// A word of the gatherings pack.
    pub activity: String,
    /// Absent outdoors.
    #[serde(default)]
    pub indoors: Option<Indoors>,
    #[serde(default)]
    pub masks: bool,
    /// What the organiser takes on, words of the gatherings pack.
    #[serde(default)]
    pub duties: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indoors {
    pub floor_m2: f64,
    pub height_m: f64,
    /// How often an hour fresh air renews the air.
    pub air_changes: f64,
}

const LONGEST: usize = 200;

impl ApplyPermit {
    fn gathering(&self) -> Gathering {
        let room = |indoors: Indoors| Room {
            floor_m2: indoors.floor_m2,
            height_m: indoors.height_m,
            air_changes: indoors.air_changes,
        };
        Gathering {
            people: self.people,
            starts: self.starts,
            ends: self.ends,
            indoors: self.indoors.map(room),
            activity: self.activity.clone(),
            masks: self.masks,
            duties: self.duties.clone(),
        }
    }

    fn check(&self, now: Moment) -> Result<()> {
        for (field, text) in [("place", &self.place), ("title", &self.title), ("organiser", &self.organiser)]
        {
            required(field, text)?;
            if text.chars().count() > LONGEST {
                return Err(invalid(
                    "control.too_wordy",
                    field,
                    format!("`{field}` is longer than {LONGEST} letters; say it shorter"),
                    format!("“{field}”超过 {LONGEST} 字；请精简"),
                ));
            }
        }
        if self.territory.depth() < 3 {
            return Err(invalid(
                "control.where",
                "territory",
                "say in which county or township it is held",
                "请选择举办地所在县（区）或乡镇（街道）",
            ));
        }
        if self.starts <= now {
            return Err(invalid(
                "control.past",
                "starts",
                "it has begun already; a permit is asked for beforehand: correct the time",
                "活动已开始；许可须事先申请，请更正时间",
            ));
        }
        self.gathering().check(&packed::measures().gatherings).map_err(denied)
    }
}

impl Change for ApplyPermit {
    const NAME: &'static str = "apply permit";
    const NEEDS: Permission = Permission::PermitsApply;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.permit.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.check(tx.at)?;
        if tx.count("SELECT count(*) FROM control_permit WHERE id = $1", params![self.permit])? > 0 {
            return Err(exists("permit", "聚集活动许可"));
        }
        let gathering = self.gathering();
        let text =
            serde_json::to_string(&gathering).map_err(|fault| store::Error::Shape(fault.to_string()))?;
        tx.run(
            "INSERT INTO control_permit (id, territory, place, title, organiser, people, starts, ends, gathering, state, applied, \
             applied_by, decided, held, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'applied', $10, $11, NULL, NULL, '')",
            params![
                self.permit,
                &self.territory,
                self.place.trim(),
                self.title.trim(),
                self.organiser.trim(),
                self.people,
                self.starts,
                self.ends,
                text,
                tx.at,
                tx.actor.person()
            ],
        )?;
        let record = permit(tx, self.permit)?.ok_or_else(no_permit)?;
        record.step(tx, PermitState::Applied, "", "")
    }
}

/// The organiser does not hold it, and says so at a desk.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawPermit {
    pub id: Id<Sent>,
    pub permit: Id<Permit>,
}

impl WithdrawPermit {
    fn record(&self, tx: &mut Tx<'_>) -> Result<PermitRecord> {
        let scope = &tx.actor.scope;
        permit(tx, self.permit)?.filter(|record| scope.reaches(&record.territory)).ok_or_else(no_permit)
    }
}

impl Change for WithdrawPermit {
    const NAME: &'static str = "withdraw permit";
    const NEEDS: Permission = Permission::PermitsApply;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.record(tx)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.permit.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let record = self.record(tx)?;
        if matches!(record.state, PermitState::Refused | PermitState::Withdrawn) {
            return Err(Refusal::new(
                Status::Conflict,
                "control.state",
                "this permit is closed already; ask for another one if it is needed",
                "该申请已终结；如有需要请重新申请",
            )
            .into());
        }
        tx.run("UPDATE control_permit SET state = 'withdrawn' WHERE id = $1", params![self.permit])?;
        record.step(tx, PermitState::Withdrawn, "", "")
    }
}
