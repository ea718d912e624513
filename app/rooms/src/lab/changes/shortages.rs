//! What a round is short of is told to whoever lends, and answered.

use crate::lab::reach::{round_within, shortage_in_reach};
use crate::lab::{Round, Shortage};
use crate::refuse::{exists, invalid, missing, required};
use base::{Id, Moment, Territory};
use lab::{ShortOf, TubeSize};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// So much of something is missing somewhere for some hours.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellShortage {
    pub id: Id<Sent>,
    pub shortage: Id<Shortage>,
    pub round: Id<Round>,
    pub territory: Territory,
    pub what: ShortOf,
    /// How many people a tube is for, of tubes.
    #[serde(default)]
    #[schemars(with = "Option<u8>")]
    pub size: Option<TubeSize>,
    pub needed: u32,
    pub have: u32,
    #[schemars(with = "i64")]
    pub begins: Moment,
    #[schemars(with = "i64")]
    pub ends: Moment,
    #[serde(default)]
    pub note: String,
}

impl Change for TellShortage {
    const NAME: &'static str = "tell shortage";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.shortage.to_string(), self.round.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let actor = tx.actor;
        let round = round_within(tx, &actor.scope, self.round)?;
        if !round.territory.holds(&self.territory) {
            return Err(invalid(
                "lab.shortage_outside",
                "territory",
                format!("the round is held in {}; choose a place within it", round.territory),
                format!("该轮次范围为 {}；请选择其中的地点", round.territory),
            ));
        }
        self.check()?;
        if tx.count("SELECT count(*) FROM lab_shortage WHERE id = $1", params![self.shortage])? > 0 {
            return Err(exists("shortage", "缺口"));
        }
        tx.run(
            "INSERT INTO lab_shortage (id, round, territory, what, size, needed, have, begins, ends, note, told, told_by, \
             answered, answered_by, answer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL, NULL, NULL)",
            params![
                self.shortage,
                self.round,
                &self.territory,
                self.what.word(),
                self.size.map(|size| u32::from(size.swabs())),
                self.needed,
                self.have,
                self.begins,
                self.ends,
                self.note.trim(),
                tx.at,
                &tx.actor.id
            ],
        )?;
        Ok(())
    }
}

impl TellShortage {
    fn check(&self) -> Result<()> {
        if self.needed <= self.have {
            return Err(invalid(
                "lab.not_short",
                "needed",
                "there is as much as is needed, so nothing is short; correct one of the two numbers",
                "现有已够，并无缺口；请更正其中一个数",
            ));
        }
        if self.ends <= self.begins {
            return Err(invalid(
                "lab.shortage_hours",
                "ends",
                "what is short is needed from a time until a later one; correct one of the two",
                "需要的结束时间应晚于开始时间；请更正",
            ));
        }
        if (self.what == ShortOf::Tubes) != self.size.is_some() {
            return Err(invalid(
                "lab.shortage_size",
                "size",
                "of tubes, and of nothing else, say for how many people they are",
                "缺采样管时请写明几人管；其他缺口不填",
            ));
        }
        Ok(())
    }
}

/// Somebody lends, sends, or says why not.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerShortage {
    pub id: Id<Sent>,
    pub shortage: Id<Shortage>,
    pub note: String,
}

impl Change for AnswerShortage {
    const NAME: &'static str = "answer shortage";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        shortage_in_reach(tx, self.shortage)
    }
    fn about(&self) -> Vec<String> {
        vec![self.shortage.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("note", &self.note)?;
        let (at, by) = (tx.at, tx.actor.id.clone());
        let answered = tx.run(
            "UPDATE lab_shortage SET answered = $2, answered_by = $3, answer = $4 WHERE id = $1 AND answered IS NULL",
            params![self.shortage, at, by, self.note.trim()],
        )?;
        if answered > 0 {
            return Ok(());
        }
        // Its first answer stands; a second would hide what was promised.
        match tx.count("SELECT count(*) FROM lab_shortage WHERE id = $1", params![self.shortage])? {
            0 => Err(missing("shortage", "缺口")),
            _ => Err(invalid(
                "lab.answered",
                "shortage",
                "this shortage was answered already; tell a new one if something is still short",
                "该缺口已有答复；如仍有缺口请另行上报",
            )),
        }
    }
}
