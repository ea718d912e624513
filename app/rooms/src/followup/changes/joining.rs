//! A sample of the laboratory is a test of somebody who is followed: written down by the house, and told again when it becomes
//! something else.

use super::telling::stands;
use crate::followup::course::course_in_reach;
use crate::followup::{Course, Test};
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Id, Moment, Territory};
use followup::Outcome;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// What a sample stands for now. Nothing of it says which tube it was, or who else was in it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinSwab {
    pub id: Id<Sent>,
    /// Of a sample nobody has told of by hand.
    pub test: Id<Test>,
    pub course: Id<Course>,
    pub swab: String,
    pub at: Moment,
    pub outcome: Outcome,
    #[serde(default)]
    pub ct: Option<f64>,
}

impl Change for JoinSwab {
    const NAME: &'static str = "join swab";
    const NEEDS: Permission = Permission::FollowupWrite;
    const BASIS: Basis = Basis::LaboratoryTesting;
    /// Whether it told something new.
    type Out = bool;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(course_in_reach(tx, self.course)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.course.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<bool> {
        // It was let go meanwhile, or ended as a case: nothing is added to what is over.
        if course_in_reach(tx, self.course)?.ended.is_some() {
            return Ok(false);
        }
        let (told, outcome) = (tx.at, self.outcome.word());
        let known = "SELECT id, outcome, ct FROM followup_test WHERE course = $1 AND swab = $2";
        let known = tx.first(known, params![self.course, &self.swab])?;
        if let Some(row) = known {
            // A Ct that is known later decides after a discharge what the same outcome means.
            if row.text(1)? == outcome && (self.ct.is_none() || row.opt_real(2)? == self.ct) {
                return Ok(false);
            }
            let test: Id<Test> = row.read(0)?;
            tx.run(
                "UPDATE followup_test SET outcome = $2, ct = $3, told = $4 WHERE id = $1",
                params![test, outcome, self.ct, told],
            )?;
        } else if let Some(test) = self.told_by_hand(tx)? {
            tx.run(
                "UPDATE followup_test SET swab = $2, at = $3, outcome = $4, ct = coalesce($5, ct), told = $6 WHERE id = $1",
                params![test, &self.swab, self.at, outcome, self.ct, told],
            )?;
        } else {
            let by = tx.actor.id.clone();
            let day = self.at.day_at_offset(UTC_OFFSET_MINUTES);
            tx.run(
                "INSERT INTO followup_test (id, course, at, day, outcome, ct, told, by_whom, swab) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                params![self.test, self.course, self.at, day, outcome, self.ct, told, by, &self.swab],
            )?;
        }
        stands(tx, self.course)?;
        Ok(true)
    }
}

impl JoinSwab {
    /// The same sample, noted at the door: of that day, without a sample of the laboratory, and telling nothing else.
    fn told_by_hand(&self, tx: &mut Tx<'_>) -> Result<Option<Id<Test>>> {
        let sql = "SELECT id FROM followup_test WHERE course = $1 AND day = $2 AND swab IS NULL AND outcome IN ('waiting', $3) \
                   ORDER BY at, id LIMIT 1";
        let day = self.at.day_at_offset(UTC_OFFSET_MINUTES);
        let row = tx.first(sql, params![self.course, day, self.outcome.word()])?;
        row.map(|row| row.read(0)).transpose()
    }
}
