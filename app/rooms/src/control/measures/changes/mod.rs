//! Every write about measures.

mod decide;
mod effect;
mod extend;
mod propose;
mod turn;
mod upper;

pub use decide::{AnnounceMeasure, DecideMeasure, LiftMeasure};
pub use effect::{ReviewMeasure, TellEffect};
pub use extend::ExtendMeasure;
pub use propose::ProposeMeasure;
pub use turn::{LapseMeasure, RemindReview};
pub use upper::{ApproveMeasure, RefuseMeasure};

use crate::control::measures::Order;
use crate::control::measures::record::measure_in_reach;
use crate::refuse::{invalid, required};
use base::{Id, Moment, Territory};
use control::{Party, Stamp};
use store::{Error, Result, Tx};

/// A step somebody takes with a measure they reach. Who they are is written into it when it comes in; what it does is its `take`.
macro_rules! step {
    (impl Change for $step:ident { const NAME: &'static str = $name:literal; const NEEDS: Permission = $needs:expr; }) => {
        impl Change for $step {
            const NAME: &'static str = $name;
            const NEEDS: Permission = $needs;
            const BASIS: store::Basis = store::Basis::GradedControl;
            type Out = ();

            fn id(&self) -> Id<Sent> {
                self.id
            }
            fn territory(&self, tx: &mut Tx<'_>) -> Result<base::Territory> {
                super::place_of(tx, self.measure)
            }
            fn about(&self) -> Vec<String> {
                vec![self.measure.to_string()]
            }
            fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
                self.by = Some(crate::control::measures::party_of(tx)?);
                Ok(())
            }
            fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
                let record = crate::control::measures::record::measure_in_reach(tx, self.measure)?;
                let by = super::stamp(self.by.as_ref(), tx.at)?;
                self.take(tx, record, by)
            }
        }
    };
}
use step;

fn place_of(tx: &mut Tx<'_>, measure: Id<Order>) -> Result<Territory> {
    Ok(measure_in_reach(tx, measure)?.measure.terms.territory)
}

/// The party was written into the change when it was sealed.
fn stamp(by: Option<&Party>, at: Moment) -> Result<Stamp> {
    let by = by.cloned().ok_or_else(|| Error::Shape("a measure's change without its party".to_owned()))?;
    Ok(Stamp { at, by })
}

/// Words of an order are read by everybody it reaches: short, and without anybody's name.
const LONGEST: usize = 600;

fn demand_short(field: &str, text: &str) -> Result<()> {
    if text.chars().count() <= LONGEST {
        return Ok(());
    }
    Err(invalid(
        "control.too_wordy",
        field,
        format!(
            "`{field}` is longer than {LONGEST} letters; say it shorter, and put what is long into a note of the event"
        ),
        format!("“{field}”超过 {LONGEST} 字；请精简，详情写入疫情事件备注"),
    ))
}

/// Something must be said, and shortly.
fn demand_said(field: &str, text: &str) -> Result<()> {
    required(field, text)?;
    demand_short(field, text)
}
