//! What erased people said, and what was said about them, goes; that somebody was restricted, why and by whom, stays.

use crate::cases::among;
use crate::people::Subject;
use base::Id;
use store::{Query, Result, Tx, Value, params};

pub(crate) fn forget_restrictions(tx: &mut Tx<'_>, subjects: &[String]) -> Result<()> {
    for block in subjects.chunks(100) {
        let params: Vec<Value> = block.iter().map(Value::from).collect();
        let among = among(block.len());
        tx.run(&format!("UPDATE control_restriction SET note = NULL WHERE subject IN {among}"), &params)?;
        tx.run(
            &format!(
                "UPDATE control_restriction_appeal SET words = NULL, reason = NULL WHERE subject IN {among}"
            ),
            &params,
        )?;
        tx.run(
            &format!(
                "UPDATE control_restriction_verdict SET reason = NULL WHERE restriction IN \
                 (SELECT id FROM control_restriction WHERE subject IN {among})"
            ),
            &params,
        )?;
    }
    Ok(())
}

/// Whether somebody is or was restricted: as long as that is kept, so is who they are.
pub(crate) fn is_restricted(query: &mut dyn Query, subject: Id<Subject>) -> Result<bool> {
    let sql = "SELECT count(*) FROM control_restriction WHERE subject = $1";
    Ok(query.count(sql, params![subject])? > 0)
}
