//! Every write of graded control.

mod amend;
mod decide;
mod given;
mod overrides;
mod propose;
mod release;
mod split;
mod stays;
mod steps;

pub use amend::AmendZone;
pub use decide::DecideZone;
pub use given::{NoteContacts, NoteRound};
pub use overrides::AcknowledgeOverride;
pub use propose::{Because, ProposeZone, What};
pub use release::ReleaseZone;
pub use split::SplitZone;
pub use stays::{AddStay, RemoveStay};
