//! The clock of follow-up: what was missed by midnight is missed without anybody looking.

use crate::access::follow_up_clock;
use crate::followup::changes::TurnFollowUp;
use crate::followup::course::{COURSE_COLUMNS, CourseRecord};
use crate::followup::plans::followed;
use crate::{App, House};
use base::{Day, Id};
use std::time::Duration;
use store::{Query, Result, params, random_bits};

const LOOK: Duration = Duration::from_secs(60);
/// People looked at in one turn of the reader.
const TURN: i64 = 500;

/// Once a day, soon after midnight where the house is, and at the start.
pub async fn keep_follow_up(house: App) {
    let mut turned: Option<Day> = None;
    loop {
        let today = house.today();
        if turned != Some(today) {
            let own = house.clone();
            match tokio::task::spawn_blocking(move || turn_now(&own)).await {
                Ok(Ok(_)) => turned = Some(today),
                Ok(Err(fault)) => {
                    eprintln!(
                        "quell: follow-up was not turned to {today}, and is tried again in a minute: {fault}"
                    );
                }
                Err(_) => {}
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Everybody on a pathway is looked at as of today; whose standing differs from what is written is written. Returns how many.
pub fn turn_now(house: &House) -> Result<usize> {
    let today = house.today();
    let (mut after, mut turned) = (String::new(), 0);
    loop {
        let from = after.clone();
        let (last, due) = house.db.read_now(move |reader| due(reader, &from, today))?;
        if !due.is_empty() {
            turned += due.len();
            let change = TurnFollowUp { id: Id::from_bits(random_bits()), courses: due };
            house.db.apply_now(&follow_up_clock(), house.now(), change)?;
        }
        match last {
            Some(last) => after = last,
            None => return Ok(turned),
        }
    }
}

type Due = (Option<String>, Vec<Id<crate::followup::Course>>);

/// Of the next people, those whose row does not say what holds today; and the last who was looked at.
fn due(query: &mut dyn Query, after: &str, today: Day) -> Result<Due> {
    let sql = format!(
        "SELECT {COURSE_COLUMNS} FROM followup_course f WHERE f.ended IS NULL AND f.id > $1 ORDER BY f.id LIMIT $2"
    );
    let courses: Vec<CourseRecord> =
        query.rows(&sql, params![after, TURN])?.iter().map(CourseRecord::of).collect::<Result<_>>()?;
    let people = followed(query, &courses)?;
    let differs = |(course, person): &(&CourseRecord, &followup::Followed)| {
        course.plan(person, today).is_some_and(|now| {
            let phase = now.phase();
            (now.standing, now.current, phase.place) != (course.standing, course.phase, course.place)
                || (phase.last, now.last) != (course.phase_last, course.last)
                || i64::from(now.level()) != course.level
                || i64::from(now.added_days()) != course.added
                || i64::from(now.owed_tests()) != course.owed
        })
    };
    let due = courses.iter().zip(&people).filter(differs).map(|(course, _)| course.id).collect();
    let full = i64::try_from(courses.len()).unwrap_or(i64::MAX) == TURN;
    Ok((courses.last().filter(|_| full).map(|course| course.id.to_string()), due))
}
