//! What was missed is somebody's task until it is made up: of whoever looks after them, or of whoever takes it.

use crate::followup::course::CourseRecord;
use crate::tasks::{Closing, Errand, Owner, Source, give_errands, wants};
use followup::{Missed, MissedItem, Plan};
use store::{Result, Tx};

/// Opens what is missing, closes what was made up. Asked again it does nothing.
pub(super) fn keep_errands(tx: &mut Tx<'_>, course: &CourseRecord, now: &Plan) -> Result<()> {
    if course.ended.is_some() {
        return drop_errands(tx, course);
    }
    let owner = owner_of(course.worker.as_deref());
    let errand = |item: &MissedItem| {
        let kind = match item.what {
            Missed::Test => "sample_at_home",
            Missed::Check => "check_in",
        };
        // Under another edition it is asked for anew.
        let what = format!("{}|{}|{}", course.protocol, item.what, item.day);
        Errand { owner, subject: Some(course.subject), ..Errand::of(kind, what) }
    };
    let errands: Vec<Errand<'_>> = now.missed.iter().map(errand).collect();
    wants(tx, of_course(&course.id.to_string()), &course.territory, &errands, Closing::DoneOtherwise)
}

/// Of whoever is followed no more nothing is made up.
pub(super) fn drop_errands(tx: &mut Tx<'_>, course: &CourseRecord) -> Result<()> {
    wants(tx, of_course(&course.id.to_string()), &course.territory, &[], Closing::SourceEnded)
}

/// What was missed goes to whoever looks after them from now on.
pub(super) fn hand_errands(tx: &mut Tx<'_>, course: &CourseRecord, to: &str) -> Result<()> {
    let (from, to) = (owner_of(course.worker.as_deref()), owner_of(Some(to)));
    give_errands(tx, of_course(&course.id.to_string()), from, to)
}

fn owner_of(worker: Option<&str>) -> Owner {
    worker.and_then(|worker| worker.parse().ok()).map_or(Owner::Nobody, Owner::Account)
}

fn of_course(course: &str) -> Source<'_> {
    Source { room: "followup", record: course }
}
