//! Whether a measure is still needed, and what it did.

use super::{demand_said, step};
use crate::control::measures::record::MeasureRecord;
use crate::control::measures::{Deed, Order, denied};
use crate::refuse::invalid;
use base::Id;
use control::{Party, Stamp};
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Result, Sent, Tx};

/// Half of its time is over, or more: somebody looked, and it is still needed.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewMeasure {
    pub id: Id<Sent>,
    pub measure: Id<Order>,
    /// Why; no person's name.
    pub reason: String,
    /// Written by the house when the change comes in.
    #[serde(default)]
    #[schemars(skip)]
    pub by: Option<Party>,
}

step! {
    impl Change for ReviewMeasure {
        const NAME: &'static str = "review measure";
        const NEEDS: Permission = Permission::ControlPropose;
    }
}

impl ReviewMeasure {
    fn take(&self, tx: &mut Tx<'_>, mut record: MeasureRecord, by: Stamp) -> Result<()> {
        demand_said("reason", &self.reason)?;
        record.measure.review(by.at).map_err(denied)?;
        record.keep(tx, Deed::Reviewed, Some(&by.by), &self.reason)
    }
}

/// What it did to the reproduction number, as far as that can be told.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellEffect {
    pub id: Id<Sent>,
    pub measure: Id<Order>,
    pub r_before: f64,
    pub r_after: f64,
    /// How it was estimated, over which days; no person's name.
    pub note: String,
    /// Written by the house when the change comes in.
    #[serde(default)]
    #[schemars(skip)]
    pub by: Option<Party>,
}

step! {
    impl Change for TellEffect {
        const NAME: &'static str = "tell effect";
        const NEEDS: Permission = Permission::ControlPropose;
    }
}

impl TellEffect {
    fn take(&self, tx: &mut Tx<'_>, record: MeasureRecord, by: Stamp) -> Result<()> {
        demand_said("note", &self.note)?;
        if [self.r_before, self.r_after].iter().any(|r| !(0.0..=50.0).contains(r)) {
            return Err(invalid(
                "control.r",
                "r_after",
                "a reproduction number lies between 0 and 50; correct it",
                "再生数应在 0 至 50 之间；请更正",
            ));
        }
        let told = format!("R {:.2} → {:.2}: {}", self.r_before, self.r_after, self.note.trim());
        record.note(tx, Deed::EffectTold, Some(&by.by), &told)
    }
}
