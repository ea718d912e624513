//! Whoever gives tasks moves one to somebody else, or takes it back.

use crate::tasks::opening::{Closing, cancel};
use crate::tasks::owner::demand_owner;
use crate::tasks::record::{demand_active, task_in_reach};
use crate::tasks::steps::{Said, give_to, step};
use crate::tasks::{Owner, Task};
use base::Id;
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Result, Sent, Tx, params};
use tasks::State;

/// Somebody else is to do it; they have yet to say that they know.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignTask {
    pub id: Id<Sent>,
    pub task: Id<Task>,
    #[schemars(with = "String")]
    pub owner: Owner,
}

impl Change for AssignTask {
    const NAME: &'static str = "assign task";
    const NEEDS: Permission = Permission::TasksManage;
    type Out = ();

    of_one_task!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let record = task_in_reach(tx, self.task)?;
        demand_active(&record)?;
        demand_owner(tx, self.owner, &record.territory)?;
        let owner = self.owner.to_string();
        let team = match self.owner {
            Owner::Team(_) => Some(owner.clone()),
            Owner::Account(_) | Owner::Nobody => None,
        };
        give_to(tx, &record, &owner, team.as_deref())?;
        tx.run(
            "UPDATE tasks_task SET state = $2, acknowledged = NULL, started = NULL WHERE id = $1",
            params![self.task, State::Open.word()],
        )?;
        let at = tx.at;
        step(tx, self.task, at, &Said::to("assign", &owner))
    }
}

/// It is to be done no more.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelTask {
    pub id: Id<Sent>,
    pub task: Id<Task>,
    pub reason: Closing,
}

impl Change for CancelTask {
    const NAME: &'static str = "cancel task";
    const NEEDS: Permission = Permission::TasksManage;
    type Out = ();

    of_one_task!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let record = task_in_reach(tx, self.task)?;
        demand_active(&record)?;
        cancel(tx, &record, self.reason)
    }
}
