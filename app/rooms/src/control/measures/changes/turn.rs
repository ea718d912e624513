//! What the clock does to measures.

use crate::control::measures::record::measure_in_reach;
use crate::control::measures::review::ask_for_review;
use crate::control::measures::{Deed, Order};
use crate::control::permits::look_again;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx};

/// An end that came is noted, so that lists and pages learn of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LapseMeasure {
    pub id: Id<Sent>,
    pub measure: Id<Order>,
}

impl Change for LapseMeasure {
    const NAME: &'static str = "lapse measure";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        super::place_of(tx, self.measure)
    }
    fn about(&self) -> Vec<String> {
        vec![self.measure.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut record = measure_in_reach(tx, self.measure)?;
        if record.closed.is_some() || !record.measure.state(tx.at).is_over() {
            return Ok(());
        }
        record.closed = Some(record.measure.terms.ends);
        record.keep(tx, Deed::Lapsed, None, "")?;
        look_again(tx, &record.measure.terms.territory)
    }
}

/// Half of its time is over: somebody should look whether it is still needed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemindReview {
    pub id: Id<Sent>,
    pub measure: Id<Order>,
}

impl Change for RemindReview {
    const NAME: &'static str = "remind review";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::GradedControl;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        super::place_of(tx, self.measure)
    }
    fn about(&self) -> Vec<String> {
        vec![self.measure.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let record = measure_in_reach(tx, self.measure)?;
        if !record.measure.is_review_due(tx.at) {
            return Ok(());
        }
        ask_for_review(tx, &record)?;
        record.note(tx, Deed::ReviewDue, None, "")
    }
}
