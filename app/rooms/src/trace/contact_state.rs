//! What has become of a contact since they were named.

use crate::cases::Contact;
use base::{Id, Moment, Territory};
use store::{Result, Tx, params};

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

pub(crate) fn keep_state(
    tx: &mut Tx<'_>,
    contact: Id<Contact>,
    state: State,
    lives_in: Option<&Territory>,
) -> Result<()> {
    tx.run(
        "INSERT INTO trace_contact (contact, lives_in, state, changed, by_whom) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (contact) DO UPDATE SET lives_in = coalesce(excluded.lives_in, trace_contact.lives_in), \
         state = excluded.state, changed = excluded.changed, by_whom = excluded.by_whom",
        params![contact, lives_in, state.word(), tx.at, &tx.actor.id],
    )?;
    Ok(())
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
