//! One person's pathway: the strip of days, what was seen, the criteria, and what happens next.

use super::list::row_of;
use crate::access::FOLLOWED_SELF;
use crate::access::http::names;
use crate::followup::Course;
use crate::followup::changes::reason_context;
use crate::followup::course::course_within;
use crate::followup::plans::followed_of;
use base::{Day, Id, Moment};
use followup::strip;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, Vault, params};

pub fn followed_person(query: &mut dyn Query, scope: &Scope, course: Id<Course>, today: Day) -> Result<Json> {
    scope.demand(Permission::FollowupRead)?;
    let record = course_within(query, scope, course)?;
    let person = followed_of(query, &record)?;
    let now = record.plan(&person, today);
    let mut page = row_of(&record, &person, now.as_ref(), today);
    page["today"] = json!(today);
    if let (Some(now), Some(edition)) = (&now, record.edition()) {
        let pathway = edition.pathway(record.category);
        page["phases"] = json!(now.phases);
        page["strip"] = json!(strip(now, &person));
        page["rule"] = json!({
            "missed_test_adds_days": edition.follow_up.missed_test_adds_days.value,
            "missed_check_adds_days": edition.follow_up.missed_check_adds_days.value,
            "most_added_days": edition.follow_up.most_added_days.value,
            "fever_celsius": edition.follow_up.fever_celsius.value,
            "re_positive": edition.follow_up.re_positive,
            "not_moved": edition.follow_up.not_moved,
            "source": pathway.map(|pathway| &pathway.source),
            "confidence": pathway.map(|pathway| pathway.confidence),
        });
    }
    let at = |at: i64| Moment(at).to_string();
    let checks = query.rows(
        "SELECT id, at, day, celsius, signs, told, by_whom FROM followup_check WHERE course = $1 ORDER BY at DESC, id LIMIT 500",
        params![course],
    )?;
    let tests = query.rows(
        "SELECT id, at, day, outcome, ct, told, by_whom, swab FROM followup_test WHERE course = $1 ORDER BY at DESC, id LIMIT 200",
        params![course],
    )?;
    let moves = query.rows(
        "SELECT day, place, told, by_whom FROM followup_move WHERE course = $1 ORDER BY day DESC, id LIMIT 100",
        params![course],
    )?;
    let tried = query.rows(
        "SELECT id, at, why, by_whom FROM followup_attempt WHERE course = $1 ORDER BY at DESC, id LIMIT 100",
        params![course],
    )?;
    let released = query.rows(
        "SELECT protocol, phase, day, decided, by_whom FROM followup_release WHERE course = $1 ORDER BY decided LIMIT 50",
        params![course],
    )?;
    let mut by: Vec<String> = record.worker.iter().cloned().collect();
    for (rows, column) in [(&checks, 6), (&tests, 6), (&moves, 3), (&tried, 3), (&released, 4)] {
        for row in rows {
            by.push(row.text(column)?);
        }
    }
    let by = names(query, by)?;
    let named = |id: String| by.get(&id).cloned().unwrap_or(id);
    page["worker_name"] = json!(record.worker.clone().map(named));
    let told = |rows: &[store::Row], each: &dyn Fn(&store::Row) -> Result<Json>| -> Result<Vec<Json>> {
        rows.iter().map(each).collect()
    };
    page["seen"] = json!(told(&checks, &|row| Ok(json!({
        "id": row.text(0)?, "at": at(row.int(1)?), "day": row.text(2)?, "celsius": row.opt_real(3)?,
        "signs": row.json::<Json>(4)?, "told_at": at(row.int(5)?), "by": named(row.text(6)?), "themselves": row.text(6)? == FOLLOWED_SELF,
    })))?);
    page["tests"] = json!(told(&tests, &|row| Ok(json!({
        "id": row.text(0)?, "at": at(row.int(1)?), "day": row.text(2)?, "outcome": row.text(3)?, "ct": row.opt_real(4)?,
        "told_at": at(row.int(5)?), "by": named(row.text(6)?), "laboratory": row.opt_text(7)?.is_some(),
    })))?);
    page["moves"] = json!(told(&moves, &|row| Ok(json!({
        "day": row.text(0)?, "place": row.text(1)?, "told_at": at(row.int(2)?), "by": named(row.text(3)?),
    })))?);
    page["tried"] = json!(told(&tried, &|row| Ok(json!({
        "id": row.text(0)?, "at": at(row.int(1)?), "why": row.text(2)?, "by": named(row.text(3)?),
    })))?);
    page["released"] = json!(told(&released, &|row| Ok(json!({
        "protocol": row.text(0)?, "phase": row.int(1)?, "day": row.text(2)?, "at": at(row.int(3)?), "by": named(row.text(4)?),
    })))?);
    page["exempt_reason"] = json!(exempt_reason(query, scope, &record)?);
    Ok(page)
}

/// Why somebody is not moved is said of their health: it is read by those who follow them.
fn exempt_reason(
    query: &mut dyn Query,
    scope: &Scope,
    record: &crate::followup::course::CourseRecord,
) -> Result<Option<String>> {
    if !scope.may(Permission::FollowupWrite) {
        return Ok(None);
    }
    let sql = "SELECT exempt_reason FROM followup_course WHERE id = $1";
    let cipher = query.first(sql, params![record.id])?.map(|row| row.opt_text(0)).transpose()?.flatten();
    let Some(cipher) = cipher else { return Ok(None) };
    let Some(key) = Vault::key_of(query, &record.subject.to_string())? else { return Ok(None) };
    key.open(&reason_context(record.id), &cipher).map(Some)
}
