//! What holds at a place for a gathering there: the level of its zone and what orders limit.

use crate::control::measures::limits_at;
use base::{Moment, Territory};
use control::Circumstances;
use store::{Query, Result};

/// The level of the pack where there is no zone.
const NO_ZONE: &str = "none";

pub(crate) fn circumstances(
    query: &mut dyn Query,
    territory: &Territory,
    time: (Moment, Moment),
    now: Moment,
) -> Result<Circumstances> {
    // No zone is kept yet; what holds without one is the pack's first level.
    let level = NO_ZONE.to_owned();
    Ok(Circumstances { level, limits: limits_at(query, territory, time, now)? })
}
