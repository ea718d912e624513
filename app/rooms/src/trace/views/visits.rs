//! What somebody told of where they were, opened for whoever may read it.

use crate::people::Subject;
use crate::trace::reach::{PLACE_COLUMNS, PlaceRecord};
use crate::trace::visit::{Told, told_context};
use crate::trace::{Interview, Place};
use base::{Id, Moment};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Error, Query, Result, Scope, SubjectKey, Value, params};

/// So many stand on a page; a person has a few dozen.
pub(super) const SHOWN: usize = 500;

pub(super) fn visits_of(
    query: &mut dyn Query,
    scope: &Scope,
    interview: Id<Interview>,
    subject: Id<Subject>,
    key: Option<&SubjectKey>,
) -> Result<Vec<Json>> {
    let sql = format!(
        "SELECT v.id, v.told, v.lon, v.lat, v.at FROM trace_visit v WHERE v.interview = $1 AND v.removed = 0 \
         ORDER BY v.began, v.id LIMIT {SHOWN}"
    );
    let rows = query.rows(&sql, params![interview])?;
    let mut opened = Vec::with_capacity(rows.len());
    for row in &rows {
        let told =
            match key.map(|key| key.open::<Told>(&told_context(subject), &row.text(1).unwrap_or_default())) {
                None | Some(Err(Error::Seal(_))) => continue,
                Some(told) => told?,
            };
        opened.push((row, told));
    }
    let places = places_by_id(query, opened.iter().filter_map(|(_, told)| told.place))?;
    let mut visits = Vec::with_capacity(opened.len());
    for (row, told) in &opened {
        let place = told.place.and_then(|place| places.get(&place));
        visits.push(visit_of(scope, row, interview, subject, told, place)?);
    }
    Ok(visits)
}

fn visit_of(
    scope: &Scope,
    row: &store::Row,
    interview: Id<Interview>,
    subject: Id<Subject>,
    told: &Told,
    place: Option<&PlaceRecord>,
) -> Result<Json> {
    let name = place.map(|place| place.name.clone()).or_else(|| told.place_name.clone()).unwrap_or_default();
    let datum = told.datum.map(|datum| datum.word().to_owned());
    Ok(json!({
        "id": row.text(0)?, "interview": interview, "subject": subject,
        "what": if told.ride.is_some() { "ride" } else { "stay" },
        "place": told.place, "place_name": name, "place_kind": place.map(|place| &place.kind),
        "territory": place.map(|place| &place.territory),
        "place_in_reach": place.is_none_or(|place| scope.reaches(&place.territory)),
        "lon": row.opt_real(2)?, "lat": row.opt_real(3)?,
        // Whose point it is: told by the person, or that of the registered place.
        "own_point": told.lon.is_some(),
        "datum": datum.or_else(|| place.and_then(|place| place.told_datum.clone())), "metres": told.metres,
        "from": told.from, "to": told.to, "from_doubt_minutes": told.from_doubt_minutes,
        "to_doubt_minutes": told.to_doubt_minutes, "source": told.source, "mask": told.mask,
        "indoors": told.indoors.or_else(|| place.and_then(|place| place.indoors)), "ventilation": told.ventilation,
        "company": told.company, "ride": told.ride, "note": told.note, "at": Moment(row.int(4)?).to_string(),
    }))
}

/// Places by their ids, wherever they lie: whoever reads the visit was told of the place by the person.
pub(super) fn places_by_id(
    query: &mut dyn Query,
    ids: impl Iterator<Item = Id<Place>>,
) -> Result<BTreeMap<Id<Place>, PlaceRecord>> {
    let mut wanted: Vec<Id<Place>> = ids.collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut places = BTreeMap::new();
    for block in wanted.chunks(100) {
        let values: Vec<Value> = block.iter().map(|id| (*id).into()).collect();
        let list = (1..=values.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT {PLACE_COLUMNS} FROM trace_place p WHERE p.id IN ({list})");
        for row in query.rows(&sql, &values)? {
            let place = PlaceRecord::of(&row)?;
            places.insert(place.id, place);
        }
    }
    Ok(places)
}
