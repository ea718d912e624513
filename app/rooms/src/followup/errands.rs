//! What was missed is somebody's task until it is made up: of whoever looks after them, or of whoever takes it.

use crate::followup::course::{CourseRecord, today};
use crate::followup::plans::followed_of;
use crate::tasks::{self, Closing, NewTask, Owner, Source};
use base::Day;
use followup::{Missed, Plan, TestState};
use store::{Error, Result, Tx};

/// Of one item, under one edition, in one place: whoever takes over begins anew.
fn errand(record: &CourseRecord, what: Missed, day: Day) -> String {
    format!("{}|{}|{}|{what}|{day}", record.id, record.protocol, record.territory.path())
}

/// Opens what is missing, closes what was made up. Asked again it does nothing.
pub(super) fn keep_errands(tx: &mut Tx<'_>, record: &CourseRecord, now: &Plan) -> Result<()> {
    for item in &now.missed {
        open(tx, record, item.what, item.day)?;
    }
    let is_open = |what: Missed, day: Day| now.missed.iter().any(|one| (one.what, one.day) == (what, day));
    for phase in &now.phases {
        let made_up = phase.tests.iter().filter(|test| test.state == TestState::MadeUp);
        let made_up = made_up.map(|test| (Missed::Test, test.day));
        let seen_again = phase.missed_checks.iter().map(|day| (Missed::Check, *day));
        for (what, day) in made_up.chain(seen_again).filter(|(what, day)| !is_open(*what, *day)) {
            close(tx, record, (what, day), Closing::DoneOtherwise)?;
        }
    }
    Ok(())
}

/// Nothing of this course is to be done any more: it is over, another edition takes over, or they went to another place.
pub(super) fn drop_errands(tx: &mut Tx<'_>, record: &CourseRecord) -> Result<()> {
    let (today, person) = (today(tx), followed_of(tx, record)?);
    let Some(now) = record.plan(&person, today) else { return Ok(()) };
    for item in &now.missed {
        close(tx, record, (item.what, item.day), Closing::SourceEnded)?;
    }
    Ok(())
}

fn open(tx: &mut Tx<'_>, record: &CourseRecord, what: Missed, day: Day) -> Result<()> {
    let id = errand(record, what, day);
    let kind = match what {
        Missed::Test => "sample_at_home",
        Missed::Check => "check_in",
    };
    let of = |owner| NewTask {
        owner,
        subject: Some(record.subject),
        ..NewTask::of(Source { room: "followup", id: &id }, &record.territory, kind)
    };
    let worker = record.worker.as_deref().and_then(|worker| worker.parse().ok());
    match tasks::open(tx, &of(worker.map_or(Owner::Nobody, Owner::Account))) {
        // Whoever looked after them works there no more: it is nobody's, and whoever leads sees it.
        Err(Error::Refused(_)) if worker.is_some() => tasks::open(tx, &of(Owner::Nobody)).map(drop),
        done => done.map(drop),
    }
}

fn close(tx: &mut Tx<'_>, record: &CourseRecord, (what, day): (Missed, Day), why: Closing) -> Result<()> {
    let id = errand(record, what, day);
    tasks::close_of(tx, Source { room: "followup", id: &id }, why).map(drop)
}
