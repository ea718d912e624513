//! Today's round: who is to be seen today, by street and stairwell, for a telephone without a network and for a sheet of paper.

use super::list::{row_of, unread};
use super::stated;
use crate::asked::place_within;
use crate::cases::among;
use crate::followup::course::{COURSE_COLUMNS, CourseRecord};
use crate::followup::plans::followed;
use crate::refuse::invalid;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Moment};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, Value};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct DayAsked {
    #[serde(default)]
    pub territory: Option<String>,
    /// An account; `me` for one's own and for those who are nobody's.
    #[serde(default)]
    pub worker: Option<String>,
}

/// A longer round is walked by nobody.
const MOST: usize = 500;

pub fn day(
    query: &mut dyn Query,
    scope: &Scope,
    me: &str,
    asked: &DayAsked,
    now: Moment,
    today: Day,
) -> Result<Json> {
    scope.demand(Permission::FollowupRead)?;
    let courses = match stated(&asked.worker) {
        // Where more people are nobody's than anybody walks to, one's own are one's round.
        Some("me") => match of_place(query, scope, asked, "(f.worker = $3 OR f.worker IS NULL)", me)? {
            all if all.len() <= MOST => all,
            _ => of_place(query, scope, asked, "f.worker = $3", me)?,
        },
        Some(worker) => of_place(query, scope, asked, "f.worker = $3", worker)?,
        None => of_place(query, scope, asked, "$3 = ''", "")?,
    };
    if courses.len() > MOST {
        return Err(invalid(
            "followup.round_long",
            "territory",
            format!("more than {MOST} people are followed there; choose a smaller place or one worker"),
            format!("该范围随访对象超过 {MOST} 人；请选择更小的范围或某一随访员"),
        ));
    }
    let people = followed(query, &courses)?;
    let tried = attempts(query, &courses, today)?;
    let rows: Vec<Json> = courses
        .iter()
        .zip(&people)
        .map(|(course, person)| {
            let now = course.plan(person, today);
            let mut row = row_of(course, person, now.as_ref(), today);
            row["tried"] = json!(tried.get(&course.id.to_string()));
            row["fever_celsius"] =
                json!(course.edition().map(|edition| edition.follow_up.fever_celsius.value));
            row
        })
        .collect();
    // A telephone that kept the list over midnight knows by it that today is another day.
    let ends = Moment::start_of(today + 1, UTC_OFFSET_MINUTES);
    Ok(json!({ "now": now.0, "today": today, "ends": ends.0, "rows": rows }))
}

/// In the order of the way, one more than a round holds.
fn of_place(
    query: &mut dyn Query,
    scope: &Scope,
    asked: &DayAsked,
    whose: &str,
    worker: &str,
) -> Result<Vec<CourseRecord>> {
    let (first, past) = place_within(scope, asked.territory.as_deref())?.range();
    let mut values: Vec<Value> = vec![first.into(), past.into(), worker.into()];
    let mut sql = format!("WHERE f.territory >= $1 AND f.territory < $2 AND {whose} AND f.ended IS NULL");
    unread(scope, &mut values, &mut sql);
    let sql = format!(
        "SELECT {COURSE_COLUMNS} FROM followup_course f {sql} ORDER BY f.territory, f.route, f.home, f.no, f.id LIMIT {}",
        MOST + 1
    );
    query.rows(&sql, &values)?.iter().map(CourseRecord::of).collect()
}

/// The last time today that somebody tried and saw nobody.
fn attempts(query: &mut dyn Query, courses: &[CourseRecord], today: Day) -> Result<BTreeMap<String, Json>> {
    let mut tried = BTreeMap::new();
    for block in courses.chunks(100) {
        let mut values: Vec<Value> = block.iter().map(|course| course.id.into()).collect();
        let among = among(block.len());
        values.push(today.into());
        let sql = format!(
            "SELECT course, at, why FROM followup_attempt WHERE course IN {among} AND day = ${} ORDER BY course, at, id",
            values.len()
        );
        for row in query.rows(&sql, &values)? {
            tried.insert(row.text(0)?, json!({ "at": row.int(1)?, "why": row.text(2)? }));
        }
    }
    Ok(tried)
}
