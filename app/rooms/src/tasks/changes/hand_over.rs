//! A task goes to somebody else, who must say yes; or back to whoever gave it.

use super::deeds::demand_reason;
use crate::access::AccountId;
use crate::refuse::invalid;
use crate::tasks::Task;
use crate::tasks::owner::{demand_worker, hands_of};
use crate::tasks::record::{demand_active, task_in_hand, task_in_reach};
use crate::tasks::steps::{Said, give_to, step};
use base::Id;
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Result, Sent, Tx, params};
use tasks::State;

/// Offered to a colleague; until they say yes, it stays with whoever offers it.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverTask {
    pub id: Id<Sent>,
    pub task: Id<Task>,
    pub to: Id<AccountId>,
}

impl Change for HandOverTask {
    const NAME: &'static str = "hand over task";
    const NEEDS: Permission = Permission::TasksWork;
    type Out = ();

    of_one_task!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let record = task_in_hand(tx, self.task)?;
        demand_active(&record)?;
        let to = self.to.to_string();
        if record.owner == to {
            return Err(invalid(
                "tasks.theirs_already",
                "to",
                "they have this task already; choose somebody else",
                "该任务已在对方名下；请另选人员",
            ));
        }
        demand_worker(tx, self.to, &record.territory)?;
        let by = tx.actor.person().to_owned();
        tx.run(
            "UPDATE tasks_task SET offered_to = $2, offered_by = $3 WHERE id = $1",
            params![self.task, &to, by],
        )?;
        let at = tx.at;
        step(tx, self.task, at, &Said::to("offer", &to))
    }
}

/// Whoever it was offered to takes it, or does not.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeOverTask {
    pub id: Id<Sent>,
    pub task: Id<Task>,
    pub accepted: bool,
}

impl Change for TakeOverTask {
    const NAME: &'static str = "take over task";
    const NEEDS: Permission = Permission::TasksWork;
    type Out = ();

    of_one_task!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let record = task_in_reach(tx, self.task)?;
        demand_active(&record)?;
        let at = tx.at;
        let to = record.offered_to.clone().filter(|to| hands_of(tx.actor).contains(&to.as_str()));
        let Some(to) = to else {
            return Err(invalid(
                "tasks.not_offered",
                "task",
                "nobody offers you this task now; load the list again",
                "该任务目前未移交给您；请刷新列表",
            ));
        };
        if !self.accepted {
            tx.run(
                "UPDATE tasks_task SET offered_to = NULL, offered_by = NULL WHERE id = $1",
                params![self.task],
            )?;
            return step(tx, self.task, at, &Said::to("decline", &to));
        }
        give_to(tx, &record, &to, record.team.as_deref())?;
        // Whoever says yes knows of it.
        tx.run(
            "UPDATE tasks_task SET state = CASE WHEN state = $2 THEN $3 ELSE state END, acknowledged = $4 WHERE id = $1",
            params![self.task, State::Open.word(), State::Acknowledged.word(), at],
        )?;
        step(tx, self.task, at, &Said::to("take_over", &to))
    }
}

/// It goes back to the team, or to whoever gives tasks there.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandBackTask {
    pub id: Id<Sent>,
    pub task: Id<Task>,
    /// Of the tasks pack.
    pub reason: String,
}

impl Change for HandBackTask {
    const NAME: &'static str = "hand back task";
    const NEEDS: Permission = Permission::TasksWork;
    type Out = ();

    of_one_task!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        demand_reason(&self.reason)?;
        let record = task_in_hand(tx, self.task)?;
        demand_active(&record)?;
        if !hands_of(tx.actor).contains(&record.owner.as_str()) {
            return Err(invalid(
                "tasks.not_held",
                "task",
                "this task is not in your hands; only whoever has it hands it back",
                "该任务不在您名下；仅负责人可退回",
            ));
        }
        let team = record.team.clone();
        give_to(tx, &record, team.as_deref().unwrap_or_default(), team.as_deref())?;
        tx.run(
            "UPDATE tasks_task SET state = $2, acknowledged = NULL, started = NULL WHERE id = $1",
            params![self.task, State::Open.word()],
        )?;
        let at = tx.at;
        let said = Said { what: "hand_back", to_whom: team.as_deref(), reason: Some(&self.reason) };
        step(tx, self.task, at, &said)
    }
}
