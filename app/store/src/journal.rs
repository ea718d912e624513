//! Every applied change, in order, each row carrying the hash of the row before, written in the same transaction as its effect.

use crate::change::to_json;
use crate::{Change, Error, Query, Refusal, Result, Row, Status, Tx, Value, params};
use base::Moment;
use serde::Serialize;
use sha2::{Digest, Sha256};

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
    if let Some(row) = tx.first(sql, params![&id])? {
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
    let last = tx.first("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1", params![])?;
    let (seq, before) = match last {
        Some(row) => (row.int(0)? + 1, row.text(1)?),
        None => (1, String::new()),
    };
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
    keep(tx, &Entry { hash, ..entry })?;
    Ok(out)
}

/// The id a caller made for a new record is another's: told as that, whoever the other is and wherever it lies.
fn taken(fault: Error) -> Error {
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

/// Writes a row as it is.
pub(crate) fn keep(tx: &mut Tx<'_>, entry: &Entry) -> Result<()> {
    let seq = entry.seq;
    tx.run(
        "INSERT INTO journal (seq, change_id, change, at, actor, purpose, territory, basis, about, body, out, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
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
        ],
    )?;
    let about = entry.about.split(' ').filter(|record| !record.is_empty());
    let rows: Vec<Vec<Value>> = about.map(|record| vec![record.into(), seq.into()]).collect();
    tx.insert_many("INSERT INTO journal_about (record, seq)", 2, &rows, "ON CONFLICT DO NOTHING")
}

/// One row of the journal as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    fn of(row: &Row) -> Result<Entry> {
        Ok(Entry {
            seq: row.int(0)?,
            change_id: row.text(1)?,
            change: row.text(2)?,
            at: Moment(row.int(3)?),
            actor: row.text(4)?,
            purpose: row.text(5)?,
            territory: row.text(6)?,
            basis: row.text(7)?,
            about: row.text(8)?,
            body: row.text(9)?,
            out: row.text(10)?,
            hash: row.text(11)?,
        })
    }

    /// SHA-256 over the hash of the row before and every field, each with its length, so that no two rows read alike.
    fn hash_after(&self, before: &str) -> String {
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

/// Entries past `after` whose territory lies in `[first, past)`, at most `limit`; oldest first, or newest first (then
/// `after` 0 starts at the end).
pub fn entries(
    query: &mut dyn Query,
    after: i64,
    limit: i64,
    range: (String, String),
    newest: bool,
) -> Result<Vec<Entry>> {
    let (past, order) = if newest { ("($1 = 0 OR seq < $1)", "DESC") } else { ("seq > $1", "ASC") };
    let sql = format!(
        "SELECT {COLUMNS} FROM journal WHERE {past} AND territory >= $2 AND territory < $3 ORDER BY seq {order} LIMIT $4"
    );
    query.rows(&sql, params![after, range.0, range.1, limit])?.iter().map(Entry::of).collect()
}

/// Every row past `after`, in order.
pub fn each_entry(
    query: &mut dyn Query,
    after: i64,
    each: &mut dyn FnMut(Entry) -> Result<()>,
) -> Result<()> {
    let sql = format!("SELECT {COLUMNS} FROM journal WHERE seq > $1 ORDER BY seq");
    query.each(&sql, params![after], &mut |row| each(Entry::of(&row)?))
}

/// When the last row was written.
pub fn last_moment(query: &mut dyn Query) -> Result<Option<Moment>> {
    let row = query.first("SELECT at FROM journal ORDER BY seq DESC LIMIT 1", params![])?;
    row.map(|row| row.int(0).map(Moment)).transpose()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub rows: i64,
    pub ok: bool,
    /// The first row that does not follow from the one before it.
    pub first_bad: Option<i64>,
    /// The hash of the last row: print it, and a later verify on any copy must reach it.
    pub head: String,
}

/// Reads the whole journal and follows the chain.
pub fn verify(query: &mut dyn Query) -> Result<Verdict> {
    let mut verdict = Verdict { rows: 0, ok: true, first_bad: None, head: String::new() };
    let sql = format!("SELECT {COLUMNS} FROM journal ORDER BY seq");
    query.each(&sql, params![], &mut |row| {
        let entry = Entry::of(&row)?;
        verdict.rows += 1;
        let follows = entry.seq == verdict.rows && entry.hash == entry.hash_after(&verdict.head);
        if !follows && verdict.first_bad.is_none() {
            verdict.first_bad = Some(entry.seq);
            verdict.ok = false;
        }
        verdict.head = entry.hash;
        Ok(())
    })?;
    Ok(verdict)
}

pub(crate) fn hex_digest(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
