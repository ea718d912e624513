//! Where somebody was: told, corrected, taken back.

use crate::refuse::{exists, invalid, required};
use crate::trace::interview::{InterviewRecord, interview_in_reach};
use crate::trace::reach::PlaceRecord;
use crate::trace::visit::{Known, Searchable, Told, VisitRow, place_told_of, told_context, visit_within};
use crate::trace::{Interview, Place, Visit};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Error, Permission, Query, Result, Sealed, Sent, SubjectKey, Tx, Vault, params};

/// Somebody was somewhere, or rode with something.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddVisit {
    pub id: Id<Sent>,
    pub visit: Id<Visit>,
    pub interview: Id<Interview>,
    pub told: Sealed<Told>,
}

/// What is odd and kept all the same.
#[derive(Debug, Serialize, Deserialize)]
pub struct VisitKept {
    pub notes: Vec<VisitNote>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct VisitNote {
    pub code: String,
    pub zh: String,
    pub en: String,
}

/// Seals what was told once it can be true.
fn seal_told(
    tx: &mut Tx<'_>,
    interview: &InterviewRecord,
    before: Option<Id<Place>>,
    told: &mut Sealed<Told>,
) -> Result<()> {
    if let Sealed::Open(open) = told {
        let place = place_told_of(tx, open, before)?;
        open.demand_sound(place.as_ref(), tx.at)?;
        demand_no_company(interview, open)?;
    }
    let key = Vault::key_for(tx, &interview.subject.to_string())?;
    told.shut(&key, &told_context(interview.subject))
}

/// Nobody's wish to be forgotten reaches the words about a thing.
pub(super) fn demand_no_company(interview: &InterviewRecord, told: &Told) -> Result<()> {
    if interview.asks_somebody() || told.company.is_none() {
        return Ok(());
    }
    Err(invalid(
        "trace.company_of_thing",
        "told.company",
        "who handled it are people with records of their own; leave this empty, and write down their exposures",
        "接触货物或环境的人员应单独登记暴露；请将此项留空",
    ))
}

/// Opened again; nothing when the person's key is gone.
fn opened(
    tx: &mut Tx<'_>,
    interview: &InterviewRecord,
    before: Option<Id<Place>>,
    told: &str,
) -> Result<Option<(Told, Searchable)>> {
    let key = Vault::key_of(tx, &interview.subject.to_string())?;
    opened_with(tx, key.as_ref(), interview, told, |tx, told| place_told_of(tx, told, before))
}

/// The same with a key and places that are at hand.
pub(super) fn opened_with<'a>(
    tx: &mut Tx<'a>,
    key: Option<&SubjectKey>,
    interview: &InterviewRecord,
    told: &str,
    place_of: impl FnOnce(&mut Tx<'a>, &Told) -> Result<Option<PlaceRecord>>,
) -> Result<Option<(Told, Searchable)>> {
    let Some(key) = key else { return Ok(None) };
    let told: Told = match key.open(&told_context(interview.subject), told) {
        Ok(told) => told,
        Err(Error::Seal(_)) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let place = place_of(tx, &told)?;
    let searchable = told.demand_sound(place.as_ref(), tx.at)?;
    Ok(Some((told, searchable)))
}

fn count_visits(tx: &mut Tx<'_>, interview: Id<Interview>, more: i64) -> Result<()> {
    let sql = "UPDATE trace_interview SET changed = $2, visits = visits + $3 WHERE id = $1";
    tx.run(sql, params![interview, tx.at, more])?;
    Ok(())
}

/// Nobody is at two places at once: one of the two is told wrongly, or doubt is larger than said.
fn notes_of(
    tx: &mut Tx<'_>,
    visit: Id<Visit>,
    interview: &InterviewRecord,
    told: &Told,
    at: &Searchable,
) -> Result<Vec<VisitNote>> {
    let elsewhere = tx.count(
        "SELECT count(*) FROM trace_visit WHERE interview = $1 AND id <> $2 AND removed = 0 AND began < $3 AND ended > $4 \
         AND run IS NULL AND place IS NOT NULL AND place <> coalesce($5, '')",
        params![interview.id, visit, at.ended, at.began, told.place],
    )?;
    let both = told.ride.is_none() && told.place.is_some() && elsewhere > 0;
    Ok(both
        .then(|| VisitNote {
            code: "two_places_at_once".to_owned(),
            zh: "与另一处停留时间重叠；请核对时间，已先保存".to_owned(),
            en: "at the same time they were somewhere else; check the times of both, it is kept meanwhile"
                .to_owned(),
        })
        .into_iter()
        .collect())
}

impl Change for AddVisit {
    const NAME: &'static str = "add visit";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = VisitKept;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(interview_in_reach(tx, self.interview)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.interview.to_string(), self.visit.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let interview = interview_in_reach(tx, self.interview)?;
        seal_told(tx, &interview, None, &mut self.told)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<VisitKept> {
        if tx.count("SELECT count(*) FROM trace_visit WHERE id = $1", params![self.visit])? > 0 {
            return Err(exists("visit", "到访记录"));
        }
        let interview = interview_in_reach(tx, self.interview)?;
        count_visits(tx, self.interview, 1)?;
        keep(tx, self.visit, &interview, None, self.told.cipher()?)
    }
}

fn keep(
    tx: &mut Tx<'_>,
    id: Id<Visit>,
    interview: &InterviewRecord,
    before: Option<Id<Place>>,
    told: &str,
) -> Result<VisitKept> {
    let open = opened(tx, interview, before, told)?;
    let notes = match &open {
        Some((told, at)) => notes_of(tx, id, interview, told, at)?,
        None => Vec::new(),
    };
    let row = VisitRow {
        id,
        territory: &interview.territory,
        interview: interview.id,
        subject: interview.subject,
        told,
        open,
    };
    row.keep(tx)?;
    Ok(VisitKept { notes })
}

/// What was told of a visit is corrected; what stood before is kept with the reason.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendVisit {
    pub id: Id<Sent>,
    pub visit: Id<Visit>,
    pub told: Sealed<Told>,
    pub reason: Sealed<String>,
}

impl AmendVisit {
    /// As it stands, and the interview it was told in.
    fn known(&self, tx: &mut Tx<'_>) -> Result<(Known, InterviewRecord)> {
        let actor = tx.actor;
        let known = visit_within(tx, &actor.scope, self.visit)?;
        let interview = interview_in_reach(tx, known.interview)?;
        Ok((known, interview))
    }
}

impl Change for AmendVisit {
    const NAME: &'static str = "amend visit";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = VisitKept;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.known(tx)?.1.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.visit.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let (before, interview) = self.known(tx)?;
        seal_told(tx, &interview, before.place, &mut self.told)?;
        let key = Vault::key_for(tx, &interview.subject.to_string())?;
        self.reason.shut(&key, &format!("trace_visit_before.reason|{}", interview.subject))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<VisitKept> {
        let (before, interview) = self.known(tx)?;
        tx.run(
            "INSERT INTO trace_visit_before (visit, seq, subject, told, reason, at, by_whom) VALUES ($1, \
             (SELECT count(*) + 1 FROM trace_visit_before b WHERE b.visit = $1), $2, $3, $4, $5, $6)",
            params![self.visit, interview.subject, &before.told, self.reason.cipher()?, tx.at, &tx.actor.id],
        )?;
        count_visits(tx, interview.id, 0)?;
        keep(tx, self.visit, &interview, before.place, self.told.cipher()?)
    }
}

/// A visit is taken back, or put back.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveVisit {
    pub id: Id<Sent>,
    pub visit: Id<Visit>,
    /// `false` puts back what was taken back.
    #[serde(default = "yes")]
    pub removed: bool,
}

fn yes() -> bool {
    true
}

impl Change for RemoveVisit {
    const NAME: &'static str = "remove visit";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let actor = tx.actor;
        let known = visit_within(tx, &actor.scope, self.visit)?;
        Ok(interview_in_reach(tx, known.interview)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.visit.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let actor = tx.actor;
        let known = visit_within(tx, &actor.scope, self.visit)?;
        let sql = "UPDATE trace_visit SET removed = $2 WHERE id = $1 AND removed <> $2";
        let changed = tx.run(sql, params![self.visit, self.removed])?;
        let more = i64::try_from(changed).unwrap_or_default();
        count_visits(tx, known.interview, if self.removed { -more } else { more })
    }
}
