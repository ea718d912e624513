//! Of every case without a source: who or what may have been it (a person, a place, a gathering, a lot of goods), how much that would explain, and how strongly it is pointed at.
//!
//! Deliberately absent: the verdict. The first of a list is the first to ask about.

use crate::cases::views::{Filter, TracedCase, traced_cases, traced_links};
use crate::cases::{Event, event_in_sight};
use crate::refuse::missing;
use crate::trace::inferred::{Ask, At, Board, InferredAsked, Leaning, leanings};
use crate::trace::suspects::Visits;
use base::Id;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use store::{Permission, Query, Result, Scope};

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct SourcesAsked {
    pub event: String,
}

const MOST_CASES: usize = 2_000;
const MOST_OPEN: usize = 200;
/// More than anybody asks about.
const MOST_TOLD: usize = 10;
const MOST_THINGS: usize = 6;
const MOST_ASKED: usize = 5;

pub(crate) fn sources(
    query: &mut dyn Query,
    scope: &Scope,
    board: &Board,
    asked: &SourcesAsked,
    at: At,
) -> Result<Json> {
    scope.demand(Permission::CasesRead)?;
    let event: Id<Event> = asked.event.parse().map_err(|_| missing("event", "疫情事件"))?;
    event_in_sight(query, scope, event)?;
    let filter = Filter { event: Some(asked.event.clone()), ..Filter::default() };
    let mut cases = traced_cases(query, scope, &filter, MOST_CASES)?;
    cases.truncate(MOST_CASES);
    let among: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let links = traced_links(query, scope, &filter, &among)?;
    let infected: BTreeSet<&str> = links.iter().map(|(_, to, _)| to.as_str()).collect();
    let open: Vec<&TracedCase> =
        cases.iter().filter(|case| !infected.contains(case.id.as_str())).take(MOST_OPEN).collect();
    // Where people were is contacts' business: whoever does not read contacts is told of people only.
    let reads_visits = scope.may(Permission::ContactsRead);
    let visits = if reads_visits { Some(Visits::read(query, scope, &asked.event, &cases)?) } else { None };
    let ranked = visits.as_ref().map(Visits::ranked).unwrap_or_default();
    let of_model = InferredAsked { event: asked.event.clone(), seed: None };
    let leanings = leanings(query, scope, board, &of_model, at)?;
    let leaning = &leanings.sources;
    let person = |case: &str| cases.iter().find(|one| one.id == case).map(|one| one.case_no.clone());
    let told: Vec<Json> = open
        .iter()
        .map(|case| {
            let mut hypotheses: Vec<Json> =
                visits.iter().flat_map(|visits| visits.of_case(case, &ranked, &open)).take(MOST_THINGS).collect();
            hypotheses.extend(people(leaning, case, &open, &person));
            hypotheses.truncate(MOST_TOLD);
            let about = |ask: &&Ask| ask.case == case.id || ask.about.contains(&case.id);
            let of_model = leanings.ask.iter().filter(about).take(MOST_ASKED);
            let mut ask_next: Vec<Json> = of_model.filter_map(|ask| question(ask, &person)).collect();
            ask_next.extend(visits.iter().flat_map(|visits| visits.questions(case, &ranked)));
            let bits = |ask: &Json| ask["bits"].as_f64().unwrap_or(0.0);
            ask_next.sort_by(|a, b| bits(b).total_cmp(&bits(a)));
            ask_next.truncate(MOST_ASKED);
            json!({
                "id": case.id, "case_no": case.case_no, "onset": case.onset, "hypotheses": hypotheses, "ask_next": ask_next,
            })
        })
        .collect();
    Ok(json!({ "ready": leanings.ready, "cases": told, "open": open.len() }))
}

/// A question in words, by the numbers of the cases.
fn question(ask: &Ask, number: &dyn Fn(&str) -> Option<String>) -> Option<Json> {
    let names = ask.about.iter().map(|case| number(case)).collect::<Option<Vec<String>>>()?;
    let (en, zh) = match (ask.kind, names.as_slice()) {
        ("met", [one, other]) => {
            (format!("Did {one} and {other} meet?"), format!("{one} 与 {other} 是否接触过？"))
        }
        ("infected_by", [case, by]) => {
            (format!("Did {by} infect {case}?"), format!("{case} 是否由 {by} 感染？"))
        }
        ("infected_elsewhere", [case]) => {
            (format!("Was {case} infected elsewhere?"), format!("{case} 是否在外地感染？"))
        }
        ("named", [case]) => (format!("Whom does {case} name?"), format!("{case} 认为是谁传染的？")),
        _ => return None,
    };
    Some(
        json!({ "question_en": en, "question_zh": zh, "about": ask.about, "bits": (ask.bits * 1_000.0).round() / 1_000.0 }),
    )
}

/// Whom the model names, with the share of its draws.
fn people(
    leaning: &[Leaning],
    case: &TracedCase,
    open: &[&TracedCase],
    number: &dyn Fn(&str) -> Option<String>,
) -> Vec<Json> {
    let mut named: Vec<&Leaning> = leaning.iter().filter(|one| one.to == case.id).collect();
    named.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.from.cmp(&b.from)));
    let told = named.into_iter().filter_map(|one| {
        // What one person would explain: the open cases of whom it is the likeliest source.
        let explains = open.iter().filter(|other| likeliest(leaning, &other.id) == Some(one.from.as_str())).count();
        Some(json!({
            "kind": "person", "id": one.from, "name": number(&one.from)?, "explains": explains, "of": open.len(),
            "score": one.share, "share": one.share, "p_value": null,
        }))
    });
    told.collect()
}

fn likeliest<'a>(leaning: &'a [Leaning], case: &str) -> Option<&'a str> {
    let of_case = leaning.iter().filter(|one| one.to == case);
    of_case.max_by(|a, b| a.share.total_cmp(&b.share)).map(|one| one.from.as_str())
}
