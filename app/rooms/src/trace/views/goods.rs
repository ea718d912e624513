//! The register of goods, a page at a time by name.

use super::stated;
use crate::asked::place_within;
use crate::trace::Goods;
use crate::trace::goods::{GOODS_COLUMNS, GoodsRecord};
use base::Id;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, Value};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct GoodsAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
    /// Words of its name, or its lot.
    #[serde(default)]
    pub q: Option<String>,
    /// The last row that was seen: its name and id, joined by a tab.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

pub fn goods(query: &mut dyn Query, scope: &Scope, asked: &GoodsAsked) -> Result<Json> {
    scope.demand(Permission::ContactsRead)?;
    let within = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = within.range();
    let mut sql = "WHERE g.territory >= $1 AND g.territory < $2".to_owned();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    for disease in &scope.kept.unread {
        values.push(disease.as_str().into());
        sql.push_str(&format!(" AND (g.disease IS NULL OR g.disease <> ${})", values.len()));
    }
    if let Some(event) = stated(&asked.event) {
        values.push(event.into());
        sql.push_str(&format!(" AND g.event = ${}", values.len()));
    }
    if let Some(words) = stated(&asked.q) {
        values.push(format!("%{}%", words.to_lowercase().replace(['%', '_'], "")).into());
        let at = values.len();
        sql.push_str(&format!(" AND (lower(g.name) LIKE ${at} OR lower(coalesce(g.lot, '')) LIKE ${at})"));
    }
    if let Some((name, id)) = stated(&asked.after).and_then(|after| after.split_once('\t')) {
        values.extend([name.into(), id.into()]);
        sql.push_str(&format!(" AND (g.name, g.id) > (${}, ${})", values.len() - 1, values.len()));
    }
    let sql = format!(
        "SELECT {GOODS_COLUMNS}, (SELECT i.id FROM trace_interview i WHERE i.goods = g.id) FROM trace_goods g {sql} \
         ORDER BY g.name, g.id LIMIT {}",
        PAGE + 1
    );
    let found = query.rows(&sql, &values)?;
    let shown = &found[..found.len().min(PAGE)];
    let mut rows = Vec::with_capacity(shown.len());
    for row in shown {
        let one = GoodsRecord::of(row)?;
        rows.push(json!({
            "id": one.id, "territory": one.territory, "event": one.event, "name": one.name, "lot": one.lot,
            "called": one.called(), "positive_on": one.positive_on, "interview": row.opt_text(7)?,
        }));
    }
    let last = shown.last().filter(|_| found.len() > PAGE);
    let next =
        last.map(|row| Ok::<_, store::Error>(format!("{}\t{}", row.text(4)?, row.text(0)?))).transpose()?;
    Ok(json!({ "goods": rows, "next": next }))
}

/// What lots are called, by their ids.
pub(crate) fn names_of_goods(
    query: &mut dyn Query,
    ids: impl Iterator<Item = Id<Goods>>,
) -> Result<BTreeMap<Id<Goods>, String>> {
    let mut wanted: Vec<Id<Goods>> = ids.collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut names = BTreeMap::new();
    for block in wanted.chunks(100) {
        let values: Vec<Value> = block.iter().map(|id| (*id).into()).collect();
        let among = crate::cases::among(values.len());
        let sql = format!("SELECT {GOODS_COLUMNS} FROM trace_goods g WHERE g.id IN {among}");
        for row in query.rows(&sql, &values)? {
            let one = GoodsRecord::of(&row)?;
            names.insert(one.id, one.called());
        }
    }
    Ok(names)
}
