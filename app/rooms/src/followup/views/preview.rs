//! What a change of edition does to whom, before it is done.

use super::list::unread;
use super::stated;
use crate::asked::place_within;
use crate::followup::changes::MOST;
use crate::followup::course::{COURSE_COLUMNS, CourseRecord};
use crate::followup::plans::followed;
use crate::packed;
use crate::refuse::missing;
use base::Day;
use followup::switch;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, Value};

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct PreviewAsked {
    pub from: String,
    pub to: String,
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
    /// The id of the last row that was seen.
    #[serde(default)]
    pub after: Option<String>,
}

/// As many as one change carries over, by id: shown in parts, changed in the same parts.
pub fn preview(query: &mut dyn Query, scope: &Scope, asked: &PreviewAsked, today: Day) -> Result<Json> {
    scope.demand(Permission::FollowupRead)?;
    let edition = |id: &str| packed::protocols().by_id(id).ok_or_else(|| missing("edition", "方案"));
    let (old, new) = (edition(&asked.from)?, edition(&asked.to)?);
    let within = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = within.range();
    let mut values: Vec<Value> = vec![first.into(), past.into(), (&old.id).into()];
    let mut sql =
        "WHERE f.territory >= $1 AND f.territory < $2 AND f.ended IS NULL AND f.protocol = $3".to_owned();
    unread(scope, &mut values, &mut sql);
    if let Some(event) = stated(&asked.event) {
        values.push(event.into());
        sql.push_str(&format!(" AND f.event = ${}", values.len()));
    }
    let count = query.count(&format!("SELECT count(*) FROM followup_course f {sql}"), &values)?;
    if let Some(after) = stated(&asked.after) {
        values.push(after.into());
        sql.push_str(&format!(" AND f.id > ${}", values.len()));
    }
    let sql =
        format!("SELECT {COURSE_COLUMNS} FROM followup_course f {sql} ORDER BY f.id LIMIT {}", MOST + 1);
    let mut courses: Vec<CourseRecord> =
        query.rows(&sql, &values)?.iter().map(CourseRecord::of).collect::<Result<_>>()?;
    let more = courses.len() > MOST;
    courses.truncate(MOST);
    let people = followed(query, &courses)?;
    let mut effects: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rows = Vec::with_capacity(courses.len());
    for (course, person) in courses.iter().zip(&people) {
        let Some(effect) = switch(old, new, person, today) else { continue };
        *effects.entry(effect.what.word()).or_default() += 1;
        rows.push(json!({
            "course": course.id, "no": course.no, "category": course.category, "territory": course.territory, "effect": effect,
        }));
    }
    let next = courses.last().filter(|_| more).map(|course| course.id);
    Ok(json!({
        "today": today, "transition": new.follow_up.transition, "count": count, "effects": effects, "rows": rows, "next": next,
    }))
}
