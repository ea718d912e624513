//! Today's list: who is followed, on which round, what is due today, what was missed, and who may go.

use super::stated;
use crate::access::http::names;
use crate::asked::place_within;
use crate::followup::course::{COURSE_COLUMNS, CourseRecord};
use crate::followup::plans::followed;
use crate::refuse::invalid;
use base::Day;
use followup::{DueTest, Followed, Plan, TestState};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, Value};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct FollowedAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
    /// `open` when nothing is said; `overdue`, `release`, `ill`, `ended`.
    #[serde(default)]
    pub state: Option<String>,
    /// An account; `me` for one's own.
    #[serde(default)]
    pub worker: Option<String>,
    #[serde(default)]
    pub route: Option<String>,
    #[serde(default)]
    pub contact: Option<String>,
    /// The last row that was seen: territory, round, home, number and id, joined by tabs.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

pub fn followed_list(
    query: &mut dyn Query,
    scope: &Scope,
    me: &str,
    asked: &FollowedAsked,
    today: Day,
) -> Result<Json> {
    scope.demand(Permission::FollowupRead)?;
    let within = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = within.range();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    let mut sql = "WHERE f.territory >= $1 AND f.territory < $2".to_owned();
    unread(scope, &mut values, &mut sql);
    let worker = stated(&asked.worker).map(|worker| if worker == "me" { me } else { worker });
    let filters = [
        ("event", stated(&asked.event)),
        ("worker", worker),
        ("route", stated(&asked.route)),
        ("contact", stated(&asked.contact)),
    ];
    for (column, said) in filters {
        if let Some(said) = said {
            values.push(said.into());
            sql.push_str(&format!(" AND f.{column} = ${}", values.len()));
        }
    }
    sql.push_str(match stated(&asked.state).unwrap_or("open") {
        "open" => " AND f.ended IS NULL",
        "overdue" => " AND f.ended IS NULL AND f.level > 0",
        "release" => " AND f.ended IS NULL AND f.standing = 'release_due'",
        "ill" => " AND f.ended IS NULL AND f.standing IN ('suspected', 'positive', 're_positive')",
        "ended" => " AND f.ended IS NOT NULL",
        _ => {
            return Err(invalid(
                "followup.state",
                "state",
                "there is no such state; ask for open, overdue, release, ill or ended",
                "没有该状态；可选：open、overdue、release、ill、ended",
            ));
        }
    });
    let count = query.count(&format!("SELECT count(*) FROM followup_course f {sql}"), &values)?;
    let after: Vec<&str> = asked.after.as_deref().unwrap_or_default().split('\t').collect();
    if let [territory, route, home, no, id] = after[..] {
        values.extend([territory, route, home, no, id].map(Value::from));
        let at = values.len();
        sql.push_str(&format!(
            " AND (f.territory, f.route, f.home, f.no, f.id) > (${}, ${}, ${}, ${}, ${at})",
            at - 4,
            at - 3,
            at - 2,
            at - 1
        ));
    }
    let sql = format!(
        "SELECT {COURSE_COLUMNS} FROM followup_course f {sql} ORDER BY f.territory, f.route, f.home, f.no, f.id LIMIT {}",
        PAGE + 1
    );
    let mut courses: Vec<CourseRecord> =
        query.rows(&sql, &values)?.iter().map(CourseRecord::of).collect::<Result<_>>()?;
    let more = courses.len() > PAGE;
    courses.truncate(PAGE);
    let people = followed(query, &courses)?;
    let workers = names(query, courses.iter().filter_map(|course| course.worker.clone()))?;
    let rows: Vec<Json> = courses
        .iter()
        .zip(&people)
        .map(|(course, person)| {
            let now = course.plan(person, today);
            let mut row = row_of(course, person, now.as_ref(), today);
            row["worker_name"] = json!(course.worker.as_ref().and_then(|worker| workers.get(worker)));
            row
        })
        .collect();
    let next = courses.last().filter(|_| more).map(|last| {
        [last.territory.path(), &last.route, &last.home, &last.no, &last.id.to_string()].join("\t")
    });
    Ok(json!({ "today": today, "rows": rows, "next": next, "count": count }))
}

/// Diseases that are closed to this reader are in none of their lists.
pub(super) fn unread(scope: &Scope, values: &mut Vec<Value>, sql: &mut String) {
    for disease in &scope.kept.unread {
        values.push(disease.as_str().into());
        sql.push_str(&format!(" AND (f.disease IS NULL OR f.disease <> ${})", values.len()));
    }
}

/// A course as lists tell it, with what is due on the day they are asked.
pub(super) fn row_of(course: &CourseRecord, person: &Followed, now: Option<&Plan>, today: Day) -> Json {
    let edition = course.edition();
    let mut row = json!({
        "id": course.id, "territory": course.territory, "event": course.event, "contact": course.contact, "case": course.case,
        "subject": course.subject, "no": course.no, "disease": course.disease, "category": course.category,
        "protocol": course.protocol, "protocol_version": course.version, "as_of": course.as_of, "protocol_zh": edition.map(|one| &one.zh), "protocol_en": edition.map(|one| &one.en),
        "day_zero": course.day_zero, "known": course.known, "exempt": course.exempt, "home": course.home,
        "worker": course.worker, "route": course.route, "suspected_case": course.suspected_case,
        "begun_at": course.begun.to_string(), "ended_at": course.ended.map(|at| at.to_string()), "ended_as": course.ended_as,
        "standing": course.standing, "age": course.age,
    });
    let Some(now) = now else { return row };
    let phase = now.phase();
    let asked = asked_today(course, person, Some(now), today);
    row["place"] = json!(phase.place);
    row["place_now"] = json!(person.place_on(today));
    row["phase"] = json!({
        "number": now.current, "of": now.phases.len(), "first": phase.first, "planned_last": phase.planned_last,
        "last": phase.last,
    });
    row["last"] = json!(now.last);
    row["added_days"] = json!(now.added_days());
    row["level"] = json!(if course.ended.is_some() { 0 } else { now.level() });
    row["missed"] = json!(now.missed);
    row["criteria"] = json!(now.criteria);
    row["due_tests"] = json!(asked.tests);
    row["checks"] = json!([asked.made, asked.checks]);
    if course.ended.is_none() {
        row["standing"] = json!(now.standing);
    }
    row
}

/// What is asked of somebody on a day, and how many checks of it were made.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::followup) struct AskedToday {
    pub tests: usize,
    pub made: usize,
    pub checks: u16,
}

pub(in crate::followup) fn asked_today(
    course: &CourseRecord,
    person: &Followed,
    now: Option<&Plan>,
    today: Day,
) -> AskedToday {
    let made = person.checks.iter().filter(|check| check.day == today).count();
    let Some(now) = now.filter(|_| course.ended.is_none()) else {
        return AskedToday { made, ..AskedToday::default() };
    };
    let owed = |test: &&DueTest| matches!(test.state, TestState::Due | TestState::Missed);
    let tests = now.phases.iter().flat_map(|phase| &phase.tests).filter(owed).count();
    // Past its last day somebody is asked as on that day, until they are let go.
    let held = || Some(now.phase()).filter(|phase| today > phase.last);
    let phase = now.phases.iter().find(|phase| (phase.first..=phase.last).contains(&today)).or_else(held);
    AskedToday { tests, made, checks: phase.map_or(0, |phase| phase.checks_per_day) }
}
