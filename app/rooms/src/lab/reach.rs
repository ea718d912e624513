//! Whether somebody reaches a campaign, a post, a laboratory or a tube. Outside the reach it does not exist.

use crate::lab::counts::{Hour, hour_of};
use crate::lab::{Campaign, Laboratory, Post, Round, Run, Shift, Shortage};
use crate::refuse::missing;
use base::{Id, Moment, Territory};
use lab::{AreaClass, TubeSize};
use serde::{Deserialize, Serialize};
use store::{Query, Result, Row, Scope, Tx, params};

/// A part of a round's area: who lives there and how they are pooled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    pub territory: Territory,
    pub class: AreaClass,
    pub population: u32,
    /// How many people share a tube; one, where everybody is sampled alone.
    #[schemars(with = "u8")]
    pub pool_size: TubeSize,
}

#[derive(Debug, Clone)]
pub struct CampaignRecord {
    pub territory: Territory,
    pub name: String,
    pub disease: String,
    pub ended: Option<Moment>,
}

pub(crate) fn campaign_within(
    query: &mut dyn Query,
    scope: &Scope,
    campaign: Id<Campaign>,
) -> Result<CampaignRecord> {
    let sql = "SELECT territory, name, disease, ended FROM lab_campaign WHERE id = $1";
    let found = query.first(sql, params![campaign])?.map(|row| {
        Ok::<_, store::Error>(CampaignRecord {
            territory: row.read(0)?,
            name: row.text(1)?,
            disease: row.text(2)?,
            ended: row.opt_int(3)?.map(Moment),
        })
    });
    let reached = |record: &CampaignRecord| {
        scope.reaches(&record.territory) || record.territory.holds(&scope.territory)
    };
    found.transpose()?.filter(reached).ok_or_else(|| missing("campaign", "筛查活动"))
}

#[derive(Debug, Clone)]
pub struct RoundRecord {
    pub id: Id<Round>,
    pub campaign: Id<Campaign>,
    pub territory: Territory,
    pub number: i64,
    pub opens: Moment,
    pub deadline: Moment,
    pub ended: Option<Moment>,
    pub coverage_target: f64,
    pub zones: Vec<Zone>,
}

pub(crate) const ROUND_COLUMNS: &str =
    "r.id, r.campaign, r.territory, r.number, r.opens, r.deadline, r.ended, r.coverage_target, r.zones";

impl RoundRecord {
    pub(crate) fn of(row: &Row) -> Result<RoundRecord> {
        Ok(RoundRecord {
            id: row.read(0)?,
            campaign: row.read(1)?,
            territory: row.read(2)?,
            number: row.int(3)?,
            opens: Moment(row.int(4)?),
            deadline: Moment(row.int(5)?),
            ended: row.opt_int(6)?.map(Moment),
            coverage_target: row.opt_real(7)?.unwrap_or_default(),
            zones: row.json(8)?,
        })
    }
}

pub(crate) fn round_within(query: &mut dyn Query, scope: &Scope, round: Id<Round>) -> Result<RoundRecord> {
    let sql = format!("SELECT {ROUND_COLUMNS} FROM lab_round r WHERE r.id = $1");
    let found = query.first(&sql, params![round])?.as_ref().map(RoundRecord::of).transpose()?;
    let reached =
        |round: &RoundRecord| scope.reaches(&round.territory) || round.territory.holds(&scope.territory);
    found.filter(reached).ok_or_else(|| missing("round", "轮次"))
}

#[derive(Debug, Clone)]
pub struct PostRecord {
    pub id: Id<Post>,
    pub campaign: String,
    pub territory: Territory,
    pub name: String,
    pub desks: i64,
    pub pool_size: i64,
}

pub(crate) const POST_COLUMNS: &str = "p.id, p.campaign, p.territory, p.name, p.desks, p.pool_size";

impl PostRecord {
    pub(crate) fn of(row: &Row) -> Result<PostRecord> {
        Ok(PostRecord {
            id: row.read(0)?,
            campaign: row.text(1)?,
            territory: row.read(2)?,
            name: row.text(3)?,
            desks: row.int(4)?,
            pool_size: row.int(5)?,
        })
    }
}

pub(crate) fn post_in_reach(tx: &mut Tx<'_>, post: Id<Post>) -> Result<PostRecord> {
    let actor = tx.actor;
    post_within(tx, &actor.scope, post)
}

pub(crate) fn post_within(query: &mut dyn Query, scope: &Scope, post: Id<Post>) -> Result<PostRecord> {
    post_reached(scope, query.rows(&one_post(), params![post])?.first())
}

/// The question for one post, for whoever asks it together with others.
pub(crate) fn one_post() -> String {
    format!("SELECT {POST_COLUMNS} FROM lab_post p WHERE p.id = $1")
}

pub(crate) fn post_reached(scope: &Scope, found: Option<&Row>) -> Result<PostRecord> {
    let found = found.map(PostRecord::of).transpose()?;
    found.filter(|post| scope.reaches(&post.territory)).ok_or_else(|| missing("post", "采样点"))
}

/// A shift belongs to its post's territory.
#[derive(Debug, Clone)]
pub struct ShiftRecord {
    pub id: Id<Shift>,
    pub post: Id<Post>,
    pub territory: Territory,
    pub begins: Moment,
    pub ends: Moment,
    pub desks: i64,
    pub samplers: i64,
    pub leader: String,
    pub called_off: Option<Moment>,
}

pub(crate) const SHIFT_COLUMNS: &str =
    "s.id, s.post, s.territory, s.begins, s.ends, s.desks, s.samplers, s.leader, s.called_off";

impl ShiftRecord {
    pub(crate) fn of(row: &Row) -> Result<ShiftRecord> {
        Ok(ShiftRecord {
            id: row.read(0)?,
            post: row.read(1)?,
            territory: row.read(2)?,
            begins: Moment(row.int(3)?),
            ends: Moment(row.int(4)?),
            desks: row.int(5)?,
            samplers: row.int(6)?,
            leader: row.text(7)?,
            called_off: row.opt_int(8)?.map(Moment),
        })
    }

    pub(crate) fn thought(&self) -> lab::Shift {
        lab::Shift {
            begins: self.begins,
            ends: self.ends,
            desks: u64::try_from(self.desks).unwrap_or(0),
            samplers: u64::try_from(self.samplers).unwrap_or(0),
        }
    }
}

pub(crate) fn shift_in_reach(tx: &mut Tx<'_>, shift: Id<Shift>) -> Result<ShiftRecord> {
    let sql = format!("SELECT {SHIFT_COLUMNS} FROM lab_shift s WHERE s.id = $1");
    let found = tx.first(&sql, params![shift])?.as_ref().map(ShiftRecord::of).transpose()?;
    let scope = &tx.actor.scope;
    found.filter(|shift| scope.reaches(&shift.territory)).ok_or_else(|| missing("shift", "班次"))
}

/// Shifts of a post that were not called off and lie in part between the two moments.
pub(crate) fn shifts_of_post(
    query: &mut dyn Query,
    post: Id<Post>,
    from: Moment,
    until: Moment,
) -> Result<Vec<ShiftRecord>> {
    let sql = format!(
        "SELECT {SHIFT_COLUMNS} FROM lab_shift s WHERE s.post = $1 AND s.begins < $3 AND s.ends > $2 \
         AND s.called_off IS NULL ORDER BY s.begins, s.id LIMIT 500"
    );
    query.rows(&sql, params![post, from, until])?.iter().map(ShiftRecord::of).collect()
}

/// Where something is short, for whoever reaches it.
pub(crate) fn shortage_in_reach(tx: &mut Tx<'_>, shortage: Id<Shortage>) -> Result<Territory> {
    let sql = "SELECT territory FROM lab_shortage WHERE id = $1";
    let found: Option<Territory> = tx.first(sql, params![shortage])?.map(|row| row.read(0)).transpose()?;
    let scope = &tx.actor.scope;
    found.filter(|territory| scope.reaches(territory)).ok_or_else(|| missing("shortage", "缺口"))
}

#[derive(Debug, Clone)]
pub struct LaboratoryRecord {
    pub id: Id<Laboratory>,
    pub territory: Territory,
    pub name: String,
    pub capacity: i64,
    pub report_hours: i64,
    pub ended: Option<Moment>,
}

pub(crate) const LABORATORY_COLUMNS: &str = "l.id, l.territory, l.name, l.capacity, l.report_hours, l.ended";

impl LaboratoryRecord {
    pub(crate) fn of(row: &Row) -> Result<LaboratoryRecord> {
        Ok(LaboratoryRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            name: row.text(2)?,
            capacity: row.int(3)?,
            report_hours: row.int(4)?,
            ended: row.opt_int(5)?.map(Moment),
        })
    }
}

pub(crate) fn laboratory_within(
    query: &mut dyn Query,
    scope: &Scope,
    laboratory: Id<Laboratory>,
) -> Result<LaboratoryRecord> {
    let sql = format!("SELECT {LABORATORY_COLUMNS} FROM lab_laboratory l WHERE l.id = $1");
    let found = query.first(&sql, params![laboratory])?.as_ref().map(LaboratoryRecord::of).transpose()?;
    found.filter(|one| scope.reaches(&one.territory)).ok_or_else(|| missing("laboratory", "实验室"))
}

pub(crate) fn laboratory_in_reach(tx: &mut Tx<'_>, laboratory: Id<Laboratory>) -> Result<LaboratoryRecord> {
    let actor = tx.actor;
    laboratory_within(tx, &actor.scope, laboratory)
}

/// A run belongs to its laboratory's territory.
#[derive(Debug, Clone)]
pub struct RunRecord {
    pub id: Id<Run>,
    pub territory: Territory,
    pub lab: Id<Laboratory>,
    pub assay: String,
    pub format: i64,
    pub state: String,
    pub filled: Moment,
    pub by_whom: String,
}

pub(crate) fn run_within(query: &mut dyn Query, scope: &Scope, run: Id<Run>) -> Result<RunRecord> {
    let sql = "SELECT id, territory, lab, assay, format, state, filled, by_whom FROM lab_run WHERE id = $1";
    let found = query.first(sql, params![run])?.map(|row| {
        Ok::<_, store::Error>(RunRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            lab: row.read(2)?,
            assay: row.text(3)?,
            format: row.int(4)?,
            state: row.text(5)?,
            filled: Moment(row.int(6)?),
            by_whom: row.text(7)?,
        })
    });
    found.transpose()?.filter(|run| scope.reaches(&run.territory)).ok_or_else(|| missing("run", "检测批"))
}

pub(crate) fn run_in_reach(tx: &mut Tx<'_>, run: Id<Run>) -> Result<RunRecord> {
    let actor = tx.actor;
    run_within(tx, &actor.scope, run)
}

/// Whose hour a tube belongs to.
pub(crate) fn hour_of_tube(query: &mut dyn Query, barcode: &str) -> Result<Hour> {
    let sql = "SELECT round, territory, post, closed FROM lab_tube WHERE barcode = $1";
    let row = query.first(sql, params![barcode])?.ok_or_else(|| missing("tube", "试管"))?;
    Ok(Hour {
        round: row.text(0)?,
        territory: row.read(1)?,
        post: row.text(2)?,
        hour: hour_of(Moment(row.int(3)?)),
    })
}
