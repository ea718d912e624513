//! A later end is asked for; it waits for the same yes as the measure did.

use super::{demand_said, step};
use crate::control::measures::record::MeasureRecord;
use crate::control::measures::{Deed, Order, denied};
use crate::packed;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Id, Moment};
use control::{Party, Stamp};
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Result, Sent, Tx};

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

step! {
    impl Change for ExtendMeasure {
        const NAME: &'static str = "extend measure";
        const NEEDS: Permission = Permission::ControlPropose;
    }
}

impl ExtendMeasure {
    fn take(&self, tx: &mut Tx<'_>, mut record: MeasureRecord, by: Stamp) -> Result<()> {
        demand_said("reason", &self.reason)?;
        let who = by.by.clone();
        let asked = record.measure.ask_extension(self.ends, by, packed::measures(), UTC_OFFSET_MINUTES);
        asked.map_err(denied)?;
        record.keep(tx, Deed::LongerAsked, Some(&who), &self.reason)
    }
}
