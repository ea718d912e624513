//! While somebody of a tube is to be sampled again, a task says so.

use crate::tasks::{Closing, Errand, Source, wants};
use base::{Moment, Territory};
use store::{Query, Result, Tx, params};

/// Due with the first of those who wait. It closes when the last of them has a result.
pub(crate) fn ask_again(tx: &mut Tx<'_>, tube: &str) -> Result<()> {
    let sql = "SELECT territory, due FROM lab_hold WHERE barcode = $1 AND ended IS NULL ORDER BY due, position LIMIT 1";
    let waiting = tx.first(sql, params![tube])?;
    let source = Source { room: "lab", record: &format!("tube_{tube}") };
    match waiting {
        Some(row) => {
            let (territory, due): (Territory, i64) = (row.read(0)?, row.int(1)?);
            let errand = Errand::of("sample_again", due).due(Moment(due));
            wants(tx, source, &territory, &[errand], Closing::DoneOtherwise)
        }
        None => wants(tx, source, &Territory::whole(), &[], Closing::DoneOtherwise),
    }
}
