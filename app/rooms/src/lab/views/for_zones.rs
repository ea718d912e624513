//! Rounds as zones see them: everybody of some places tested once, how many have a result, and what was found. Nobody is named.

use super::stop::of_area;
use crate::lab::Campaign;
use crate::lab::reach::{ROUND_COLUMNS, RoundRecord};
use base::{Id, Moment, Territory};
use store::{Query, Result, params};

/// A campaign's round over places, by the figures of the area in which fewest were reached: the mean would hide the village nobody
/// went to. What was found is of all of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RoundOver {
    pub campaign: Id<Campaign>,
    pub opens: Moment,
    pub ended: Option<Moment>,
    pub people: u64,
    pub with_result: u64,
    pub community: u64,
    pub unresolved: u64,
}

const MOST: usize = 200;

/// Those that took in each of the places as a whole, the first first. Their areas are townships and wider: what lies in one was tested
/// with all of it.
pub(crate) fn rounds_over(
    query: &mut dyn Query,
    places: &[&Territory],
    disease: &str,
    since: Moment,
) -> Result<Vec<RoundOver>> {
    let Some(place) = places.first() else { return Ok(Vec::new()) };
    let above: Vec<String> =
        (0..=place.depth()).map(|depth| place.at_depth(depth).path().to_owned()).collect();
    let list = (3..3 + above.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT {ROUND_COLUMNS} FROM lab_round r JOIN lab_campaign c ON c.id = r.campaign \
         WHERE c.disease = $1 AND r.opens >= $2 AND c.territory IN ({list}) ORDER BY r.opens, r.id LIMIT {MOST}"
    );
    let mut values = params![disease, since].to_vec();
    values.extend(above.into_iter().map(store::Value::from));
    let mut told = Vec::new();
    for row in query.rows(&sql, &values)? {
        let round = RoundRecord::of(&row)?;
        told.extend(over(query, &round, places)?);
    }
    Ok(told)
}

fn over(query: &mut dyn Query, round: &RoundRecord, places: &[&Territory]) -> Result<Option<RoundOver>> {
    let reached = |place: &&Territory| round.zones.iter().any(|zone| zone.territory.holds(place));
    if !places.iter().all(reached) {
        return Ok(None);
    }
    let mut told = RoundOver {
        campaign: round.campaign,
        opens: round.opens,
        ended: round.ended,
        people: 0,
        with_result: 0,
        community: 0,
        unresolved: 0,
    };
    let own = round.zones.iter().filter(|zone| places.iter().any(|place| zone.territory.holds(place)));
    for (number, zone) in own.enumerate() {
        let area = of_area(query, round, zone)?;
        let fewer = area.seen.with_result * told.people < told.with_result * area.seen.people;
        if number == 0 || fewer {
            (told.people, told.with_result) = (area.seen.people, area.seen.with_result);
        }
        told.community += area.community;
        told.unresolved += area.unresolved;
    }
    Ok(Some(told))
}
