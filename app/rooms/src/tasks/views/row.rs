//! One task as lists show it.

use crate::access::http::names;
use crate::tasks::inside::inside_of;
use crate::tasks::record::TaskRecord;
use base::Moment;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Query, Result, Scope, params};

/// Names of those who have tasks and of their teams.
pub(super) struct Known(BTreeMap<String, String>);

impl Known {
    pub fn of(query: &mut dyn Query, whom: impl IntoIterator<Item = String>) -> Result<Known> {
        let (teams, people): (Vec<String>, Vec<String>) =
            whom.into_iter().filter(|one| !one.is_empty()).partition(|one| one.starts_with("team_"));
        let mut known = names(query, people)?;
        for team in teams {
            if known.contains_key(&team) {
                continue;
            }
            if let Some(row) = query.first("SELECT name FROM tasks_team WHERE id = $1", params![&team])? {
                known.insert(team, row.text(0)?);
            }
        }
        Ok(Known(known))
    }

    pub fn name(&self, one: &str) -> Option<&String> {
        self.0.get(one)
    }
}

/// Everybody who stands in these tasks.
pub(super) fn whom(records: &[TaskRecord]) -> Vec<String> {
    let of = |record: &TaskRecord| {
        let others =
            [&record.team, &record.ended_by, &record.offered_to, &record.offered_by, &record.told_lead];
        std::iter::once(record.owner.clone())
            .chain(std::iter::once(record.by_whom.clone()))
            .chain(others.into_iter().flatten().cloned())
            .collect::<Vec<_>>()
    };
    records.iter().flat_map(of).collect()
}

pub(super) fn told_rows(
    query: &mut dyn Query,
    scope: &Scope,
    records: &[TaskRecord],
    now: Moment,
) -> Result<Vec<Json>> {
    let known = Known::of(query, whom(records))?;
    records.iter().map(|record| told_row(query, scope, record, &known, now)).collect()
}

pub(super) fn told_row(
    query: &mut dyn Query,
    scope: &Scope,
    record: &TaskRecord,
    known: &Known,
    now: Moment,
) -> Result<Json> {
    let inside = inside_of(query, scope, record)?;
    let knows = crate::tasks::inside::knows(query, scope, record)?;
    let name = |one: &Option<String>| one.as_ref().and_then(|one| known.name(one).cloned());
    Ok(json!({
        "id": record.id, "territory": record.territory, "kind": record.kind, "state": record.state,
        "owner": record.owner, "owner_name": known.name(&record.owner), "team": record.team,
        "team_name": name(&record.team), "spot": inside.spot, "note": inside.note,
        "subject": record.subject.filter(|_| knows), "source": record.source.as_ref().filter(|_| knows), "opened": record.opened,
        "deadline": record.deadline, "late": record.ended.unwrap_or(now) > record.deadline,
        "acknowledged": record.acknowledged, "started": record.started, "ended": record.ended,
        "ended_by_name": name(&record.ended_by), "reason": record.reason, "photo": record.photo,
        "offered_to": record.offered_to, "offered_to_name": name(&record.offered_to),
        "offered_by_name": name(&record.offered_by), "rung": record.rung, "told_lead": record.told_lead,
        "told_depth": record.told_depth,
    }))
}

/// The row after which the next page begins.
pub(super) fn cursor(record: &TaskRecord) -> String {
    format!("{}|{}", record.deadline.0, record.id)
}

pub(super) fn after(text: Option<&str>) -> Option<(i64, &str)> {
    let (deadline, id) = text?.split_once('|')?;
    Some((deadline.parse().ok()?, id))
}
