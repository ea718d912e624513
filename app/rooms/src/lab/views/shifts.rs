//! Who stands where and when: the shifts of a post, and of a round beside what it needs.

use crate::lab::Post;
use crate::lab::reach::{RoundRecord, SHIFT_COLUMNS, ShiftRecord, post_within};
use base::{Id, Moment};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, params};

fn told(shift: &ShiftRecord) -> Json {
    json!({
        "id": shift.id, "begins": shift.begins, "ends": shift.ends, "desks": shift.desks, "samplers": shift.samplers,
        "leader": shift.leader, "called_off": shift.called_off,
    })
}

/// Newest last; those called off are told as such.
pub fn post_shifts(query: &mut dyn Query, scope: &Scope, id: Id<Post>, now: Moment) -> Result<Json> {
    if !scope.may(Permission::LabCollect) {
        scope.demand(Permission::LabRead)?;
    }
    let post = post_within(query, scope, id)?;
    let sql = format!(
        "SELECT {SHIFT_COLUMNS} FROM lab_shift s WHERE s.post = $1 ORDER BY s.begins, s.id LIMIT 500"
    );
    let shifts: Vec<Json> = query
        .rows(&sql, params![id])?
        .iter()
        .map(|row| Ok(told(&ShiftRecord::of(row)?)))
        .collect::<Result<_>>()?;
    Ok(json!({
        "now": now, "id": id, "name": post.name, "territory": post.territory, "campaign": post.campaign, "desks": post.desks,
        "shifts": shifts, "may": { "manage": scope.may(Permission::LabManage) },
    }))
}

/// Shifts of the posts of a round's campaign within its hours.
pub(super) fn of_round(
    query: &mut dyn Query,
    round: &RoundRecord,
    first: &str,
    past: &str,
) -> Result<Vec<ShiftRecord>> {
    let sql = format!(
        "SELECT {SHIFT_COLUMNS} FROM lab_shift s JOIN lab_post p ON p.id = s.post WHERE p.campaign = $1 AND s.territory >= $2 \
         AND s.territory < $3 AND s.begins < $5 AND s.ends > $4 AND s.called_off IS NULL ORDER BY s.begins, s.id LIMIT 50000"
    );
    let values = params![round.campaign, first, past, round.opens, round.deadline];
    query.rows(&sql, values)?.iter().map(ShiftRecord::of).collect()
}

/// Of each post the shift that is there now, or the next one.
pub(super) fn now_or_next(
    shifts: &[ShiftRecord],
    now: Moment,
) -> BTreeMap<String, (Option<Json>, Option<Moment>)> {
    let mut posts: BTreeMap<String, (Option<Json>, Option<Moment>)> = BTreeMap::new();
    for shift in shifts {
        let (there, next) = posts.entry(shift.post.to_string()).or_default();
        if shift.thought().holds(now) {
            there.get_or_insert_with(|| told(shift));
        } else if shift.begins > now && next.is_none() {
            *next = Some(shift.begins);
        }
    }
    posts
}
