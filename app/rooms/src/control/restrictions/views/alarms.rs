//! Patterns in the restrictions of the last days, and lists that were refused: for the auditor to open.

use crate::control::restrictions::record::{COLUMNS, Kept};
use crate::packed;
use crate::people::who;
use crate::regions::UTC_OFFSET_MINUTES;
use base::Moment;
use control::{AlarmKind, Seen, hour_of};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, params};

/// A list that was offered.
const OFFERS: i64 = 200;

pub fn alarms(query: &mut dyn Query, scope: &Scope, now: Moment) -> Result<Json> {
    scope.demand(Permission::RestrictAudit)?;
    let rule = &packed::restrictions().alarms;
    let since = now.plus_seconds(-i64::from(rule.days) * 86_400);
    let (first, past) = scope.territory.range();
    let sql = format!(
        "SELECT {COLUMNS} FROM control_restriction r WHERE r.territory >= $1 AND r.territory < $2 AND r.proposed >= $3"
    );
    let mut seen = Vec::new();
    for row in query.rows(&sql, params![&first, &past, since])? {
        let kept = Kept::of(&row)?;
        if kept.is_shown_to(scope) {
            seen.push(seen_as(&kept));
        }
    }
    let mut told = Vec::new();
    for alarm in control::alarms(rule, &seen) {
        let mut about = Vec::new();
        for one in &alarm.about {
            about.push(if one.starts_with("account_") { who(query, one)? } else { json!(one) });
        }
        told.push(json!({
            "kind": alarm.kind, "count": alarm.count, "about": about, "restrictions": alarm.restrictions,
        }));
    }
    let mut offers = Vec::new();
    let sql = "SELECT id, territory, at, by_whom, rows, taken, refused FROM control_restriction_offer \
               WHERE territory >= $1 AND territory < $2 AND at >= $3 ORDER BY at DESC, id LIMIT $4";
    for row in query.rows(sql, params![first, past, since, OFFERS])? {
        let refused: BTreeMap<String, usize> = row.json(6)?;
        let (count, by) = (refused.values().sum::<usize>(), row.text(3)?);
        let by = who(query, by.split(' ').next().unwrap_or_default())?;
        offers.push(json!({
            "id": row.text(0)?, "territory": row.text(1)?, "at": row.int(2)?, "by": by, "rows": row.int(4)?,
            "taken": row.int(5)?, "refused": refused, "kind": AlarmKind::RefusedList,
            "alarming": count >= rule.refused,
        }));
    }
    let within: BTreeMap<&str, usize> =
        [("days", usize::from(rule.days)), ("restrictions", seen.len())].into();
    Ok(json!({ "alarms": told, "offers": offers, "looked_at": within, "now": now }))
}

fn seen_as(kept: &Kept) -> Seen {
    let account = |party: &control::Signatory| party.accounts().next().unwrap_or_default().to_owned();
    let moments =
        std::iter::once(kept.course.proposed).chain(kept.course.approvals.iter().map(|(at, _)| *at));
    Seen {
        id: kept.id.to_string(),
        proposer: account(&kept.course.proposer),
        approvers: kept.course.approvals.iter().map(|(_, party)| account(party)).collect(),
        index: kept.index.clone(),
        stranger: kept.stranger,
        hours: moments.map(|at| hour_of(at, UTC_OFFSET_MINUTES)).collect(),
    }
}
