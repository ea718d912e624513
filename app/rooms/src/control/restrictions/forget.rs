//! What erased people said, and what was said about them, goes; that somebody was restricted, why and by whom, stays.

use crate::cases::among;
use store::{Result, Tx, Value};

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
