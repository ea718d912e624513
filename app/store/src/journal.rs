//! Every applied change, in order, each row carrying the hash of the row before, written in the same transaction as its effect.

use crate::change::to_json;
use crate::tx::FEW;
use crate::{Change, Engine, Error, Query, Reader, Refusal, Result, Row, Status, Tx, Value, params};
use base::Moment;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

pub(crate) const SCHEMA: &str = "
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  change_id TEXT NOT NULL UNIQUE,
  change TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  purpose TEXT NOT NULL,
  territory TEXT NOT NULL,
  basis TEXT NOT NULL,
  about TEXT NOT NULL,
  body TEXT NOT NULL,
  out TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE TABLE journal_about (
  record TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (record, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE people_key (
  owner TEXT PRIMARY KEY,
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Applies a change once: checks the actor, seals, applies, writes the journal row. A second sending gets the first answer.
pub(crate) fn apply<C: Change>(change: &mut C, tx: &mut Tx<'_>) -> Result<C::Out> {
    let id = change.id().to_string();
    let sql = "SELECT change, out, actor FROM journal WHERE change_id = $1";
    let before = if tx.known.fresh.remove(&id) { None } else { tx.first(sql, params![&id])? };
    if let Some(row) = before {
        // The first answer is its sender's: somebody else with the same id gets no look at it.
        if row.text(0)? != C::NAME || row.text(2)? != tx.actor.id {
            return Err(Refusal::new(
                Status::Conflict,
                "journal.id_reused",
                "this change id was used for another change; make a new id",
                "该变更编号已用于另一项变更；请生成新的编号",
            )
            .into());
        }
        return row.json(1);
    }
    tx.actor.scope.demand(C::NEEDS)?;
    let territory = change.territory(tx)?;
    tx.actor.scope.demand_territory(&territory)?;
    change.seal(tx)?;
    let out = change.apply(tx).map_err(taken)?;
    let about = change.about();
    let (last, before) = last_row_of(tx)?;
    let seq = last + 1;
    let entry = Entry {
        seq,
        change_id: id,
        change: C::NAME.to_owned(),
        at: tx.at,
        actor: tx.actor.id.clone(),
        purpose: tx.actor.scope.purpose.clone(),
        territory: territory.into(),
        basis: C::BASIS.word().to_owned(),
        about: about.join(" "),
        body: to_json(change)?,
        out: to_json(&out)?,
        hash: String::new(),
    };
    let hash = entry.hash_after(&before);
    keep(tx, &Entry { hash: hash.clone(), ..entry })?;
    tx.known.last = Some((seq, hash));
    Ok(out)
}

/// What the next row carries on.
fn last_row_of(tx: &mut Tx<'_>) -> Result<(i64, String)> {
    if let Some(last) = tx.known.last.clone() {
        return Ok(last);
    }
    let row = tx.first("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1", params![])?;
    row.map_or_else(|| Ok((0, String::new())), |row| Ok((row.int(0)?, row.text(1)?)))
}

/// Of these changes, those that were never applied, in one question. A number of places that is a power of two keeps few distinct
/// statements.
pub(crate) fn never_seen(engine: &mut Engine, ids: Vec<String>) -> Result<BTreeSet<String>> {
    let mut values: Vec<Value> = ids.iter().map(Value::from).collect();
    let Some(last) = values.last().cloned() else { return Ok(BTreeSet::new()) };
    values.resize(values.len().next_power_of_two(), last);
    let places: Vec<String> = (1..=values.len()).map(|place| format!("${place}")).collect();
    let sql = format!("SELECT change_id FROM journal WHERE change_id IN ({})", places.join(","));
    let mut fresh: BTreeSet<String> = ids.into_iter().collect();
    for row in engine.rows(&sql, &values)? {
        fresh.remove(&row.text(0)?);
    }
    Ok(fresh)
}

/// The id a caller made for a new record is another's: told as that, whoever the other is and wherever it lies.
pub(crate) fn taken(fault: Error) -> Error {
    if !fault.is_duplicate() {
        return fault;
    }
    Refusal::new(
        Status::Conflict,
        "record.exists",
        "a record with this id or name exists already; make a new id",
        "该编号或名称已存在；请生成新的编号",
    )
    .into()
}

/// Writes a row as it is, and what it is about: to PostgreSQL in one trip.
pub(crate) fn keep(tx: &mut Tx<'_>, entry: &Entry) -> Result<()> {
    let insert = "INSERT INTO journal (seq, change_id, change, at, actor, purpose, territory, basis, about, body, out, hash) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let seq = entry.seq;
    let mut values = params![
        seq,
        &entry.change_id,
        &entry.change,
        entry.at,
        &entry.actor,
        &entry.purpose,
        &entry.territory,
        &entry.basis,
        &entry.about,
        &entry.body,
        &entry.out,
        &entry.hash,
    ]
    .to_vec();
    let about: Vec<&str> = entry.about.split(' ').filter(|record| !record.is_empty()).collect();
    if tx.engine.is_postgres() && (1..=FEW).contains(&about.len()) {
        let places: Vec<String> =
            (0..about.len()).map(|at| format!("(${})", values.len() + at + 1)).collect();
        values.extend(about.iter().map(|record| Value::from(*record)));
        let both = format!(
            "WITH kept AS ({insert} RETURNING seq) INSERT INTO journal_about (record, seq) \
             SELECT about.record, kept.seq FROM kept, (VALUES {}) AS about (record) ON CONFLICT DO NOTHING",
            places.join(",")
        );
        return tx.put(&both, &values);
    }
    tx.put(insert, &values)?;
    let rows: Vec<Vec<Value>> = about.iter().map(|record| vec![(*record).into(), seq.into()]).collect();
    tx.insert_many("INSERT INTO journal_about (record, seq)", 2, &rows, "ON CONFLICT DO NOTHING")
}

/// One row of the journal as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub seq: i64,
    pub change_id: String,
    pub change: String,
    pub at: Moment,
    pub actor: String,
    pub purpose: String,
    pub territory: String,
    pub basis: String,
    pub about: String,
    pub body: String,
    pub out: String,
    pub hash: String,
}

const COLUMNS: &str = "seq, change_id, change, at, actor, purpose, territory, basis, about, body, out, hash";

impl Entry {
    fn of(row: Row) -> Result<Entry> {
        let mut values = row.0.into_iter();
        Ok(Entry {
            seq: int(&mut values)?,
            change_id: text(&mut values)?,
            change: text(&mut values)?,
            at: Moment(int(&mut values)?),
            actor: text(&mut values)?,
            purpose: text(&mut values)?,
            territory: text(&mut values)?,
            basis: text(&mut values)?,
            about: text(&mut values)?,
            body: text(&mut values)?,
            out: text(&mut values)?,
            hash: text(&mut values)?,
        })
    }

    /// SHA-256 over the hash of the row before and every field, each with its length, so that no two rows read alike.
    pub fn hash_after(&self, before: &str) -> String {
        hex_digest(&[
            before,
            &self.seq.to_string(),
            &self.change_id,
            &self.change,
            &self.at.0.to_string(),
            &self.actor,
            &self.purpose,
            &self.territory,
            &self.basis,
            &self.about,
            &self.body,
            &self.out,
        ])
    }
}

/// A row read for the whole journal is taken apart, not copied.
fn text(values: &mut std::vec::IntoIter<Value>) -> Result<String> {
    match values.next() {
        Some(Value::Text(text)) => Ok(text),
        other => Err(Error::Shape(format!("{other:?} in the journal, not text"))),
    }
}

fn int(values: &mut std::vec::IntoIter<Value>) -> Result<i64> {
    match values.next() {
        Some(Value::Int(number)) => Ok(number),
        other => Err(Error::Shape(format!("{other:?} in the journal, not a whole number"))),
    }
}

/// Which rows somebody looks for; every word that is absent leaves it open.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub change: Option<String>,
    pub actor: Option<String>,
    pub record: Option<String>,
    pub from: Option<Moment>,
    pub before: Option<Moment>,
}

/// Entries past `after` whose territory lies in `[first, past)`, at most `limit`; oldest first, or newest first (then
/// `after` 0 starts at the end).
pub fn entries(
    query: &mut dyn Query,
    wanted: &Wanted,
    (after, limit): (i64, i64),
    range: (String, String),
    newest: bool,
) -> Result<Vec<Entry>> {
    let (past, order) = if newest { ("($1 = 0 OR seq < $1)", "DESC") } else { ("seq > $1", "ASC") };
    let mut sql =
        format!("SELECT {COLUMNS} FROM journal WHERE {past} AND territory >= $2 AND territory < $3");
    let mut values: Vec<Value> = vec![after.into(), range.0.into(), range.1.into(), limit.into()];
    let conditions = [
        ("change = $", wanted.change.as_deref().map(Value::from)),
        ("actor = $", wanted.actor.as_deref().map(Value::from)),
        ("seq IN (SELECT seq FROM journal_about WHERE record = $", wanted.record.as_deref().map(Value::from)),
        ("at >= $", wanted.from.map(Value::from)),
        ("at < $", wanted.before.map(Value::from)),
    ];
    for (condition, value) in conditions {
        let Some(value) = value else { continue };
        values.push(value);
        let close = if condition.contains('(') { ")" } else { "" };
        sql.push_str(&format!(" AND {condition}{}{close}", values.len()));
    }
    sql.push_str(&format!(" ORDER BY seq {order} LIMIT $4"));
    query.rows(&sql, &values)?.into_iter().map(Entry::of).collect()
}

/// Rows past `after`, at most `limit`, wherever they happened: for the operator.
pub fn entries_after(query: &mut dyn Query, after: i64, limit: i64) -> Result<Vec<Entry>> {
    let sql = format!("SELECT {COLUMNS} FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2");
    query.rows(&sql, params![after, limit])?.into_iter().map(Entry::of).collect()
}

pub fn last_row(query: &mut Reader<'_>) -> Result<i64> {
    query.count("SELECT coalesce(max(seq), 0) FROM journal", params![])
}

/// Every row past `after`, in order.
pub fn each_entry(
    query: &mut dyn Query,
    after: i64,
    each: &mut dyn FnMut(Entry) -> Result<()>,
) -> Result<()> {
    let sql = format!("SELECT {COLUMNS} FROM journal WHERE seq > $1 ORDER BY seq");
    query.each(&sql, params![after], &mut |row| each(Entry::of(row)?))
}

/// When the last row was written.
pub fn last_moment(query: &mut dyn Query) -> Result<Option<Moment>> {
    let row = query.first("SELECT at FROM journal ORDER BY seq DESC LIMIT 1", params![])?;
    row.map(|row| row.int(0).map(Moment)).transpose()
}

pub(crate) fn hex_digest(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    // A million rows are a million hashes: no allocation for each byte of one.
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let byte = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    digest.finalize().iter().flat_map(byte).map(char::from).collect()
}
