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
use crate::refuse::invalid;
use base::{Id, Moment, Territory};
use control::{Party, Stamp};
use store::{Error, Result, Tx};

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
