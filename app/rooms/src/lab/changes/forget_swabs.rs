//! Names go when their time is over: a block of tubes at a time, and then, row by row, whoever is still found by them; a block of
//! results that laboratories told.

use crate::lab::forget::{Cut, next_reports, next_tubes};
use crate::lab::messages;
use crate::lab::people::{Envelope, Swab};
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, Value, Vault, params};

/// A block of tubes or told results loses its names, or a stretch of the index those who stood in such tubes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgetSwabs {
    pub id: Id<Sent>,
    pub part: Part,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Of the tubes that come after this one, those that are due.
    Tubes { after: i64, due: Cut },
    /// From where the last stretch ended.
    Index,
    /// Of the results that came after this one, those that came until then.
    Told { after: i64, until: Moment },
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    pub tubes: usize,
    #[serde(default)]
    pub reports: usize,
    pub rows: u64,
    /// Whether the index has to be gone through further.
    pub goes_on: bool,
}

/// Rows of the index in one stretch: tens of milliseconds of the writer.
const STRETCH: i64 = 4_096;

/// A city's index is hundreds of millions of rows, and going through it is work for a night.
const EVERY_S: i64 = 20 * 3_600;

impl Change for ForgetSwabs {
    const NAME: &'static str = "forget swabs";
    const NEEDS: Permission = Permission::PeopleErase;
    const BASIS: Basis = Basis::PrivacyProtection;
    type Out = Forgotten;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(Territory::whole())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Forgotten> {
        match &self.part {
            Part::Tubes { after, due } => forget_tubes(tx, *after, due),
            Part::Index => forget_rows(tx),
            Part::Told { after, until } => forget_reports(tx, *after, *until),
        }
    }
}

fn forget_tubes(tx: &mut Tx<'_>, after: i64, cut: &Cut) -> Result<Forgotten> {
    let due = next_tubes(tx, after, cut)?.due;
    let mut owners: Vec<String> = Vec::new();
    for tube in &due {
        let row = tx.first("SELECT people, sealed FROM lab_tube WHERE seq = $1", params![tube.seq])?;
        let Some(row) = row else { continue };
        let people: Vec<Swab> = row.json(0)?;
        owners.extend(row.json::<Vec<Envelope>>(1)?.into_iter().map(|envelope| envelope.owner));
        // Why somebody opened names of this tube may say whose they were.
        owners.push(reasons_of(&tube.barcode));
        // Places, hours and ways of registering stay: they are counted, and are nobody's.
        let bare: Vec<Swab> =
            people.into_iter().map(|swab| Swab { mark: None, holder: None, sheet: None, ..swab }).collect();
        tx.run(
            "UPDATE lab_tube SET people = $2, sealed = '[]' WHERE seq = $1",
            params![tube.seq, serde_json::to_string(&bare).unwrap_or_default()],
        )?;
        tx.run("UPDATE lab_hold SET who = NULL WHERE barcode = $1", params![&tube.barcode])?;
        tx.run("DELETE FROM lab_named WHERE tube = $1", params![tube.seq])?;
    }
    Vault::drop_keys(tx, &owners)?;
    tx.run("UPDATE lab_forgetting SET waiting = waiting + $1 WHERE one = 1", params![due.len()])?;
    Ok(Forgotten { tubes: due.len(), ..Forgotten::default() })
}

/// What it says stays, with codes and times; whom it is about is known to nobody here, and nobody is asked to look any more.
fn forget_reports(tx: &mut Tx<'_>, after: i64, until: Moment) -> Result<Forgotten> {
    let due = next_reports(tx, after, until)?.due;
    let mut owners: Vec<String> = Vec::new();
    for report in &due {
        owners.extend(report.sealed.as_deref().and_then(messages::keys_of));
        owners.push(messages::reasons_of(report.seq));
        tx.run(
            "UPDATE lab_report SET sealed = NULL, waits = CASE WHEN waits = 'outside' THEN NULL ELSE waits END WHERE seq = $1",
            params![report.seq],
        )?;
        tx.run("DELETE FROM lab_report_named WHERE report = $1", params![report.seq])?;
    }
    Vault::drop_keys(tx, &owners)?;
    Ok(Forgotten { reports: due.len(), ..Forgotten::default() })
}

/// Whose key shuts why names of a tube were opened.
pub(crate) fn reasons_of(barcode: &str) -> String {
    format!("held_{barcode}")
}

/// Layers lie in the order in which they came, and what is merged meanwhile moves to the end, where it is met again.
fn forget_rows(tx: &mut Tx<'_>) -> Result<Forgotten> {
    let Some((layer, who)) = place(tx)? else { return Ok(Forgotten::default()) };
    let Some(end) = end_of_stretch(tx, layer, &who)? else {
        let next = "SELECT layer FROM lab_layer WHERE layer > $1 ORDER BY layer LIMIT 1";
        let next = tx.first(next, params![layer])?.map(|row| row.int(0)).transpose()?;
        tx.run("UPDATE lab_forgetting SET layer = $1, who = '' WHERE one = 1", params![next])?;
        return Ok(Forgotten { goes_on: next.is_some(), ..Forgotten::default() });
    };
    let sql = "SELECT DISTINCT tube FROM lab_swab WHERE layer = $1 AND who > $2 AND who <= $3 ORDER BY tube";
    let mut tubes: BTreeSet<i64> = BTreeSet::new();
    for row in tx.rows(sql, params![layer, &who, &end])? {
        tubes.insert(row.int(0)?);
    }
    let mut rows = 0;
    for block in without_names(tx, tubes)?.chunks(WIDE) {
        let sql = format!(
            "DELETE FROM lab_swab WHERE layer = $1 AND who > $2 AND who <= $3 AND tube IN ({})",
            places(4)
        );
        let mut values = vec![layer.into(), who.as_str().into(), end.as_str().into()];
        values.extend(padded(block));
        rows += tx.run(&sql, &values)?;
    }
    let gone = i64::try_from(rows).unwrap_or(i64::MAX);
    tx.run("UPDATE lab_layer SET rows = rows - $2 WHERE layer = $1 AND level >= 0", params![layer, gone])?;
    tx.run("UPDATE lab_forgetting SET who = $1 WHERE one = 1", params![&end])?;
    Ok(Forgotten { rows, goes_on: true, ..Forgotten::default() })
}

/// Where the last stretch ended; when none is under way and it is time for one, before the first row.
fn place(tx: &mut Tx<'_>) -> Result<Option<(i64, String)>> {
    let row = tx.first("SELECT layer, who, waiting, begun FROM lab_forgetting WHERE one = 1", params![])?;
    let Some(row) = row else { return Ok(None) };
    if let Some(layer) = row.opt_int(0)? {
        return Ok(Some((layer, row.text(1)?)));
    }
    let at = tx.at;
    if row.int(2)? == 0 || row.opt_int(3)?.is_some_and(|begun| at.0 < begun + EVERY_S * 1_000) {
        return Ok(None);
    }
    tx.run(
        "UPDATE lab_forgetting SET waiting = 0, begun = $1, layer = 0, who = '' WHERE one = 1",
        params![at],
    )?;
    Ok(Some((0, String::new())))
}

/// Up to whom this stretch goes: some thousand rows, and all rows of whoever is last.
fn end_of_stretch(tx: &mut Tx<'_>, layer: i64, who: &str) -> Result<Option<String>> {
    let sql = "SELECT who FROM lab_swab WHERE layer = $1 AND who > $2 ORDER BY who LIMIT 1 OFFSET $3";
    if let Some(row) = tx.first(sql, params![layer, who, STRETCH])? {
        return Ok(Some(row.text(0)?));
    }
    let last = "SELECT max(who) FROM lab_swab WHERE layer = $1 AND who > $2";
    tx.first(last, params![layer, who])?.map_or(Ok(None), |row| row.opt_text(0))
}

/// Tubes in one statement.
const WIDE: usize = 512;

/// Those of them that have no names any more.
fn without_names(tx: &mut Tx<'_>, mut tubes: BTreeSet<i64>) -> Result<Vec<i64>> {
    let asked: Vec<i64> = tubes.iter().copied().collect();
    for block in asked.chunks(WIDE) {
        let sql = format!("SELECT tube FROM lab_named WHERE tube IN ({})", places(1));
        for row in tx.rows(&sql, &padded(block))? {
            tubes.remove(&row.int(0)?);
        }
    }
    Ok(tubes.into_iter().collect())
}

/// One statement for every block: a short one is filled up with its last tube.
fn padded(block: &[i64]) -> Vec<Value> {
    let last = block.last().copied().unwrap_or(0);
    block.iter().copied().chain(std::iter::repeat(last)).take(WIDE).map(Value::from).collect()
}

fn places(first: usize) -> String {
    let places: Vec<String> = (first..first + WIDE).map(|place| format!("${place}")).collect();
    places.join(",")
}
