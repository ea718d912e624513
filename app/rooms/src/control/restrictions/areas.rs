//! Whether a place was under control on some days.

use base::{Day, Territory};
use store::{Query, Result};

/// Of high or medium risk on one of these days. No area is kept in this house before zones are; until then there was none.
pub(super) fn at_risk(_query: &mut dyn Query, _place: &Territory, _days: (Day, Day)) -> Result<bool> {
    Ok(false)
}
