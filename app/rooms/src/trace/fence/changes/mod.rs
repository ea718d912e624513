//! Writes about fences and registered visits, one file each.

mod counting;
mod drafting;
mod inviting;
mod opening;
mod registering;

pub use crate::sent_table::Became;
pub use counting::RunFence;
pub(super) use counting::count_text;
pub use drafting::{DraftFence, PublishFence, WithdrawFence};
pub use inviting::{InviteToTest, TellInvitation};
pub(crate) use opening::reason_of_opening;
pub use opening::{OpenFence, Opened};
pub(super) use opening::{open_until, opened_people, over};
pub use registering::{RegisterVisit, RegisterVisits, RegisteredRow};
pub(super) use registering::{demand_sense, refused_visit};
