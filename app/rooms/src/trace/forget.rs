//! What erased people said and where they said they were goes; that there was an interview, and its clocks, stays.

use crate::cases::among;
use store::{Result, Tx, Value};

/// Tables whose rows are somebody's words.
const WORDS: [&str; 3] = ["trace_answer", "trace_visit", "trace_visit_before"];

pub(crate) fn forget_told(tx: &mut Tx<'_>, subjects: &[String]) -> Result<()> {
    for block in subjects.chunks(100) {
        let params: Vec<Value> = block.iter().map(Value::from).collect();
        let among = among(block.len());
        for table in WORDS {
            tx.run(&format!("DELETE FROM {table} WHERE subject IN {among}"), &params)?;
        }
        let unsaid = [("trace_exposure", "note = NULL, reason = NULL"), ("trace_handed", "reason = NULL")];
        for (table, unsaid) in unsaid {
            tx.run(&format!("UPDATE {table} SET {unsaid} WHERE subject IN {among}"), &params)?;
        }
        let sql = format!(
            "UPDATE trace_interview SET answered = 0, visits = 0, conflicts = 0, core_though = NULL, full_though = NULL \
             WHERE subject IN {among}"
        );
        tx.run(&sql, &params)?;
    }
    Ok(())
}
