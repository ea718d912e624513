//! Places as fences and lists of visits name them.

use crate::refuse::missing;
use crate::trace::Place;
use base::{Id, Territory};
use std::collections::BTreeMap;
use store::{Query, Result, Scope, params};

/// What may be told of a place to everybody.
pub(super) struct Shown {
    pub name: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
}

pub(super) fn shown(query: &mut dyn Query, place: &str) -> Result<Shown> {
    let row = query.first("SELECT name, lon, lat FROM trace_place WHERE id = $1", params![place])?;
    let row = row.ok_or_else(|| missing("place", "场所"))?;
    Ok(Shown { name: row.text(0)?, lon: row.opt_real(1)?, lat: row.opt_real(2)? })
}

/// Naming it names who lives there.
pub(super) fn is_dwelling(kind: &str) -> bool {
    kind == "home"
}

/// By id and by name; a name that two places bear stands for both.
pub(super) type Named = BTreeMap<String, Vec<(Id<Place>, Territory)>>;

pub(super) fn named(query: &mut dyn Query, scope: &Scope) -> Result<Named> {
    let (first, past) = scope.territory.range();
    let mut places = Named::new();
    let sql =
        "SELECT id, name, territory FROM trace_place WHERE territory >= $1 AND territory < $2 ORDER BY id";
    for row in query.rows(sql, params![first, past])? {
        let (id, territory): (Id<Place>, Territory) = (row.read(0)?, row.read(2)?);
        places.entry(row.text(1)?).or_default().push((id, territory.clone()));
        places.entry(row.text(0)?).or_default().push((id, territory));
    }
    Ok(places)
}
