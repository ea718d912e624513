//! What is forgotten with a person: where they live, what was noted and what proved that somebody was there. That there was a task stays.

use crate::cases::among;
use store::{Result, Tx, Value};

pub(crate) fn forget_tasks(tx: &mut Tx<'_>, subjects: &[String]) -> Result<()> {
    for block in subjects.chunks(100) {
        let params: Vec<Value> = block.iter().map(Value::from).collect();
        let sql = format!(
            "UPDATE tasks_task SET spot = NULL, inside = NULL, proof = NULL, photo = NULL WHERE subject IN {}",
            among(block.len())
        );
        tx.run(&sql, &params)?;
    }
    Ok(())
}
