//! What happened with people, read for their plans: of one, or of a page of them in four questions.

use crate::cases::among;
use crate::followup::course::CourseRecord;
use base::Moment;
use followup::{Check, Followed, Released, Taken, Transfer};
use std::collections::BTreeMap;
use store::{Query, Result, Value};

pub(crate) fn followed_of(query: &mut dyn Query, course: &CourseRecord) -> Result<Followed> {
    let mut all = followed(query, std::slice::from_ref(course))?;
    Ok(all.remove(0))
}

/// In the order of the courses.
pub(crate) fn followed(query: &mut dyn Query, courses: &[CourseRecord]) -> Result<Vec<Followed>> {
    let mut all: Vec<Followed> = courses.iter().map(bare).collect();
    for (block, people) in courses.chunks(100).zip(all.chunks_mut(100)) {
        let at: BTreeMap<String, usize> =
            block.iter().enumerate().map(|(at, course)| (course.id.to_string(), at)).collect();
        let ids: Vec<Value> = block.iter().map(|course| course.id.into()).collect();
        let among = among(block.len());
        let sql = format!(
            "SELECT course, at, day, outcome, ct FROM followup_test WHERE course IN {among} ORDER BY course, at, id"
        );
        for row in query.rows(&sql, &ids)? {
            people[at[&row.text(0)?]].tests.push(Taken {
                at: Moment(row.int(1)?),
                day: row.read(2)?,
                outcome: row.read(3)?,
                ct: row.opt_real(4)?,
            });
        }
        let sql = format!(
            "SELECT course, at, day, celsius, signs FROM followup_check WHERE course IN {among} ORDER BY course, at, id"
        );
        for row in query.rows(&sql, &ids)? {
            people[at[&row.text(0)?]].checks.push(Check {
                at: Moment(row.int(1)?),
                day: row.read(2)?,
                celsius: row.opt_real(3)?,
                signs: row.text(4)? != "[]",
            });
        }
        let sql = format!(
            "SELECT course, day, place FROM followup_move WHERE course IN {among} ORDER BY course, day, id"
        );
        for row in query.rows(&sql, &ids)? {
            people[at[&row.text(0)?]].transfers.push(Transfer { day: row.read(1)?, to: row.read(2)? });
        }
        let sql = format!(
            "SELECT course, protocol, phase, day FROM followup_release WHERE course IN {among} ORDER BY course, phase"
        );
        for row in query.rows(&sql, &ids)? {
            let place = at[&row.text(0)?];
            // What was released under an edition before is no phase of this one.
            if row.text(1)? == block[place].protocol {
                let phase = usize::try_from(row.int(2)?).unwrap_or(0);
                people[place].released.push(Released { phase, day: row.read(3)? });
            }
        }
    }
    Ok(all)
}

fn bare(course: &CourseRecord) -> Followed {
    Followed {
        exempt: course.exempt,
        switched: course.switched,
        ..Followed::new(course.category, course.day_zero, course.known)
    }
}
