//! Lists that leave. One with names needs a purpose that opens identities, a reason, a second person and a limit of rows;
//! its file is made when it is fetched, so none lies about, and nobody who was erased meanwhile is in it. Every list, with
//! names or without, stands in the ledger.

use crate::access::second_person::{Ask, AskKind, use_agreed};
use crate::packed;
use crate::people::Subject;
use crate::refuse::{invalid, missing, required};
use base::{Id, Moment, Named, Territory};
use packs::Kept;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{Basis, Change, Permission, Query, Result, Scope, Sealed, Sent, Tx, Value, Vault, params};

pub struct Export;
impl Named for Export {
    const PREFIX: &'static str = "export";
}

cases::words! {
    /// Of which records a list is made.
    Listed, "kind of list" { Cases = "cases", Contacts = "contacts" }
}

/// A broken download may be repeated; a link that is passed on is not worth much.
const MOST_FETCHES: i64 = 3;

/// Somebody asks for, and by a second person's agreement gets, a list with names.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportIdentities {
    pub id: Id<Sent>,
    pub export: Id<Export>,
    pub territory: Territory,
    pub what: Listed,
    pub purpose: String,
    pub filter: String,
    pub reason: Sealed<String>,
    pub subjects: Vec<Id<Subject>>,
    /// The session that asked: another one cannot fetch it.
    pub session: String,
    pub ask: Id<Ask>,
}

/// What a second person agrees to.
pub fn export_agreement(what: Listed, purpose: &str, filter: &str) -> String {
    format!("{} for {purpose}: {}", what.word(), if filter.is_empty() { "all" } else { filter })
}

fn reason_context(export: &str) -> String {
    format!("people_export.reason|{export}")
}

impl Change for ExportIdentities {
    const NAME: &'static str = "export identities";
    const NEEDS: Permission = Permission::IdentityExport;
    const BASIS: Basis = Basis::IdentityOpening;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        let subjects = self.subjects.iter().map(Id::to_string);
        [self.export.to_string(), self.ask.to_string()].into_iter().chain(subjects).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        demand_rows(&tx.actor.scope, self.subjects.len() as u64, true)?;
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let export = self.export.to_string();
        let key = Vault::key_for(tx, &export)?;
        self.reason.shut(&key, &reason_context(&export))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        use_agreed(
            tx,
            self.ask,
            AskKind::ExportIdentities,
            &export_agreement(self.what, &self.purpose, &self.filter),
        )?;
        let days = packed::retention().of(Kept::Export).map_or(1, |clock| i64::from(clock.keep_days));
        tx.run(
            "INSERT INTO people_export (id, territory, what, names, purpose, filter, reason, rows, by_whom, session, taken, \
             at, ends) VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, 0, $10, $11)",
            params![
                self.export,
                &self.territory,
                self.what.word(),
                &self.purpose,
                &self.filter,
                self.reason.cipher()?,
                self.subjects.len(),
                &tx.actor.id,
                &self.session,
                tx.at,
                tx.at.plus_seconds(days * 86_400)
            ],
        )?;
        let rows: Vec<Vec<Value>> =
            self.subjects.iter().map(|subject| vec![(*subject).into(), self.export.into()]).collect();
        let head = "INSERT INTO people_export_person (subject, export)";
        tx.insert_many(head, 2, &rows, "ON CONFLICT DO NOTHING")
    }
}

/// The file of an export is fetched. Written before a name is opened.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchExport {
    pub id: Id<Sent>,
    pub export: Id<Export>,
    pub session: String,
}

impl Change for FetchExport {
    const NAME: &'static str = "fetch export";
    const NEEDS: Permission = Permission::IdentityExport;
    const BASIS: Basis = Basis::IdentityOpening;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.own(tx)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.export.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let pending = self.own(tx)?;
        if pending.ends <= tx.at || pending.taken >= MOST_FETCHES {
            return Err(invalid(
                "people.export_over",
                "export",
                "this link is over; ask for the list again if it is still needed",
                "该链接已失效；如仍需要请重新申请",
            ));
        }
        tx.run("UPDATE people_export SET taken = taken + 1 WHERE id = $1", params![self.export])?;
        Ok(())
    }
}

impl FetchExport {
    /// Of somebody else's link, or another session's, not even that it exists is told.
    fn own(&self, tx: &mut Tx<'_>) -> Result<Pending> {
        let pending = pending(tx, self.export)?;
        if pending.by == tx.actor.id && pending.session == self.session {
            return Ok(pending);
        }
        Err(missing("export", "导出"))
    }
}

struct Pending {
    territory: Territory,
    by: String,
    session: String,
    taken: i64,
    ends: Moment,
}

fn pending(query: &mut dyn Query, export: Id<Export>) -> Result<Pending> {
    let sql =
        "SELECT territory, by_whom, session, taken, ends FROM people_export WHERE id = $1 AND names = 1";
    let row = query.first(sql, params![export])?.ok_or_else(|| missing("export", "导出"))?;
    Ok(Pending {
        territory: row.read(0)?,
        by: row.text(1)?,
        session: row.text(2)?,
        taken: row.int(3)?,
        ends: Moment(row.int(4)?),
    })
}

/// Rows without names leave as a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportRows {
    pub id: Id<Sent>,
    pub export: Id<Export>,
    pub territory: Territory,
    pub what: Listed,
    pub purpose: String,
    pub filter: String,
    pub rows: u64,
}

impl Change for ExportRows {
    const NAME: &'static str = "export rows";
    const NEEDS: Permission = Permission::DataExport;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.export.to_string()]
    }
    /// What the role may take out is asked once, when it leaves.
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        demand_rows(&tx.actor.scope, self.rows, false)
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(
            "INSERT INTO people_export (id, territory, what, names, purpose, filter, rows, by_whom, taken, at) \
             VALUES ($1, $2, $3, 0, $4, $5, $6, $7, 1, $8)",
            params![
                self.export,
                &self.territory,
                self.what.word(),
                &self.purpose,
                &self.filter,
                self.rows,
                &tx.actor.id,
                tx.at
            ],
        )?;
        Ok(())
    }
}

/// How many rows a role may take out at once.
pub fn most_rows(scope: &Scope, names: bool) -> u64 {
    let role = packed::roles().role(&scope.role);
    role.map_or(0, |role| u64::from(if names { role.identity_rows } else { role.export_rows }))
}

pub fn demand_rows(scope: &Scope, rows: u64, names: bool) -> Result<()> {
    let most = most_rows(scope, names);
    // The operator's own command line reads the database file anyway.
    if rows <= most || scope.role == "operator" {
        return Ok(());
    }
    Err(invalid(
        "people.export_limit",
        "filter",
        format!("these are {rows} rows and your role takes out {most} at most; narrow the filter"),
        format!("共 {rows} 行，您的角色一次最多导出 {most} 行；请缩小筛选范围"),
    ))
}

/// Whoever is erased stands in no list that is fetched afterwards.
pub fn forget_exports(tx: &mut Tx<'_>, subjects: &[String]) -> Result<()> {
    for subject in subjects {
        tx.run("DELETE FROM people_export_person WHERE subject = $1", params![subject])?;
    }
    Ok(())
}

/// What a fetched file is made of.
pub struct Wanted {
    pub what: Listed,
    pub subjects: Vec<Id<Subject>>,
}

pub fn wanted(query: &mut dyn Query, export: Id<Export>) -> Result<Wanted> {
    let row = query.first("SELECT what FROM people_export WHERE id = $1", params![export])?;
    let row = row.ok_or_else(|| missing("export", "导出"))?;
    let sql = "SELECT subject FROM people_export_person WHERE export = $1 ORDER BY subject";
    let subjects = query.rows(sql, params![export])?;
    Ok(Wanted {
        what: row.read(0)?,
        subjects: subjects.iter().map(|row| row.read(0)).collect::<Result<_>>()?,
    })
}

/// The ledger: a data officer sees what left the territory, everybody else their own.
pub fn exports(query: &mut dyn Query, scope: &Scope, me: &str) -> Result<Vec<Json>> {
    let oversees = scope.may(Permission::PrivacyOversee);
    if !oversees {
        scope.demand(Permission::IdentityExport).or_else(|_| scope.demand(Permission::DataExport))?;
    }
    let (first, past) = scope.territory.range();
    let sql = "SELECT id, territory, what, names, purpose, filter, reason, rows, by_whom, taken, at, ends FROM people_export \
               WHERE territory >= $1 AND territory < $2 AND ($3 = '' OR by_whom = $3) ORDER BY at DESC, id LIMIT 500";
    let mut told = Vec::new();
    for row in query.rows(sql, params![first, past, if oversees { "" } else { me }])? {
        let (id, by) = (row.text(0)?, row.text(8)?);
        let sealed = row.opt_text(6)?;
        let key = if sealed.is_some() { Vault::key_of(query, &id)? } else { None };
        let reason = sealed
            .zip(key)
            .map(|(sealed, key)| key.open::<String>(&reason_context(&id), &sealed))
            .transpose()?;
        told.push(json!({
            "id": id, "territory": row.text(1)?, "what": row.text(2)?, "names": row.int(3)? != 0,
            "purpose": row.text(4)?, "filter": row.text(5)?, "reason": reason, "rows": row.int(7)?,
            "by": crate::people::who(query, &by)?, "own": by == me, "taken": row.int(9)?,
            "at": Moment(row.int(10)?).to_string(),
            "ends": row.opt_int(11)?.map(|at| Moment(at).to_string()),
            "fetches_left": row.opt_int(11)?.map(|_| (MOST_FETCHES - row.int(9).unwrap_or(0)).max(0)),
        }));
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agreement_says_what_for_what_and_which() {
        let told = export_agreement(Listed::Contacts, "follow_up", "event=event_1");
        assert_eq!(told, "contacts for follow_up: event=event_1");
        assert_eq!(
            export_agreement(Listed::Cases, "outbreak_response", ""),
            "cases for outbreak_response: all"
        );
    }
}
