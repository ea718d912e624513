//! Whether somebody reaches a place. Outside the reach it does not exist.

use crate::cases::Event;
use crate::refuse::missing;
use crate::trace::Place;
use base::{Id, Territory};
use store::{Query, Result, Row, Scope, Tx, params};

#[derive(Debug, Clone)]
pub struct PlaceRecord {
    pub id: Id<Place>,
    pub territory: Territory,
    pub event: Option<Id<Event>>,
    pub name: String,
    pub kind: String,
    pub point: Option<(f64, f64)>,
    pub told_datum: Option<String>,
    pub indoors: Option<bool>,
}

pub(crate) const PLACE_COLUMNS: &str =
    "p.id, p.territory, p.event, p.name, p.kind, p.lon, p.lat, p.told_datum, p.indoors";

impl PlaceRecord {
    pub(crate) fn of(row: &Row) -> Result<PlaceRecord> {
        Ok(PlaceRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            event: row.opt_read(2)?,
            name: row.text(3)?,
            kind: row.text(4)?,
            point: row.opt_real(5)?.zip(row.opt_real(6)?),
            told_datum: row.opt_text(7)?,
            indoors: row.opt_int(8)?.map(|said| said != 0),
        })
    }
}

/// Wherever it lies: for whoever was told of it already.
pub(crate) fn place_of(query: &mut dyn Query, place: Id<Place>) -> Result<Option<PlaceRecord>> {
    let sql = format!("SELECT {PLACE_COLUMNS} FROM trace_place p WHERE p.id = $1");
    query.first(&sql, params![place])?.as_ref().map(PlaceRecord::of).transpose()
}

pub(crate) fn place_within(query: &mut dyn Query, scope: &Scope, place: Id<Place>) -> Result<PlaceRecord> {
    let found = place_of(query, place)?;
    found.filter(|place| scope.reaches(&place.territory)).ok_or_else(|| missing("place", "场所"))
}

pub(crate) fn place_in_reach(tx: &mut Tx<'_>, place: Id<Place>) -> Result<PlaceRecord> {
    let actor = tx.actor;
    place_within(tx, &actor.scope, place)
}
