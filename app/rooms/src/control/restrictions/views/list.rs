//! Restrictions of a territory by what is to be done about them.

use super::demand_reader;
use crate::asked::place_within;
use crate::control::restrictions::party::{Stands, party_of};
use crate::control::restrictions::record::{COLUMNS, Kept};
use crate::refuse::invalid;
use base::Moment;
use control::{RestrictionEnd, RestrictionState};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Actor, Permission, Query, Result, Value};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct RestrictionsAsked {
    #[serde(default)]
    pub territory: Option<String>,
    /// `waiting` (when nothing is said), `in_force`, `appeals`, `untold`, `freed`, `over` or `all`.
    #[serde(default)]
    pub view: Option<String>,
    /// The last row that was seen: its moment and id, joined by a comma.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

pub fn list(query: &mut dyn Query, actor: &Actor, asked: &RestrictionsAsked, now: Moment) -> Result<Json> {
    let scope = &actor.scope;
    demand_reader(scope)?;
    let place = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = place.range();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    let early = RestrictionEnd::EARLY.map(|end| format!("'{end}'")).join(", ");
    let freed = format!("ended_as IN ({early}) AND second_at IS NOT NULL AND end_told IS NULL");
    let condition = match asked
        .view
        .as_deref()
        .map(str::trim)
        .filter(|view| !view.is_empty())
        .unwrap_or("waiting")
    {
        "waiting" => "ended IS NULL AND second_at IS NULL",
        "in_force" => "ended IS NULL AND second_at IS NOT NULL",
        "appeals" => "ended IS NULL AND appeal_due IS NOT NULL",
        "untold" => "ended IS NULL AND second_at IS NOT NULL AND told IS NULL",
        // Free, and nobody has told them.
        "freed" => freed.as_str(),
        "over" => "ended IS NOT NULL",
        "all" => "1 = 1",
        _ => {
            return Err(invalid(
                "filter.view",
                "view",
                "this view is not known; choose one of: waiting, in_force, appeals, untold, freed, over, all",
                "视图无效；可选：waiting、in_force、appeals、untold、freed、over、all",
            ));
        }
    };
    let mut sql = format!(
        "SELECT {COLUMNS} FROM control_restriction r WHERE r.territory >= $1 AND r.territory < $2 AND {condition}"
    );
    if let Some((at, id)) = asked.after.as_deref().and_then(|after| after.split_once(',')) {
        values.extend([at.parse::<i64>().unwrap_or_default().into(), id.into()]);
        sql.push_str(" AND (r.proposed, r.id) < ($3, $4)");
    }
    sql.push_str(&format!(" ORDER BY r.proposed DESC, r.id DESC LIMIT {}", PAGE + 1));
    let found = query.rows(&sql, &values)?;
    let more = found.len() > PAGE;
    // Whoever states no organisation decides nothing, and is told so where they try.
    let me = party_of(query, actor).ok();
    let (mut rows, mut next) = (Vec::new(), None);
    for row in found.iter().take(PAGE) {
        let kept = Kept::of(row)?;
        next = more.then(|| format!("{},{}", kept.course.proposed.0, kept.id));
        if kept.is_shown_to(scope) {
            rows.push(row_of(query, actor, me.as_ref(), &kept, now)?);
        }
    }
    Ok(json!({ "rows": rows, "next": next, "now": now }))
}

/// How many wait for whoever asks: to be approved, to be heard, to be told that they are restricted or free; of a page of each.
pub(crate) fn to_do(query: &mut dyn Query, actor: &Actor, now: Moment) -> Result<Json> {
    let mut told = json!({});
    for (view, needs, mine) in [
        ("waiting", Permission::RestrictApprove, Some("may_approve")),
        ("appeals", Permission::RestrictAppeal, Some("may_decide")),
        ("untold", Permission::ContactsWrite, None),
        ("freed", Permission::ContactsWrite, None),
    ] {
        if !actor.scope.may(needs) {
            continue;
        }
        let asked = RestrictionsAsked { view: Some(view.to_owned()), ..RestrictionsAsked::default() };
        let page = list(query, actor, &asked, now)?;
        let rows = page["rows"].as_array().map_or(&[][..], Vec::as_slice);
        told[view] = json!(rows.iter().filter(|row| mine.is_none_or(|mine| row[mine] == true)).count());
    }
    Ok(told)
}

pub(super) fn row_of(
    query: &mut dyn Query,
    actor: &Actor,
    me: Option<&Stands>,
    kept: &Kept,
    now: Moment,
) -> Result<Json> {
    let state = kept.state(query, now)?;
    let scope = &actor.scope;
    let fit = me.is_some_and(|me| kept.course.may_approve(&me.party).is_ok());
    Ok(json!({
        "id": kept.id, "territory": kept.territory, "subject": kept.subject, "kind": kept.kind, "reason": kept.reason,
        "evidence": kept.evidence, "state": state.word(), "end": end_of(state), "proposed": kept.course.proposed,
        "begins": kept.course.begins, "ends": kept.course.ends, "since": kept.since(),
        "approvals": kept.course.approvals.len(), "organisations": kept.organisations,
        "appeal_due": kept.course.appeal_due, "told": kept.told.as_ref().map(|(at, _)| *at), "stranger": kept.stranger,
        "extends": kept.extends, "end_told": kept.end_told.as_ref().map(|(at, _)| *at),
        "end_untold": kept.is_end_untold(),
        "may_approve": state == RestrictionState::Proposed && fit && scope.may(Permission::RestrictApprove),
        "may_decide": kept.course.appeal_due.is_some() && fit && scope.may(Permission::RestrictAppeal),
    }))
}

pub(super) fn end_of(state: RestrictionState) -> Option<RestrictionEnd> {
    match state {
        RestrictionState::Over(end) => Some(end),
        _ => None,
    }
}
