//! Which subjects are one person, by the links that stand now. Nothing is copied or given up: a link is a row, and parting
//! two people puts everything back.

use crate::people::Subject;
use crate::people::marks::blocks;
use base::Id;
use std::collections::{BTreeMap, BTreeSet};
use store::{Query, Result, Tx, Value, params};

pub(crate) const SCHEMA: &str = "
CREATE TABLE people_link (
  one TEXT NOT NULL,
  other TEXT NOT NULL,
  state TEXT NOT NULL,
  bits REAL,
  reasons TEXT NOT NULL,
  reason TEXT,
  by_whom TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_link_other ON people_link (other, one);
CREATE TABLE people_cluster (
  subject TEXT PRIMARY KEY,
  cluster TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX people_cluster_cluster ON people_cluster (cluster, subject);
";

type Handles = BTreeSet<Id<Subject>>;

/// Everybody who is the same person as `subject`, itself included.
pub fn same_person(query: &mut dyn Query, subject: Id<Subject>) -> Result<Handles> {
    let sql = "SELECT m.subject FROM people_cluster c JOIN people_cluster m ON m.cluster = c.cluster WHERE c.subject = $1";
    let mut handles = Handles::from([subject]);
    for row in query.rows(sql, params![subject])? {
        handles.insert(row.read(0)?);
    }
    Ok(handles)
}

/// The other records of each of these people; those who have none are left out.
pub fn other_records(
    query: &mut dyn Query,
    subjects: &[Id<Subject>],
) -> Result<BTreeMap<Id<Subject>, Handles>> {
    let mut others: BTreeMap<Id<Subject>, Handles> = BTreeMap::new();
    for (list, params) in blocks(subjects) {
        let sql = format!(
            "SELECT c.subject, m.subject FROM people_cluster c JOIN people_cluster m ON m.cluster = c.cluster \
             WHERE c.subject IN ({list}) AND m.subject <> c.subject ORDER BY c.subject, m.subject"
        );
        for row in query.rows(&sql, &params)? {
            others.entry(row.read(0)?).or_default().insert(row.read(1)?);
        }
    }
    Ok(others)
}

/// Draws the clusters anew around people whose links have changed.
pub(crate) fn settle(tx: &mut Tx<'_>, touched: impl IntoIterator<Item = Id<Subject>>) -> Result<()> {
    let mut affected = Handles::new();
    for subject in touched {
        affected.extend(same_person(tx, subject)?);
    }
    let all: Vec<Id<Subject>> = affected.iter().copied().collect();
    for (list, params) in blocks(&all) {
        tx.run(&format!("DELETE FROM people_cluster WHERE subject IN ({list})"), &params)?;
    }
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut drawn = Handles::new();
    for subject in all {
        if drawn.contains(&subject) {
            continue;
        }
        let cluster = linked_with(tx, subject)?;
        drawn.extend(&cluster);
        if let Some(first) = cluster.first().filter(|_| cluster.len() > 1) {
            rows.extend(cluster.iter().map(|member| vec![(*member).into(), (*first).into()]));
        }
    }
    let tail = "ON CONFLICT (subject) DO UPDATE SET cluster = excluded.cluster";
    tx.insert_many("INSERT INTO people_cluster (subject, cluster)", 2, &rows, tail)
}

/// Everybody who is reached over links that stand.
fn linked_with(query: &mut dyn Query, subject: Id<Subject>) -> Result<Handles> {
    let sql = "SELECT other FROM people_link WHERE one = $1 AND state = 'linked' \
               UNION ALL SELECT one FROM people_link WHERE other = $1 AND state = 'linked'";
    let (mut reached, mut waiting) = (Handles::from([subject]), vec![subject]);
    while let Some(subject) = waiting.pop() {
        for row in query.rows(sql, params![subject])? {
            let next = row.read(0)?;
            if reached.insert(next) {
                waiting.push(next);
            }
        }
    }
    Ok(reached)
}

/// The person goes; those who were linked through them are what their other links make them.
pub(crate) fn forget_links(tx: &mut Tx<'_>, subject: Id<Subject>) -> Result<()> {
    let were = same_person(tx, subject)?;
    tx.run("DELETE FROM people_link WHERE one = $1", params![subject])?;
    tx.run("DELETE FROM people_link WHERE other = $1", params![subject])?;
    if were.len() > 1 { settle(tx, were) } else { Ok(()) }
}
