//! Blind indexes: keyed hashes of what two records of one person are likely to share. They find pairs without a name being
//! read, and say nothing to whoever has the database and not the key.

use crate::people::traits::described;
use crate::people::{Identity, Subject, Traits, open_sealed};
use base::{Id, Territory};
use matching::{Described, Kind, shown};
use std::collections::BTreeMap;
use store::{Error, Query, Result, Tx, Value, Vault};

/// Goes up when `matching::shown` begins to show something else: then everybody is marked again.
pub(crate) const RULES: i64 = 1;

/// The place is that of the subject and is not kept beside the mark: it moves with the case.
pub(crate) const SCHEMA: &str = "
ALTER TABLE people_subject ADD COLUMN marked INTEGER NOT NULL DEFAULT 0;
CREATE TABLE people_mark (
  subject TEXT NOT NULL,
  kind TEXT NOT NULL,
  mark TEXT NOT NULL,
  PRIMARY KEY (subject, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_mark_mark ON people_mark (mark, kind, subject);
";

pub(crate) fn mark_of(vault: &Vault, kind: Kind, value: &str) -> String {
    vault.mark(&format!("people_mark.{kind}"), value)
}

/// Marks these people by what their identities say now, in place of the marks they had.
pub(crate) fn keep_marks(tx: &mut Tx<'_>, people: &[(Id<Subject>, Traits)]) -> Result<()> {
    let subjects: Vec<Id<Subject>> = people.iter().map(|(subject, _)| *subject).collect();
    for (list, params) in blocks(&subjects) {
        tx.run(&format!("DELETE FROM people_mark WHERE subject IN ({list})"), &params)?;
    }
    let mut known = opened(tx, &subjects)?;
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for (subject, traits) in people {
        // Taken out, so that a subject told twice in one block is marked once.
        let Some((territory, identity)) = known.remove(subject) else { continue };
        for (kind, value) in shown(&described(identity, territory, Some(traits))) {
            rows.push(vec![(*subject).into(), kind.word().into(), mark_of(tx.vault(), kind, &value).into()]);
        }
    }
    tx.insert_many("INSERT INTO people_mark (subject, kind, mark)", 3, &rows, "ON CONFLICT DO NOTHING")
}

/// Subjects with what may be told of them to a score, in memory. Nothing of it may leave but the score and its reasons.
pub(crate) fn describe(
    query: &mut dyn Query,
    subjects: &[Id<Subject>],
    traits: &BTreeMap<Id<Subject>, Traits>,
) -> Result<BTreeMap<Id<Subject>, Described>> {
    let known = opened(query, subjects)?;
    Ok(known
        .into_iter()
        .map(|(subject, (territory, identity))| {
            (subject, described(identity, territory, traits.get(&subject)))
        })
        .collect())
}

/// Numbers of those whose document is known, for the house to find what else it has of them. None of it may leave.
pub(crate) fn numbers_of(
    query: &mut dyn Query,
    subjects: &[Id<Subject>],
) -> Result<BTreeMap<Id<Subject>, String>> {
    let known = opened(query, subjects)?.into_iter();
    Ok(known.filter_map(|(subject, (_, identity))| Some((subject, identity.id_number?))).collect())
}

/// Those of the subjects whose identity is known and whose key has not been destroyed.
fn opened(
    query: &mut dyn Query,
    subjects: &[Id<Subject>],
) -> Result<BTreeMap<Id<Subject>, (Territory, Identity)>> {
    let mut opened = BTreeMap::new();
    for (list, params) in blocks(subjects) {
        let sql = format!(
            "SELECT s.id, s.territory, s.identity, k.wrapped FROM people_subject s JOIN people_key k ON k.owner = s.id \
             WHERE s.identity IS NOT NULL AND s.id IN ({list})"
        );
        for row in query.rows(&sql, &params)? {
            let (owner, subject) = (row.text(0)?, row.read(0)?);
            let key = query.vault().unwrap(&owner, &row.bytes(3)?);
            // One that does not open must not hide all the others; opening it by hand says what is wrong.
            let identity = key.and_then(|key| open_sealed(&key, &owner, &row.text(2)?));
            match identity {
                Ok(identity) => drop(opened.insert(subject, (row.read(1)?, identity))),
                Err(Error::Seal(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
    }
    Ok(opened)
}

/// Handles for `IN (…)`, a few hundred at a time. Lists are padded to a power of two, so that there are few statements.
pub(crate) fn blocks(subjects: &[Id<Subject>]) -> Vec<(String, Vec<Value>)> {
    subjects
        .chunks(256)
        .map(|chunk| {
            let wide = chunk.len().next_power_of_two();
            let last = chunk[chunk.len() - 1];
            let padded = chunk.iter().copied().chain(std::iter::repeat(last)).take(wide);
            let list: Vec<String> = (1..=wide).map(|at| format!("${at}")).collect();
            (list.join(","), padded.map(Value::from).collect())
        })
        .collect()
}
