//! What was missed of somebody's follow-up, as tasks until it is made up.

use crate::followup::course::CourseRecord;
use crate::tasks::{Closing, Errand, Owner, Source, wants};
use base::Day;
use followup::MissedItem;
use std::collections::BTreeSet;
use store::{Result, Tx};

/// One for each day on which something was missed and is still open.
pub(crate) fn ask_for_missed(tx: &mut Tx<'_>, course: &CourseRecord, missed: &[MissedItem]) -> Result<()> {
    let days: BTreeSet<Day> = missed.iter().map(|one| one.day).collect();
    let owner = course.worker.as_deref().and_then(|worker| worker.parse().ok()).unwrap_or(Owner::Nobody);
    let errand = |day: Day| Errand { owner, subject: Some(course.subject), ..Errand::of("make_up", day) };
    let errands: Vec<Errand<'_>> = days.into_iter().map(errand).collect();
    wants(tx, of_course(&course.id.to_string()), &course.territory, &errands, Closing::DoneOtherwise)
}

/// Of whoever is followed no more nothing is made up.
pub(crate) fn ask_no_more(tx: &mut Tx<'_>, course: &CourseRecord) -> Result<()> {
    wants(tx, of_course(&course.id.to_string()), &course.territory, &[], Closing::SourceEnded)
}

fn of_course(course: &str) -> Source<'_> {
    Source { room: "followup", record: course }
}
