//! Which tubes somebody's swab is in, laid down in sorted layers and merged later: written in order, a city's morning does not
//! touch every page of the index for every tube. A log-structured merge of the oldest kind (O'Neil et al. 1996).

use crate::lab::indexing::LAYERED_SWABS;
use crate::lab::people::Swab;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, Value, params};

/// From so many layers of one level on, up to so many become one of the next: fewer would be merged more often than they are asked for.
const FAN: i64 = 16;
const WIDEST: i64 = 32;

/// Tubes of one layer, about ten thousand people: a city's morning leaves some two thousand layers, and whoever is looked up is asked for
/// in each.
pub(crate) const TUBES_OF_A_LAYER: i64 = 1_024;

/// Tubes laid down at once: some eight milliseconds of the writer, in which every post waits. Each step touches most pages of its layer, so
/// smaller ones would write them more often than the tubes themselves are written.
pub(crate) const TUBES_OF_A_STEP: i64 = 256;

/// Rows moved by one step of a merge: some fifteen milliseconds.
const ROWS: i64 = 2_048;

/// The people of the next tubes past the last layer can be found from now on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayDownSwabs {
    pub id: Id<Sent>,
}

impl Change for LayDownSwabs {
    const NAME: &'static str = "lay down swabs";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::RecordKeeping;
    /// How many tubes were laid down.
    type Out = i64;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(Territory::whole())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let last = tx.count("SELECT coalesce(max(last_tube), 0) FROM lab_layer", params![])?;
        let sql = "SELECT seq, people FROM lab_tube WHERE seq > $1 ORDER BY seq LIMIT $2";
        let tubes = tx.rows(sql, params![last, TUBES_OF_A_STEP])?;
        let Some(newest) = tubes.last().map(|row| row.int(0)).transpose()? else { return Ok(0) };
        let mut swabs: Vec<(String, i64, u8)> = Vec::new();
        for row in &tubes {
            let tube = row.int(0)?;
            for swab in row.json::<Vec<Swab>>(1)? {
                swabs.extend(swab.known_by().map(|(who, position)| (who, tube, position)));
            }
        }
        swabs.sort_unstable();
        swabs.dedup();
        let layer = match open_layer(tx)? {
            Some(layer) => layer,
            None => begin_layer(tx, last)?,
        };
        let rows: Vec<Vec<Value>> = swabs
            .into_iter()
            .map(|(who, tube, position)| {
                vec![layer.into(), who.into(), tube.into(), i64::from(position).into()]
            })
            .collect();
        tx.insert_many("INSERT INTO lab_swab (layer, who, tube, position)", 4, &rows, "")?;
        tx.run(
            "UPDATE lab_layer SET rows = rows + $2, last_tube = $3 WHERE layer = $1",
            params![layer, rows.len(), newest],
        )?;
        Ok(tubes.len() as i64)
    }
}

/// The newest layer, while it is made of whole steps and has room for one more. After a smaller step a quiet time has begun, and the next
/// tubes begin a layer of their own.
fn open_layer(tx: &mut Tx<'_>) -> Result<Option<i64>> {
    let newest = "SELECT layer, last_tube FROM lab_layer WHERE level = 0 AND into_layer IS NULL \
                  AND layer = (SELECT max(layer) FROM lab_layer)";
    let Some(row) = tx.first(newest, params![])? else { return Ok(None) };
    let (layer, last) = (row.int(0)?, row.int(1)?);
    let tubes = tx.count(
        "SELECT count(*) FROM lab_tube WHERE seq <= $2 \
         AND seq > (SELECT coalesce(max(last_tube), 0) FROM lab_layer WHERE layer < $1)",
        params![layer, last],
    )?;
    Ok((tubes < TUBES_OF_A_LAYER && tubes % TUBES_OF_A_STEP == 0).then_some(layer))
}

fn begin_layer(tx: &mut Tx<'_>, last_tube: i64) -> Result<i64> {
    let layer = next_layer(tx)?;
    tx.run(
        "INSERT INTO lab_layer (layer, level, rows, last_tube, into_layer) VALUES ($1, 0, 0, $2, NULL)",
        params![layer, last_tube],
    )?;
    Ok(layer)
}

fn next_layer(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(1 + tx.count("SELECT coalesce(max(layer), 0) FROM lab_layer", params![])?)
}

/// A step of merging full levels; it takes up where the last one stopped.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeSwabs {
    pub id: Id<Sent>,
}

impl Change for MergeSwabs {
    const NAME: &'static str = "merge swabs";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::RecordKeeping;
    /// Whether there was something to merge.
    type Out = bool;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(Territory::whole())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let Some(into) = layer_in_the_making(tx)? else { return Ok(false) };
        // What has moved already is gone from below, so the next rows are simply the first ones.
        let sql = format!(
            "SELECT s.layer, s.who, s.tube, s.position FROM {LAYERED_SWABS} \
             WHERE s.layer = y.layer AND y.into_layer = $1 AND s.who <= $2"
        );
        let Some(until) = bound(tx, into)? else { return close(tx, into) };
        let moved = tx.rows(&sql, params![into, &until])?;
        let mut swabs: BTreeSet<(String, i64, i64)> = BTreeSet::new();
        for row in &moved {
            swabs.insert((row.text(1)?, row.int(2)?, row.int(3)?));
        }
        tx.run(
            "DELETE FROM lab_swab WHERE layer IN (SELECT layer FROM lab_layer WHERE into_layer = $1) AND who <= $2",
            params![into, &until],
        )?;
        let count = swabs.len();
        let rows: Vec<Vec<Value>> = swabs
            .into_iter()
            .map(|(who, tube, position)| vec![into.into(), who.into(), tube.into(), position.into()])
            .collect();
        tx.insert_many(
            "INSERT INTO lab_swab (layer, who, tube, position)",
            4,
            &rows,
            "ON CONFLICT DO NOTHING",
        )?;
        tx.run("UPDATE lab_layer SET rows = rows + $2 WHERE layer = $1", params![into, count])?;
        Ok(true)
    }
}

/// Whether there is something to merge: asked first, because a step that finds nothing would still be a row of the journal.
pub(crate) fn is_merging_due(query: &mut dyn Query) -> Result<bool> {
    let sql = "SELECT (SELECT count(*) FROM lab_layer WHERE into_layer IS NOT NULL) + (SELECT count(*) FROM \
               (SELECT level FROM lab_layer WHERE into_layer IS NULL GROUP BY level HAVING count(*) >= $1) AS full_levels)";
    Ok(query.count(sql, params![FAN])? > 0)
}

/// The layer that is being made; when none is, one for the lowest level that is full.
fn layer_in_the_making(tx: &mut Tx<'_>) -> Result<Option<i64>> {
    let making = "SELECT into_layer FROM lab_layer WHERE into_layer IS NOT NULL ORDER BY into_layer LIMIT 1";
    if let Some(row) = tx.first(making, params![])? {
        return row.opt_int(0);
    }
    let full = "SELECT level FROM lab_layer WHERE into_layer IS NULL GROUP BY level HAVING count(*) >= $1 \
                ORDER BY level LIMIT 1";
    let Some(level) = tx.first(full, params![FAN])?.map(|row| row.int(0)).transpose()? else {
        return Ok(None);
    };
    let into = next_layer(tx)?;
    tx.run(
        "UPDATE lab_layer SET into_layer = $1 WHERE layer IN \
         (SELECT layer FROM lab_layer WHERE level = $2 AND into_layer IS NULL ORDER BY layer LIMIT $3)",
        params![into, level, WIDEST],
    )?;
    tx.run(
        "INSERT INTO lab_layer (layer, level, rows, last_tube, into_layer) \
         SELECT $1, $2 + 1, 0, max(last_tube), NULL FROM lab_layer WHERE into_layer = $1",
        params![into, level],
    )?;
    Ok(Some(into))
}

/// Up to whom one step takes; `None`: nothing is left below.
fn bound(tx: &mut Tx<'_>, into: i64) -> Result<Option<String>> {
    let layers =
        tx.rows("SELECT layer FROM lab_layer WHERE into_layer = $1 ORDER BY layer", params![into])?;
    let share = ROWS / (layers.len() as i64).max(1);
    let (mut least, mut last): (Option<String>, Option<String>) = (None, None);
    for row in &layers {
        let layer = row.int(0)?;
        let sql = "SELECT who FROM lab_swab WHERE layer = $1 ORDER BY who LIMIT 1 OFFSET $2";
        if let Some(row) = tx.first(sql, params![layer, share])? {
            let reached = row.text(0)?;
            least = Some(least.map_or(reached.clone(), |known| known.min(reached)));
        } else {
            let sql = "SELECT max(who) FROM lab_swab WHERE layer = $1";
            last = last.max(tx.first(sql, params![layer])?.map(|row| row.opt_text(0)).transpose()?.flatten());
        }
    }
    Ok(least.or(last))
}

fn close(tx: &mut Tx<'_>, into: i64) -> Result<bool> {
    tx.run("DELETE FROM lab_layer WHERE into_layer = $1", params![into])?;
    Ok(true)
}
