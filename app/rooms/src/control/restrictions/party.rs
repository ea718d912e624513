//! Who takes a step, with the organisations that answer for them.

use super::refusals::unfit;
use crate::access::account_by_id;
use control::Signatory;
use store::{Actor, Query, Result};

/// A party, and what its organisation calls itself.
pub(super) struct Stands {
    pub party: Signatory,
    pub organisation: String,
}

/// Of the program's own command line and of another system's token nobody can say which organisation answers: they take no step.
pub(super) fn party_of(query: &mut dyn Query, actor: &Actor) -> Result<Stands> {
    let mut accounts = Vec::new();
    let mut organisation = String::new();
    for id in [Some(actor.person()), actor.acts_for()].into_iter().flatten() {
        let account = account_by_id(query, id)?;
        let stated = account.and_then(|account| account.organisation);
        if accounts.is_empty() {
            organisation = stated.clone().unwrap_or_default().trim().to_owned();
        }
        accounts.push((id.to_owned(), stated));
    }
    let party = Signatory::of(&accounts).map_err(unfit)?;
    Ok(Stands { party, organisation })
}
