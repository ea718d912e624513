//! Every write of the tasks room.

mod deeds;
mod hand_over;
mod open_task;
mod orders;
mod teams;
mod tell_late;

pub use deeds::{AcknowledgeTask, Became, FinishTask, GiveUpTask, StartTask};
pub use hand_over::{HandBackTask, HandOverTask, TakeOverTask};
pub use open_task::OpenTask;
pub use orders::{AssignTask, CancelTask};
pub use teams::{AmendTeam, FormTeam};
pub use tell_late::TellLateTasks;
