//! Somebody who was there is invited to a test. It is an invitation: no colour, no restriction, and "no" is an answer.

use super::super::record::fence_in_reach;
use super::super::{Fence, Invited};
use super::opening::demand_open;
use crate::people::Subject;
use crate::refuse::{invalid, missing};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteToTest {
    pub id: Id<Sent>,
    pub fence: Id<Fence>,
    /// Of those whose names were opened.
    pub subjects: Vec<Id<Subject>>,
}

const MOST: usize = 5_000;

impl Change for InviteToTest {
    const NAME: &'static str = "invite to test";
    const NEEDS: Permission = Permission::FenceOpen;
    const BASIS: Basis = Basis::OutbreakResponse;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(fence_in_reach(tx, self.fence)?.territory)
    }
    fn about(&self) -> Vec<String> {
        std::iter::once(self.fence.to_string()).chain(self.subjects.iter().map(Id::to_string)).collect()
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        fence_in_reach(tx, self.fence)?;
        demand_open(tx, self.fence)?;
        if self.subjects.is_empty() || self.subjects.len() > MOST {
            return Err(invalid(
                "trace.invited_whom",
                "subjects",
                format!("an invitation goes to 1 to {MOST} people; choose them and send it again"),
                format!("一次邀请 1 至 {MOST} 人；请选择后重新发送"),
            ));
        }
        for subject in &self.subjects {
            let state = state_of(tx, self.fence, *subject)?;
            // Whoever has answered is not asked again by a list that was sent twice.
            if state == Invited::Opened {
                keep_state(tx, self.fence, *subject, Invited::Invited)?;
            }
        }
        Ok(())
    }
}

/// What somebody who was invited told us.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellInvitation {
    pub id: Id<Sent>,
    pub fence: Id<Fence>,
    pub subject: Id<Subject>,
    pub state: Invited,
}

impl Change for TellInvitation {
    const NAME: &'static str = "tell invitation";
    const NEEDS: Permission = Permission::FenceOpen;
    const BASIS: Basis = Basis::OutbreakResponse;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(fence_in_reach(tx, self.fence)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.fence.to_string(), self.subject.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        fence_in_reach(tx, self.fence)?;
        let before = state_of(tx, self.fence, self.subject)?;
        if before == Invited::Opened || !matches!(self.state, Invited::Tested | Invited::Declined) {
            return Err(invalid(
                "trace.invited_state",
                "state",
                "only who was invited can have been tested or have declined; invite first, then say which of the two",
                "须先邀请，再填写“已检测”或“已谢绝”",
            ));
        }
        keep_state(tx, self.fence, self.subject, self.state)
    }
}

/// Somebody who is not on the opened list is answered like somebody who never was.
fn state_of(tx: &mut Tx<'_>, fence: Id<Fence>, subject: Id<Subject>) -> Result<Invited> {
    let sql = "SELECT state FROM trace_fence_person WHERE fence = $1 AND subject = $2";
    tx.first(sql, params![fence, subject])?.ok_or_else(|| missing("person", "人员"))?.read(0)
}

fn keep_state(tx: &mut Tx<'_>, fence: Id<Fence>, subject: Id<Subject>, state: Invited) -> Result<()> {
    tx.run(
        "UPDATE trace_fence_person SET state = $3, at = $4, by_whom = $5 WHERE fence = $1 AND subject = $2",
        params![fence, subject, state.word(), tx.at, tx.actor.person()],
    )?;
    Ok(())
}
