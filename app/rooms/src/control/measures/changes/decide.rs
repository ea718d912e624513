//! The government that orders a measure decides it, announces it, and ends it.

use super::{demand_said, demand_short, step};
use crate::control::measures::record::MeasureRecord;
use crate::control::measures::{Deed, Order, denied};
use crate::control::permits::look_again;
use base::Id;
use control::{Party, Stamp};
use serde::{Deserialize, Serialize};
use store::{Change, Permission, Result, Sent, Tx};

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

step! {
    impl Change for DecideMeasure {
        const NAME: &'static str = "decide measure";
        const NEEDS: Permission = Permission::ControlDecide;
    }
}

impl DecideMeasure {
    fn take(&self, tx: &mut Tx<'_>, mut record: MeasureRecord, by: Stamp) -> Result<()> {
        let who = by.by.clone();
        let deed = if self.agreed {
            demand_short("note", &self.note)?;
            record.measure.decide(by).map_err(denied)?;
            Deed::Decided
        } else {
            demand_said("note", &self.note)?;
            record.measure.turn_down(by).map_err(denied)?;
            Deed::TurnedDown
        };
        record.keep(tx, deed, Some(&who), &self.note)?;
        look_again(tx, &record.measure.terms.territory)
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

step! {
    impl Change for AnnounceMeasure {
        const NAME: &'static str = "announce measure";
        const NEEDS: Permission = Permission::ControlDecide;
    }
}

impl AnnounceMeasure {
    fn take(&self, tx: &mut Tx<'_>, mut record: MeasureRecord, by: Stamp) -> Result<()> {
        demand_short("note", &self.note)?;
        record.measure.announce(by.at).map_err(denied)?;
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

step! {
    impl Change for LiftMeasure {
        const NAME: &'static str = "lift measure";
        const NEEDS: Permission = Permission::ControlDecide;
    }
}

impl LiftMeasure {
    fn take(&self, tx: &mut Tx<'_>, mut record: MeasureRecord, by: Stamp) -> Result<()> {
        demand_said("reason", &self.reason)?;
        let who = by.by.clone();
        record.measure.lift(by).map_err(denied)?;
        record.keep(tx, Deed::Lifted, Some(&who), &self.reason)?;
        look_again(tx, &record.measure.terms.territory)
    }
}
