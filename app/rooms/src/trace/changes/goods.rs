//! Lots of goods that may have carried the infection.

use crate::cases::{Event, event_in_reach};
use crate::refuse::{exists, invalid, required};
use crate::regions::UTC_OFFSET_MINUTES;
use crate::trace::Goods;
use crate::trace::goods::goods_in_reach;
use base::{Day, Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// A consignment of frozen fish, a pallet of parcels can be followed from now on.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterGoods {
    pub id: Id<Sent>,
    pub goods: Id<Goods>,
    /// Of whoever follows it, wherever it has lain.
    pub territory: Territory,
    #[serde(default)]
    pub event: Option<Id<Event>>,
    pub name: String,
    /// As the label or the customs declaration writes it.
    #[serde(default)]
    pub lot: Option<String>,
    /// The day a sample of it was positive.
    #[serde(default)]
    pub positive_on: Option<Day>,
}

fn demand_past(tx: &Tx<'_>, day: Option<Day>) -> Result<()> {
    if day.is_some_and(|day| day > tx.at.day_at_offset(UTC_OFFSET_MINUTES)) {
        return Err(invalid(
            "trace.visit_in_the_future",
            "positive_on",
            "the day of the sample lies in the future; mend the date",
            "采样日期在将来；请更正日期",
        ));
    }
    Ok(())
}

fn stated(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

impl Change for RegisterGoods {
    const NAME: &'static str = "register goods";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        let event = self.event.map(|event| event.to_string());
        std::iter::once(self.goods.to_string()).chain(event).collect()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        demand_past(tx, self.positive_on)?;
        if tx.count("SELECT count(*) FROM trace_goods WHERE id = $1", params![self.goods])? > 0 {
            return Err(exists("goods", "货物批次"));
        }
        let disease = match self.event {
            Some(event) => event_in_reach(tx, event)?.1,
            None => None,
        };
        tx.run(
            "INSERT INTO trace_goods (id, territory, event, disease, name, lot, positive_on, created, changed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
            params![
                self.goods,
                &self.territory,
                self.event,
                disease,
                self.name.trim(),
                stated(self.lot.as_deref()),
                self.positive_on,
                tx.at
            ],
        )?;
        Ok(())
    }
}

/// What is known of a lot is corrected, or its sample came back.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendGoods {
    pub id: Id<Sent>,
    pub goods: Id<Goods>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub lot: Option<String>,
    #[serde(default)]
    pub positive_on: Option<Day>,
}

impl Change for AmendGoods {
    const NAME: &'static str = "amend goods";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(goods_in_reach(tx, self.goods)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.goods.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        goods_in_reach(tx, self.goods)?;
        if let Some(name) = &self.name {
            required("name", name)?;
        }
        demand_past(tx, self.positive_on)?;
        tx.run(
            "UPDATE trace_goods SET name = coalesce($2, name), lot = coalesce($3, lot), \
             positive_on = coalesce($4, positive_on), changed = $5 WHERE id = $1",
            params![
                self.goods,
                self.name.as_deref().map(str::trim),
                stated(self.lot.as_deref()),
                self.positive_on,
                tx.at
            ],
        )?;
        Ok(())
    }
}
