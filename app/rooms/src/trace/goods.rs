//! A lot of goods as it stands in its table, and whether somebody reaches it.

use crate::cases::Event;
use crate::refuse::missing;
use crate::trace::Goods;
use base::{Day, Id, Territory};
use store::{Query, Result, Row, Scope, Tx, params};

#[derive(Debug, Clone)]
pub(crate) struct GoodsRecord {
    pub id: Id<Goods>,
    pub territory: Territory,
    pub event: Option<Id<Event>>,
    pub disease: Option<String>,
    pub name: String,
    /// As the label or the customs declaration writes it.
    pub lot: Option<String>,
    /// When a sample of it was positive.
    pub positive_on: Option<Day>,
}

pub(crate) const GOODS_COLUMNS: &str = "g.id, g.territory, g.event, g.disease, g.name, g.lot, g.positive_on";

impl GoodsRecord {
    pub fn of(row: &Row) -> Result<GoodsRecord> {
        Ok(GoodsRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            event: row.opt_read(2)?,
            disease: row.opt_text(3)?,
            name: row.text(4)?,
            lot: row.opt_text(5)?,
            positive_on: row.opt_read(6)?,
        })
    }

    /// What people call it: its name, with the lot where there is one.
    pub fn called(&self) -> String {
        match &self.lot {
            Some(lot) => format!("{} {lot}", self.name),
            None => self.name.clone(),
        }
    }
}

pub(crate) fn goods_within(query: &mut dyn Query, scope: &Scope, goods: Id<Goods>) -> Result<GoodsRecord> {
    let sql = format!("SELECT {GOODS_COLUMNS} FROM trace_goods g WHERE g.id = $1");
    let found = query.first(&sql, params![goods])?.as_ref().map(GoodsRecord::of).transpose()?;
    found
        .filter(|one| scope.reaches(&one.territory) && scope.kept.reads(one.disease.as_deref()))
        .ok_or_else(|| missing("goods", "货物批次"))
}

pub(crate) fn goods_in_reach(tx: &mut Tx<'_>, goods: Id<Goods>) -> Result<GoodsRecord> {
    let actor = tx.actor;
    goods_within(tx, &actor.scope, goods)
}
