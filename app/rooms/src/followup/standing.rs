//! Whether somebody on a pathway owes a test, for rooms that rest something on it; whoever asks has asked about reach, or acts for
//! the house.

use crate::followup::Course;
use crate::followup::course::{COURSE_COLUMNS, CourseRecord};
use crate::followup::plans::followed_of;
use crate::people::Subject;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Id, Moment, Territory};
use store::{Query, Result, params};

#[derive(Debug, Clone)]
pub(crate) struct CourseStanding {
    pub territory: Territory,
    pub subject: Id<Subject>,
    pub disease: Option<String>,
    pub ended: bool,
    /// Since when a test is owed: the last one missed, as long as no sample was taken since.
    pub owes_since: Option<Moment>,
}

pub(crate) fn course_standing(
    query: &mut dyn Query,
    course: Id<Course>,
    today: Day,
) -> Result<Option<CourseStanding>> {
    let sql = format!("SELECT {COURSE_COLUMNS} FROM followup_course f WHERE f.id = $1");
    let Some(row) = query.first(&sql, params![course])? else { return Ok(None) };
    let record = CourseRecord::of(&row)?;
    let followed = followed_of(query, &record)?;
    let owes = record.plan(&followed, today).filter(|_| record.ended.is_none());
    let owes = owes.and_then(|plan| plan.owes_since(&followed));
    Ok(Some(CourseStanding {
        territory: record.territory,
        subject: record.subject,
        disease: record.disease,
        ended: record.ended.is_some(),
        owes_since: owes.map(|day| Moment::start_of(day, UTC_OFFSET_MINUTES)),
    }))
}
