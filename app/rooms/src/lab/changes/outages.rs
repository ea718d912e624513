//! When the platform itself failed people: who was kept from their next swab keeps their code (Chengdu, 2022-09-02, by decree; here by
//! rule).

use crate::lab::Outage;
use crate::refuse::{exists, invalid, missing, required};
use base::{Id, Moment, Territory};
use lab::Stood;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

const LONGEST_TOLD: usize = 200;
/// Longer ago it lengthens no code that anybody still asks for.
const OLDEST_MS: i64 = 21 * 86_400_000;

struct Record {
    territory: Territory,
    began: Moment,
}

fn outage_in_reach(tx: &mut Tx<'_>, outage: Id<Outage>) -> Result<Record> {
    let row = tx.first("SELECT territory, began FROM lab_outage WHERE id = $1", params![outage])?;
    let record =
        row.map(|row| Ok::<_, store::Error>(Record { territory: row.read(0)?, began: Moment(row.int(1)?) }));
    let scope = &tx.actor.scope;
    record
        .transpose()?
        .filter(|record| scope.reaches(&record.territory))
        .ok_or_else(|| missing("outage", "中断记录"))
}

fn demand_times(tx: &Tx<'_>, from: Moment, until: Option<Moment>) -> Result<()> {
    let now = tx.at;
    let wrong =
        from > now || now.0 - from.0 > OLDEST_MS || until.is_some_and(|until| until < from || until > now);
    if wrong {
        return Err(invalid(
            "lab.outage_times",
            "from",
            "an outage began within the last three weeks and ended after that and before now; correct the times, or leave its end \
             open while it lasts",
            "中断应始于最近三周内，结束时间应在开始之后且不晚于现在；请更正，或在仍持续时留空",
        ));
    }
    Ok(())
}

/// Registration, sampling or results stood still here, from then until then. What is told of it is public.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordOutage {
    pub id: Id<Sent>,
    /// A new one, or one that was proposed and is confirmed by this for all of its territory.
    pub outage: Id<Outage>,
    pub territory: Territory,
    pub what: Stood,
    #[schemars(with = "i64")]
    pub from: Moment,
    /// Absent while it lasts.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub until: Option<Moment>,
    /// What happened, for everybody to read.
    pub told: String,
}

impl Change for RecordOutage {
    const NAME: &'static str = "record outage";
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
        vec![self.outage.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("told", &self.told)?;
        if self.told.chars().count() > LONGEST_TOLD {
            return Err(invalid(
                "lab.outage_told",
                "told",
                format!("it is longer than {LONGEST_TOLD} letters; it is read by everybody: say it shortly"),
                format!("说明超过 {LONGEST_TOLD} 个字；将对公众显示，请简短说明"),
            ));
        }
        demand_times(tx, self.from, self.until)?;
        let (at, by) = (tx.at, tx.actor.id.clone());
        self.demand_free_or_proposed(tx)?;
        let sql = "INSERT INTO lab_outage (id, territory, what, began, until, told, state, created, by_whom) \
                   VALUES ($1, $2, $3, $4, $5, $6, 'recorded', $7, $8) \
                   ON CONFLICT (id) DO UPDATE SET territory = excluded.territory, what = excluded.what, began = excluded.began, \
                   until = excluded.until, told = excluded.told, state = excluded.state, created = excluded.created, \
                   by_whom = excluded.by_whom";
        let (what, told) = (self.what.word(), self.told.trim());
        tx.run(sql, params![self.outage, &self.territory, what, self.from, self.until, told, at, by])?;
        Ok(())
    }
}

impl RecordOutage {
    /// What was counted is a proposal to everybody: whoever speaks for one place of it leaves it to the others.
    fn demand_free_or_proposed(&self, tx: &mut Tx<'_>) -> Result<()> {
        let sql = "SELECT state, territory FROM lab_outage WHERE id = $1";
        let Some(known) = tx.first(sql, params![self.outage])? else { return Ok(()) };
        if known.text(0)? != "proposed" {
            return Err(exists("outage", "中断记录"));
        }
        if known.read::<Territory>(1)? == self.territory {
            return Ok(());
        }
        Err(invalid(
            "lab.outage_counted_elsewhere",
            "outage",
            "what was counted is proposed to other places too; record the outage of this place as a new one, with an id of its own",
            "系统统计的中断同时提示其他地区；请以新的编号单独登记本地区的中断",
        ))
    }
}

/// It is over, or was over at another time than was thought.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndOutage {
    pub id: Id<Sent>,
    pub outage: Id<Outage>,
    #[schemars(with = "i64")]
    pub until: Moment,
}

impl Change for EndOutage {
    const NAME: &'static str = "end outage";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(outage_in_reach(tx, self.outage)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.outage.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let known = outage_in_reach(tx, self.outage)?;
        demand_times(tx, known.began, Some(self.until))?;
        tx.run("UPDATE lab_outage SET until = $2 WHERE id = $1", params![self.outage, self.until])?;
        Ok(())
    }
}

/// It was none, or none of the platform's. A code that was signed with a later end keeps it.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawOutage {
    pub id: Id<Sent>,
    pub outage: Id<Outage>,
}

impl Change for WithdrawOutage {
    const NAME: &'static str = "withdraw outage";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(outage_in_reach(tx, self.outage)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.outage.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        outage_in_reach(tx, self.outage)?;
        // Of one that lasted nothing is said beyond now: what begins later is counted anew.
        let (at, sql) =
            (tx.at, "UPDATE lab_outage SET state = 'withdrawn', until = coalesce(until, $2) WHERE id = $1");
        tx.run(sql, params![self.outage, at])?;
        Ok(())
    }
}

/// The house counted that it told too many to come again. Nothing follows from it until a person records it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposeOutage {
    pub id: Id<Sent>,
    pub outage: Id<Outage>,
    pub territory: Territory,
    pub what: Stood,
    pub from: Moment,
    pub until: Option<Moment>,
}

impl Change for ProposeOutage {
    const NAME: &'static str = "propose outage";
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
        vec![self.outage.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (at, by) = (tx.at, tx.actor.id.clone());
        // Another copy of the program counted the same a minute later, or this one was started again meanwhile. Whatever a person has
        // said of it, that it was none included, stands.
        let sql = "SELECT id, state, until FROM lab_outage WHERE territory = $1 AND what = $2 AND id <> $3 \
                   AND began <= $4 AND (until >= $5 OR (until IS NULL AND began >= $6)) ORDER BY began, id LIMIT 1";
        let (last, a_day_before) = (self.until.unwrap_or(at), self.from.plus_seconds(-86_400));
        let what = self.what.word();
        let known =
            tx.first(sql, params![&self.territory, what, self.outage, last, self.from, a_day_before])?;
        if let Some(known) = known {
            let (outage, counted) = (known.text(0)?, known.text(1)? == "proposed");
            if let (true, Some(until)) = (counted, self.until) {
                let until = known.opt_int(2)?.map_or(until, |before| until.max(Moment(before)));
                tx.run("UPDATE lab_outage SET until = $2 WHERE id = $1", params![outage, until])?;
            }
            return Ok(());
        }
        // Where a person has spoken, what was counted is of no further interest.
        let sql = "INSERT INTO lab_outage (id, territory, what, began, until, told, state, created, by_whom) \
                   VALUES ($1, $2, $3, $4, $5, '', 'proposed', $6, $7) \
                   ON CONFLICT (id) DO UPDATE SET until = excluded.until WHERE lab_outage.state = 'proposed'";
        let what = self.what.word();
        tx.run(sql, params![self.outage, &self.territory, what, self.from, self.until, at, by])?;
        Ok(())
    }
}
