//! What has become of a contact since they were named.

use crate::cases::Contact;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Id, Moment, Territory};
use store::{Query, Result, Tx, params};

cases::words! {
    /// Where a contact stands between being named and being isolated.
    State, "state of a contact" {
        /// Lives elsewhere, and nobody there has been told.
        WaitingHandOver = "waiting_hand_over",
        HandedOver = "handed_over",
        Acknowledged = "acknowledged",
        Reached = "reached",
        Isolated = "isolated",
    }
}

/// Who was reached or isolated before a list was acknowledged stays so.
pub(crate) fn keep_state(
    tx: &mut Tx<'_>,
    contact: Id<Contact>,
    state: State,
    lives_in: Option<&Territory>,
) -> Result<()> {
    tx.run(
        "INSERT INTO trace_contact (contact, lives_in, state, changed, by_whom) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (contact) DO UPDATE SET lives_in = coalesce(excluded.lives_in, trace_contact.lives_in), \
         state = CASE WHEN excluded.state = 'acknowledged' AND trace_contact.isolated IS NOT NULL THEN 'isolated' \
         WHEN excluded.state = 'acknowledged' AND trace_contact.reached IS NOT NULL THEN 'reached' ELSE excluded.state END, \
         changed = excluded.changed, by_whom = excluded.by_whom",
        params![contact, lives_in, state.word(), tx.at, &tx.actor.id],
    )?;
    Ok(())
}

/// The day somebody said they were isolated.
pub(crate) fn isolated_on(query: &mut dyn Query, contact: Id<Contact>) -> Result<Option<Day>> {
    let row = query.first("SELECT isolated FROM trace_contact WHERE contact = $1", params![contact])?;
    let at = row.map(|row| row.opt_int(0)).transpose()?.flatten();
    Ok(at.map(|at| Moment(at).day_at_offset(UTC_OFFSET_MINUTES)))
}

/// Told when somebody spoke to them, and when they were isolated; what is not said stays.
pub(crate) fn keep_progress(
    tx: &mut Tx<'_>,
    contact: Id<Contact>,
    reached: Option<Moment>,
    isolated: Option<Moment>,
) -> Result<()> {
    let state = if isolated.is_some() { State::Isolated } else { State::Reached };
    tx.run(
        "INSERT INTO trace_contact (contact, state, reached, isolated, changed, by_whom) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (contact) DO UPDATE SET reached = coalesce(excluded.reached, trace_contact.reached), \
         isolated = coalesce(excluded.isolated, trace_contact.isolated), changed = excluded.changed, \
         by_whom = excluded.by_whom, \
         state = CASE WHEN trace_contact.isolated IS NULL THEN excluded.state ELSE trace_contact.state END",
        params![contact, state.word(), reached, isolated, tx.at, &tx.actor.id],
    )?;
    Ok(())
}
