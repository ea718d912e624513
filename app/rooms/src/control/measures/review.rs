//! From half of a measure's time until somebody has looked whether it is still needed, a task says so.

use crate::control::measures::record::MeasureRecord;
use crate::tasks::{Closing, Errand, Source, wants};
use base::Moment;
use store::{Result, Tx};

pub(crate) fn ask_for_review(tx: &mut Tx<'_>, record: &MeasureRecord) -> Result<()> {
    let due = record.closed.is_none() && record.measure.is_review_due(tx.at);
    let half = record.measure.binds().filter(|_| due).map(|(from, to)| Moment(from.0 + (to.0 - from.0) / 2));
    let errands: Vec<Errand<'_>> =
        half.map(|half| Errand::of("review_measure", half.0)).into_iter().collect();
    let why = if record.measure.reviewed.is_some() { Closing::DoneOtherwise } else { Closing::SourceEnded };
    let source = Source { room: "control", record: &record.id.to_string() };
    wants(tx, source, &record.measure.terms.government, &errands, why)
}
