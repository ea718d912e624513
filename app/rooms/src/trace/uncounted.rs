//! Contacts still watched whom no case of the event accounts for: of a lot of goods, of surfaces, of cases elsewhere.
//!
//! Deliberately absent: contacts of the event's own cases. What those cases have yet to infect is drawn behind each of them
//! (`trace::success::chain_cut`), and a contact counted there and here would be feared twice.

use crate::cases::views::FollowedContact;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Moment};
use std::collections::BTreeSet;
use store::{Query, Result, params};
use trace::success::{KnownContact, Quarantine};

/// Share of those exposed who turn out infected, of the contacts of whom it is known: the mean after half a person of each
/// (Jeffreys), so that it is a half as long as nobody is known, and never certain.
fn share_infected<'a>(contacts: impl Iterator<Item = &'a FollowedContact>) -> Option<f64> {
    let (mut ill, mut known) = (0.0, 0.0);
    for fell_ill in contacts.filter_map(|contact| contact.fell_ill) {
        known += 1.0;
        ill += f64::from(u8::from(fell_ill));
    }
    (known > 0.0).then(|| (ill + 0.5) / (known + 1.0))
}

/// `follow_up`: days a contact is watched after the last exposure.
pub(super) fn uncounted_contacts(
    query: &mut dyn Query,
    contacts: &[FollowedContact],
    cases: &BTreeSet<&str>,
    follow_up: i32,
    today: Day,
    longest_days: i32,
) -> Result<Vec<KnownContact>> {
    let overall = share_infected(contacts.iter()).unwrap_or(0.5);
    let mut uncounted = Vec::new();
    for contact in contacts.iter().filter(|contact| contact.fell_ill.is_none()) {
        let of_a_case = contact.source.as_deref().is_some_and(|case| cases.contains(case));
        let Some(exposed) = contact.last_exposure.filter(|_| !of_a_case) else { continue };
        if exposed > today || today - exposed > longest_days {
            continue;
        }
        let alike = contacts.iter().filter(|other| other.class == contact.class);
        let row =
            query.first("SELECT isolated FROM trace_contact WHERE contact = $1", params![&contact.id])?;
        let isolated = row.map(|row| row.opt_int(0)).transpose()?.flatten();
        let isolated = isolated.map(|at| Moment(at).day_at_offset(UTC_OFFSET_MINUTES));
        uncounted.push(KnownContact {
            exposed: exposed.number(),
            infected: share_infected(alike).unwrap_or(overall),
            quarantine: isolated.map(|from| Quarantine {
                from: from.number(),
                until: (exposed + follow_up).max(from).number(),
            }),
        });
    }
    Ok(uncounted)
}
