//! Records by the people they are about, for whoever may know who they are or what became of them.

use crate::cases::views::Filter;
use crate::cases::{CaseRecord, ContactRecord, among, case_columns, contact_columns};
use crate::people::Subject;
use base::{Id, Territory};
use store::{Permission, Query, Result, Scope, Value, params};

/// The people of a list, without those who were erased: at most `most` and one more, in the order of their handles.
pub fn people_listed(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    contacts: bool,
    most: u64,
) -> Result<Vec<Id<Subject>>> {
    scope.demand(if contacts { Permission::ContactsRead } else { Permission::CasesRead })?;
    let conditions = filter.conditions_of_all(scope, contacts)?;
    let (table, alias) = if contacts { ("cases_contact", "k") } else { ("cases_case", "c") };
    let sql = format!(
        "SELECT DISTINCT {alias}.subject FROM {table} {alias} WHERE {} ORDER BY {alias}.subject LIMIT {}",
        conditions.sql,
        most + 1
    );
    query.rows(&sql, &conditions.params)?.iter().map(|row| row.read(0)).collect()
}

/// How many cases a list counts.
pub fn cases_listed(query: &mut dyn Query, scope: &Scope, filter: &Filter) -> Result<u64> {
    let conditions = filter.conditions_of_all(scope, false)?;
    let sql = format!("SELECT count(*) FROM cases_case c WHERE {}", conditions.sql);
    Ok(query.count(&sql, &conditions.params)?.unsigned_abs())
}

pub fn cases_of(
    query: &mut dyn Query,
    territory: &Territory,
    subjects: &[Id<Subject>],
) -> Result<Vec<CaseRecord>> {
    let mut found = Vec::new();
    for block in subjects.chunks(100) {
        let params: Vec<Value> = block.iter().map(|subject| (*subject).into()).collect();
        let sql = format!(
            "SELECT {} FROM cases_case c WHERE c.subject IN {} ORDER BY c.id",
            case_columns(),
            among(block.len())
        );
        for row in query.rows(&sql, &params)? {
            found.push(CaseRecord::of(&row)?);
        }
    }
    found.retain(|case| territory.holds(&case.territory));
    Ok(found)
}

pub fn contacts_of(
    query: &mut dyn Query,
    territory: &Territory,
    subjects: &[Id<Subject>],
) -> Result<Vec<ContactRecord>> {
    let mut found = Vec::new();
    for block in subjects.chunks(100) {
        let params: Vec<Value> = block.iter().map(|subject| (*subject).into()).collect();
        let sql = format!(
            "SELECT {} FROM cases_contact k WHERE k.subject IN {} ORDER BY k.id",
            contact_columns(),
            among(block.len())
        );
        for row in query.rows(&sql, &params)? {
            found.push(ContactRecord::of(&row)?);
        }
    }
    found.retain(|contact| territory.holds(&contact.territory));
    Ok(found)
}

/// Everything by whose id the journal may speak of a person: the handle, and the records about them.
pub fn ids_about(query: &mut dyn Query, subject: Id<Subject>) -> Result<Vec<String>> {
    let sql = "SELECT id FROM cases_case WHERE subject = $1 UNION ALL SELECT id FROM cases_contact WHERE subject = $1";
    let rows = query.rows(sql, params![subject])?;
    std::iter::once(Ok(subject.to_string())).chain(rows.iter().map(|row| row.text(0))).collect()
}
