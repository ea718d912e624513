//! People change over to another edition, by the rule of transition it states.

use super::deciding::end;
use super::place_of_all;
use super::placing::known_edition;
use crate::followup::course::{course_in_reach, look_anew, today};
use crate::followup::errands::drop_errands;
use crate::followup::plans::followed_of;
use crate::followup::{Course, EndedAs};
use crate::refuse::missing;
use base::{Id, Territory};
use followup::{EffectKind, switch};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

/// These people change over. What it does to each was shown before; what holds when it is written is what happens.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchEdition {
    pub id: Id<Sent>,
    pub courses: Vec<Id<Course>>,
    pub to: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct SwitchedOut {
    /// How many of each effect.
    pub effects: BTreeMap<String, usize>,
    /// Who was under it already, or is through.
    pub untouched: usize,
}

impl Change for SwitchEdition {
    const NAME: &'static str = "switch edition";
    const NEEDS: Permission = Permission::FollowupRelease;
    const BASIS: Basis = Basis::OutbreakResponse;
    type Out = SwitchedOut;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        place_of_all(tx, &self.courses)
    }
    fn about(&self) -> Vec<String> {
        self.courses.iter().map(Id::to_string).collect()
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<SwitchedOut> {
        let new = known_edition(&self.to)?;
        let today = today(tx);
        let mut out = SwitchedOut { effects: BTreeMap::new(), untouched: 0 };
        for course in &self.courses {
            let record = course_in_reach(tx, *course)?;
            let old = record.edition().ok_or_else(|| missing("edition", "方案"))?;
            let followed = followed_of(tx, &record)?;
            let under_it = record.ended.is_some() || record.protocol == new.id;
            let Some(effect) = (!under_it).then(|| switch(old, new, &followed, today)).flatten() else {
                out.untouched += 1;
                continue;
            };
            *out.effects.entry(effect.what.word().to_owned()).or_default() += 1;
            if effect.what == EffectKind::NoLonger {
                end(tx, &record, EndedAs::NoLonger, self.id)?;
            } else if let Some(switched) = effect.switched {
                drop_errands(tx, &record)?;
                let told = serde_json::to_string(&switched).unwrap_or_default();
                tx.run(
                    "UPDATE followup_course SET protocol = $2, version = $3, switched = $4 WHERE id = $1",
                    params![*course, &new.id, &new.version, told],
                )?;
                look_anew(tx, *course)?;
            }
        }
        Ok(out)
    }
}
