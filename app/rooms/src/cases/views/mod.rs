//! What people read of cases, contacts and events; always through a Scope.

mod case_list;
mod case_page;
mod chains;
mod contact_list;
mod events;
mod export;
mod filter;
mod for_zones;
mod milestones;
mod of_people;
mod outline;
mod people_records;
mod recent;
mod reported_by_day;
mod situation;
mod tally;
mod traced;

pub use case_list::{case_list, case_row};
pub use case_page::case_page;
pub use chains::{chains, onset_pairs};
pub(crate) use contact_list::homes_of;
pub use contact_list::{contact_list, contact_rows_of_case};
pub use events::{event_page, events};
pub(crate) use export::harmless;
pub use export::{case_records, demand_export, export_cases};
pub use filter::{Filter, Order};
pub(crate) use for_zones::{Infected, infected, infected_in, numbers_of};
pub use milestones::{all_milestones, milestones};
pub use of_people::{cases_listed, cases_of, contacts_of, ids_about, people_listed};
pub use outline::{public_counts, situation_in_outline};
pub(crate) use people_records::{known_as_cases, people_records, same_person_as, traits_of};
pub(crate) use recent::found_in_community;
pub(crate) use reported_by_day::reported_by_day;
pub use situation::situation;
pub(crate) use traced::{
    FollowedContact, TracedCase, followed_contacts, found_cases, told_sources, traced_cases, traced_contacts,
    traced_links,
};

use disclosure::{Policy, Suppressed};
use store::{Permission, Query, Result, Scope};

/// How many cases and contacts a scope reaches, for an administrator, who is not of the team; none for what its permissions close.
pub fn sizes(query: &mut dyn Query, scope: &Scope) -> Result<(Suppressed, Suppressed)> {
    let mut size = |permission: Permission, contacts: bool, table: &str| {
        let count = if scope.may(permission) {
            let all = Filter::default().conditions_of_all(scope, contacts)?;
            query.count(&format!("SELECT count(*) FROM {table} WHERE {}", all.sql), &all.params)?
        } else {
            0
        };
        Ok::<_, store::Error>(Suppressed::alone(count.unsigned_abs(), Policy::COLLEAGUES))
    };
    let cases = size(Permission::CasesRead, false, "cases_case c")?;
    let contacts = size(Permission::ContactsRead, true, "cases_contact k")?;
    Ok((cases, contacts))
}
