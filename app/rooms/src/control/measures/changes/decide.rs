//! The government that orders a measure decides it, announces it, and ends it.

use super::{demand_short, place_of, stamp};
use crate::control::measures::record::measure_in_reach;
use crate::control::measures::{Deed, Order, denied, party_of};
use crate::control::permits::reopen_affected;
use crate::refuse::required;
use base::{Id, Territory};
use control::Party;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx};

/// The government that is to order it says yes or no: to a proposal, or to a longer end.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideMeasure {
    pub id: Id<Sent>,
    pub measure: Id<Order>,
    pub agreed: bool,
    /// For the file; no person's name.
    #[serde(default)]
    pub note: String,
    /// Written by the house when the change comes in.
    #[serde(default)]
    #[schemars(skip)]
    pub by: Option<Party>,
}

impl Change for DecideMeasure {
    const NAME: &'static str = "decide measure";
    const NEEDS: Permission = Permission::ControlDecide;
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
        let deed = if self.agreed {
            record.measure.decide(by.clone()).map_err(denied)?;
            Deed::Decided
        } else {
            required("note", &self.note)?;
            record.measure.turn_down(by.clone()).map_err(denied)?;
            Deed::TurnedDown
        };
        record.keep(tx, deed, Some(&by.by), &self.note)?;
        reopen_affected(tx, &record.measure.terms.territory)?;
        Ok(())
    }
}

/// The notice is out: on the boards, on the page of the place.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnounceMeasure {
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

impl Change for AnnounceMeasure {
    const NAME: &'static str = "announce measure";
    const NEEDS: Permission = Permission::ControlDecide;
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
        record.measure.announce(tx.at).map_err(denied)?;
        record.keep(tx, Deed::Announced, Some(&by.by), &self.note)
    }
}

/// It is no longer needed, or never was: it ends now.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftMeasure {
    pub id: Id<Sent>,
    pub measure: Id<Order>,
    /// Why; no person's name.
    pub reason: String,
    /// Written by the house when the change comes in.
    #[serde(default)]
    #[schemars(skip)]
    pub by: Option<Party>,
}

impl Change for LiftMeasure {
    const NAME: &'static str = "lift measure";
    const NEEDS: Permission = Permission::ControlDecide;
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
        record.measure.lift(by.clone()).map_err(denied)?;
        record.keep(tx, Deed::Lifted, Some(&by.by), &self.reason)
    }
}
