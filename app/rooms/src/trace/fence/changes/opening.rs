//! Opening the names of a fence: purpose, reason, legal basis, a second person of another organisation; four hours; and a row in
//! the journal about each person before a name is read.

use super::super::present::present;
use super::super::record::fence_in_reach;
use super::super::{Fence, Invited, Opening, Wall};
use super::drafting::demand_in_force;
use crate::access::second_person::{Ask, AskKind, use_agreed};
use crate::people::{Subject, demand_rows, open_identity_of};
use crate::refuse::{missing, required};
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{
    Basis, Change, Permission, Query, Refusal, Result, Sealed, Sent, Status, Tx, Value, Vault, params,
};

/// Somebody reads who was there.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenFence {
    pub id: Id<Sent>,
    pub opening: Id<Opening>,
    pub fence: Id<Fence>,
    pub ask: Id<Ask>,
    pub purpose: String,
    pub reason: Sealed<String>,
    /// Found when it is written, so that the row names exactly those whose names are read.
    pub subjects: Vec<Id<Subject>>,
}

/// Long enough to call everybody, and over at the end of a shift.
const OPEN_SECONDS: i64 = 4 * 3_600;

/// What the sender is told; the names are read afterwards.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Opened {
    pub until: Moment,
    pub subjects: Vec<Id<Subject>>,
}

fn reason_context(opening: &str) -> String {
    format!("trace_fence_opening.reason|{opening}")
}

/// Why, for the log of each person who was opened.
pub(crate) fn reason_of_opening(query: &mut dyn Query, body: &Json) -> Result<Option<String>> {
    let (Some(opening), Some(sealed)) = (body["opening"].as_str(), body["reason"].as_str()) else {
        return Ok(None);
    };
    let key = Vault::key_of(query, opening)?;
    key.map(|key| key.open(&reason_context(opening), sealed)).transpose()
}

impl Change for OpenFence {
    const NAME: &'static str = "open fence";
    const NEEDS: Permission = Permission::FenceOpen;
    const BASIS: Basis = Basis::IdentityOpening;
    type Out = Opened;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(fence_in_reach(tx, self.fence)?.territory)
    }
    fn about(&self) -> Vec<String> {
        let own = [self.fence.to_string(), self.opening.to_string(), self.ask.to_string()];
        own.into_iter().chain(self.subjects.iter().map(Id::to_string)).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let fence = fence_in_reach(tx, self.fence)?;
        self.subjects = present(tx, &fence)?.into_keys().collect();
        demand_rows(&tx.actor.scope, self.subjects.len() as u64, true)?;
        let owner = self.opening.to_string();
        let key = Vault::key_for(tx, &owner)?;
        self.reason.shut(&key, &reason_context(&owner))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Opened> {
        required("purpose", &self.purpose)?;
        let fence = fence_in_reach(tx, self.fence)?;
        demand_in_force(tx, &fence)?;
        if tx.count("SELECT count(*) FROM trace_fence_run WHERE fence = $1", params![self.fence])? == 0 {
            return Err(Refusal::new(
                Status::Conflict,
                "trace.fence_uncounted",
                "nobody has counted this fence yet; count first, names come after",
                "该围栏尚未计数；请先计数，再申请查看姓名",
            )
            .into());
        }
        let until = match self.still_open(tx)? {
            Some(until) => until,
            None => {
                use_agreed(tx, self.ask, AskKind::OpenFence, &self.fence.to_string())?;
                tx.at.plus_seconds(OPEN_SECONDS)
            }
        };
        tx.run(
            "INSERT INTO trace_fence_opening (id, fence, ask, by_whom, purpose, basis, reason, at, until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            params![
                self.opening,
                self.fence,
                self.ask,
                tx.actor.person(),
                &self.purpose,
                &fence.basis,
                self.reason.cipher()?,
                tx.at,
                until
            ],
        )?;
        let rows: Vec<Vec<Value>> = self
            .subjects
            .iter()
            .map(|subject| {
                let by = Value::from(tx.actor.person());
                vec![self.fence.into(), (*subject).into(), Invited::Opened.word().into(), tx.at.into(), by]
            })
            .collect();
        let head = "INSERT INTO trace_fence_person (fence, subject, state, at, by_whom)";
        tx.insert_many(head, 5, &rows, "ON CONFLICT DO NOTHING")?;
        Ok(Opened { until, subjects: self.subjects.clone() })
    }
}

impl OpenFence {
    /// The page was closed and opened again within the four hours: looked at once more, written down once more, and not longer.
    fn still_open(&self, tx: &mut Tx<'_>) -> Result<Option<Moment>> {
        let (person, now) = (tx.actor.person().to_owned(), tx.at);
        Ok(open_until(tx, self.fence, self.ask, &person)?.filter(|until| *until > now))
    }
}

/// Until when this person has the names of a fence open by this agreement.
pub(in crate::trace::fence) fn open_until(
    query: &mut dyn Query,
    fence: Id<Fence>,
    ask: Id<Ask>,
    person: &str,
) -> Result<Option<Moment>> {
    let sql = "SELECT max(until) FROM trace_fence_opening WHERE ask = $1 AND fence = $2 AND by_whom = $3";
    let row = query.first(sql, params![ask, fence, person])?;
    Ok(row.map(|row| row.opt_int(0)).transpose()?.flatten().map(Moment))
}

/// Whether the actor has the names of this fence open now.
pub(super) fn demand_open(tx: &mut Tx<'_>, fence: Id<Fence>) -> Result<()> {
    let sql = "SELECT count(*) FROM trace_fence_opening WHERE fence = $1 AND by_whom = $2 AND until > $3";
    let person = tx.actor.person().to_owned();
    if tx.count(sql, params![fence, person, tx.at])? > 0 { Ok(()) } else { Err(over()) }
}

pub(in crate::trace::fence) fn over() -> store::Error {
    Refusal::new(
        Status::Forbidden,
        "trace.opening_over",
        "the four hours of this opening are over, or it never was yours; ask a second person again",
        "本次查看的四小时已过，或并非由您申请；请重新申请双人复核",
    )
    .into()
}

/// The names, once the journal says who reads them.
pub(in crate::trace::fence) fn opened_people(
    query: &mut dyn Query,
    fence: Id<Fence>,
    opened: &Opened,
) -> Result<Vec<Json>> {
    let record = super::super::record::fence_of(query, fence)?.ok_or_else(|| missing("fence", "暴露围栏"))?;
    let there = present(query, &record)?;
    let mut people = Vec::new();
    for subject in &opened.subjects {
        let identity = open_identity_of(query, *subject)?.unwrap_or_default();
        let sql = "SELECT state FROM trace_fence_person WHERE fence = $1 AND subject = $2";
        let state = query.first(sql, params![fence, *subject])?.map(|row| row.text(0)).transpose()?;
        let visit = there.get(subject);
        let shown = |wall: Wall| String::from(wall);
        people.push(json!({
            "subject": subject, "name": identity.name, "telephone": identity.phone,
            "from": visit.map(|visit| shown(visit.first)), "to": visit.and_then(|visit| visit.last).map(shown),
            "invited": state.as_deref().is_some_and(|state| state != Invited::Opened.word()), "state": state,
        }));
    }
    Ok(people)
}
