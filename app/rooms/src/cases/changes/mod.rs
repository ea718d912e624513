//! The writes of the cases room, one file per noun they act on.

mod amend_case;
mod classify_case;
mod contacts;
mod event_notes;
mod events;
mod links;
mod milestones;
mod report_case;

pub use amend_case::AmendCase;
pub use classify_case::ClassifyCase;
pub(crate) use classify_case::reason_context;
pub use contacts::{AddContact, AmendContact};
pub use event_notes::{AddFigure, AddNote, AddPlace, note_context};
pub use events::{AmendEvent, CloseEvent, OpenEvent};
pub use links::{LinkCases, UnlinkCases};
pub use milestones::SetMilestone;
pub(crate) use milestones::date_from_signal;
pub use report_case::ReportCase;

use crate::cases::{CaseRecord, Event};
use base::Id;
use store::{Result, Tx, params};

/// What happens to a case touches its event's last change.
fn touch_event(tx: &mut Tx<'_>, event: Option<Id<Event>>) -> Result<()> {
    if let Some(event) = event {
        tx.run("UPDATE cases_event SET changed = $2 WHERE id = $1", params![event, tx.at])?;
    }
    Ok(())
}

/// Writes the next step of a case's classification history. The reason is sealed with the case's subject.
fn keep_state(
    tx: &mut Tx<'_>,
    case: &CaseRecord,
    day: Option<base::Day>,
    reason: Option<&str>,
) -> Result<()> {
    tx.run(
        "INSERT INTO cases_state (case_id, seq, classification, day, at, by_whom, reason) \
         VALUES ($1, (SELECT count(*) FROM cases_state s WHERE s.case_id = $1), $2, $3, $4, $5, $6)",
        params![case.id, case.classification.word(), day, tx.at, &tx.actor.id, reason],
    )?;
    Ok(())
}
