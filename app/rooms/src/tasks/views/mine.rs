//! Somebody's own tasks: theirs, those of their teams that nobody has taken, and those a colleague offers them.

use super::row::{after, cursor, told_rows};
use crate::tasks::owner::{hands_of, teams_of};
use crate::tasks::record::{COLUMNS, TaskRecord};
use base::Moment;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Actor, Permission, Query, Result, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct MineAsked {
    #[serde(default)]
    pub after: Option<String>,
}

/// A day's work, and more.
const PAGE: usize = 200;

/// Somebody in more teams has others' work in view.
const MOST_TEAMS: usize = 20;

pub fn mine(query: &mut dyn Query, actor: &Actor, asked: &MineAsked, now: Moment) -> Result<Json> {
    let scope = &actor.scope;
    scope.demand(Permission::TasksWork)?;
    let mut owners: Vec<String> = hands_of(actor).into_iter().map(str::to_owned).collect();
    for hand in owners.clone() {
        owners.extend(teams_of(query, &hand)?.into_iter().take(MOST_TEAMS));
    }
    let (deadline, id) = after(asked.after.as_deref()).unwrap_or((i64::MIN, ""));
    let mut found: BTreeMap<(i64, String), TaskRecord> = BTreeMap::new();
    let sql = format!(
        "SELECT {COLUMNS} FROM tasks_task t WHERE t.owner = $1 AND t.active = 1 AND (t.deadline, t.id) > ($2, $3) \
         ORDER BY t.deadline, t.id LIMIT {}",
        PAGE + 1
    );
    for owner in &owners {
        for row in query.rows(&sql, params![owner, deadline, id])? {
            let record = TaskRecord::of(&row)?;
            found.insert((record.deadline.0, record.id.to_string()), record);
        }
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM tasks_task t WHERE t.offered_to = $1 AND t.active = 1 ORDER BY t.id LIMIT {PAGE}"
    );
    let mut offered = Vec::new();
    for hand in hands_of(actor) {
        for row in query.rows(&sql, params![hand])? {
            offered.push(TaskRecord::of(&row)?);
        }
    }
    // A place may have become smaller since.
    let reached = |record: &TaskRecord| scope.reaches(&record.territory);
    let more = found.len() > PAGE;
    let records: Vec<TaskRecord> = found.into_values().filter(reached).take(PAGE).collect();
    offered.retain(reached);
    let next = records.last().filter(|_| more).map(cursor);
    let rows = told_rows(query, scope, &records, now)?;
    let offered = told_rows(query, scope, &offered, now)?;
    Ok(json!({ "now": now, "rows": rows, "offered": offered, "next": next }))
}
