//! A later end is asked for; it waits for the same yes as the measure did.

use super::{demand_short, place_of, stamp};
use crate::control::measures::record::measure_in_reach;
use crate::control::measures::{Deed, Order, denied, party_of};
use crate::packed;
use crate::refuse::required;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Id, Moment, Territory};
use control::Party;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx};

/// A measure is still needed past its end. Until this is decided, and approved where the article asks, its end stays.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendMeasure {
    pub id: Id<Sent>,
    pub measure: Id<Order>,
    #[schemars(with = "i64")]
    pub ends: Moment,
    /// Why; no person's name.
    pub reason: String,
    /// Written by the house when the change comes in.
    #[serde(default)]
    #[schemars(skip)]
    pub by: Option<Party>,
}

impl Change for ExtendMeasure {
    const NAME: &'static str = "extend measure";
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
        record
            .measure
            .ask_extension(self.ends, by.clone(), packed::measures(), UTC_OFFSET_MINUTES)
            .map_err(denied)?;
        record.keep(tx, Deed::LongerAsked, Some(&by.by), &self.reason)
    }
}
