//! Somebody gives a task.

use crate::packed;
use crate::people::{Subject, subject_territory};
use crate::tasks::inside::{Inside, seal_order};
use crate::tasks::opening::{NewTask, open};
use crate::tasks::{Owner, Task};
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sealed, Sent, Tx};
use tasks::Spot;

/// Something is to be done by somebody, or by a team, or by whoever takes it.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenTask {
    pub id: Id<Sent>,
    pub task: Id<Task>,
    pub territory: Territory,
    /// Of the tasks pack.
    pub kind: String,
    /// An account, a team, or nothing.
    #[serde(default = "nobody")]
    #[schemars(with = "String")]
    pub owner: Owner,
    /// Street, building, stairwell. Of a task about a person it is sealed with the rest.
    #[serde(default)]
    pub spot: Option<Spot>,
    #[serde(default)]
    pub subject: Option<Id<Subject>>,
    /// What must be known to do it.
    #[serde(default)]
    pub inside: Option<Sealed<Inside>>,
    /// Where none is given, the kind's hours from now.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub deadline: Option<Moment>,
}

fn nobody() -> Owner {
    Owner::Nobody
}

impl Change for OpenTask {
    const NAME: &'static str = "open task";
    const NEEDS: Permission = Permission::TasksManage;
    const BASIS: Basis = Basis::TaskOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        let subject = self.subject.map(|subject| subject.to_string());
        std::iter::once(self.task.to_string()).chain(subject).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Some(subject) = self.subject {
            subject_territory(tx, subject)?;
        }
        // The pack may have other hours when this row is told again.
        if self.deadline.is_none()
            && let Some(kind) = packed::tasks().kind(&self.kind)
        {
            self.deadline = Some(tx.at.plus_seconds(i64::from(kind.hours.value) * 3_600));
        }
        seal_order(tx, self.task, self.subject, &mut self.spot, &mut self.inside)
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let new = NewTask {
            task: self.task,
            territory: &self.territory,
            kind: &self.kind,
            owner: self.owner,
            spot: self.spot.as_ref(),
            subject: self.subject,
            inside: self.inside.as_ref(),
            deadline: self.deadline,
            source: None,
        };
        open(tx, &new)
    }
}
