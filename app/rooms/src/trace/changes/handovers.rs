//! Lists of contacts given to the territory they live in, and what that territory says about them.

use crate::cases::reach::{contact_in_reach, disease_of_contact};
use crate::cases::views::ids_about;
use crate::cases::{Case, Contact, ContactRecord, Event, move_contact};
use crate::followup::move_course;
use crate::packed;
use crate::people::{Subject, move_subject};
use crate::refuse::{exists, invalid, missing, required};
use crate::regions::UTC_OFFSET_MINUTES;
use crate::tasks::{Closing, Errand, Source, move_errands, wants};
use crate::trace::Handover;
use crate::trace::contact_state::{State, keep_progress, keep_state};
use crate::trace::interview::NO_CLOCK;
use crate::trace::wall::{Wall, minutes_of};
use base::{Id, Moment, Territory};
use cases::ContactClass;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Value, Vault, params};

/// At most so many in one list: a village's.
const MOST: usize = 500;

/// Contacts are given to the territory they live in, which may lie outside the sender's reach.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverContacts {
    pub id: Id<Sent>,
    pub list: Id<Handover>,
    pub contacts: Vec<Id<Contact>>,
    pub to: Territory,
    /// For whoever receives it; sealed under a key of the list's own.
    #[serde(default)]
    pub note: Option<Sealed<String>>,
}

pub(crate) fn note_context(list: &str) -> String {
    format!("trace_handover.note|{list}")
}

fn place_of_all(contacts: &[ContactRecord]) -> Territory {
    Territory::narrowest_of(contacts.iter().map(|contact| &contact.territory))
}

impl HandOverContacts {
    fn listed(&self, tx: &mut Tx<'_>) -> Result<Vec<ContactRecord>> {
        if self.contacts.is_empty() || self.contacts.len() > MOST {
            return Err(invalid(
                "trace.how_many",
                "contacts",
                format!("a list holds 1 to {MOST} contacts; choose some, or send several lists"),
                format!("一份名单 1 至 {MOST} 人；请分批移交"),
            ));
        }
        self.contacts.iter().map(|contact| contact_in_reach(tx, *contact)).collect()
    }

    fn demand_movable(&self, tx: &mut Tx<'_>, listed: &[ContactRecord]) -> Result<()> {
        for (at, contact) in listed.iter().enumerate() {
            if listed[..at].iter().any(|other| other.id == contact.id) {
                return Err(invalid(
                    "trace.listed_twice",
                    "contacts",
                    format!("{} stands twice in the list; take one away", contact.contact_no),
                    format!("{} 在名单中重复；请删去一条", contact.contact_no),
                ));
            }
            // Down to a part of where they are it is handed on; up again, or to where they are, it is not.
            if self.to.holds(&contact.territory) {
                return Err(invalid(
                    "trace.lives_there",
                    "to",
                    format!(
                        "{} is with {} already; choose another territory",
                        contact.contact_no, contact.territory
                    ),
                    format!("{} 已由 {} 负责；请选择其他地区", contact.contact_no, contact.territory),
                ));
            }
            demand_at_rest(tx, contact)?;
        }
        Ok(())
    }
}

/// Handed on within the territory a list came to, the clock goes on: whoever took the list has reached nobody on it yet.
fn clock_that_runs(tx: &mut Tx<'_>, listed: &[ContactRecord], to: &Territory) -> Result<Option<Moment>> {
    let mut runs: Option<Moment> = None;
    for contact in listed {
        let sql = "SELECT s.due, h.to_territory FROM trace_contact s JOIN trace_handover h ON h.id = s.handover \
                   WHERE s.contact = $1 AND s.reached IS NULL AND s.isolated IS NULL";
        let Some(row) = tx.first(sql, params![contact.id])? else { continue };
        let (due, came_to): (Option<i64>, Territory) = (row.opt_int(0)?, row.read(1)?);
        if came_to.holds(to) {
            runs = due.map(Moment).into_iter().chain(runs).min();
        }
    }
    Ok(runs)
}

/// Whoever is on a list that nobody has acknowledged yet goes nowhere else meanwhile.
fn demand_at_rest(tx: &mut Tx<'_>, contact: &ContactRecord) -> Result<()> {
    let waiting = "SELECT count(*) FROM trace_handed WHERE contact = $1 AND state = 'waiting'";
    if tx.count(waiting, params![contact.id])? == 0 {
        return Ok(());
    }
    Err(invalid(
        "trace.on_its_way",
        "contacts",
        format!(
            "{} is handed over already and not yet acknowledged; wait for the answer",
            contact.contact_no
        ),
        format!("{} 已移交，对方尚未接收；请等待答复", contact.contact_no),
    ))
}

impl Change for HandOverContacts {
    const NAME: &'static str = "hand over contacts";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(place_of_all(&self.listed(tx)?))
    }
    fn about(&self) -> Vec<String> {
        std::iter::once(self.list.to_string()).chain(self.contacts.iter().map(Id::to_string)).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let Some(note) = &mut self.note else { return Ok(()) };
        let owner = self.list.to_string();
        let key = Vault::key_for(tx, &owner)?;
        note.shut(&key, &note_context(&owner))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        if tx.count("SELECT count(*) FROM trace_handover WHERE id = $1", params![self.list])? > 0 {
            return Err(exists("list", "名单"));
        }
        let listed = self.listed(tx)?;
        self.demand_movable(tx, &listed)?;
        let event: Option<Id<Event>> = one_of_all(listed.iter().map(|contact| contact.event));
        let case: Option<Id<Case>> = one_of_all(listed.iter().map(|contact| contact.source_case));
        let disease = disease_of_contact(tx, &listed[0])?;
        let today = tx.at.day_at_offset(UTC_OFFSET_MINUTES);
        let hours = packed::protocols().for_disease(disease.as_deref(), today).hand_over_hours.value;
        let anew = tx.at.plus_seconds(i64::from(hours) * 3_600);
        let due = clock_that_runs(tx, &listed, &self.to)?.unwrap_or(anew);
        tx.run(
            "INSERT INTO trace_handover (id, territory, to_territory, event, case_id, made, made_by, due, next_due, contacts, \
             returned, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, 0, $10)",
            params![
                self.list,
                place_of_all(&listed),
                &self.to,
                event,
                case,
                tx.at,
                &tx.actor.id,
                due,
                listed.len(),
                self.note.as_ref().map(Sealed::cipher).transpose()?
            ],
        )?;
        let at = tx.at;
        let row = |contact: &ContactRecord| -> Vec<Value> {
            vec![
                self.list.into(),
                contact.id.into(),
                contact.subject.into(),
                (&contact.contact_no).into(),
                contact.class.map(ContactClass::word).into(),
                contact.last_exposure.into(),
                (&contact.territory).into(),
                "waiting".into(),
                at.into(),
            ]
        };
        let rows: Vec<Vec<Value>> = listed.iter().map(row).collect();
        let head = "INSERT INTO trace_handed (handover, contact, subject, no, class, last_exposure, from_territory, state, changed)";
        tx.insert_many(head, 9, &rows, "")?;
        for contact in &listed {
            keep_state(tx, contact.id, State::HandedOver, Some(&self.to))?;
            let sql = "UPDATE trace_contact SET handover = $2, due = $3 WHERE contact = $1";
            tx.run(sql, params![contact.id, self.list, due])?;
        }
        let errand = Errand::of("take_list", due.0).due(due);
        wants(tx, of_list(&self.list.to_string()), &self.to, &[errand], Closing::DoneOtherwise)
    }
}

/// Until a list is taken over, or everybody on it was returned, a task of whoever receives it says so.
fn of_list(list: &str) -> Source<'_> {
    Source { room: "trace", record: list }
}

/// What all of them share; nothing when they differ.
fn one_of_all<T: PartialEq>(mut all: impl Iterator<Item = Option<T>>) -> Option<T> {
    let first = all.next()??;
    all.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// A list as its receiver has it.
struct Received {
    to: Territory,
    acknowledged: bool,
}

/// Whoever receives a list reaches the territory it was sent to; for everybody else there is none.
fn received(tx: &mut Tx<'_>, list: Id<Handover>) -> Result<Received> {
    let none = || missing("list", "名单");
    let sql = "SELECT to_territory, acknowledged FROM trace_handover WHERE id = $1";
    let row = tx.first(sql, params![list])?.ok_or_else(none)?;
    let to: Territory = row.read(0)?;
    if !tx.actor.scope.reaches(&to) {
        return Err(none());
    }
    Ok(Received { to, acknowledged: row.opt_int(1)?.is_some() })
}

/// Contact and person move, and with them what was told and found of them. A person who stands in other records too, as the case
/// they became, stays with those who have them: their name is asked for there.
fn move_all(tx: &mut Tx<'_>, contact: Id<Contact>, subject: Id<Subject>, to: &Territory) -> Result<()> {
    move_contact(tx, contact, to)?;
    move_course(tx, contact, to)?;
    move_errands(tx, subject, to)?;
    let own = [subject.to_string(), contact.to_string()];
    if ids_about(tx, subject)?.iter().all(|id| own.contains(id)) {
        move_subject(tx, subject, to)?;
    }
    tx.run("UPDATE trace_exposure SET territory = $2 WHERE contact = $1", params![contact, to])?;
    tx.run("UPDATE trace_interview SET territory = $2 WHERE contact = $1", params![contact, to])?;
    tx.run(
        "UPDATE trace_visit SET territory = $2 WHERE interview IN (SELECT id FROM trace_interview WHERE contact = $1)",
        params![contact, to],
    )?;
    Ok(())
}

/// The receiver takes over: from now on the contacts are theirs.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeList {
    pub id: Id<Sent>,
    pub list: Id<Handover>,
}

impl Change for AcknowledgeList {
    const NAME: &'static str = "acknowledge list";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(received(tx, self.list)?.to)
    }
    fn about(&self) -> Vec<String> {
        vec![self.list.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let list = received(tx, self.list)?;
        let sql = "SELECT contact, subject FROM trace_handed WHERE handover = $1 AND state = 'waiting' ORDER BY contact";
        for row in tx.rows(sql, params![self.list])? {
            let contact: Id<Contact> = row.read(0)?;
            move_all(tx, contact, row.read(1)?, &list.to)?;
            keep_state(tx, contact, State::Acknowledged, None)?;
        }
        tx.run(
            "UPDATE trace_handed SET state = 'accepted', changed = $2 WHERE handover = $1 AND state = 'waiting'",
            params![self.list, tx.at],
        )?;
        if !list.acknowledged {
            tx.run(
                "UPDATE trace_handover SET acknowledged = $2, acknowledged_by = $3, next_due = $4 WHERE id = $1",
                params![self.list, tx.at, &tx.actor.id, NO_CLOCK],
            )?;
        }
        wants(tx, of_list(&self.list.to_string()), &list.to, &[], Closing::DoneOtherwise)
    }
}

/// Somebody on the list does not live here: the sender has them again.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnContact {
    pub id: Id<Sent>,
    pub list: Id<Handover>,
    pub contact: Id<Contact>,
    /// About a person, so it is sealed with the person.
    pub reason: Sealed<String>,
}

pub(crate) fn return_context(subject: Id<Subject>) -> String {
    format!("trace_handed.reason|{subject}")
}

struct Handed {
    subject: Id<Subject>,
    from: Territory,
    state: String,
}

impl ReturnContact {
    fn handed(&self, tx: &mut Tx<'_>) -> Result<Handed> {
        received(tx, self.list)?;
        let sql =
            "SELECT subject, from_territory, state FROM trace_handed WHERE handover = $1 AND contact = $2";
        let row =
            tx.first(sql, params![self.list, self.contact])?.ok_or_else(|| missing("contact", "密接者"))?;
        Ok(Handed { subject: row.read(0)?, from: row.read(1)?, state: row.text(2)? })
    }
}

impl Change for ReturnContact {
    const NAME: &'static str = "return contact";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(received(tx, self.list)?.to)
    }
    fn about(&self) -> Vec<String> {
        vec![self.list.to_string(), self.contact.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let subject = self.handed(tx)?.subject;
        let key = Vault::key_for(tx, &subject.to_string())?;
        self.reason.shut(&key, &return_context(subject))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let handed = self.handed(tx)?;
        if handed.state == "refused" {
            return Err(invalid(
                "trace.returned_already",
                "contact",
                "this contact is returned already; load the list again",
                "该密接者已退回；请刷新名单",
            ));
        }
        if handed.state == "accepted" {
            // Handed on since: it is no longer this list's to give back.
            let contact = contact_in_reach(tx, self.contact)?;
            demand_at_rest(tx, &contact)?;
            move_all(tx, self.contact, handed.subject, &handed.from)?;
        }
        tx.run(
            "UPDATE trace_handed SET state = 'refused', reason = $3, changed = $4 WHERE handover = $1 AND contact = $2",
            params![self.list, self.contact, self.reason.cipher()?, tx.at],
        )?;
        keep_state(tx, self.contact, State::WaitingHandOver, None)?;
        tx.run(
            "UPDATE trace_contact SET lives_in = NULL, handover = NULL, due = NULL WHERE contact = $1",
            params![self.contact],
        )?;
        // A list of which everybody was returned has been answered.
        tx.run(
            "UPDATE trace_handover SET returned = returned + 1, returned_at = $2, next_due = CASE WHEN (SELECT count(*) \
             FROM trace_handed h WHERE h.handover = $1 AND h.state = 'waiting') = 0 THEN $3 ELSE next_due END WHERE id = $1",
            params![self.list, tx.at, NO_CLOCK],
        )?;
        let waiting = "SELECT count(*) FROM trace_handed WHERE handover = $1 AND state = 'waiting'";
        if tx.count(waiting, params![self.list])? > 0 {
            return Ok(());
        }
        wants(tx, of_list(&self.list.to_string()), &handed.from, &[], Closing::DoneOtherwise)
    }
}

/// A contact was spoken to, or isolated.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellContactState {
    pub id: Id<Sent>,
    pub contact: Id<Contact>,
    /// On the wall clock: `2022-02-20T18:30`.
    #[serde(default)]
    pub reached_at: Option<String>,
    #[serde(default)]
    pub isolated_at: Option<String>,
}

fn instant(tx: &Tx<'_>, field: &str, text: Option<&str>) -> Result<Option<Moment>> {
    let Some(text) = text else { return Ok(None) };
    let minutes = minutes_of(field, text)?;
    if minutes > i64::from(Wall::at(tx.at).0.0) {
        return Err(invalid(
            "trace.visit_in_the_future",
            field,
            "this lies in the future; say what has happened",
            "时间在将来；请填写已发生的时间",
        ));
    }
    Ok(Some(Moment((minutes - i64::from(UTC_OFFSET_MINUTES)) * 60_000)))
}

impl Change for TellContactState {
    const NAME: &'static str = "tell contact state";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(contact_in_reach(tx, self.contact)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.contact.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        contact_in_reach(tx, self.contact)?;
        let reached = instant(tx, "reached_at", self.reached_at.as_deref())?;
        let isolated = instant(tx, "isolated_at", self.isolated_at.as_deref())?;
        if reached.is_none() && isolated.is_none() {
            return Err(invalid(
                "trace.nothing_told",
                "reached_at",
                "nothing is told; say when they were reached or isolated",
                "未填写内容；请填写联系或隔离时间",
            ));
        }
        keep_progress(tx, self.contact, reached, isolated)
    }
}
