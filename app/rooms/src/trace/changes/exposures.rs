//! Who met whom: registered with what the rules propose, and decided by a person.

use crate::cases::changes::AmendContact;
use crate::cases::reach::contact_in_reach;
use crate::cases::{Case, Contact, ContactRecord, ContactStatus, keep_contacts};
use crate::packed;
use crate::people::{Identity, Subject, keep_subject, known_alike, seal_identity};
use crate::refuse::{exists, invalid, missing, required};
use crate::trace::changes::interviews::unknown_protocol;
use crate::trace::changes::origin::Origin;
use crate::trace::contact_state::{State, isolated_on, keep_state};
use crate::trace::reach::place_in_reach;
use crate::trace::wall::{Wall, day_of, minutes_of};
use crate::trace::{Exposure, Goods, Place};
use base::{Day, Id, Territory};
use cases::{ContactClass, ExposureKind, Sex};
use packs::Protocol;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Vault, params};
use trace::{Met, Proposal, Whom, contact_window, propose_class};

/// Somebody nobody has registered yet.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    pub contact: Id<Contact>,
    pub subject: Id<Subject>,
    /// Of whoever registers them; they are handed over to where they live.
    pub territory: Territory,
    /// Where they live, when that is known to be elsewhere.
    #[serde(default)]
    pub lives_in: Option<Territory>,
    #[serde(default)]
    pub contact_no: Option<String>,
    #[serde(default)]
    pub identity: Option<Sealed<Identity>>,
    #[serde(default)]
    pub sex: Option<Sex>,
    #[serde(default)]
    pub age: Option<f64>,
    #[serde(default)]
    pub relation: Option<String>,
}

/// How an exposure was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    Told,
    Overlap,
    Ride,
    Fence,
}

impl FoundBy {
    fn word(self) -> &'static str {
        match self {
            FoundBy::Told => "told",
            FoundBy::Overlap => "overlap",
            FoundBy::Ride => "ride",
            FoundBy::Fence => "fence",
        }
    }
}

/// Somebody met a case, or a close contact of one; or handled goods, or touched what was contaminated.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddExposure {
    pub id: Id<Sent>,
    pub exposure: Id<Exposure>,
    #[serde(default)]
    pub case: Option<Id<Case>>,
    /// Instead of a case: a lot of goods.
    #[serde(default)]
    pub goods: Option<Id<Goods>>,
    /// Instead of a case: a place whose surfaces were contaminated.
    #[serde(default)]
    pub surface: Option<Id<Place>>,
    /// One who is registered; or `new`.
    #[serde(default)]
    pub contact: Option<Id<Contact>>,
    #[serde(default)]
    pub new: Option<NewContact>,
    /// The close contact they met, when they did not meet the case.
    #[serde(default)]
    pub via: Option<Id<Contact>>,
    pub kind: ExposureKind,
    #[serde(default)]
    pub place: Option<Id<Place>>,
    pub from: String,
    pub to: String,
    #[serde(default)]
    pub minutes: Option<u32>,
    #[serde(default)]
    pub metres: Option<f64>,
    #[serde(default)]
    pub rows_apart: Option<u16>,
    #[serde(default)]
    pub same_carriage: Option<bool>,
    #[serde(default)]
    pub indoors: Option<bool>,
    #[serde(default)]
    pub protected: Option<bool>,
    pub found_by: FoundBy,
    #[serde(default)]
    pub note: Option<Sealed<String>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct AddedExposure {
    pub class: Option<String>,
    pub rule: Option<String>,
    pub protocol: String,
    pub because_zh: String,
    pub because_en: String,
    /// Records that may be the same person.
    pub known: Vec<Json>,
}

impl AddExposure {
    fn subject(&self, tx: &mut Tx<'_>) -> Result<Id<Subject>> {
        match (&self.contact, &self.new) {
            (Some(contact), None) => Ok(contact_in_reach(tx, *contact)?.subject),
            (None, Some(new)) => Ok(new.subject),
            _ => Err(invalid(
                "trace.whom",
                "contact",
                "an exposure is one person's; name a contact, or describe a new one",
                "暴露者应为一人；请指定已登记的密接者或新登记",
            )),
        }
    }

    /// Registers who is new; the class comes when somebody decides.
    fn contact_of(&self, tx: &mut Tx<'_>, origin: &Origin) -> Result<ContactRecord> {
        let Some(new) = &self.new else {
            return contact_in_reach(tx, self.contact.ok_or_else(|| missing("contact", "密接者"))?);
        };
        if tx.count("SELECT count(*) FROM cases_contact WHERE id = $1", params![new.contact])? > 0 {
            return Err(exists("contact", "密接者"));
        }
        let given = new.contact_no.as_deref().map(str::trim).filter(|no| !no.is_empty());
        let made = || new.contact.to_string()["contact_".len()..][..10].to_uppercase();
        let contact = ContactRecord {
            id: new.contact,
            territory: new.territory.clone(),
            event: origin.event(),
            list: None,
            contact_no: given.map_or_else(made, str::to_owned),
            subject: new.subject,
            place: String::new(),
            source_case: self.case,
            source_no: None,
            sex: new.sex,
            age: new.age,
            age_band: None,
            class: None,
            relation: new.relation.clone(),
            first_exposure: None,
            last_exposure: None,
            status: ContactStatus::Watched,
            became_case: None,
            created: tx.at,
            changed: tx.at,
        };
        keep_subject(tx, new.subject, &new.territory, new.identity.as_ref(), contact.traits())?;
        keep_contacts(tx, &[(contact.clone(), None)])?;
        if let Some(lives_in) = new.lives_in.as_ref().filter(|lives_in| !new.territory.holds(lives_in)) {
            keep_state(tx, new.contact, State::WaitingHandOver, Some(lives_in))?;
        }
        Ok(contact)
    }

    fn demand_somebody_else(&self, tx: &mut Tx<'_>, origin: &Origin, subject: Id<Subject>) -> Result<()> {
        if origin.is(tx, subject)? || (self.via.is_some() && self.via == self.contact) {
            return Err(invalid(
                "trace.oneself",
                "contact",
                "nobody is a contact of themselves; choose the other person",
                "本人不能是自己的接触者；请选择另一人",
            ));
        }
        Ok(())
    }

    fn met(
        &self,
        tx: &mut Tx<'_>,
        origin: &Origin,
        began: i64,
        ended: i64,
        indoors: Option<bool>,
    ) -> Result<Met> {
        let day = day_of(began);
        let onset = origin.illness_day();
        let whom = match (origin.case(), self.via) {
            (None, _) => Whom::Thing,
            (_, Some(_)) => Whom::Contact,
            _ => Whom::Case,
        };
        let day_of_illness = day.zip(onset).map(|(day, onset)| day - onset).filter(|_| whom == Whom::Case);
        let isolated = match self.via {
            None => origin.case().and_then(|case| case.dates.isolated_day()),
            Some(via) => {
                demand_within_window(contact_in_reach(tx, via)?.first_exposure, day)?;
                isolated_on(tx, via)?
            }
        };
        let spent = u32::try_from(ended - began).ok();
        Ok(Met {
            whom,
            kind: self.kind,
            metres: self.metres,
            rows_apart: self.rows_apart,
            same_carriage: self.same_carriage,
            minutes: self.minutes.or(spent),
            indoors,
            protected: self.protected,
            day_of_illness,
            was_isolated: isolated.zip(day).is_some_and(|(isolated, day)| day > isolated),
        })
    }
}

/// What was met, and what the rules make of it.
struct Judged {
    met: Met,
    began: i64,
    ended: i64,
    rules: &'static Protocol,
    proposal: Proposal,
}

/// Who met a close contact before that contact met the case was met by nobody who could infect.
fn demand_within_window(first_exposure: Option<Day>, day: Option<Day>) -> Result<()> {
    let Some((first, day)) = first_exposure.zip(day) else { return Ok(()) };
    let (from, _) = contact_window(first, None);
    if day < from {
        return Err(invalid(
            "trace.before_first_exposure",
            "from",
            format!(
                "the close contact first met the case on {from}; who met them before is no contact: correct the day"
            ),
            format!("该密接者首次暴露于 {from}；此前的接触者不计；请更正日期"),
        ));
    }
    Ok(())
}

fn demand_order(began: i64, ended: i64, tx: &Tx<'_>) -> Result<()> {
    if ended < began {
        return Err(invalid(
            "trace.visit_ends_before_it_begins",
            "to",
            "the exposure ends before it begins; exchange or mend its times",
            "结束时间早于开始时间；请对调或更正",
        ));
    }
    if began > i64::from(Wall::at(tx.at).0.0) {
        return Err(invalid(
            "trace.visit_in_the_future",
            "from",
            "the exposure lies in the future; mend the date",
            "暴露时间在将来；请更正日期",
        ));
    }
    Ok(())
}

impl Change for AddExposure {
    const NAME: &'static str = "add exposure";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = AddedExposure;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        self.subject(tx)?;
        match &self.new {
            Some(new) => Ok(new.territory.clone()),
            None => {
                Ok(contact_in_reach(tx, self.contact.ok_or_else(|| missing("contact", "密接者"))?)?.territory)
            }
        }
    }
    fn about(&self) -> Vec<String> {
        let contact = self.contact.or(self.new.as_ref().map(|new| new.contact)).map(|id| id.to_string());
        let subject = self.new.as_ref().map(|new| new.subject.to_string());
        let origin = [
            self.case.map(|case| case.to_string()),
            self.goods.map(|goods| goods.to_string()),
            self.surface.map(|surface| surface.to_string()),
        ];
        let others = origin.into_iter().flatten().chain(contact).chain(subject);
        std::iter::once(self.exposure.to_string()).chain(others).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let subject = self.subject(tx)?;
        if let Some(new) = &mut self.new {
            seal_identity(tx, subject, &mut new.identity)?;
        }
        if let Some(note) = &mut self.note {
            let key = Vault::key_for(tx, &subject.to_string())?;
            note.shut(&key, &exposure_context("note", subject))?;
        }
        Ok(())
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<AddedExposure> {
        if tx.count("SELECT count(*) FROM trace_exposure WHERE id = $1", params![self.exposure])? > 0 {
            return Err(exists("exposure", "暴露记录"));
        }
        let origin = Origin::of(tx, self)?;
        let subject = self.subject(tx)?;
        self.demand_somebody_else(tx, &origin, subject)?;
        let place = self.place.map(|place| place_in_reach(tx, place)).transpose()?;
        let (began, ended) = (minutes_of("from", &self.from)?, minutes_of("to", &self.to)?);
        demand_order(began, ended, tx)?;
        let indoors = self.indoors.or(place.as_ref().and_then(|place| place.indoors));
        let met = self.met(tx, &origin, began, ended, indoors)?;
        let contact = self.contact_of(tx, &origin)?;
        let rules = origin.rules(tx)?;
        let proposal = propose_class(rules, &met);
        let judged = Judged { met, began, ended, rules, proposal };
        self.keep(tx, &origin, &contact, &judged)?;
        let proposal = judged.proposal;
        let names_somebody = self.new.as_ref().is_some_and(|new| new.identity.is_some());
        let actor = tx.actor;
        let known = if names_somebody { known_alike(tx, &actor.scope, subject)? } else { Vec::new() };
        Ok(AddedExposure {
            class: proposal.class.map(|class| class.word().to_owned()),
            rule: proposal.rule,
            protocol: rules.id.clone(),
            because_zh: proposal.because_zh,
            because_en: proposal.because_en,
            known,
        })
    }
}

impl AddExposure {
    fn keep(&self, tx: &mut Tx<'_>, origin: &Origin, contact: &ContactRecord, judged: &Judged) -> Result<()> {
        let Judged { met, began, ended, rules, proposal } = judged;
        let row = vec![
            self.exposure.into(),
            (&contact.territory).into(),
            contact.event.or(origin.event()).into(),
            origin.disease().into(),
            self.case.into(),
            origin.case().map(|case| case.case_no.as_str()).into(),
            origin.goods().into(),
            self.surface.into(),
            contact.id.into(),
            (&contact.contact_no).into(),
            contact.subject.into(),
            self.via.into(),
            self.kind.word().into(),
            self.place.into(),
            (*began).into(),
            (*ended).into(),
            met.minutes.into(),
            met.metres.into(),
            met.rows_apart.map(u32::from).into(),
            met.same_carriage.into(),
            met.indoors.into(),
            met.protected.into(),
            met.day_of_illness.into(),
            self.found_by.word().into(),
            self.note.as_ref().map(Sealed::cipher).transpose()?.into(),
            (&rules.id).into(),
            (&rules.version).into(),
            proposal.class.map(ContactClass::word).into(),
            proposal.rule.as_deref().into(),
            (&proposal.because_zh).into(),
            (&proposal.because_en).into(),
            tx.at.into(),
            tx.actor.id.as_str().into(),
        ];
        tx.insert_many(
            "INSERT INTO trace_exposure (id, territory, event, disease, case_id, case_no, goods, surface, contact, contact_no, subject, via, \
             kind, place, began, ended, minutes, metres, rows_apart, same_carriage, indoors, protected, day_of_illness, \
             found_by, note, protocol, protocol_version, proposed_class, proposed_rule, because_zh, because_en, at, by_whom)",
            33,
            &[row],
            "",
        )
    }
}

pub(crate) fn exposure_context(field: &str, subject: Id<Subject>) -> String {
    format!("trace_exposure.{field}|{subject}")
}

/// Somebody decides what an exposure makes of the person.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassifyExposure {
    pub id: Id<Sent>,
    pub exposure: Id<Exposure>,
    pub class: ContactClass,
    #[serde(default)]
    pub rule: Option<String>,
    /// The edition it is decided by; that of the proposal when nothing is said.
    #[serde(default)]
    pub protocol: Option<String>,
    /// Needed when it is not what the rules propose; sealed with the person.
    #[serde(default)]
    pub reason: Option<Sealed<String>>,
}

struct Registered {
    territory: Territory,
    contact: Id<Contact>,
    subject: Id<Subject>,
    proposed_class: Option<String>,
    proposed_rule: Option<String>,
    protocol: String,
    began: i64,
    ended: i64,
}

impl ClassifyExposure {
    fn registered(&self, tx: &mut Tx<'_>) -> Result<Registered> {
        let sql = "SELECT territory, contact, subject, proposed_class, proposed_rule, protocol, began, ended \
                   FROM trace_exposure WHERE id = $1";
        let none = || missing("exposure", "暴露记录");
        let row = tx.first(sql, params![self.exposure])?.ok_or_else(none)?;
        let territory: Territory = row.read(0)?;
        if !tx.actor.scope.reaches(&territory) {
            return Err(none());
        }
        Ok(Registered {
            territory,
            contact: row.read(1)?,
            subject: row.read(2)?,
            proposed_class: row.opt_text(3)?,
            proposed_rule: row.opt_text(4)?,
            protocol: row.text(5)?,
            began: row.int(6)?,
            ended: row.int(7)?,
        })
    }
}

impl Change for ClassifyExposure {
    const NAME: &'static str = "classify exposure";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.registered(tx)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.exposure.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let subject = self.registered(tx)?.subject;
        let Some(reason) = &mut self.reason else { return Ok(()) };
        if let Sealed::Open(words) = reason {
            required("reason", words)?;
        }
        let key = Vault::key_for(tx, &subject.to_string())?;
        reason.shut(&key, &exposure_context("reason", subject))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let known = self.registered(tx)?;
        let protocol = self.protocol.as_deref().unwrap_or(&known.protocol);
        let rules = packed::protocols().by_id(protocol).ok_or_else(unknown_protocol)?;
        let as_proposed = known.proposed_class.as_deref() == Some(self.class.word())
            && protocol == known.protocol
            && (self.rule.is_none() || self.rule == known.proposed_rule);
        if !as_proposed && self.reason.is_none() {
            return Err(invalid(
                "trace.reason",
                "reason",
                "this is not what the rules propose; say why it is decided so",
                "与规则建议不一致；请说明理由",
            ));
        }
        let rule = if as_proposed { known.proposed_rule.clone() } else { self.rule.clone() };
        tx.run(
            "UPDATE trace_exposure SET class = $2, rule = $3, protocol = $4, protocol_version = $5, reason = $6, \
             decided_by = $7, decided = $8 WHERE id = $1",
            params![
                self.exposure,
                self.class.word(),
                rule,
                &rules.id,
                &rules.version,
                self.reason.as_ref().map(Sealed::cipher).transpose()?,
                &tx.actor.id,
                tx.at
            ],
        )?;
        self.tell_the_contact(tx, &known)
    }
}

/// How closely somebody of a class is watched.
fn weight(class: ContactClass) -> u8 {
    match class {
        ContactClass::Close => 2,
        ContactClass::Secondary => 1,
        ContactClass::General => 0,
    }
}

impl ClassifyExposure {
    /// The contact has the closest class of what was decided, and is watched from the first exposure to the last.
    fn tell_the_contact(&self, tx: &mut Tx<'_>, known: &Registered) -> Result<()> {
        let contact = contact_in_reach(tx, known.contact)?;
        let sql = "SELECT class, began, ended FROM trace_exposure WHERE contact = $1 AND class IS NOT NULL";
        let (mut class, mut first, mut last) = (self.class, known.began, known.ended);
        for row in tx.rows(sql, params![known.contact])? {
            let decided: ContactClass = row.read(0)?;
            class = if weight(decided) > weight(class) { decided } else { class };
            first = first.min(row.int(1)?);
            last = last.max(row.int(2)?);
        }
        let first = [day_of(first), contact.first_exposure].into_iter().flatten().min();
        let last = [day_of(last), contact.last_exposure].into_iter().flatten().max();
        let amend = AmendContact {
            id: self.id,
            contact: known.contact,
            class: Some(class),
            relation: None,
            first_exposure: first,
            last_exposure: last,
            status: None,
            became_case: None,
        };
        amend.apply(tx)
    }
}
