//! What people read of cases, contacts and events; always through a Scope.

mod case_list;
mod case_page;
mod chains;
mod contact_list;
mod events;
mod export;
mod filter;
mod outline;
mod people_records;
mod situation;
mod tally;

pub use case_list::{case_list, case_row};
pub use case_page::case_page;
pub use chains::{chains, onset_pairs};
pub use contact_list::{contact_list, contact_rows_of_case};
pub use events::{event_page, events};
pub(crate) use export::harmless;
pub use export::{case_records, demand_export, export_cases};
pub use filter::{Filter, Order};
pub use outline::{public_counts, situation_in_outline};
pub(crate) use people_records::{known_as_cases, people_records, same_person_as, traits_of};
pub use situation::situation;

use disclosure::{Policy, Suppressed};
use store::{Permission, Query, Result, Scope, params};

/// How many cases and contacts a scope reaches, for an administrator, who is not of the team; none for what its permissions close.
pub fn sizes(query: &mut dyn Query, scope: &Scope) -> Result<(Suppressed, Suppressed)> {
    let (first, past) = scope.territory.range();
    let mut size = |permission: Permission, sql: &str| {
        let count = if scope.may(permission) { query.count(sql, params![&first, &past])? } else { 0 };
        Ok::<_, store::Error>(Suppressed::alone(count.unsigned_abs(), Policy::COLLEAGUES))
    };
    let cases = size(
        Permission::CasesRead,
        "SELECT count(*) FROM cases_case WHERE territory >= $1 AND territory < $2",
    )?;
    let contacts = size(
        Permission::ContactsRead,
        "SELECT count(*) FROM cases_contact WHERE territory >= $1 AND territory < $2",
    )?;
    Ok((cases, contacts))
}
