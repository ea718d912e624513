//! Every write of the testing room.

mod boxes;
mod campaigns;
mod forget_swabs;
mod holds;
mod laboratories;
mod layers;
mod outages;
mod plates;
mod posts;
mod receive;
mod register_tube;
mod report_found;
mod rounds;
mod runs;
mod shifts;
mod shortages;

pub use boxes::{HandOverBox, PackBox};
pub use campaigns::{EndCampaign, PlanCampaign};
pub use forget_swabs::{ForgetSwabs, Forgotten, Part};
pub(crate) use holds::names_of;
pub use holds::{OpenHeld, TellHold};
pub use laboratories::{AmendLaboratory, RegisterLaboratory};
pub use layers::{LayDownSwabs, MergeSwabs};
pub(crate) use layers::{TUBES_OF_A_LAYER, is_merging_due};
pub use outages::{EndOutage, ProposeOutage, RecordOutage, WithdrawOutage};
pub(crate) use plates::assay;
pub use plates::{FillPlate, Filled, VoidRun};
pub use posts::{ClosePost, OpenPost};
pub use receive::{ReceiveTubes, Rejected};
pub use register_tube::{Conflict, Paper, RegisterTube, Registered};
pub use report_found::ReportFound;
pub use rounds::{EndRound, OpenRound};
pub(crate) use runs::{AGAIN_WITHIN_S, held_and_freed};
pub use runs::{CallWell, Cycle, ReadRun, ReportRun};
pub use shifts::{AmendShift, PlanShift};
pub use shortages::{AnswerShortage, TellShortage};
