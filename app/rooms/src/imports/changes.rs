//! The writes of an import. Rows travel many to a change: one journal row, one fsync, and one answer for all of them.

use crate::cases::http::said_context;
use crate::cases::{
    Case, CaseRecord, ContactRecord, Event, LinkRecord, List, keep_cases, keep_contacts, keep_links,
};
use crate::imports::{Import, Report};
use crate::people::{Identity, RULES, Subject, keep_marks};
use base::{Id, Territory};
use cases::Evidence;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Value, Vault, params};

/// An import begins: file, mapping and target are on record before the first row.
#[derive(Debug, Serialize, Deserialize)]
pub struct StartImport {
    pub id: Id<Sent>,
    pub import: Id<Import>,
    pub territory: Territory,
    pub name: String,
    pub hash: String,
    pub kind: String,
    pub event: Option<Id<Event>>,
    pub list: Id<List>,
    pub list_name: String,
    pub list_is_new: bool,
    pub mapping: serde_json::Value,
    pub choice: serde_json::Value,
}

impl Change for StartImport {
    const NAME: &'static str = "start import";
    const NEEDS: Permission = Permission::ImportsRun;
    const BASIS: Basis = Basis::LineListImport;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        [Some(self.import.to_string()), self.event.map(|event| event.to_string())]
            .into_iter()
            .flatten()
            .collect()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        if self.list_is_new {
            tx.run(
                "INSERT INTO cases_list (id, territory, event, name, created) VALUES ($1, $2, $3, $4, $5)",
                params![self.list, &self.territory, self.event, &self.list_name, tx.at],
            )?;
        }
        tx.run(
            "INSERT INTO imports_import (id, territory, name, hash, state, kind, event, list, mapping, choice, report, \
             by_whom, at) VALUES ($1, $2, $3, $4, 'applying', $5, $6, $7, $8, $9, NULL, $10, $11)",
            params![
                self.import,
                &self.territory,
                &self.name,
                &self.hash,
                &self.kind,
                self.event,
                self.list,
                self.mapping.to_string(),
                self.choice.to_string(),
                &tx.actor.id,
                tx.at
            ],
        )?;
        Ok(())
    }
}

/// What a row said, by field; sealed with the person it speaks of.
pub type Said = BTreeMap<String, String>;

#[derive(Debug, Serialize, Deserialize)]
pub struct KeptCase {
    pub line: u64,
    /// Which part of the row it is: `case`, or `case from` and `case to` of a link.
    pub side: String,
    pub case: CaseRecord,
    pub said: Sealed<Said>,
    pub mark: String,
    pub identity: Option<Sealed<Identity>>,
    /// The record before, for undo; absent when this creates it.
    pub before: Option<Sealed<CaseBefore>>,
    /// The list classifies the case otherwise than before.
    pub reclassified: bool,
}

/// A case as it was, with what its row had said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseBefore {
    pub case: CaseRecord,
    pub said: Option<String>,
    pub mark: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct KeptContact {
    pub line: u64,
    pub contact: ContactRecord,
    pub said: Sealed<Said>,
    pub mark: String,
    pub identity: Option<Sealed<Identity>>,
    pub before: Option<Sealed<ContactBefore>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContactBefore {
    pub contact: ContactRecord,
    pub said: Option<String>,
    pub mark: Option<String>,
}

/// Rows without a record of their own: unchanged ones need no trace, links are told by [`ImportLinks`].
#[derive(Debug, Serialize, Deserialize)]
pub struct ImportRows {
    pub id: Id<Sent>,
    pub import: Id<Import>,
    pub territory: Territory,
    pub cases: Vec<KeptCase>,
    pub contacts: Vec<KeptContact>,
}

impl Change for ImportRows {
    const NAME: &'static str = "import rows";
    const NEEDS: Permission = Permission::ImportsRun;
    const BASIS: Basis = Basis::LineListImport;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        let cases = self.cases.iter().map(|kept| kept.case.id.to_string());
        let contacts = self.contacts.iter().map(|kept| kept.contact.id.to_string());
        std::iter::once(self.import.to_string()).chain(cases).chain(contacts).collect()
    }

    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let mut keys = Keys::default();
        for kept in &mut self.cases {
            let subject = kept.case.subject;
            let key = keys.of(tx, subject, kept.before.is_none())?;
            kept.said.shut(key, &said_context(subject))?;
            seal_optional(&mut kept.identity, key, &format!("people_subject.identity|{subject}"))?;
            seal_optional(&mut kept.before, key, &before_context(subject))?;
        }
        for kept in &mut self.contacts {
            let subject = kept.contact.subject;
            let key = keys.of(tx, subject, kept.before.is_none())?;
            kept.said.shut(key, &said_context(subject))?;
            seal_optional(&mut kept.identity, key, &format!("people_subject.identity|{subject}"))?;
            seal_optional(&mut kept.before, key, &before_context(subject))?;
        }
        tx.insert_many("INSERT INTO people_key (owner, wrapped)", 2, &keys.wrapped, "")
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        for kept in &self.cases {
            tx.actor.scope.demand_territory(&kept.case.territory)?;
        }
        for kept in &self.contacts {
            tx.actor.scope.demand_territory(&kept.contact.territory)?;
        }
        self.keep_subjects(tx)?;
        let cases: Vec<_> = self
            .cases
            .iter()
            .map(|kept| Ok((kept.case.clone(), Some((kept.said.cipher()?.to_owned(), kept.mark.clone())))))
            .collect::<Result<_>>()?;
        keep_cases(tx, &cases)?;
        let contacts: Vec<_> = self
            .contacts
            .iter()
            .map(|kept| Ok((kept.contact.clone(), Some((kept.said.cipher()?.to_owned(), kept.mark.clone())))))
            .collect::<Result<_>>()?;
        keep_contacts(tx, &contacts)?;
        self.keep_states(tx)?;
        self.keep_traces(tx)
    }
}

impl ImportRows {
    fn keep_subjects(&self, tx: &mut Tx<'_>) -> Result<()> {
        let cases = self.cases.iter().map(|kept| (kept.case.subject, &kept.case.territory, &kept.identity));
        let contacts =
            self.contacts.iter().map(|kept| (kept.contact.subject, &kept.contact.territory, &kept.identity));
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for (subject, territory, identity) in cases.chain(contacts) {
            let cipher = identity.as_ref().map(Sealed::cipher).transpose()?;
            rows.push(vec![subject.into(), territory.into(), cipher.into(), tx.at.into(), RULES.into()]);
        }
        tx.insert_many(
            "INSERT INTO people_subject (id, territory, identity, created, marked)",
            5,
            &rows,
            "ON CONFLICT (id) DO UPDATE SET territory = excluded.territory, marked = excluded.marked, \
             identity = coalesce(excluded.identity, people_subject.identity)",
        )?;
        // One that says nothing has nothing to be found by, unless an earlier edition said something.
        let says_something =
            |identity: &Option<Sealed<Identity>>, is_new: bool| identity.is_some() || !is_new;
        let cases = self.cases.iter().filter(|kept| says_something(&kept.identity, kept.before.is_none()));
        let contacts =
            self.contacts.iter().filter(|kept| says_something(&kept.identity, kept.before.is_none()));
        let marked: Vec<_> = cases
            .map(|kept| (kept.case.subject, kept.case.traits()))
            .chain(contacts.map(|kept| (kept.contact.subject, kept.contact.traits())))
            .collect();
        keep_marks(tx, &marked)
    }

    /// A new case starts its classification history; a reclassified one adds a step.
    fn keep_states(&self, tx: &mut Tx<'_>) -> Result<()> {
        let of = |kept: &KeptCase, tx: &Tx<'_>| {
            let (case, by) = (&kept.case, tx.actor.id.as_str());
            vec![case.id.into(), 0_i64.into(), case.classification.word().into(), tx.at.into(), by.into()]
        };
        let fresh = self.cases.iter().filter(|kept| kept.before.is_none());
        let rows: Vec<Vec<Value>> = fresh.map(|kept| of(kept, tx)).collect();
        let head = "INSERT INTO cases_state (case_id, seq, classification, at, by_whom)";
        tx.insert_many(head, 5, &rows, "ON CONFLICT DO NOTHING")?;
        for kept in self.cases.iter().filter(|kept| kept.reclassified) {
            let seq =
                tx.count("SELECT count(*) FROM cases_state WHERE case_id = $1", params![kept.case.id])?;
            let mut row = of(kept, tx);
            row[1] = seq.into();
            tx.insert_many(head, 5, &[row], "")?;
        }
        Ok(())
    }

    fn keep_traces(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let mut trace = |line: u64, side: &str, record: String, before: Option<&str>| {
            let action = if before.is_some() { "updated" } else { "created" };
            rows.push(vec![
                self.import.into(),
                line.into(),
                side.into(),
                record.into(),
                action.into(),
                before.map(str::to_owned).into(),
            ]);
        };
        for kept in &self.cases {
            let before = kept.before.as_ref().map(Sealed::cipher).transpose()?;
            trace(kept.line, &kept.side, kept.case.id.to_string(), before);
        }
        for kept in &self.contacts {
            let before = kept.before.as_ref().map(Sealed::cipher).transpose()?;
            trace(kept.line, "contact", kept.contact.id.to_string(), before);
        }
        tx.insert_many(
            "INSERT INTO imports_row (import, line, side, record, action, before)",
            6,
            &rows,
            "ON CONFLICT DO NOTHING",
        )
    }
}

pub(crate) fn before_context(subject: Id<Subject>) -> String {
    format!("imports_row.before|{subject}")
}

fn seal_optional<T: Serialize>(
    sealed: &mut Option<Sealed<T>>,
    key: &store::SubjectKey,
    context: &str,
) -> Result<()> {
    if let Some(sealed) = sealed {
        sealed.shut(key, context)?;
    }
    Ok(())
}

/// The keys of one chunk: new ones are made and written together, known ones are looked up once.
#[derive(Default)]
struct Keys {
    of: BTreeMap<String, store::SubjectKey>,
    wrapped: Vec<Vec<Value>>,
}

impl Keys {
    fn of(&mut self, tx: &mut Tx<'_>, subject: Id<Subject>, is_new: bool) -> Result<&store::SubjectKey> {
        let owner = subject.to_string();
        if !self.of.contains_key(&owner) {
            let known = if is_new { None } else { Vault::key_of(tx, &owner)? };
            let key = match known {
                Some(key) => key,
                None if !is_new && Vault::is_erased(tx, &owner)? => tx.vault().new_key(&owner).0,
                None => {
                    let (key, wrapped) = tx.vault().new_key(&owner);
                    self.wrapped.push(vec![owner.as_str().into(), wrapped.into()]);
                    key
                }
            };
            self.of.insert(owner.clone(), key);
        }
        Ok(&self.of[&owner])
    }
}

/// An infector a list names and no list has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dangling {
    pub case: Id<Case>,
    pub list: Id<List>,
    pub infector_no: String,
    pub evidence: Evidence,
    pub relation: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct ImportLinks {
    pub id: Id<Sent>,
    pub import: Id<Import>,
    pub territory: Territory,
    pub links: Vec<(u64, LinkRecord)>,
    pub dangling: Vec<Dangling>,
    /// Links this list said before and says no more.
    pub gone: Vec<(Id<Case>, Id<Case>)>,
    /// Cases whose infectors are told anew: what dangled before does so no more.
    pub retold: Vec<Id<Case>>,
}

impl Change for ImportLinks {
    const NAME: &'static str = "import links";
    const NEEDS: Permission = Permission::ImportsRun;
    const BASIS: Basis = Basis::LineListImport;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.import.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        for (from, to) in &self.gone {
            tx.run("DELETE FROM cases_link WHERE from_case = $1 AND to_case = $2", params![*from, *to])?;
        }
        for case in &self.retold {
            tx.run("DELETE FROM cases_dangling WHERE case_id = $1", params![*case])?;
        }
        let links: Vec<LinkRecord> = self.links.iter().map(|(_, link)| link.clone()).collect();
        keep_links(tx, &links)?;
        self.join_arrived(tx)?;
        let rows: Vec<Vec<Value>> = self
            .dangling
            .iter()
            .map(|dangling| {
                vec![
                    dangling.case.into(),
                    dangling.list.into(),
                    dangling.infector_no.as_str().into(),
                    dangling.evidence.word().into(),
                    dangling.relation.as_deref().into(),
                ]
            })
            .collect();
        tx.insert_many(
            "INSERT INTO cases_dangling (case_id, list, infector_no, evidence, relation)",
            5,
            &rows,
            "ON CONFLICT DO NOTHING",
        )?;
        let traces: Vec<Vec<Value>> = self
            .links
            .iter()
            .map(|(line, link)| {
                let side = format!("link {}", link.id);
                vec![
                    self.import.into(),
                    (*line).into(),
                    side.into(),
                    link.id.into(),
                    "created".into(),
                    Value::Null,
                ]
            })
            .collect();
        tx.insert_many(
            "INSERT INTO imports_row (import, line, side, record, action, before)",
            6,
            &traces,
            "ON CONFLICT DO NOTHING",
        )
    }
}

impl ImportLinks {
    /// An infector who was only a number before is a case now.
    fn join_arrived(&self, tx: &mut Tx<'_>) -> Result<()> {
        for (_, link) in &self.links {
            tx.run(
                "DELETE FROM cases_dangling WHERE case_id = $1 AND infector_no = (SELECT case_no FROM cases_case WHERE id = $2)",
                params![link.to, link.from],
            )?;
        }
        Ok(())
    }
}

/// The import is complete; its account is kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct FinishImport {
    pub id: Id<Sent>,
    pub import: Id<Import>,
    pub territory: Territory,
    /// `done`, or `cancelled` when a person stopped it and what was written stays until undone.
    pub state: String,
    /// Counts and codes only: cell values can name people.
    pub report: serde_json::Value,
    /// The whole report, sealed; kept beside the import and not journaled, because it can be as large as the file.
    #[serde(skip)]
    pub full: Option<Sealed<Report>>,
}

pub(crate) fn report_context(import: Id<Import>) -> String {
    format!("imports_import.full|{import}")
}

impl Change for FinishImport {
    const NAME: &'static str = "finish import";
    const NEEDS: Permission = Permission::ImportsRun;
    const BASIS: Basis = Basis::LineListImport;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.import.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let key = Vault::key_for(tx, &self.import.to_string())?;
        seal_optional(&mut self.full, &key, &report_context(self.import))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let full = self.full.as_ref().map(Sealed::cipher).transpose()?;
        tx.run(
            "UPDATE imports_import SET state = $2, report = $3, full_report = $4 WHERE id = $1",
            params![self.import, &self.state, self.report.to_string(), full],
        )?;
        tx.run(
            "UPDATE cases_event SET changed = $2 WHERE id = (SELECT event FROM imports_import WHERE id = $1)",
            params![self.import, tx.at],
        )?;
        Ok(())
    }
}

/// A mapping is kept for files with the same columns.
#[derive(Debug, Serialize, Deserialize)]
pub struct RememberMapping {
    pub id: Id<Sent>,
    pub fingerprint: String,
    pub mapping: serde_json::Value,
}

impl Change for RememberMapping {
    const NAME: &'static str = "remember mapping";
    const NEEDS: Permission = Permission::ImportsRun;
    const BASIS: Basis = Basis::LineListImport;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(
            "INSERT INTO imports_mapping (fingerprint, mapping, at) VALUES ($1, $2, $3) \
             ON CONFLICT (fingerprint) DO UPDATE SET mapping = excluded.mapping, at = excluded.at",
            params![&self.fingerprint, self.mapping.to_string(), tx.at],
        )?;
        Ok(())
    }
}
