//! Who works where, with how much they have: for whoever gives a task, or hands one over.

use crate::access::accounts;
use crate::asked::place_within;
use crate::packed;
use crate::tasks::tally::{Span, day_of_hour, hour_of, start_of_hour};
use base::{Moment, Territory};
use packs::Permission as Door;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct WorkersAsked {
    #[serde(default)]
    pub territory: Option<String>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Load {
    pub open: i64,
    pub late: i64,
}

/// What everybody who has tasks in a territory still has to do, and how much of it is late.
pub(super) fn loads(
    query: &mut dyn Query,
    territory: &Territory,
    now: Moment,
) -> Result<BTreeMap<(Territory, String), Load>> {
    let (first, past) = territory.range();
    let hour = hour_of(now);
    let rows = query.rows(
        "SELECT territory, owner, cast(sum(open) AS BIGINT), \
         coalesce(cast(sum(CASE WHEN day < $3 THEN open ELSE 0 END) AS BIGINT), 0) FROM tasks_tally_day \
         WHERE open > 0 AND territory >= $1 AND territory < $2 GROUP BY territory, owner ORDER BY territory, owner",
        params![first.clone(), past.clone(), day_of_hour(hour)],
    )?;
    let mut loads: BTreeMap<(Territory, String), Load> = BTreeMap::new();
    for row in &rows {
        loads.insert((row.read(0)?, row.text(1)?), Load { open: row.int(2)?, late: row.int(3)? });
    }
    // Those that became late today, to the last full hour.
    for row in &Span::of_today(hour).sums(query, territory, &["open"])? {
        loads.entry((row.read(0)?, row.text(1)?)).or_default().late += row.int(2)?;
    }
    // Those that became late within this hour.
    let rows = query.rows(
        "SELECT territory, owner, count(*) FROM tasks_task WHERE active = 1 AND deadline >= $3 AND deadline < $4 \
         AND (territory || '') >= $1 AND (territory || '') < $2 GROUP BY territory, owner ORDER BY territory, owner",
        params![first, past, start_of_hour(hour), now],
    )?;
    for row in &rows {
        loads.entry((row.read(0)?, row.text(1)?)).or_default().late += row.int(2)?;
    }
    Ok(loads)
}

/// Accounts whose role does tasks, in and below a territory.
pub fn workers(query: &mut dyn Query, scope: &Scope, asked: &WorkersAsked, now: Moment) -> Result<Json> {
    if !scope.may(Permission::TasksWork) {
        scope.demand(Permission::TasksManage)?;
    }
    let territory = place_within(scope, asked.territory.as_deref())?;
    let mut load: BTreeMap<String, Load> = BTreeMap::new();
    for ((_, owner), one) in loads(query, &territory, now)? {
        let all = load.entry(owner).or_default();
        all.open += one.open;
        all.late += one.late;
    }
    let works = |role: &str| {
        packed::roles().role(role).is_some_and(|role| role.permissions.contains(&Door::TasksWork))
    };
    let rows: Vec<Json> = accounts(query, &territory)?
        .into_iter()
        .filter(|account| !account.disabled && works(&account.role))
        .map(|account| {
            let load = load.get(&account.id.to_string()).copied().unwrap_or_default();
            json!({
                "account": account.id, "name": account.name, "territory": account.territory, "role": account.role,
                "open": load.open, "late": load.late,
            })
        })
        .collect();
    Ok(json!({ "now": now, "rows": rows }))
}

pub fn teams(query: &mut dyn Query, scope: &Scope, now: Moment) -> Result<Json> {
    if !scope.may(Permission::TasksRead) {
        scope.demand(Permission::TasksManage)?;
    }
    let (first, past) = scope.territory.range();
    let sql = "SELECT id, territory, name, lead FROM tasks_team WHERE territory >= $1 AND territory < $2 AND ended IS NULL \
               ORDER BY territory, name, id LIMIT 500";
    let mut rows = Vec::new();
    for row in query.rows(sql, params![first, past])? {
        let team = row.text(0)?;
        let members = query
            .rows("SELECT account FROM tasks_member WHERE team = $1 ORDER BY account", params![&team])?;
        let members = members.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
        let lead = row.text(3)?;
        let names = crate::access::http::names(query, members.iter().cloned().chain([lead.clone()]))?;
        let members: Vec<Json> =
            members.iter().map(|one| json!({ "account": one, "name": names.get(one) })).collect();
        rows.push(json!({
            "team": team, "territory": row.text(1)?, "name": row.text(2)?, "lead": lead,
            "lead_name": names.get(&lead), "members": members,
        }));
    }
    Ok(json!({ "now": now, "rows": rows }))
}
