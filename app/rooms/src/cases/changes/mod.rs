//! The writes of the cases room, one file per noun they act on.

mod amend_case;
mod classify_case;
mod contacts;
mod event_notes;
mod events;
mod links;
mod report_case;

pub use amend_case::AmendCase;
pub use classify_case::ClassifyCase;
pub(crate) use classify_case::reason_context;
pub use contacts::{AddContact, AmendContact};
pub use event_notes::{AddFigure, AddNote, AddPlace, note_context};
pub use events::{AmendEvent, CloseEvent, OpenEvent};
pub use links::{LinkCases, UnlinkCases};
pub use report_case::ReportCase;

use crate::cases::{Case, CaseRecord, Event, case_columns};
use crate::refuse::missing;
use base::{Id, Territory};
use store::{Query, Result, Tx, params};

/// The case as it stands; refused when there is none.
pub(crate) fn case_now(query: &mut dyn Query, case: Id<Case>) -> Result<CaseRecord> {
    let sql = format!("SELECT {} FROM cases_case c WHERE c.id = $1", case_columns());
    let row = query.first(&sql, params![case])?.ok_or_else(|| missing("case", "病例"))?;
    CaseRecord::of(&row)
}

pub(crate) fn event_territory(tx: &mut Tx<'_>, event: Id<Event>) -> Result<Territory> {
    let row = tx.first("SELECT territory FROM cases_event WHERE id = $1", params![event])?;
    row.ok_or_else(|| missing("event", "疫情事件"))?.read(0)
}

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
