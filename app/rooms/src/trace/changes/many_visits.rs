//! Many visits of one person at once, as a till, a card or a telephone's owner hands them over: each row is kept or refused by
//! itself.
//!
//! Deliberately absent: the note that somebody was told to be at two places at once. It is for whoever types, and looks at every
//! other visit of the person.

use crate::refuse::{exists, invalid};
use crate::trace::changes::visits::{demand_no_company, opened_with};
use crate::trace::interview::{InterviewRecord, interview_in_reach};
use crate::trace::reach::{PlaceRecord, place_in_reach, place_of};
use crate::trace::visit::{Told, VisitRow, told_context};
use crate::trace::{Interview, Place, Visit};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Basis, Change, Error, Permission, Query, Refusal, Result, Sealed, Sent, Tx, Value, Vault, params,
};

/// A page of a list; more are sent as further changes.
const MOST: usize = 1_000;

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldVisit {
    pub visit: Id<Visit>,
    pub told: Sealed<Told>,
}

/// Somebody was at many places.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddVisits {
    pub id: Id<Sent>,
    pub interview: Id<Interview>,
    /// At most 1,000; rows are counted from 1.
    pub visits: Vec<ToldVisit>,
    /// Rows that cannot be true: found when they came in, and no longer among the visits.
    #[serde(default)]
    #[schemars(skip)]
    left_out: Vec<LeftOutVisit>,
}

/// A row that was not kept, and what to do about it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeftOutVisit {
    pub row: usize,
    pub field: Option<String>,
    pub code: String,
    pub zh: String,
    pub en: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct VisitsKept {
    pub kept: usize,
    pub left_out: Vec<LeftOutVisit>,
}

impl LeftOutVisit {
    fn of(row: usize, refusal: Refusal) -> LeftOutVisit {
        LeftOutVisit { row, field: refusal.field, code: refusal.code, zh: refusal.zh, en: refusal.en }
    }
}

/// Places of the register, each looked up once.
#[derive(Default)]
struct Places(BTreeMap<Id<Place>, Option<PlaceRecord>>);

impl Places {
    fn in_reach(&mut self, tx: &mut Tx<'_>, told: &Told) -> Result<Option<PlaceRecord>> {
        let Some(place) = told.place else { return Ok(None) };
        if let Some(known) = self.0.get(&place) {
            return Ok(known.clone());
        }
        let found = place_in_reach(tx, place)?;
        self.0.insert(place, Some(found.clone()));
        Ok(Some(found))
    }

    /// Wherever it lies: what was sealed was found within reach.
    fn sealed(&mut self, tx: &mut Tx<'_>, told: &Told) -> Result<Option<PlaceRecord>> {
        let Some(place) = told.place else { return Ok(None) };
        if let Some(known) = self.0.get(&place) {
            return Ok(known.clone());
        }
        let found = place_of(tx, place)?;
        self.0.insert(place, found.clone());
        Ok(found)
    }
}

impl AddVisits {
    fn demand_some(&self) -> Result<()> {
        if self.visits.is_empty() || self.visits.len() > MOST {
            return Err(invalid(
                "trace.how_many_visits",
                "visits",
                format!("a change carries 1 to {MOST} visits; send the others after it"),
                format!("每次 1 至 {MOST} 条到访记录；其余请分批提交"),
            ));
        }
        Ok(())
    }

    /// Of these, visits that exist.
    fn known(&self, tx: &mut Tx<'_>) -> Result<BTreeSet<Id<Visit>>> {
        let mut known = BTreeSet::new();
        for block in self.visits.chunks(200) {
            let values: Vec<Value> = block.iter().map(|one| one.visit.into()).collect();
            let among = crate::cases::among(values.len());
            for row in tx.rows(&format!("SELECT id FROM trace_visit WHERE id IN {among}"), &values)? {
                known.insert(row.read(0)?);
            }
        }
        Ok(known)
    }
}

fn demand_kept(
    tx: &mut Tx<'_>,
    interview: &InterviewRecord,
    places: &mut Places,
    taken: bool,
    one: &ToldVisit,
) -> Result<()> {
    if taken {
        return Err(exists("visit", "到访记录"));
    }
    if let Sealed::Open(told) = &one.told {
        let place = places.in_reach(tx, told)?;
        told.demand_sound(place.as_ref(), tx.at)?;
        demand_no_company(interview, told)?;
    }
    Ok(())
}

impl Change for AddVisits {
    const NAME: &'static str = "add visits";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = VisitsKept;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(interview_in_reach(tx, self.interview)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.interview.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.demand_some()?;
        self.left_out.clear();
        let interview = interview_in_reach(tx, self.interview)?;
        let (key, context) =
            (Vault::key_for(tx, &interview.subject.to_string())?, told_context(interview.subject));
        let (mut taken, mut places) = (self.known(tx)?, Places::default());
        let mut kept = Vec::with_capacity(self.visits.len());
        for (at, mut one) in std::mem::take(&mut self.visits).into_iter().enumerate() {
            let is_taken = !taken.insert(one.visit);
            match demand_kept(tx, &interview, &mut places, is_taken, &one) {
                Ok(()) => {
                    one.told.shut(&key, &context)?;
                    kept.push(one);
                }
                Err(Error::Refused(refusal)) => self.left_out.push(LeftOutVisit::of(at + 1, *refusal)),
                Err(fault) => return Err(fault),
            }
        }
        self.visits = kept;
        Ok(())
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<VisitsKept> {
        let interview = interview_in_reach(tx, self.interview)?;
        let key = Vault::key_of(tx, &interview.subject.to_string())?;
        let mut places = Places::default();
        let mut rows = Vec::with_capacity(self.visits.len());
        for one in &self.visits {
            let told = one.told.cipher()?;
            let open = opened_with(tx, key.as_ref(), &interview, told, |tx, told| places.sealed(tx, told))?;
            let row = VisitRow {
                id: one.visit,
                territory: &interview.territory,
                interview: interview.id,
                subject: interview.subject,
                told,
                open,
            };
            rows.push(row.values(tx));
        }
        VisitRow::keep_all(tx, &rows)?;
        let sql = "UPDATE trace_interview SET changed = $2, visits = visits + $3 WHERE id = $1";
        tx.run(sql, params![self.interview, tx.at, rows.len()])?;
        Ok(VisitsKept { kept: rows.len(), left_out: self.left_out.clone() })
    }
}
