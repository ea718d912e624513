//! Measures of a place, newest first: in force, waiting for somebody, or all there ever were.

use super::told::told;
use crate::asked::place_within;
use crate::control::above::holding_or_within;
use crate::control::measures::record::{COLUMNS, MeasureRecord};
use crate::refuse::invalid;
use base::Moment;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct MeasuresAsked {
    #[serde(default)]
    pub territory: Option<String>,
    /// `open` (in force or on the way there; the default) or `all`.
    #[serde(default)]
    pub which: Option<String>,
    /// Only what ends within so many hours.
    #[serde(default)]
    pub ending_within: Option<i64>,
    /// The last row that was seen: when it was proposed and its id, joined by a tab.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

/// Those of the place, and those a level above ordered for it.
pub fn measures(query: &mut dyn Query, scope: &Scope, asked: &MeasuresAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::ControlRead)?;
    let place = place_within(scope, asked.territory.as_deref())?;
    let (open, past) = match asked.which.as_deref().unwrap_or("open") {
        "open" => ("closed IS NULL AND ", now.0),
        "all" => ("", i64::MIN),
        _ => {
            return Err(invalid(
                "filter.which",
                "which",
                "which measures: write open or all",
                "请选择 open（进行中）或 all（全部）",
            ));
        }
    };
    let until =
        asked.ending_within.map_or(i64::MAX, |hours| now.plus_seconds(hours.clamp(0, 10_000) * 3600).0);
    let after = asked.after.as_deref().and_then(|after| after.split_once('\t'));
    let (at, id) = after.map_or((i64::MAX, ""), |(at, id)| (at.parse().unwrap_or(i64::MAX), id));
    let (here, mut inside) = holding_or_within(&place, 5);
    let sql = format!(
        "SELECT {COLUMNS} FROM control_measure WHERE {open}ends > $3 AND ends <= $4 AND {here} \
         AND (proposed < $1 OR (proposed = $1 AND id < $2)) ORDER BY proposed DESC, id DESC LIMIT {}",
        PAGE + 1
    );
    let mut values = params![at, id, past, until].to_vec();
    values.append(&mut inside);
    let found = query.rows(&sql, &values)?;
    let more = found.len() > PAGE;
    let records: Vec<MeasureRecord> =
        found.iter().take(PAGE).map(MeasureRecord::of).collect::<Result<_>>()?;
    let next =
        records.last().filter(|_| more).map(|last| format!("{}\t{}", last.measure.proposed.at.0, last.id));
    let rows: Vec<Json> = records.iter().map(|record| told(record, scope, now)).collect();
    Ok(json!({ "now": now, "rows": rows, "next": next }))
}
