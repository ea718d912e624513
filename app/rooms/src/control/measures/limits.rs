//! What orders limit gatherings to, at a place and a time.

use crate::control::above::holding_or_within;
use crate::control::measures::record::{COLUMNS, MeasureRecord};
use crate::packed;
use base::{Moment, Territory};
use control::MeasureState;
use store::{Query, Result, params};

/// Sizes that orders limit gatherings to there and then. An order that is decided and not yet in force counts for the time in which
/// it will be; one that reaches into a part of the place counts for the whole of it.
pub(crate) fn limits_at(
    query: &mut dyn Query,
    territory: &Territory,
    (from, to): (Moment, Moment),
    now: Moment,
) -> Result<Vec<u32>> {
    let (here, mut place) = holding_or_within(territory, 3);
    let sql = format!(
        "SELECT {COLUMNS} FROM control_measure WHERE closed IS NULL AND ends > $1 AND ends > $2 AND {here} ORDER BY id"
    );
    let mut values = params![from, now].to_vec();
    values.append(&mut place);
    let mut limits = Vec::new();
    for row in query.rows(&sql, &values)? {
        let measure = MeasureRecord::of(&row)?.measure;
        let stands = matches!(
            measure.state(now),
            MeasureState::Approved | MeasureState::Announced | MeasureState::Active
        );
        let overlaps = measure.terms.starts < to && from < measure.terms.ends;
        let limit = packed::measures().kind(&measure.terms.kind).and_then(|kind| kind.gatherings_to);
        limits.extend(limit.filter(|_| stands && overlaps));
    }
    limits.sort_unstable();
    limits.dedup();
    Ok(limits)
}
