//! A test that was written down by hand and was not so.

use super::open_course;
use super::telling::{Stands, course_of_test, demand_by_hand, stands};
use crate::followup::Test;
use crate::refuse::required;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sealed, Sent, Tx, Vault, params};

/// It was another person's, or another result: it counts no more, and what is right is written down anew. What somebody decided by it
/// stands; that it was there, and why it is not, stays in the journal.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBackTest {
    pub id: Id<Sent>,
    pub test: Id<Test>,
    /// Sealed under the person's key.
    pub reason: Sealed<String>,
}

impl Change for TakeBackTest {
    const NAME: &'static str = "take back test";
    const NEEDS: Permission = Permission::FollowupWrite;
    const BASIS: Basis = Basis::OutbreakResponse;
    type Out = Stands;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(course_of_test(tx, self.test)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.test.to_string()]
    }

    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let owner = course_of_test(tx, self.test)?.subject.to_string();
        let key = Vault::key_for(tx, &owner)?;
        self.reason.shut(&key, &format!("followup_test.taken_back|{}", self.test))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Stands> {
        let course = course_of_test(tx, self.test)?.id;
        open_course(tx, course)?;
        demand_by_hand(tx, self.test)?;
        tx.run("DELETE FROM followup_test WHERE id = $1", params![self.test])?;
        stands(tx, course)
    }
}
