//! The register of places, a page at a time by name.

use super::stated;
use crate::asked::place_within;
use crate::trace::reach::{PLACE_COLUMNS, PlaceRecord};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, Value};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct PlacesAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
    #[serde(default)]
    pub q: Option<String>,
    /// The last row that was seen: its name and id, joined by a tab.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

pub fn places(query: &mut dyn Query, scope: &Scope, asked: &PlacesAsked) -> Result<Json> {
    scope.demand(Permission::ContactsRead)?;
    let within = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = within.range();
    let mut sql = "WHERE p.territory >= $1 AND p.territory < $2".to_owned();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    if let Some(event) = stated(&asked.event) {
        values.push(event.into());
        sql.push_str(&format!(" AND p.event = ${}", values.len()));
    }
    if let Some(words) = stated(&asked.q) {
        values.push(format!("%{}%", words.to_lowercase().replace(['%', '_'], "")).into());
        sql.push_str(&format!(" AND lower(p.name) LIKE ${}", values.len()));
    }
    if let Some((name, id)) = stated(&asked.after).and_then(|after| after.split_once('\t')) {
        values.extend([name.into(), id.into()]);
        sql.push_str(&format!(" AND (p.name, p.id) > (${}, ${})", values.len() - 1, values.len()));
    }
    let sql =
        format!("SELECT {PLACE_COLUMNS} FROM trace_place p {sql} ORDER BY p.name, p.id LIMIT {}", PAGE + 1);
    let mut rows: Vec<PlaceRecord> =
        query.rows(&sql, &values)?.iter().map(PlaceRecord::of).collect::<Result<_>>()?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|last| format!("{}\t{}", last.name, last.id));
    let rows: Vec<Json> = rows.iter().map(row_of).collect();
    Ok(json!({ "places": rows, "next": next }))
}

fn row_of(place: &PlaceRecord) -> Json {
    json!({
        "id": place.id, "territory": place.territory, "event": place.event, "name": place.name, "kind": place.kind,
        "lon": place.point.map(|at| at.0), "lat": place.point.map(|at| at.1), "told_datum": place.told_datum,
        "indoors": place.indoors,
    })
}
