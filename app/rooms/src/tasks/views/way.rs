//! Tasks in the order somebody walks: by street, building and stairwell. For the printed list.

use super::row::told_rows;
use crate::asked::place_within;
use crate::refuse::invalid;
use crate::tasks::inside::inside_of;
use crate::tasks::owner::hands_of;
use crate::tasks::record::{COLUMNS, TaskRecord};
use base::Moment;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Actor, Permission, Query, Result, params};
use tasks::way_order;

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct WayAsked {
    #[serde(default)]
    pub territory: Option<String>,
    /// An account or a team; of whoever only works on tasks, their own.
    #[serde(default)]
    pub owner: Option<String>,
}

/// A longer list is carried by nobody.
const MOST: usize = 1_000;

pub fn way(query: &mut dyn Query, actor: &Actor, asked: &WayAsked, now: Moment) -> Result<Json> {
    let scope = &actor.scope;
    let own = hands_of(actor).first().map(|hand| (*hand).to_owned()).unwrap_or_default();
    let owner = asked.owner.as_deref().map(str::trim).filter(|owner| !owner.is_empty());
    let own_only = owner == Some(own.as_str());
    if !own_only {
        scope.demand(Permission::TasksRead)?;
    }
    if !scope.may(Permission::TasksRead) {
        scope.demand(Permission::TasksWork)?;
    }
    let territory = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = territory.range();
    let limit = MOST + 1;
    let rows = match owner {
        Some(owner) => query.rows(
            &format!(
                "SELECT {COLUMNS} FROM tasks_task t WHERE t.owner = $1 AND t.active = 1 AND (t.territory || '') >= $2 \
                 AND (t.territory || '') < $3 ORDER BY t.deadline, t.id LIMIT {limit}"
            ),
            params![owner, first, past],
        )?,
        None => query.rows(
            &format!(
                "SELECT {COLUMNS} FROM tasks_task t WHERE t.active = 1 AND t.territory >= $1 AND t.territory < $2 LIMIT {limit}"
            ),
            params![first, past],
        )?,
    };
    if rows.len() > MOST {
        return Err(invalid(
            "tasks.way_long",
            "territory",
            format!("more than {MOST} tasks are open there; choose a smaller place or one owner"),
            format!("该范围内未完成任务超过 {MOST} 项；请选择更小的地区或某位负责人"),
        ));
    }
    let mut records = Vec::with_capacity(rows.len());
    for row in &rows {
        let record = TaskRecord::of(row)?;
        let spot = inside_of(query, scope, &record)?.spot.unwrap_or_default();
        records.push((spot, record));
    }
    records.sort_by(|(one, a), (other, b)| {
        let place = a.territory.cmp(&b.territory).then_with(|| way_order(one, other));
        place.then_with(|| (a.deadline, a.id).cmp(&(b.deadline, b.id)))
    });
    let records: Vec<TaskRecord> = records.into_iter().map(|(_, record)| record).collect();
    let rows = told_rows(query, scope, &records, now)?;
    Ok(json!({ "now": now, "rows": rows }))
}
