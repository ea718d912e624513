//! Taking a whole import back.

use crate::cases::changes::case_now;
use crate::cases::{keep_cases, keep_contacts};
use crate::imports::Import;
use crate::imports::changes::{CaseBefore, ContactBefore, before_context};
use crate::people::{Subject, forget_subject};
use crate::refuse::{invalid, missing, required};
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, Vault, params};

/// The whole import is taken back: what it created goes, what it changed returns to what it was. A record that somebody
/// changed afterwards stays as it is, and is counted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoImport {
    pub id: Id<Sent>,
    pub import: Id<Import>,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    pub removed: u64,
    pub restored: u64,
    /// Changed by somebody since, so left alone.
    pub kept: u64,
}

impl Change for UndoImport {
    const NAME: &'static str = "undo import";
    const NEEDS: Permission = Permission::ImportsRun;
    const BASIS: Basis = Basis::LineListImport;
    type Out = Undone;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let row = tx.first("SELECT territory FROM imports_import WHERE id = $1", params![self.import])?;
        row.ok_or_else(|| missing("import", "导入"))?.read(0)
    }
    fn about(&self) -> Vec<String> {
        vec![self.import.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Undone> {
        required("reason", &self.reason)?;
        let row = tx.first("SELECT state, at FROM imports_import WHERE id = $1", params![self.import])?;
        let row = row.ok_or_else(|| missing("import", "导入"))?;
        if row.text(0)? == "undone" {
            return Err(invalid("import.undone", "import", "this import is undone already", "该导入已撤销"));
        }
        let rows = tx.rows(
            "SELECT side, record, action, before FROM imports_row WHERE import = $1 ORDER BY line DESC, side DESC",
            params![self.import],
        )?;
        let written = self.last_written(tx)?;
        let mut undone = Undone::default();
        for row in rows {
            let (side, record, before) = (row.text(0)?, row.text(1)?, row.opt_text(3)?);
            let part = side.split(' ').next().unwrap_or_default();
            match (part, row.text(2)?.as_str()) {
                ("case", "created") => remove_case(tx, &record, written, &mut undone)?,
                ("case", _) => restore_case(tx, &record, before, written, &mut undone)?,
                ("contact", "created") => remove_contact(tx, &record, written, &mut undone)?,
                ("contact", _) => restore_contact(tx, &record, before, written, &mut undone)?,
                _ => {
                    tx.run("DELETE FROM cases_link WHERE id = $1", params![&record])?;
                }
            }
        }
        tx.run("UPDATE imports_import SET state = 'undone' WHERE id = $1", params![self.import])?;
        Ok(undone)
    }
}

impl UndoImport {
    /// The last moment at which this import itself wrote.
    fn last_written(&self, tx: &mut Tx<'_>) -> Result<Moment> {
        let sql = "SELECT max(j.at) FROM journal_about a JOIN journal j ON j.seq = a.seq WHERE a.record = $1";
        let at = tx.first(sql, params![self.import])?.map(|row| row.opt_int(0)).transpose()?.flatten();
        Ok(Moment(at.unwrap_or(tx.at.0)))
    }
}

fn changed_since(tx: &mut Tx<'_>, table: &str, record: &str, written: Moment) -> Result<bool> {
    let row = tx.first(&format!("SELECT changed FROM {table} WHERE id = $1"), params![record])?;
    Ok(row.map(|row| row.int(0)).transpose()?.is_none_or(|changed| changed > written.0))
}

fn remove_case(tx: &mut Tx<'_>, record: &str, written: Moment, undone: &mut Undone) -> Result<()> {
    if changed_since(tx, "cases_case", record, written)? {
        undone.kept += 1;
        return Ok(());
    }
    forget_subject_of(tx, "cases_case", record)?;
    for sql in [
        "DELETE FROM cases_link WHERE from_case = $1",
        "DELETE FROM cases_link WHERE to_case = $1",
        "DELETE FROM cases_dangling WHERE case_id = $1",
        "DELETE FROM cases_state WHERE case_id = $1",
        "DELETE FROM cases_case WHERE id = $1",
    ] {
        tx.run(sql, params![record])?;
    }
    undone.removed += 1;
    Ok(())
}

fn remove_contact(tx: &mut Tx<'_>, record: &str, written: Moment, undone: &mut Undone) -> Result<()> {
    if changed_since(tx, "cases_contact", record, written)? {
        undone.kept += 1;
        return Ok(());
    }
    forget_subject_of(tx, "cases_contact", record)?;
    tx.run("DELETE FROM cases_contact WHERE id = $1", params![record])?;
    undone.removed += 1;
    Ok(())
}

/// The person was known only through this import, so the key goes too: journal copies stay shut for good.
fn forget_subject_of(tx: &mut Tx<'_>, table: &str, record: &str) -> Result<()> {
    match tx.first(&format!("SELECT subject FROM {table} WHERE id = $1"), params![record])? {
        Some(row) => forget_subject(tx, row.read(0)?),
        None => Ok(()),
    }
}

fn restore_case(
    tx: &mut Tx<'_>,
    record: &str,
    before: Option<String>,
    written: Moment,
    undone: &mut Undone,
) -> Result<()> {
    if changed_since(tx, "cases_case", record, written)? {
        undone.kept += 1;
        return Ok(());
    }
    let id = record.parse().map_err(|_| missing("case", "病例"))?;
    let subject = case_now(tx, id)?.subject;
    let Some(key) = Vault::key_of(tx, &subject.to_string())? else { return Ok(()) };
    let before: CaseBefore = key.open(&before_context(subject), &before.unwrap_or_default())?;
    keep_cases(tx, &[(before.case, before.said.zip(before.mark))])?;
    undone.restored += 1;
    Ok(())
}

fn restore_contact(
    tx: &mut Tx<'_>,
    record: &str,
    before: Option<String>,
    written: Moment,
    undone: &mut Undone,
) -> Result<()> {
    if changed_since(tx, "cases_contact", record, written)? {
        undone.kept += 1;
        return Ok(());
    }
    let row = tx.first("SELECT subject FROM cases_contact WHERE id = $1", params![record])?;
    let subject: Id<Subject> = row.ok_or_else(|| missing("contact", "密接者"))?.read(0)?;
    let Some(key) = Vault::key_of(tx, &subject.to_string())? else { return Ok(()) };
    let before: ContactBefore = key.open(&before_context(subject), &before.unwrap_or_default())?;
    keep_contacts(tx, &[(before.contact, before.said.zip(before.mark))])?;
    undone.restored += 1;
    Ok(())
}
