//! An interview as it stands in its table, and whether somebody reaches it.

use crate::cases::{Case, Contact, Event};
use crate::packed;
use crate::people::Subject;
use crate::refuse::missing;
use crate::trace::{Goods, Interview, Place};
use base::{Id, Moment, Territory};
use packs::{FormKind, FormQuestion, Protocol};
use store::{Query, Result, Row, Scope, Tx, params};

#[derive(Debug, Clone)]
pub struct InterviewRecord {
    pub id: Id<Interview>,
    pub territory: Territory,
    pub event: Option<Id<Event>>,
    pub case: Option<Id<Case>>,
    pub contact: Option<Id<Contact>>,
    /// A lot of goods that is followed, or a place whose surfaces are.
    pub goods: Option<Id<Goods>>,
    pub place: Option<Id<Place>>,
    pub subject: Id<Subject>,
    pub no: String,
    pub disease: Option<String>,
    pub protocol: String,
    pub protocol_version: String,
    pub pack: String,
    pub opened: Moment,
    pub core_due: Moment,
    pub core_done: Option<Moment>,
    pub full_due: Moment,
    pub full_done: Option<Moment>,
    pub next_due: i64,
    pub answered: i64,
    pub needed: i64,
    pub visits: i64,
    pub conflicts: i64,
    pub changed: Moment,
}

pub(crate) const INTERVIEW_COLUMNS: &str = "i.id, i.territory, i.event, i.case_id, i.contact, i.subject, i.no, i.disease, \
     i.protocol, i.protocol_version, i.pack, i.opened, i.core_due, i.core_done, i.full_due, i.full_done, i.next_due, \
     i.answered, i.needed, i.visits, i.conflicts, i.changed, i.goods, i.place";

/// Of an interview whose forms are both done.
pub(crate) const NO_CLOCK: i64 = 9_000_000_000_000;

impl InterviewRecord {
    pub(crate) fn of(row: &Row) -> Result<InterviewRecord> {
        Ok(InterviewRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            event: row.opt_read(2)?,
            case: row.opt_read(3)?,
            contact: row.opt_read(4)?,
            subject: row.read(5)?,
            no: row.text(6)?,
            disease: row.opt_text(7)?,
            protocol: row.text(8)?,
            protocol_version: row.text(9)?,
            pack: row.text(10)?,
            opened: Moment(row.int(11)?),
            core_due: Moment(row.int(12)?),
            core_done: row.opt_int(13)?.map(Moment),
            full_due: Moment(row.int(14)?),
            full_done: row.opt_int(15)?.map(Moment),
            next_due: row.int(16)?,
            answered: row.int(17)?,
            needed: row.int(18)?,
            visits: row.int(19)?,
            conflicts: row.int(20)?,
            changed: Moment(row.int(21)?),
            goods: row.opt_read(22)?,
            place: row.opt_read(23)?,
        })
    }

    /// Things answer no questions: their interview is where they lay, and whom they touched.
    pub(crate) fn asks_somebody(&self) -> bool {
        self.goods.is_none() && self.place.is_none()
    }

    /// The edition it was opened by.
    pub(crate) fn rules(&self) -> &'static Protocol {
        let protocols = packed::protocols();
        let today = self.opened.day_at_offset(crate::regions::UTC_OFFSET_MINUTES);
        protocols
            .by_id(&self.protocol)
            .unwrap_or_else(|| protocols.for_disease(self.disease.as_deref(), today))
    }
}

/// The questions of a form that must be answered, for a disease.
pub(crate) fn needed_questions(form: FormKind, disease: Option<&str>) -> Vec<&'static FormQuestion> {
    let form = packed::interviews().form(form);
    form.into_iter().flat_map(|form| form.asked_for(disease)).filter(|question| question.needed).collect()
}

pub(crate) fn interview_within(
    query: &mut dyn Query,
    scope: &Scope,
    interview: Id<Interview>,
) -> Result<InterviewRecord> {
    let sql = format!("SELECT {INTERVIEW_COLUMNS} FROM trace_interview i WHERE i.id = $1");
    let found = query.first(&sql, params![interview])?.as_ref().map(InterviewRecord::of).transpose()?;
    found
        .filter(|one| scope.reaches(&one.territory) && scope.kept.reads(one.disease.as_deref()))
        .ok_or_else(|| missing("interview", "流调"))
}

pub(crate) fn interview_in_reach(tx: &mut Tx<'_>, interview: Id<Interview>) -> Result<InterviewRecord> {
    let actor = tx.actor;
    interview_within(tx, &actor.scope, interview)
}

/// Counts what stands in an interview, after something in it changed.
pub(crate) fn recount(tx: &mut Tx<'_>, interview: &InterviewRecord) -> Result<()> {
    let needed: Vec<&str> = [FormKind::Core, FormKind::Full]
        .into_iter()
        .flat_map(|form| needed_questions(form, interview.disease.as_deref()))
        .map(|question| question.id.as_str())
        .collect();
    let answered = answered_questions(tx, interview.id)?;
    let answered = needed.iter().filter(|question| answered.iter().any(|one| one == *question)).count();
    tx.run(
        "UPDATE trace_interview SET answered = $2, changed = $3, \
         conflicts = (SELECT count(DISTINCT question) FROM trace_answer WHERE interview = $1 AND aside = 1) WHERE id = $1",
        params![interview.id, answered, tx.at],
    )?;
    Ok(())
}

/// Questions whose answer says something, as it stands.
pub(crate) fn answered_questions(query: &mut dyn Query, interview: Id<Interview>) -> Result<Vec<String>> {
    let sql =
        "SELECT question, says_something FROM trace_answer WHERE interview = $1 ORDER BY question, seq DESC";
    let mut answered = Vec::new();
    let mut last = String::new();
    for row in query.rows(sql, params![interview])? {
        let question = row.text(0)?;
        if question != last && row.int(1)? != 0 {
            answered.push(question.clone());
        }
        last = question;
    }
    Ok(answered)
}
