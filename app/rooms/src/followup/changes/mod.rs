//! What people write down about somebody who is followed.

/// What every change of one course is about: the course, where it lies, for the response to the outbreak.
macro_rules! of_one_course {
    () => {
        const BASIS: store::Basis = store::Basis::OutbreakResponse;

        fn id(&self) -> base::Id<store::Sent> {
            self.id
        }
        fn territory(&self, tx: &mut store::Tx<'_>) -> store::Result<base::Territory> {
            Ok(crate::followup::course::course_in_reach(tx, self.course)?.territory)
        }
        fn about(&self) -> Vec<String> {
            vec![self.course.to_string()]
        }
    };
}

mod assigning;
mod attempts;
mod deciding;
mod joining;
mod linking;
mod moving;
mod placing;
mod switching;
mod taking_back;
mod telling;
mod turning;

pub use assigning::AssignFollowUp;
pub use attempts::TellNotSeen;
pub use deciding::{EndFollowUp, ReleaseFollowed};
pub(crate) use joining::JoinSwab;
pub(crate) use linking::GiveCheckInLink;
pub use moving::{ExemptFollowed, MoveFollowed};
pub use placing::PutOnPathway;
pub use switching::SwitchEdition;
pub use taking_back::TakeBackTest;
pub use telling::{TellCheck, TellTest, TellTestResult};
pub(crate) use turning::TurnFollowUp;

use crate::followup::Course;
use crate::followup::course::{CourseRecord, course_in_reach};
use crate::refuse::invalid;
use base::{Id, Territory};
use cases::ContactClass;
use packs::Category;
use store::{Result, Tx};

pub(crate) use moving::reason_context;

/// At most so many people in one change.
pub(crate) const MOST: usize = 500;

/// A contact of a class is followed as this.
pub(crate) fn category_of(class: ContactClass) -> Category {
    match class {
        ContactClass::Close => Category::CloseContact,
        ContactClass::Secondary => Category::SecondaryContact,
        ContactClass::General => Category::GeneralContact,
    }
}

/// Nothing more happens on a course that is over.
fn open_course(tx: &mut Tx<'_>, course: Id<Course>) -> Result<CourseRecord> {
    let record = course_in_reach(tx, course)?;
    if record.ended.is_none() {
        return Ok(record);
    }
    Err(invalid(
        "followup.over",
        "course",
        format!("the follow-up of {} is over; put them on a pathway anew if it has to go on", record.no),
        format!("{} 的随访已结束；如需继续请重新纳入管理", record.no),
    ))
}

fn some_of_many(courses: &[Id<Course>]) -> Result<()> {
    let mut sorted = courses.to_vec();
    sorted.sort_by_key(|course| course.bits());
    sorted.dedup();
    if courses.is_empty() || courses.len() > MOST || sorted.len() != courses.len() {
        return Err(invalid(
            "followup.how_many",
            "courses",
            format!("name 1 to {MOST} different people; send the rest in further parts"),
            format!("一次 1 至 {MOST} 名不同人员；其余请分批"),
        ));
    }
    Ok(())
}

/// The narrowest place that holds all of them.
fn place_of_all(tx: &mut Tx<'_>, courses: &[Id<Course>]) -> Result<Territory> {
    some_of_many(courses)?;
    let mut places = Vec::with_capacity(courses.len());
    for course in courses {
        places.push(course_in_reach(tx, *course)?.territory);
    }
    Ok(Territory::narrowest_of(places.iter()))
}
