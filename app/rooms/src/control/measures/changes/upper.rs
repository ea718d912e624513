//! The next upper government says yes or no.

use super::{demand_said, demand_short, step};
use crate::control::measures::record::MeasureRecord;
use crate::control::measures::{Deed, Order, denied};
use crate::control::permits::look_again;
use base::Id;
use control::{Party, Stamp};
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Result, Sent, Tx};

/// The next upper government says yes: beforehand, to a longer end, or afterwards to what it was told at once.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveMeasure {
    pub id: Id<Sent>,
    pub measure: Id<Order>,
    /// For the file; no person's name.
    #[serde(default)]
    pub note: String,
    /// Written by the house when the change comes in.
    #[serde(default)]
    #[schemars(skip)]
    pub by: Option<Party>,
}

step! {
    impl Change for ApproveMeasure {
        const NAME: &'static str = "approve measure";
        const NEEDS: Permission = Permission::ControlApprove;
    }
}

impl ApproveMeasure {
    fn take(&self, tx: &mut Tx<'_>, mut record: MeasureRecord, by: Stamp) -> Result<()> {
        demand_short("note", &self.note)?;
        let who = by.by.clone();
        record.measure.approve(by).map_err(denied)?;
        record.keep(tx, Deed::Approved, Some(&who), &self.note)?;
        look_again(tx, &record.measure.terms.territory)
    }
}

/// A government above says no: what was not yet allowed is refused, what is in force is lifted at once.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefuseMeasure {
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
    impl Change for RefuseMeasure {
        const NAME: &'static str = "refuse measure";
        const NEEDS: Permission = Permission::ControlApprove;
    }
}

impl RefuseMeasure {
    fn take(&self, tx: &mut Tx<'_>, mut record: MeasureRecord, by: Stamp) -> Result<()> {
        demand_said("reason", &self.reason)?;
        let who = by.by.clone();
        record.measure.refuse(by).map_err(denied)?;
        record.keep(tx, Deed::Refused, Some(&who), &self.reason)?;
        look_again(tx, &record.measure.terms.territory)
    }
}
