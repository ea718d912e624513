//! What is forgotten with a person: where they live, what was noted and what proved that somebody was there. That there was a task stays,
//! and nobody goes on looking for them.

use crate::cases::among;
use crate::tasks::opening::{Closing, cancel};
use crate::tasks::record::{COLUMNS, TaskRecord};
use base::Territory;
use store::{Query, Result, Row, Tx, Value, params};

pub(crate) fn forget_tasks(tx: &mut Tx<'_>, subjects: &[String]) -> Result<()> {
    for block in subjects.chunks(100) {
        let params: Vec<Value> = block.iter().map(Value::from).collect();
        let open = format!(
            "SELECT {COLUMNS} FROM tasks_task t WHERE t.subject IN {} AND t.active = 1 ORDER BY t.id",
            among(block.len())
        );
        for row in tx.rows(&open, &params)? {
            cancel(tx, &TaskRecord::of(&row)?, Closing::SourceEnded)?;
        }
        let sql = format!(
            "UPDATE tasks_task SET spot = NULL, inside = NULL, proof = NULL, photo = NULL WHERE subject IN {}",
            among(block.len())
        );
        tx.run(&sql, &params)?;
    }
    Ok(())
}

/// Tasks about nobody whose note or proof is kept still and that ended by then: owner, territory, nothing, when, not held.
pub(crate) fn words_due(query: &mut dyn Query, territory: &Territory, until: i64) -> Result<Vec<Row>> {
    let (first, past) = territory.range();
    let sql = "SELECT id, territory, NULL, ended, 0 FROM tasks_task WHERE active = 0 AND subject IS NULL \
               AND (inside IS NOT NULL OR proof IS NOT NULL OR photo IS NOT NULL) AND ended <= $3 \
               AND (territory || '') >= $1 AND (territory || '') < $2 ORDER BY ended, id";
    query.rows(sql, params![first, past, until])
}

/// Their key goes too; that there was a task stays.
pub(crate) fn forget_task_words(tx: &mut Tx<'_>, owners: &[String]) -> Result<()> {
    for task in owners.iter().filter(|owner| owner.starts_with("task_")) {
        tx.run(
            "UPDATE tasks_task SET inside = NULL, proof = NULL, photo = NULL WHERE id = $1 AND subject IS NULL",
            params![task],
        )?;
    }
    Ok(())
}
