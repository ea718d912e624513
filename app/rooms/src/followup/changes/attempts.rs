//! Somebody was to be seen, and was not.

use super::open_course;
use super::telling::{checked_moment, day_of, demand_in_time};
use crate::followup::{Check, Course, NotSeen};
use crate::refuse::exists;
use base::{Id, Moment};
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Query, Result, Sent, Tx, params};

/// Nobody was reached, or they would not answer. The day's check is as owed as before.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellNotSeen {
    pub id: Id<Sent>,
    pub check: Id<Check>,
    pub course: Id<Course>,
    /// When, in milliseconds; now, when nothing is said.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub at: Option<Moment>,
    pub why: NotSeen,
}

impl Change for TellNotSeen {
    const NAME: &'static str = "tell not seen";
    const NEEDS: Permission = Permission::FollowupWrite;
    type Out = ();
    of_one_course!();

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let record = open_course(tx, self.course)?;
        let at = checked_moment(tx, &record, self.at)?;
        demand_in_time(tx, at)?;
        if tx.count("SELECT count(*) FROM followup_attempt WHERE id = $1", params![self.check])? > 0 {
            return Err(exists("attempt", "未见记录"));
        }
        let (told, by) = (tx.at, tx.actor.id.clone());
        tx.run(
            "INSERT INTO followup_attempt (id, course, at, day, why, told, by_whom) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![self.check, self.course, at, day_of(at), self.why.word(), told, by],
        )?;
        Ok(())
    }
}
