//! What is sealed about a person.

use crate::cases::reach::person_is_known;
use crate::people::{RULES, Traits, keep_marks};
use crate::refuse::{exists, missing};
use base::{Id, Named, Territory};
use serde::{Deserialize, Serialize};
use store::{Query, Result, Sealed, SubjectKey, Tx, Vault, params};

pub struct Subject;
impl Named for Subject {
    const PREFIX: &'static str = "subject";
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub id_number: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
}

impl Identity {
    pub fn is_empty(&self) -> bool {
        *self == Identity::default()
    }
}

/// Seals an identity for its subject and keeps its marks. An empty one needs no key.
pub fn seal_identity(
    tx: &mut Tx<'_>,
    subject: Id<Subject>,
    identity: &mut Option<Sealed<Identity>>,
) -> Result<()> {
    if matches!(identity, Some(Sealed::Open(open)) if open.is_empty()) {
        *identity = None;
    }
    let Some(sealed) = identity else { return Ok(()) };
    let owner = subject.to_string();
    let key = Vault::key_for(tx, &owner)?;
    sealed.shut(&key, &context(&owner))
}

fn context(owner: &str) -> String {
    format!("people_subject.identity|{owner}")
}

pub(crate) fn open_sealed(key: &SubjectKey, owner: &str, sealed: &str) -> Result<Identity> {
    key.open(&context(owner), sealed)
}

/// Makes the subject and marks them by what is known now; of a known one inside the actor's territory, replaces the identity and where the person belongs.
pub fn keep_subject(
    tx: &mut Tx<'_>,
    subject: Id<Subject>,
    territory: &Territory,
    identity: Option<&Sealed<Identity>>,
    traits: Traits,
) -> Result<()> {
    let mut says_something = identity.is_some();
    let sql =
        "SELECT territory, CASE WHEN identity IS NULL THEN 0 ELSE 1 END FROM people_subject WHERE id = $1";
    if let Some(known) = tx.first(sql, params![subject])? {
        // Somebody else's handle: it is taken, and nothing more is told.
        if !tx.actor.scope.reaches(&known.read(0)?) {
            return Err(exists("person", "人员"));
        }
        says_something |= known.int(1)? > 0;
    }
    let cipher = identity.map(Sealed::cipher).transpose()?;
    tx.run(
        "INSERT INTO people_subject (id, territory, identity, created, marked) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (id) DO UPDATE SET territory = excluded.territory, marked = excluded.marked, \
         identity = coalesce(excluded.identity, people_subject.identity)",
        params![subject, territory, cipher, tx.at, RULES],
    )?;
    if says_something { keep_marks(tx, &[(subject, traits)]) } else { Ok(()) }
}

/// Where the person belongs; whoever does not reach that place is told what an unknown handle is told.
pub fn subject_territory(tx: &mut Tx<'_>, subject: Id<Subject>) -> Result<Territory> {
    let row = tx.first("SELECT territory FROM people_subject WHERE id = $1", params![subject])?;
    let territory = row.map(|row| row.read(0)).transpose()?;
    let actor = tx.actor;
    let held = territory.filter(|territory| actor.scope.reaches(territory));
    let held = held.ok_or_else(|| missing("person", "人员"))?;
    // Of somebody who stands only in records of diseases one does not read, one does not know.
    if person_is_known(tx, &actor.scope, subject)? { Ok(held) } else { Err(missing("person", "人员")) }
}

/// The person belongs to another territory from now on: a list they stand in was acknowledged there, or given back.
pub(crate) fn move_subject(tx: &mut Tx<'_>, subject: Id<Subject>, to: &Territory) -> Result<()> {
    tx.run("UPDATE people_subject SET territory = $2 WHERE id = $1", params![subject, to])?;
    Ok(())
}

/// The same for whoever asks about reach themselves.
pub(crate) fn territory_of(query: &mut dyn Query, subject: Id<Subject>) -> Result<Territory> {
    let row = query.first("SELECT territory FROM people_subject WHERE id = $1", params![subject])?;
    row.ok_or_else(|| missing("person", "人员"))?.read(0)
}

/// `None` when nothing is known about the person, or the key has been destroyed.
pub fn open_identity_of(query: &mut dyn Query, subject: Id<Subject>) -> Result<Option<Identity>> {
    let owner = subject.to_string();
    let row = query.first("SELECT identity FROM people_subject WHERE id = $1", params![&owner])?;
    let Some(sealed) = row.map(|row| row.opt_text(0)).transpose()?.flatten() else { return Ok(None) };
    let Some(key) = Vault::key_of(query, &owner)? else { return Ok(None) };
    key.open(&context(&owner), &sealed).map(Some)
}

/// Whether anything is sealed about the person; nothing is opened.
pub fn has_identity(query: &mut dyn Query, subject: Id<Subject>) -> Result<bool> {
    let sql = "SELECT count(*) FROM people_subject WHERE id = $1 AND identity IS NOT NULL";
    Ok(query.count(sql, params![subject])? > 0)
}
