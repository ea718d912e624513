//! Every write of the tasks room.

/// What every change of one task is about: the task, where it lies, by the order that gave it.
macro_rules! of_one_task {
    () => {
        const BASIS: store::Basis = store::Basis::TaskOrder;

        fn id(&self) -> base::Id<store::Sent> {
            self.id
        }
        fn territory(&self, tx: &mut store::Tx<'_>) -> store::Result<base::Territory> {
            Ok(crate::tasks::record::task_in_reach(tx, self.task)?.territory)
        }
        fn about(&self) -> Vec<String> {
            vec![self.task.to_string()]
        }
    };
}

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
