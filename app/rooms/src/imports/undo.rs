//! Taking a whole import back.

use crate::cases::{keep_cases, keep_contacts};
use crate::imports::changes::{CaseBefore, ContactBefore, before_context};
use crate::imports::reach::import_in_reach;
use crate::imports::{Import, forget_reports};
use crate::people::{Subject, forget_subject, keep_marks};
use crate::refuse::{invalid, missing, required};
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Vault, params};

/// The whole import is taken back: what it created goes, what it changed returns to what it was. A record that somebody
/// changed afterwards stays as it is, and is counted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoImport {
    pub id: Id<Sent>,
    pub import: Id<Import>,
    /// Free text, so it is sealed; with a key of its own, because that of the import's report goes with the import.
    pub reason: Sealed<String>,
    /// What the changed records were before, in the order in which they are taken back. Opened when the change first
    /// arrives: when the tables are rebuilt from the journal the person's key may be gone.
    #[serde(default)]
    pub before: Option<Vec<Option<Before>>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    Case(CaseBefore),
    Contact(ContactBefore),
}

impl UndoImport {
    pub fn of(import: Id<Import>, reason: String) -> UndoImport {
        UndoImport {
            id: Id::from_bits(store::random_bits()),
            import,
            reason: Sealed::Open(reason),
            before: None,
        }
    }
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
        let actor = tx.actor;
        import_in_reach(tx, &actor.scope, self.import)
    }
    fn about(&self) -> Vec<String> {
        vec![self.import.to_string()]
    }

    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let owner = format!("undo|{}", self.import);
        let key = Vault::key_for(tx, &owner)?;
        self.reason.shut(&key, &format!("undo_import.reason|{owner}"))?;
        let mut before = Vec::new();
        for trace in self.traces(tx)? {
            if let Some(sealed) = trace.before {
                before.push(open_before(tx, &trace.part, &trace.record, &sealed)?);
            }
        }
        self.before = Some(before);
        Ok(())
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Undone> {
        let row = tx.first("SELECT state, at FROM imports_import WHERE id = $1", params![self.import])?;
        let row = row.ok_or_else(|| missing("import", "导入"))?;
        if row.text(0)? == "undone" {
            return Err(invalid("import.undone", "import", "this import is undone already", "该导入已撤销"));
        }
        let traces = self.traces(tx)?;
        let written = self.last_written(tx)?;
        let mut opened = self.before.clone().map(Vec::into_iter);
        let mut undone = Undone::default();
        for trace in traces {
            let before = match (&trace.before, &mut opened) {
                (None, _) => None,
                (Some(_), Some(opened)) => opened.next().flatten(),
                // A row of the journal from before the opened records were kept with it.
                (Some(sealed), None) => open_before(tx, &trace.part, &trace.record, sealed)?,
            };
            match (trace.part.as_str(), trace.before.is_some()) {
                ("case", false) => remove_case(tx, &trace.record, written, &mut undone)?,
                ("contact", false) => remove_contact(tx, &trace.record, written, &mut undone)?,
                ("case" | "contact", true) => restore(tx, &trace, before, written, &mut undone)?,
                _ => {
                    tx.run("DELETE FROM cases_link WHERE id = $1", params![&trace.record])?;
                }
            }
        }
        // The report quotes the rows of people who are forgotten.
        forget_reports(tx, &[self.import.to_string()])?;
        tx.run("UPDATE imports_import SET state = 'undone' WHERE id = $1", params![self.import])?;
        Ok(undone)
    }
}

/// What one row of the import did.
struct Trace {
    part: String,
    record: String,
    /// Sealed; absent when the row created the record.
    before: Option<String>,
}

impl UndoImport {
    /// From the last row to the first, so that what was changed twice ends as it began.
    fn traces(&self, tx: &mut Tx<'_>) -> Result<Vec<Trace>> {
        let rows = tx.rows(
            "SELECT side, record, before FROM imports_row WHERE import = $1 ORDER BY line DESC, side DESC",
            params![self.import],
        )?;
        let trace = |row: &store::Row| {
            let side = row.text(0)?;
            let part = side.split(' ').next().unwrap_or_default().to_owned();
            Ok(Trace { part, record: row.text(1)?, before: row.opt_text(2)? })
        };
        rows.iter().map(trace).collect()
    }

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

fn restore(
    tx: &mut Tx<'_>,
    trace: &Trace,
    before: Option<Before>,
    written: Moment,
    undone: &mut Undone,
) -> Result<()> {
    let table = if trace.part == "case" { "cases_case" } else { "cases_contact" };
    if changed_since(tx, table, &trace.record, written)? {
        undone.kept += 1;
        return Ok(());
    }
    match before {
        Some(Before::Case(before)) => {
            keep_marks(tx, &[(before.case.subject, before.case.traits())])?;
            keep_cases(tx, &[(before.case, before.said.zip(before.mark))])?;
        }
        Some(Before::Contact(before)) => {
            keep_marks(tx, &[(before.contact.subject, before.contact.traits())])?;
            keep_contacts(tx, &[(before.contact, before.said.zip(before.mark))])?;
        }
        None => return Ok(()),
    }
    undone.restored += 1;
    Ok(())
}

/// `None`: the person's key is gone, or the record is.
fn open_before(tx: &mut Tx<'_>, part: &str, record: &str, sealed: &str) -> Result<Option<Before>> {
    let table = if part == "case" { "cases_case" } else { "cases_contact" };
    let row = tx.first(&format!("SELECT subject FROM {table} WHERE id = $1"), params![record])?;
    let Some(subject) = row.map(|row| row.read::<Id<Subject>>(0)).transpose()? else { return Ok(None) };
    let Some(key) = Vault::key_of(tx, &subject.to_string())? else { return Ok(None) };
    let context = before_context(subject);
    Ok(Some(match part {
        "case" => Before::Case(key.open(&context, sealed)?),
        _ => Before::Contact(key.open(&context, sealed)?),
    }))
}
