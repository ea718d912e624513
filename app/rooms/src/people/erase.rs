//! Erasing people: their keys go, and with them what every copy of the journal and the tables holds sealed. Counts stay.

use crate::access::second_person::{Ask, AskKind, use_agreed};
use crate::cases::{among, forget_notes, forget_words};
use crate::control::restrictions::forget_restrictions;
use crate::entry::forget_workers;
use crate::followup::forget_followed;
use crate::imports::{forget_reports, forget_traces};
use crate::people::clusters::forget_links;
use crate::people::{Subject, forget_exports};
use crate::refuse::{invalid, missing};
use crate::tasks::{forget_task_words, forget_tasks};
use crate::trace::fence::{forget_visitors, forget_visits};
use crate::trace::forget_told;
use base::{Id, Named, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, Value, Vault, params};

pub struct Erasure;
impl Named for Erasure {
    const PREFIX: &'static str = "erasure";
}

cases::words! {
    /// Why somebody is erased.
    Ground, "ground of an erasure" {
        /// The purpose for which they were recorded has ended: a clock of the retention pack has run out.
        PurposeEnded = "purpose_ended",
        /// The person, or a court, demands it (Personal Information Protection Law art. 47).
        LegalDemand = "legal_demand",
        /// A restored backup brought back who had been erased before.
        Repeated = "repeated",
    }
}

/// At most so many in one change: its row in the journal names them all.
pub const MOST: usize = 5_000;

/// Whoever runs the clocks where the pack lets them run by themselves.
pub const CLOCKWORK: &str = "clockwork";

/// People, or the words kept about an event or an import, are erased for good.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasePeople {
    pub id: Id<Sent>,
    pub erasure: Id<Erasure>,
    pub territory: Territory,
    pub ground: Ground,
    /// Of the retention pack, when a purpose has ended.
    #[serde(default)]
    pub clock: Option<String>,
    #[serde(default)]
    pub subjects: Vec<Id<Subject>>,
    /// Events whose notes go, imports whose reports go, registered visits of people of whom more is known, tasks about nobody.
    #[serde(default)]
    pub words_of: Vec<String>,
    /// The second person's agreement, and to what it was given.
    #[serde(default)]
    pub ask: Option<Id<Ask>>,
    #[serde(default)]
    pub agreed_to: String,
}

/// What an agreement to an erasure on demand is given to.
pub fn demand_of(subjects: &[Id<Subject>]) -> String {
    let handles: Vec<String> = subjects.iter().map(Id::to_string).collect();
    handles.join(" ")
}

impl ErasePeople {
    /// Nobody erases alone. A clock that the pack lets run by itself, and the repetition after a restore, were agreed to
    /// before; they run as the program itself.
    fn demand_second_person(&self, tx: &mut Tx<'_>) -> Result<()> {
        if let Some(ask) = self.ask {
            return use_agreed(tx, ask, AskKind::ErasePeople, &self.agreed_to);
        }
        let by_itself = [CLOCKWORK, "operator"].contains(&tx.actor.id.as_str());
        if by_itself && self.ground != Ground::LegalDemand {
            return Ok(());
        }
        Err(invalid(
            "people.second_person",
            "ask",
            "nobody erases alone; ask a second person and run this again when they have agreed",
            "销毁须双人复核；请先申请第二人同意后再执行",
        ))
    }
}

impl Change for ErasePeople {
    const NAME: &'static str = "erase people";
    const NEEDS: Permission = Permission::PeopleErase;
    const BASIS: Basis = Basis::PrivacyProtection;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        let subjects = self.subjects.iter().map(Id::to_string);
        std::iter::once(self.erasure.to_string()).chain(subjects).chain(self.words_of.clone()).collect()
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let subjects: Vec<String> = self.subjects.iter().map(Id::to_string).collect();
        if (subjects.is_empty() && self.words_of.is_empty()) || subjects.len() > MOST {
            return Err(invalid(
                "people.how_many",
                "subjects",
                format!("an erasure takes 1 to {MOST} people; choose fewer and run it again for the others"),
                format!("一次销毁 1 至 {MOST} 人；请分批执行"),
            ));
        }
        self.demand_second_person(tx)?;
        demand_reach(tx, &subjects, self.ground)?;
        if self.ground != Ground::Repeated {
            // A restored copy may still have a hold that was over when they were erased.
            demand_no_hold(tx, &subjects, &self.words_of)?;
        }
        let counts = erase(tx, &subjects)?;
        for owner in &self.words_of {
            if owner.starts_with("event_") {
                forget_notes(tx, owner)?;
            }
        }
        forget_visits(tx, &self.words_of)?;
        forget_task_words(tx, &self.words_of)?;
        let imports: Vec<String> =
            self.words_of.iter().filter(|owner| owner.starts_with("import_")).cloned().collect();
        let reports = forget_reports(tx, &imports)?;
        Vault::destroy(tx, &self.words_of)?;
        let seq = tx.count("SELECT coalesce(max(seq), 0) + 1 FROM journal", params![])?;
        tx.run(
            "INSERT INTO people_erasure (id, territory, ground, clock, people, cases, contacts, notes, reports, second, seq, \
             by_whom, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            params![
                self.erasure,
                &self.territory,
                self.ground.word(),
                self.clock.as_deref(),
                subjects.len(),
                counts.cases,
                counts.contacts,
                self.words_of.iter().filter(|owner| owner.starts_with("event_")).count(),
                counts.reports + reports,
                self.ask.is_some(),
                seq,
                &tx.actor.id,
                tx.at
            ],
        )?;
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Counts {
    cases: usize,
    contacts: usize,
    reports: usize,
}

/// The one path on which people are erased.
fn erase(tx: &mut Tx<'_>, subjects: &[String]) -> Result<Counts> {
    let at = tx.at;
    Vault::destroy(tx, subjects)?;
    for block in subjects.chunks(100) {
        let mut params: Vec<Value> = block.iter().map(Value::from).collect();
        params.push(at.into());
        let (among, last) = (among(block.len()), params.len());
        let sql = format!("UPDATE people_subject SET identity = NULL, erased = ${last} WHERE id IN {among}");
        tx.run(&sql, &params)?;
    }
    unmark(tx, subjects)?;
    let forgotten = forget_words(tx, subjects)?;
    let records: Vec<String> = forgotten.cases.iter().chain(&forgotten.contacts).cloned().collect();
    forget_exports(tx, subjects)?;
    forget_visitors(tx, subjects)?;
    forget_told(tx, subjects)?;
    forget_followed(tx, subjects)?;
    forget_tasks(tx, subjects)?;
    forget_workers(tx, subjects)?;
    forget_restrictions(tx, subjects)?;
    let reports = forget_traces(tx, &records)?;
    Ok(Counts { cases: forgotten.cases.len(), contacts: forgotten.contacts.len(), reports })
}

/// Nobody is found or linked any more who is erased.
fn unmark(tx: &mut Tx<'_>, subjects: &[String]) -> Result<()> {
    for subject in subjects {
        if let Ok(handle) = subject.parse() {
            forget_links(tx, handle)?;
        }
        tx.run("DELETE FROM people_mark WHERE subject = $1", params![subject])?;
    }
    Ok(())
}

/// The person was known only through an import that is taken back: nothing of them is left but that their key was destroyed.
pub fn forget_subject(tx: &mut Tx<'_>, subject: Id<Subject>) -> Result<()> {
    let subjects = [subject.to_string()];
    Vault::destroy(tx, &subjects)?;
    unmark(tx, &subjects)?;
    forget_exports(tx, &subjects)?;
    forget_told(tx, &subjects)?;
    forget_followed(tx, &subjects)?;
    forget_tasks(tx, &subjects)?;
    forget_workers(tx, &subjects)?;
    tx.run("DELETE FROM people_subject WHERE id = $1", params![subject])?;
    Ok(())
}

/// Everybody lies inside the actor's territory. What a restored backup brings back may be gone from the tables.
fn demand_reach(tx: &mut Tx<'_>, subjects: &[String], ground: Ground) -> Result<()> {
    let mut found = 0;
    for block in subjects.chunks(100) {
        let params: Vec<Value> = block.iter().map(Value::from).collect();
        let sql = format!("SELECT territory FROM people_subject WHERE id IN {}", among(block.len()));
        for row in tx.rows(&sql, &params)? {
            let territory: Territory = row.read(0)?;
            if tx.actor.scope.territory.holds(&territory) {
                found += 1;
            }
        }
    }
    if found < subjects.len() && ground != Ground::Repeated {
        return Err(missing("person", "人员"));
    }
    Ok(())
}

/// What a court or an inquiry still needs is not erased.
fn demand_no_hold(tx: &mut Tx<'_>, subjects: &[String], words_of: &[String]) -> Result<()> {
    let mut held = 0;
    for block in subjects.chunks(100) {
        let params: Vec<Value> = block.iter().map(Value::from).collect();
        let among = among(block.len());
        for table in ["cases_case", "cases_contact"] {
            let sql = format!(
                "SELECT count(*) FROM {table} r JOIN people_hold h ON h.event = r.event WHERE r.subject IN {among}"
            );
            held += tx.count(&sql, &params)?;
        }
    }
    for event in words_of {
        held += tx.count("SELECT count(*) FROM people_hold WHERE event = $1", params![event])?;
    }
    if held > 0 {
        return Err(invalid(
            "people.held",
            "subjects",
            "an event of theirs is under a legal hold; end the hold first, or leave them out",
            "所属疫情事件处于法定保全；请先解除保全或排除相关人员",
        ));
    }
    Ok(())
}
