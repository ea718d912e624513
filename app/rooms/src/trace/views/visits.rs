//! What somebody told of where they were, opened for whoever may read it.

use super::stated;
use crate::people::Subject;
use crate::trace::interview::interview_within;
use crate::trace::reach::{PLACE_COLUMNS, PlaceRecord};
use crate::trace::visit::{Told, told_context};
use crate::trace::{Interview, Place};
use base::{Id, Moment};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Error, Permission, Query, Result, Scope, SubjectKey, Value, Vault};

/// So many stand on a page; a person has a few dozen.
const SHOWN: usize = 500;

/// Visits that stand together on a page, and after which one the next page begins.
pub(super) struct VisitPage {
    pub visits: Vec<Json>,
    pub next: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct VisitsAsked {
    /// The last row that was seen: the minute it began and its id, joined by a comma.
    #[serde(default)]
    pub after: Option<String>,
}

/// The visits of one interview, page by page in the order of time.
pub fn visits(query: &mut dyn Query, scope: &Scope, id: Id<Interview>, asked: &VisitsAsked) -> Result<Json> {
    scope.demand(Permission::ContactsWrite)?;
    let interview = interview_within(query, scope, id)?;
    let key = Vault::key_of(query, &interview.subject.to_string())?;
    let after = stated(&asked.after);
    let page = visits_of(query, scope, id, interview.subject, key.as_ref(), after)?;
    Ok(json!({ "rows": page.visits, "next": page.next, "visits": interview.visits }))
}

pub(super) fn visits_of(
    query: &mut dyn Query,
    scope: &Scope,
    interview: Id<Interview>,
    subject: Id<Subject>,
    key: Option<&SubjectKey>,
    after: Option<&str>,
) -> Result<VisitPage> {
    let mut values: Vec<Value> = vec![interview.into()];
    let mut past = "";
    if let Some((began, id)) = after.and_then(|after| after.split_once(',')) {
        values.extend([began.parse::<i64>().unwrap_or_default().into(), id.into()]);
        past = " AND (v.began, v.id) > ($2, $3)";
    }
    let sql = format!(
        "SELECT v.id, v.told, v.lon, v.lat, v.at, v.began FROM trace_visit v WHERE v.interview = $1 AND v.removed = 0{past} \
         ORDER BY v.began, v.id LIMIT {}",
        SHOWN + 1
    );
    let mut rows = query.rows(&sql, &values)?;
    let more = rows.len() > SHOWN;
    rows.truncate(SHOWN);
    let last = rows.last().filter(|_| more);
    let next =
        last.map(|row| Ok::<_, Error>(format!("{},{}", row.opt_int(5)?.unwrap_or_default(), row.text(0)?)));
    let next = next.transpose()?;
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
    Ok(VisitPage { visits, next })
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
