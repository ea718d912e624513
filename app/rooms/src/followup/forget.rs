//! What was seen of erased people goes; that somebody was followed, and by which edition, stays.

use crate::cases::among;
use store::{Result, Tx, Value};

/// Tables whose rows say how somebody was.
const SEEN: [&str; 4] = ["followup_check", "followup_test", "followup_move", "followup_attempt"];

pub(crate) fn forget_followed(tx: &mut Tx<'_>, subjects: &[String]) -> Result<()> {
    let at = tx.at;
    for block in subjects.chunks(100) {
        let mut params: Vec<Value> = block.iter().map(Value::from).collect();
        let among = among(block.len());
        for table in SEEN {
            let sql = format!(
                "DELETE FROM {table} WHERE course IN (SELECT id FROM followup_course WHERE subject IN {among})"
            );
            tx.run(&sql, &params)?;
        }
        params.push(at.into());
        let sql = format!(
            "UPDATE followup_course SET exempt_reason = NULL, holder = NULL, home = '', age = NULL, level = 0, standing = 'ended', ended = coalesce(ended, ${}) \
             WHERE subject IN {among}",
            params.len()
        );
        tx.run(&sql, &params)?;
    }
    Ok(())
}
