//! Whether a measure is still needed, and what it did.

use super::{demand_short, place_of, stamp};
use crate::control::measures::record::measure_in_reach;
use crate::control::measures::{Deed, Order, denied, party_of};
use crate::refuse::{invalid, required};
use base::{Id, Territory};
use control::Party;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx};

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

impl Change for ReviewMeasure {
    const NAME: &'static str = "review measure";
    const NEEDS: Permission = Permission::ControlPropose;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        place_of(tx, self.measure)
    }
    fn about(&self) -> Vec<String> {
        vec![self.measure.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.by = Some(party_of(tx)?);
        Ok(())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("reason", &self.reason)?;
        demand_short("reason", &self.reason)?;
        let mut record = measure_in_reach(tx, self.measure)?;
        let by = stamp(self.by.as_ref(), tx.at)?;
        record.measure.review(tx.at).map_err(denied)?;
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

impl Change for TellEffect {
    const NAME: &'static str = "tell effect";
    const NEEDS: Permission = Permission::ControlPropose;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        place_of(tx, self.measure)
    }
    fn about(&self) -> Vec<String> {
        vec![self.measure.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.by = Some(party_of(tx)?);
        Ok(())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("note", &self.note)?;
        demand_short("note", &self.note)?;
        if [self.r_before, self.r_after].iter().any(|r| !(0.0..=50.0).contains(r)) {
            return Err(invalid(
                "control.r",
                "r_after",
                "a reproduction number lies between 0 and 50; correct it",
                "再生数应在 0 至 50 之间；请更正",
            ));
        }
        let record = measure_in_reach(tx, self.measure)?;
        let by = stamp(self.by.as_ref(), tx.at)?;
        let told = format!("R {:.2} → {:.2}: {}", self.r_before, self.r_after, self.note.trim());
        record.note(tx, Deed::EffectTold, Some(&by.by), &told)
    }
}
