//! The house tells of tasks that are late: the lead first, then one level up after another.

use crate::packed;
use crate::tasks::Task;
use crate::tasks::owner::lead_of;
use crate::tasks::record::{TaskRecord, task_in_reach};
use crate::tasks::steps::{Said, step};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};
use tasks::{Told, next_telling, told_at};

/// Tasks of one place whose next rung is due.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TellLateTasks {
    pub id: Id<Sent>,
    pub territory: Territory,
    pub tasks: Vec<Id<Task>>,
}

impl Change for TellLateTasks {
    const NAME: &'static str = "tell late tasks";
    const NEEDS: Permission = Permission::TasksManage;
    const BASIS: Basis = Basis::TaskOrder;
    /// How many went up a rung.
    type Out = usize;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        self.tasks.iter().map(Id::to_string).collect()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<usize> {
        let mut told = 0;
        for task in &self.tasks {
            told += usize::from(one(tx, &self.territory, *task)?);
        }
        Ok(told)
    }
}

fn one(tx: &mut Tx<'_>, territory: &Territory, task: Id<Task>) -> Result<bool> {
    let record = task_in_reach(tx, task)?;
    let sql = "SELECT count(*) FROM tasks_task WHERE id = $1 AND active = 1 AND next_rung <= $2";
    let at = tx.at;
    // Another copy of the program told it meanwhile, or it was done.
    if !territory.holds(&record.territory) || tx.count(sql, params![task, at])? == 0 {
        return Ok(false);
    }
    let ladder = &packed::tasks().ladder;
    let number = usize::try_from(record.rung).unwrap_or_default();
    let next = next_telling(ladder, number + 1, record.opened, record.deadline);
    let (lead, depth, whom) = match told_at(ladder, number, &record.territory) {
        Some(Told::Lead) => told_lead(tx, &record)?,
        Some(Told::Level(level)) => (record.told_lead.clone(), Some(level.depth()), format!("at:{level}")),
        // Nobody is above any more.
        None => {
            tx.run("UPDATE tasks_task SET next_rung = NULL WHERE id = $1", params![task])?;
            return Ok(false);
        }
    };
    let depth = depth.and_then(|depth| i64::try_from(depth).ok()).or(record.told_depth);
    tx.run(
        "UPDATE tasks_task SET rung = rung + 1, next_rung = $2, told_lead = $3, told_depth = $4 WHERE id = $1",
        params![task, next, lead, depth],
    )?;
    step(tx, task, at, &Said::to("told", &whom))?;
    Ok(true)
}

/// The lead, or, where nobody leads, whoever gives tasks where it lies.
fn told_lead(tx: &mut Tx<'_>, record: &TaskRecord) -> Result<(Option<String>, Option<usize>, String)> {
    let lead = lead_of(tx, &record.owner, record.team.as_deref())?;
    Ok(match lead {
        Some(lead) => (Some(lead.clone()), None, lead),
        None => (None, Some(record.territory.depth()), format!("at:{}", record.territory)),
    })
}
