//! Two records are one person, or two: said by somebody, and taken back by saying the other.

use crate::people::clusters::{same_person, settle};
use crate::people::{Subject, subject_territory, territory_of};
use crate::refuse::{invalid, required};
use base::{Id, Territory};
use matching::Reason;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Refusal, Result, Sealed, Sent, Status, Tx, Vault, params};

/// Two records are one person. The score is made by the server from what both say; the decision is the sender's.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkPeople {
    pub id: Id<Sent>,
    pub one: Id<Subject>,
    pub other: Id<Subject>,
    pub bits: Option<f64>,
    pub reasons: Vec<Reason>,
    /// In the person's own words, sealed with the first of the two.
    #[serde(default)]
    pub reason: Option<Sealed<String>>,
}

impl Change for LinkPeople {
    const NAME: &'static str = "link people";
    const NEEDS: Permission = Permission::PeopleLink;
    const BASIS: Basis = Basis::PersonMatching;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        subject_territory(tx, self.one)
    }
    fn about(&self) -> Vec<String> {
        vec![self.one.to_string(), self.other.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        seal_reason(tx, (self.one, self.other), &mut self.reason)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let pair = pair_in_reach(tx, self.one, self.other)?;
        keep_link(tx, pair, "linked", self.bits, &self.reasons, self.reason.as_ref())?;
        settle(tx, [pair.0, pair.1])
    }
}

/// Two records are two people: a link is taken back, or a pair that looked alike is proposed no more.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartPeople {
    pub id: Id<Sent>,
    pub one: Id<Subject>,
    pub other: Id<Subject>,
    /// Asked for when a link is taken back.
    #[serde(default)]
    pub reason: Option<Sealed<String>>,
}

impl Change for PartPeople {
    const NAME: &'static str = "part people";
    const NEEDS: Permission = Permission::PeopleLink;
    const BASIS: Basis = Basis::PersonMatching;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        subject_territory(tx, self.one)
    }
    fn about(&self) -> Vec<String> {
        vec![self.one.to_string(), self.other.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        seal_reason(tx, (self.one, self.other), &mut self.reason)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let pair = pair_in_reach(tx, self.one, self.other)?;
        let sql = "SELECT count(*) FROM people_link WHERE one = $1 AND other = $2 AND state = 'linked'";
        let linked = tx.count(sql, params![pair.0, pair.1])? > 0;
        if linked && self.reason.is_none() {
            required("reason", "")?;
        }
        if !linked && same_person(tx, pair.0)?.contains(&pair.1) {
            return Err(linked_through_another());
        }
        keep_link(tx, pair, "parted", None, &[], self.reason.as_ref())?;
        settle(tx, [pair.0, pair.1])
    }
}

fn linked_through_another() -> store::Error {
    Refusal::new(
        Status::Conflict,
        "people.linked_through",
        "these two are one person through a third record; part the record that does not belong from the one it is linked with",
        "两者经由第三条记录合并；请将不属于此人的记录与其直接合并的记录拆分",
    )
    .into()
}

fn ordered(one: Id<Subject>, other: Id<Subject>) -> (Id<Subject>, Id<Subject>) {
    if one < other { (one, other) } else { (other, one) }
}

/// Both must lie where the sender works; the journal row stands at the first.
fn pair_in_reach(
    tx: &mut Tx<'_>,
    one: Id<Subject>,
    other: Id<Subject>,
) -> Result<(Id<Subject>, Id<Subject>)> {
    if one == other {
        return Err(invalid(
            "people.one_record",
            "other",
            "this is one record, not two; choose another one beside it",
            "这是同一条记录；请另选一条",
        ));
    }
    for subject in [one, other] {
        let territory = territory_of(tx, subject)?;
        tx.actor.scope.demand_territory(&territory)?;
    }
    Ok(ordered(one, other))
}

fn seal_reason(
    tx: &mut Tx<'_>,
    (one, other): (Id<Subject>, Id<Subject>),
    reason: &mut Option<Sealed<String>>,
) -> Result<()> {
    if matches!(reason, Some(Sealed::Open(text)) if text.trim().is_empty()) {
        *reason = None;
    }
    let Some(sealed) = reason else { return Ok(()) };
    let owner = ordered(one, other).0.to_string();
    let key = Vault::key_for(tx, &owner)?;
    sealed.shut(&key, &format!("people_link.reason|{owner}"))
}

fn keep_link(
    tx: &mut Tx<'_>,
    (one, other): (Id<Subject>, Id<Subject>),
    state: &str,
    bits: Option<f64>,
    reasons: &[Reason],
    reason: Option<&Sealed<String>>,
) -> Result<()> {
    let reasons = serde_json::to_string(reasons).expect("reasons have a text form");
    tx.run(
        "INSERT INTO people_link (one, other, state, bits, reasons, reason, by_whom, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (one, other) DO UPDATE SET state = excluded.state, bits = coalesce(excluded.bits, people_link.bits), \
         reasons = excluded.reasons, reason = excluded.reason, by_whom = excluded.by_whom, at = excluded.at",
        params![one, other, state, bits, reasons, reason.map(Sealed::cipher).transpose()?, &tx.actor.id, tx.at],
    )?;
    Ok(())
}
