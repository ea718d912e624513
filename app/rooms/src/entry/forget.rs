//! What is forgotten with somebody who stands on a roster: by what they were known. That somebody worked there stays.

use crate::cases::among;
use crate::cases::views::ids_about;
use crate::control::restrictions::is_restricted;
use crate::people::Subject;
use base::{Id, Moment, Territory};
use store::{Query, Result, Tx, Value, params};

pub(crate) fn forget_workers(tx: &mut Tx<'_>, subjects: &[String]) -> Result<()> {
    let at = tx.at;
    for block in subjects.chunks(100) {
        let mut params: Vec<Value> = block.iter().map(Value::from).collect();
        let theirs = among(block.len());
        tx.run(
            &format!("DELETE FROM entry_known WHERE worker IN (SELECT id FROM entry_worker WHERE subject IN {theirs})"),
            &params,
        )?;
        params.push(at.into());
        let last = params.len();
        tx.run(
            &format!("UPDATE entry_worker SET mark = NULL, forgotten = ${last}, struck = coalesce(struck, ${last}) WHERE subject IN {theirs}"),
            &params,
        )?;
    }
    Ok(())
}

/// Whoever stands on no roster any more since then and in no other record, where, and since when.
pub(crate) fn workers_due(
    query: &mut dyn Query,
    (first, past): (String, String),
    until: i64,
) -> Result<Vec<(Id<Subject>, Territory, Moment)>> {
    let sql = "SELECT subject, min(territory), max(struck) FROM entry_worker WHERE territory >= $1 AND territory < $2 \
               AND forgotten IS NULL GROUP BY subject HAVING count(struck) = count(*) AND max(struck) <= $3 ORDER BY subject";
    let mut due = Vec::new();
    for row in query.rows(sql, params![first, past, until])? {
        let subject: Id<Subject> = row.read(0)?;
        if ids_about(query, subject)?.len() == 1 && !is_restricted(query, subject)? {
            due.push((subject, row.read(1)?, Moment(row.int(2)?)));
        }
    }
    Ok(due)
}
