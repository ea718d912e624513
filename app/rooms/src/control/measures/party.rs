//! Who decides, with what separation of duties asks about them.

use crate::access::account_by_id;
use control::Party;
use store::{Result, Tx};

/// The account behind a change, its organisation, and the government it acts for. Asked when the change is sent and kept in it: told
/// again from the journal, a change has no scope of its own.
pub(crate) fn party_of(tx: &mut Tx<'_>) -> Result<Party> {
    let person = tx.actor.person().to_owned();
    let acts_for = tx.actor.acts_for().map(str::to_owned);
    let organisation = account_by_id(tx, &person)?.and_then(|account| account.organisation);
    Ok(Party { person, acts_for, organisation, territory: tx.actor.scope.territory.clone() })
}
