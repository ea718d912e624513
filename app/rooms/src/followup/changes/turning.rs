//! Another day: what was missed yesterday is missed.

use super::place_of_all;
use crate::followup::Course;
use crate::followup::course::look_anew;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx};

/// People are looked at as of today; sent by the house's clockwork.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnFollowUp {
    pub id: Id<Sent>,
    pub courses: Vec<Id<Course>>,
}

impl Change for TurnFollowUp {
    const NAME: &'static str = "turn follow up";
    const NEEDS: Permission = Permission::FollowupWrite;
    const BASIS: Basis = Basis::OutbreakResponse;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        place_of_all(tx, &self.courses)
    }
    fn about(&self) -> Vec<String> {
        self.courses.iter().map(Id::to_string).collect()
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        for course in &self.courses {
            look_anew(tx, *course)?;
        }
        Ok(())
    }
}
