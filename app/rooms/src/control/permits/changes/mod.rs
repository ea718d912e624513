//! Every write about permits.

mod apply;
mod decide;
mod reopen;

pub use apply::{ApplyPermit, WithdrawPermit};
pub use decide::DecidePermit;
pub use reopen::ReopenPermits;
