//! Links that the words of a list's rows suggest, for a person to confirm with `link cases`. The words themselves are sealed and
//! stay so: what leaves is who is named, in which form, and how the two know each other, in closed words.

use crate::cases::views::{Filter, told_sources, traced_links};
use crate::cases::{Event, event_in_sight};
use crate::refuse::missing;
use base::Id;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{Permission, Query, Result, Scope};
use trace::{KnownIds, Telling, candidate_links};

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct MentionsAsked {
    pub event: String,
}

/// An event of more cases is read in parts, place by place.
const MOST: usize = 5_000;

pub(crate) fn mentions(query: &mut dyn Query, scope: &Scope, asked: &MentionsAsked) -> Result<Json> {
    // Whoever confirms them; nobody else needs to know what a row suggests.
    scope.demand(Permission::CasesWrite)?;
    let event: Id<Event> = asked.event.parse().map_err(|_| missing("event", "疫情事件"))?;
    event_in_sight(query, scope, event)?;
    let filter = Filter { event: Some(asked.event.clone()), ..Filter::default() };
    let mut told = told_sources(query, scope, &filter, MOST)?;
    let more = told.len() > MOST;
    told.truncate(MOST);
    let among: BTreeSet<&str> = told.iter().map(|one| one.id.as_str()).collect();
    let linked: BTreeSet<(String, String)> =
        traced_links(query, scope, &filter, &among)?.into_iter().map(|(from, to, _)| (from, to)).collect();
    // Two lists of one event may both have a case 9: a number that two cases bear names neither.
    let mut by_number: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in &told {
        by_number.entry(one.case_no.trim()).or_default().push(&one.id);
    }
    let ids = KnownIds::new(by_number.keys());
    let tellings: Vec<Telling<'_>> =
        told.iter().map(|one| Telling { case_no: &one.case_no, text: &one.text, onset: one.onset }).collect();
    let alone = |number: &str| match by_number.get(number).map(Vec::as_slice) {
        Some([id]) => Some((*id).to_owned()),
        _ => None,
    };
    let (mut rows, mut unclear) = (Vec::new(), 0);
    for candidate in candidate_links(&tellings, &ids) {
        let (Some(from), Some(to)) = (alone(&candidate.infector), alone(&candidate.infectee)) else {
            unclear += 1;
            continue;
        };
        let already = linked.contains(&(from.clone(), to.clone()));
        rows.push(json!({
            "from": from, "to": to, "from_no": candidate.infector, "to_no": candidate.infectee,
            "relation": candidate.relation.map(trace::Relation::word), "evidence": candidate.form.word(),
            "earliest": candidate.earliest, "already": already,
        }));
    }
    Ok(json!({ "rows": rows, "unclear": unclear, "more": more }))
}
