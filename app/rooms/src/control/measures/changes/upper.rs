//! The next upper government says yes or no.

use super::{demand_short, place_of, stamp};
use crate::control::measures::record::measure_in_reach;
use crate::control::measures::{Deed, Order, denied, party_of};
use crate::control::permits::reopen_affected;
use crate::refuse::required;
use base::{Id, Territory};
use control::Party;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx};

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

impl Change for ApproveMeasure {
    const NAME: &'static str = "approve measure";
    const NEEDS: Permission = Permission::ControlApprove;
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
        demand_short("note", &self.note)?;
        let mut record = measure_in_reach(tx, self.measure)?;
        let by = stamp(self.by.as_ref(), tx.at)?;
        record.measure.approve(by.clone()).map_err(denied)?;
        record.keep(tx, Deed::Approved, Some(&by.by), &self.note)?;
        reopen_affected(tx, &record.measure.terms.territory)?;
        Ok(())
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

impl Change for RefuseMeasure {
    const NAME: &'static str = "refuse measure";
    const NEEDS: Permission = Permission::ControlApprove;
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
        record.measure.refuse(by.clone()).map_err(denied)?;
        record.keep(tx, Deed::Refused, Some(&by.by), &self.reason)
    }
}
