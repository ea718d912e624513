//! A fence as it is kept, and who reaches it.

use super::{Fence, Wall};
use crate::refuse::missing;
use crate::trace::run::Run;
use base::{Day, Id, Moment, Territory};
use store::{Query, Result, Row, Scope, Tx, params};

#[derive(Debug, Clone)]
pub(super) struct FenceRecord {
    pub id: Id<Fence>,
    pub territory: Territory,
    pub event: Option<String>,
    pub target: String,
    pub place: Option<String>,
    pub ride: Option<Run>,
    pub first: Wall,
    pub last: Wall,
    pub gap_minutes: u32,
    pub text_zh: String,
    pub text_en: String,
    pub basis: String,
    pub ends: Day,
    pub drafted: Moment,
    pub published: Option<Moment>,
    pub withdrawn: Option<Moment>,
}

pub(super) const COLUMNS: &str = "f.id, f.territory, f.event, f.target, f.place, f.ride, f.first_minute, f.last_minute, \
     f.gap_minutes, f.text_zh, f.text_en, f.basis, f.ends, f.drafted, f.published, f.withdrawn";

impl FenceRecord {
    pub fn of(row: &Row) -> Result<FenceRecord> {
        let ride = match row.opt_text(5)? {
            Some(_) => Some(row.json(5)?),
            None => None,
        };
        Ok(FenceRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            event: row.opt_text(2)?,
            target: row.text(3)?,
            place: row.opt_text(4)?,
            ride,
            first: Wall::kept(row.int(6)?),
            last: Wall::kept(row.int(7)?),
            gap_minutes: u32::try_from(row.int(8)?).unwrap_or(0),
            text_zh: row.text(9)?,
            text_en: row.text(10)?,
            basis: row.text(11)?,
            ends: row.read(12)?,
            drafted: Moment(row.int(13)?),
            published: row.opt_int(14)?.map(Moment),
            withdrawn: row.opt_int(15)?.map(Moment),
        })
    }

    /// When the air is clear again: nobody who came later counts.
    pub fn clear(&self) -> Wall {
        self.last.plus(self.gap_minutes)
    }

    pub fn lapsed(&self, today: Day) -> bool {
        self.ends < today
    }

    /// Stands in the public list now. Nobody is counted or opened by a fence that the public cannot see.
    pub fn in_force(&self, today: Day) -> bool {
        self.published.is_some() && self.withdrawn.is_none() && !self.lapsed(today)
    }
}

pub(super) fn fence_of(query: &mut dyn Query, fence: Id<Fence>) -> Result<Option<FenceRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM trace_fence f WHERE f.id = $1");
    query.first(&sql, params![fence])?.as_ref().map(FenceRecord::of).transpose()
}

/// A fence outside the territory does not exist.
pub(super) fn fence_within(query: &mut dyn Query, scope: &Scope, fence: Id<Fence>) -> Result<FenceRecord> {
    let held = fence_of(query, fence)?.filter(|fence| scope.reaches(&fence.territory));
    held.ok_or_else(|| missing("fence", "暴露围栏"))
}

pub(super) fn fence_in_reach(tx: &mut Tx<'_>, fence: Id<Fence>) -> Result<FenceRecord> {
    let actor = tx.actor;
    fence_within(tx, &actor.scope, fence)
}

/// Where a request for a second person is about.
pub(crate) fn fence_territory(tx: &mut Tx<'_>, fence: Id<Fence>) -> Result<Territory> {
    Ok(fence_in_reach(tx, fence)?.territory)
}
