//! A link of one's own: whoever holds its secret tells how that person is, and nothing about anybody else.

use super::open_course;
use crate::followup::Course;
use crate::followup::secret::{known_by, secret_of};
use base::Id;
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Query, Result, Sent, Tx, params};

/// A link is made, to be given to the person. The one before opens nothing any more.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveCheckInLink {
    pub id: Id<Sent>,
    pub course: Id<Course>,
    /// Made here: what its secret is known by.
    #[serde(default)]
    pub holder: Option<String>,
}

impl Change for GiveCheckInLink {
    const NAME: &'static str = "give check-in link";
    const NEEDS: Permission = Permission::FollowupWrite;
    type Out = ();
    of_one_course!();

    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.holder = Some(known_by(&secret_of(tx.vault(), self.id)));
        Ok(())
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        open_course(tx, self.course)?;
        tx.run(
            "UPDATE followup_course SET holder = $2 WHERE id = $1",
            params![self.course, self.holder.as_deref()],
        )?;
        Ok(())
    }
}
