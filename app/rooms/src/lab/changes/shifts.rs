//! Who stands at a post from when until when.

use crate::lab::reach::{PostRecord, ShiftRecord, post_in_reach, shift_in_reach, shifts_of_post};
use crate::lab::{Post, Shift};
use crate::refuse::{exists, invalid, required};
use base::{Id, Moment, Territory};
use lab::most_desks;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// Samplers are at a post's desks for some hours.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanShift {
    pub id: Id<Sent>,
    pub shift: Id<Shift>,
    pub post: Id<Post>,
    #[schemars(with = "i64")]
    pub begins: Moment,
    #[schemars(with = "i64")]
    pub ends: Moment,
    pub desks: u16,
    pub samplers: u16,
    /// Whom the post's samplers ask: a name or a work number.
    pub leader: String,
}

/// Somebody in protective clothing stands no longer than this; who plans more has mistyped a day.
const LONGEST_MS: i64 = 24 * 3_600_000;

impl Change for PlanShift {
    const NAME: &'static str = "plan shift";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(post_in_reach(tx, self.post)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.shift.to_string(), self.post.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let post = post_in_reach(tx, self.post)?;
        if tx.count("SELECT count(*) FROM lab_shift WHERE id = $1", params![self.shift])? > 0 {
            return Err(exists("shift", "班次"));
        }
        let shift = ShiftRecord {
            id: self.shift,
            post: self.post,
            territory: post.territory.clone(),
            begins: self.begins,
            ends: self.ends,
            desks: i64::from(self.desks),
            samplers: i64::from(self.samplers),
            leader: self.leader.trim().to_owned(),
            called_off: None,
        };
        demand_sense(tx, &post, &shift)?;
        tx.run(
            "INSERT INTO lab_shift (id, post, territory, begins, ends, desks, samplers, leader, called_off) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)",
            params![
                shift.id,
                shift.post,
                &shift.territory,
                shift.begins,
                shift.ends,
                shift.desks,
                shift.samplers,
                &shift.leader
            ],
        )?;
        Ok(())
    }
}

/// A shift is another than was planned, or is called off.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendShift {
    pub id: Id<Sent>,
    pub shift: Id<Shift>,
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub begins: Option<Moment>,
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub ends: Option<Moment>,
    #[serde(default)]
    pub desks: Option<u16>,
    #[serde(default)]
    pub samplers: Option<u16>,
    #[serde(default)]
    pub leader: Option<String>,
    #[serde(default)]
    pub called_off: bool,
}

impl Change for AmendShift {
    const NAME: &'static str = "amend shift";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(shift_in_reach(tx, self.shift)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.shift.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let before = shift_in_reach(tx, self.shift)?;
        let at = tx.at;
        if self.called_off {
            tx.run(
                "UPDATE lab_shift SET called_off = coalesce(called_off, $2) WHERE id = $1",
                params![self.shift, at],
            )?;
            return Ok(());
        }
        if before.called_off.is_some() {
            return Err(invalid(
                "lab.shift_off",
                "shift",
                "this shift was called off; plan another one",
                "该班次已取消；请另排班次",
            ));
        }
        let post = post_in_reach(tx, before.post)?;
        let shift = ShiftRecord {
            begins: self.begins.unwrap_or(before.begins),
            ends: self.ends.unwrap_or(before.ends),
            desks: self.desks.map_or(before.desks, i64::from),
            samplers: self.samplers.map_or(before.samplers, i64::from),
            leader: self.leader.as_ref().map_or(before.leader.clone(), |leader| leader.trim().to_owned()),
            ..before
        };
        demand_sense(tx, &post, &shift)?;
        tx.run(
            "UPDATE lab_shift SET begins = $2, ends = $3, desks = $4, samplers = $5, leader = $6 WHERE id = $1",
            params![shift.id, shift.begins, shift.ends, shift.desks, shift.samplers, &shift.leader],
        )?;
        Ok(())
    }
}

fn demand_sense(tx: &mut Tx<'_>, post: &PostRecord, shift: &ShiftRecord) -> Result<()> {
    required("leader", &shift.leader)?;
    if shift.ends <= shift.begins || shift.ends.0 - shift.begins.0 > LONGEST_MS {
        return Err(invalid(
            "lab.shift_hours",
            "ends",
            "a shift ends after it begins, and within 24 hours; correct one of the two",
            "班次应在开始后 24 小时内结束；请更正",
        ));
    }
    if shift.desks < 1 || shift.samplers < 1 {
        return Err(invalid(
            "lab.shift_empty",
            if shift.desks < 1 { "desks" } else { "samplers" },
            "a shift has at least one desk and one sampler; correct the number, or call the shift off",
            "班次至少有一个采样台和一名采样员；请更正，或取消该班次",
        ));
    }
    let others: Vec<lab::Shift> = shifts_of_post(tx, post.id, shift.begins, shift.ends)?
        .iter()
        .filter(|other| other.id != shift.id)
        .map(ShiftRecord::thought)
        .collect();
    let most = most_desks(&others, &shift.thought());
    if most > u64::try_from(post.desks).unwrap_or(0) {
        return Err(invalid(
            "lab.shift_desks",
            "desks",
            format!(
                "{most} desks would be taken at once and the post has {}; plan fewer, or move the hours",
                post.desks
            ),
            format!("同一时间需 {most} 个采样台，该点只有 {} 个；请减少台数或错开时间", post.desks),
        ));
    }
    Ok(())
}
