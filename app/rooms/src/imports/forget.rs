//! An import's own traces of people who are erased: what their records were before, and the report that quotes its rows.

use crate::cases::among;
use store::{Query, Result, Tx, Value, Vault, params};

const BLOCK: usize = 100;

/// Of these cases and contacts nothing is left that was sealed. The whole report of an import quotes cells of every row, so
/// it goes with the first person it speaks of; its counts stay. Returns how many reports went.
pub fn forget_traces(tx: &mut Tx<'_>, records: &[String]) -> Result<usize> {
    let mut imports = std::collections::BTreeSet::new();
    for block in records.chunks(BLOCK) {
        let params: Vec<Value> = block.iter().map(Value::from).collect();
        let among = among(block.len());
        let sql = format!("SELECT DISTINCT import FROM imports_row WHERE record IN {among} ORDER BY import");
        for row in tx.rows(&sql, &params)? {
            imports.insert(row.text(0)?);
        }
        tx.run(
            &format!("UPDATE imports_row SET before = '' WHERE before IS NOT NULL AND record IN {among}"),
            &params,
        )?;
    }
    let imports: Vec<String> = imports.into_iter().collect();
    forget_reports(tx, &imports)
}

/// Returns how many had not gone before.
pub fn forget_reports(tx: &mut Tx<'_>, imports: &[String]) -> Result<usize> {
    let mut gone = 0;
    for import in imports {
        gone += usize::from(!Vault::is_erased(tx, import)?);
        tx.run("UPDATE imports_import SET full_report = NULL WHERE id = $1", params![import])?;
    }
    Vault::destroy(tx, imports)?;
    Ok(gone)
}
