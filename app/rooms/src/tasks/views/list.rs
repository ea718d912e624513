//! A territory's tasks, the most urgent first, a page at a time by key.
//!
//! Which index is read depends on how many rows are in reach, as in the list of cases: of few the place's, sorted; of many the
//! deadline's, in order. One owner's and one kind's rows have indexes of their own.

use super::row::{after, cursor, told_rows};
use crate::asked::place_within;
use crate::refuse::invalid;
use crate::tasks::record::{COLUMNS, TaskRecord};
use base::Moment;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Actor, Permission, Query, Result, Value, params};
use tasks::State;

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct TasksAsked {
    #[serde(default)]
    pub territory: Option<String>,
    /// An account or a team; `none` where nobody has it.
    #[serde(default)]
    pub owner: Option<String>,
    #[serde(default)]
    pub kind: Option<String>,
    /// `active`, which is meant when nothing is said, `over`, or one state.
    #[serde(default)]
    pub state: Option<String>,
    /// Only those past their deadline.
    #[serde(default)]
    pub late: bool,
    /// Only those that were told to the asker: as a lead, or at their level.
    #[serde(default)]
    pub told: bool,
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

/// Below this many rows in reach they are sorted; a share of as many among a million is met within a page's worth of index.
const FEW: i64 = 5_000;

/// Numbers above are told as "more than".
const COUNTED: i64 = 10_000;

/// The order of tasks that are over is the latest first.
struct Which {
    active: bool,
    exact: Option<State>,
}

fn which(asked: &TasksAsked) -> Result<Which> {
    let text = asked.state.as_deref().map(str::trim).filter(|text| !text.is_empty()).unwrap_or("active");
    match text {
        "active" => Ok(Which { active: true, exact: None }),
        "over" => Ok(Which { active: false, exact: None }),
        text => {
            let state: State = text.parse().map_err(|fault: cases::UnknownWord| {
                invalid("filter.state", "state", fault.to_string(), "任务状态无效；请从列表中选择")
            })?;
            Ok(Which { active: state.is_active(), exact: Some(state) })
        }
    }
}

pub fn tasks(query: &mut dyn Query, actor: &Actor, asked: &TasksAsked, now: Moment) -> Result<Json> {
    let scope = &actor.scope;
    scope.demand(Permission::TasksRead)?;
    let which = which(asked)?;
    let territory = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = territory.range();
    let stated = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let owner = stated(&asked.owner).map(|owner| if owner == "none" { String::new() } else { owner });
    let kind = stated(&asked.kind);
    let few = owner.is_none()
        && !asked.told
        && territory.depth() > 0
        && {
            let sql = format!(
                "SELECT count(*) FROM (SELECT 1 AS one FROM tasks_task WHERE active = $1 AND territory >= $2 AND territory < $3 \
             LIMIT {FEW}) AS few"
            );
            query.count(&sql, params![which.active, first.clone(), past.clone()])? < FEW
        };
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    // An expression instead of the column keeps the planner on the index of the order.
    let column = if few { "t.territory" } else { "(t.territory || '')" };
    let mut sql = format!("{column} >= $1 AND {column} < $2");
    let mut add = |sql: &mut String, condition: &str, value: Value| {
        values.push(value);
        sql.push_str(&format!(" AND {condition} ${}", values.len()));
    };
    match which.exact.filter(|_| owner.is_none() && kind.is_none()) {
        Some(state) if few => {
            add(&mut sql, "t.active =", which.active.into());
            add(&mut sql, "t.state =", state.word().into());
        }
        Some(state) => add(&mut sql, "t.state =", state.word().into()),
        None => {
            add(&mut sql, "t.active =", which.active.into());
            if let Some(state) = which.exact {
                add(&mut sql, "t.state =", state.word().into());
            }
        }
    }
    if let Some(owner) = &owner {
        add(&mut sql, "t.owner =", owner.as_str().into());
    }
    if let Some(kind) = &kind {
        add(
            &mut sql,
            if few || owner.is_some() { "(t.kind || '') =" } else { "t.kind =" },
            kind.as_str().into(),
        );
    }
    if asked.late {
        add(&mut sql, "t.deadline <", now.into());
    }
    if asked.told {
        values.extend([
            actor.person().into(),
            i64::try_from(scope.territory.depth()).unwrap_or(i64::MAX).into(),
        ]);
        let at = values.len();
        // Told is who stands on a rung of the ladder; the index of the told holds no others.
        sql.push_str(&format!(" AND t.rung > 0 AND (t.told_lead = ${} OR t.told_depth <= ${at})", at - 1));
    }
    let count = count(
        query,
        &sql,
        &values,
        owner.is_some() || kind.is_some() || which.exact.is_some() || asked.told,
    )?;
    let order = if which.active { ("ASC", ">") } else { ("DESC", "<") };
    if let Some((deadline, id)) = after(asked.after.as_deref()) {
        values.extend([deadline.into(), id.into()]);
        let at = values.len();
        sql.push_str(&format!(" AND (t.deadline, t.id) {} (${}, ${at})", order.1, at - 1));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM tasks_task t WHERE {sql} ORDER BY t.deadline {0}, t.id {0} LIMIT {1}",
        order.0,
        PAGE + 1
    );
    let found = query.rows(&sql, &values)?;
    let records = found.iter().take(PAGE).map(TaskRecord::of).collect::<Result<Vec<_>>>()?;
    let next = records.last().filter(|_| found.len() > PAGE).map(cursor);
    let rows = told_rows(query, scope, &records, now)?;
    Ok(json!({ "now": now, "rows": rows, "next": next, "count": count }))
}

/// How many there are, where that costs little: of a narrower question a page says whether there are more.
fn count(query: &mut dyn Query, conditions: &str, values: &[Value], narrowed: bool) -> Result<Json> {
    if narrowed {
        return Ok(Json::Null);
    }
    let plain = conditions.replace("(t.territory || '')", "t.territory");
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 AS one FROM tasks_task t WHERE {plain} LIMIT {}) AS counted",
        COUNTED + 1
    );
    let n = query.count(&sql, values)?;
    Ok(json!({ "n": n.min(COUNTED), "exact": n <= COUNTED }))
}
