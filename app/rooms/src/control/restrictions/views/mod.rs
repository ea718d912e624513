//! What people read of restrictions: staff through a scope, the auditor through theirs, and whoever holds the secret of a notice.

mod alarms;
mod audit;
mod chain;
mod export;
mod list;
mod mine;
mod one;
mod pack;

pub use alarms::alarms;
pub(super) use audit::sample;
pub use audit::{SampleAsked, audit};
pub use export::export;
pub(crate) use list::to_do;
pub use list::{RestrictionsAsked, list};
pub(super) use mine::of_secret;
pub use mine::{mine, notice};
pub use one::one;
pub use pack::pack;

use store::{Permission, Result, Scope};

/// Whoever takes a part in it, or delivers it. None of them reads a name here.
const READERS: [Permission; 5] = [
    Permission::RestrictPropose,
    Permission::RestrictApprove,
    Permission::RestrictAppeal,
    Permission::RestrictAudit,
    Permission::ContactsWrite,
];

fn demand_reader(scope: &Scope) -> Result<()> {
    if READERS.iter().any(|permission| scope.may(*permission)) {
        return Ok(());
    }
    Ok(scope.demand(Permission::RestrictPropose)?)
}
