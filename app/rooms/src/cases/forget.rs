//! What the records of erased people say in words goes; what statistics count stays.

use store::{Query, Result, Tx, Value};

/// The records that were about them, by id.
#[derive(Debug, Default)]
pub struct Forgotten {
    pub cases: Vec<String>,
    pub contacts: Vec<String>,
}

/// Owners in one statement.
const BLOCK: usize = 100;

pub fn forget_words(tx: &mut Tx<'_>, subjects: &[String]) -> Result<Forgotten> {
    let mut forgotten = Forgotten::default();
    for block in subjects.chunks(BLOCK) {
        let params: Vec<Value> = block.iter().map(Value::from).collect();
        let among = among(block.len());
        for (table, records) in
            [("cases_case", &mut forgotten.cases), ("cases_contact", &mut forgotten.contacts)]
        {
            for row in
                tx.rows(&format!("SELECT id FROM {table} WHERE subject IN {among} ORDER BY id"), &params)?
            {
                records.push(row.text(0)?);
            }
            let sql = format!("UPDATE {table} SET said = NULL, said_mark = NULL WHERE subject IN {among}");
            tx.run(&sql, &params)?;
        }
        tx.run(
            &format!(
                "UPDATE cases_state SET reason = NULL WHERE reason IS NOT NULL AND case_id IN \
                 (SELECT id FROM cases_case WHERE subject IN {among})"
            ),
            &params,
        )?;
    }
    Ok(forgotten)
}

/// The notes of an event whose time to be kept is over.
pub fn forget_notes(tx: &mut Tx<'_>, event: &str) -> Result<()> {
    tx.run("DELETE FROM cases_note WHERE event = $1", &[Value::from(event)])?;
    Ok(())
}

/// `($1,$2,…)`.
pub(crate) fn among(count: usize) -> String {
    let places: Vec<String> = (1..=count).map(|place| format!("${place}")).collect();
    format!("({})", places.join(","))
}
