//! Places as sources: everybody who was asked, ill or well, there or not, as a table for each place two of them were at.

use crate::cases::views::TracedCase;
use base::Day;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{Query, Result, Scope, params};
use trace::{Hypothesis, Suspect, rank_hypotheses};

const LEVEL: f64 = 0.95;

/// Somebody infected longer ago fell ill earlier: the longest incubation usually watched.
pub(super) const LOOK_BACK_DAYS: i32 = 14;

/// More places are not ranked; each costs an exact interval.
const MOST_PLACES: usize = 300;

/// Where the people of an event said they were.
pub(super) struct Visits {
    /// By handle of the person: ill or not, and the places they were at while they can have been infected.
    people: BTreeMap<String, (bool, BTreeSet<String>)>,
    names: BTreeMap<String, String>,
    /// The person of each case.
    person: BTreeMap<String, String>,
}

impl Visits {
    pub fn read(query: &mut dyn Query, scope: &Scope, event: &str, cases: &[TracedCase]) -> Result<Visits> {
        let onset: BTreeMap<&str, Option<Day>> =
            cases.iter().map(|case| (case.id.as_str(), case.day)).collect();
        let (first, past) = scope.territory.range();
        let rows = query.rows(
            "SELECT v.subject, i.case_id, v.place, p.name, v.earliest, v.latest FROM trace_visit v \
             JOIN trace_interview i ON i.id = v.interview JOIN trace_place p ON p.id = v.place \
             WHERE i.event = $1 AND i.territory >= $2 AND i.territory < $3 AND v.removed = 0 AND v.place IS NOT NULL \
             AND i.goods IS NULL AND i.place IS NULL \
             ORDER BY v.id LIMIT 200000",
            params![event, first, past],
        )?;
        let mut visits = Visits { people: BTreeMap::new(), names: BTreeMap::new(), person: BTreeMap::new() };
        for row in &rows {
            let (subject, case): (String, Option<String>) = (row.text(0)?, row.opt_text(1)?);
            let fell_ill = case.as_deref().and_then(|case| onset.get(case).copied()).flatten();
            if let Some(case) = case.filter(|case| onset.contains_key(case.as_str())) {
                visits.person.insert(case, subject.clone());
            }
            let person = visits.people.entry(subject).or_insert((fell_ill.is_some(), BTreeSet::new()));
            // Where somebody went after they fell ill infected nobody but others.
            let counts = match (fell_ill, row.opt_int(4)?, row.opt_int(5)?) {
                (Some(onset), Some(earliest), Some(latest)) => {
                    let day = |minute: i64| minute.div_euclid(1_440);
                    let onset = i64::from(onset.number());
                    day(earliest) <= onset && day(latest) >= onset - i64::from(LOOK_BACK_DAYS)
                }
                _ => true,
            };
            if counts {
                person.1.insert(row.text(2)?);
                visits.names.insert(row.text(2)?, row.text(3)?);
            }
        }
        Ok(visits)
    }

    pub fn ranked(&self) -> Vec<Hypothesis> {
        let ill: Vec<bool> = self.people.values().map(|(ill, _)| *ill).collect();
        let suspect = |place: &String| Suspect {
            name: place.clone(),
            exposed: self.people.values().map(|(_, places)| Some(places.contains(place))).collect(),
        };
        // A place of one person is no suspect.
        let shared =
            |place: &&String| self.people.values().filter(|(_, places)| places.contains(*place)).count() > 1;
        let suspects: Vec<Suspect> =
            self.names.keys().filter(shared).take(MOST_PLACES).map(suspect).collect();
        rank_hypotheses(&ill, &suspects, LEVEL)
    }

    /// Places the case was at, those that point most strongly first.
    pub fn of_case(&self, case: &TracedCase, ranked: &[Hypothesis], open: &[&TracedCase]) -> Vec<Json> {
        let was_at = |case: &TracedCase, place: &str| {
            self.person
                .get(&case.id)
                .and_then(|person| self.people.get(person))
                .is_some_and(|(_, at)| at.contains(place))
        };
        let here = ranked.iter().filter(|hypothesis| was_at(case, &hypothesis.name));
        here.map(|hypothesis| {
            let explains = open.iter().filter(|other| was_at(other, &hypothesis.name)).count();
            let low = hypothesis.odds_ratio_mid_p.low;
            json!({
                "kind": "place", "id": hypothesis.name, "name": self.names[&hypothesis.name], "explains": explains,
                "of": open.len(), "score": low.is_finite().then_some(low), "share": null,
                "p_value": hypothesis.p_value_of_many,
                "table": {
                    "exposed_ill": hypothesis.table.exposed_ill, "exposed_well": hypothesis.table.exposed_well,
                    "unexposed_ill": hypothesis.table.unexposed_ill, "unexposed_well": hypothesis.table.unexposed_well,
                },
            })
        })
        .collect()
    }
}
