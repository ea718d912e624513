//! The model's answer about an event, or word that it is being drawn.

use super::board::{Board, Standing};
use super::model::{Drawn, Known, MOST_CASES, places};
use crate::cases::views::{Filter, TracedCase, traced_cases, traced_contacts, traced_links};
use crate::cases::{Event, event_in_sight};
use crate::packed;
use crate::refuse::invalid;
use base::{Day, Id, Moment};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use store::{Permission, Query, Result, Scope};
use trace::reconstruction::Asking;

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct InferredAsked {
    pub event: String,
    /// The same seed draws the same sample.
    #[serde(default)]
    pub seed: Option<u64>,
}

/// When it is asked, and how far the journal had come then.
pub(crate) struct At {
    pub now: Moment,
    pub today: Day,
    pub row: i64,
}

/// Above this the chains do not agree, and the shares are not to be read.
const AGREE: f64 = 1.05;

/// What is known is read here; what follows from it is drawn elsewhere.
pub(crate) fn inferred(
    query: &mut dyn Query,
    scope: &Scope,
    board: &Board,
    asked: &InferredAsked,
    at: At,
) -> Result<Json> {
    scope.demand(Permission::CasesRead)?;
    let as_of = at.row;
    let known = match known(query, scope, asked, at.today)? {
        Ok(known) => known,
        Err(note) => return Ok(nothing(as_of, &note)),
    };
    let (cases, seed) = (known.cases.clone(), known.seed);
    match board.ask(known, at.now) {
        Standing::Done(outcome) => Ok(match outcome.as_ref() {
            Ok(drawn) => told(drawn, &cases, as_of, seed),
            Err(why) => nothing(as_of, &json!({ "code": "failed", "en": why, "zh": "模型未能完成计算" })),
        }),
        Standing::Running(since) => Ok(json!({
            "ready": false, "state": "running", "since": since.to_string(), "cases": cases.len(), "ask_again_s": 2,
        })),
        Standing::Waiting => Ok(json!({
            "ready": false, "state": "waiting", "since": null, "cases": cases.len(), "ask_again_s": 5,
        })),
    }
}

/// Whom the draws name as somebody's source.
pub(crate) struct Leaning {
    pub from: String,
    pub to: String,
    /// Of the draws, 0 to 1.
    pub share: f64,
}

/// What the draws of an event say of its open cases.
#[derive(Default)]
pub(crate) struct Leanings {
    /// Whether they are there; asking has them drawn.
    pub ready: bool,
    pub sources: Vec<Leaning>,
    pub ask: Vec<Ask>,
}

/// A question, in handles, and the bits its answer would tell.
pub(crate) struct Ask {
    pub kind: &'static str,
    /// Cases the question is about: who is asked first.
    pub about: Vec<String>,
    /// The case whose doubt falls most.
    pub case: String,
    pub bits: f64,
}

pub(crate) fn leanings(
    query: &mut dyn Query,
    scope: &Scope,
    board: &Board,
    asked: &InferredAsked,
    at: At,
) -> Result<Leanings> {
    let nothing = |ready| Leanings { ready, ..Leanings::default() };
    let Ok(known) = known(query, scope, asked, at.today)? else { return Ok(nothing(true)) };
    let cases = known.cases.clone();
    let Standing::Done(outcome) = board.ask(known, at.now) else { return Ok(nothing(false)) };
    let Ok(drawn) = outcome.as_ref() else { return Ok(nothing(true)) };
    let id = |place: usize| cases[place].0.clone();
    let leaning = |(from, to, share): &(Option<usize>, usize, f64)| {
        Some(Leaning { from: id((*from)?), to: id(*to), share: *share })
    };
    let ask = drawn.ask.iter().map(|worth| {
        let (kind, about) = match worth.question.asking {
            Asking::Met { case, other } => ("met", vec![id(case), id(other)]),
            Asking::Infected { case, by: Some(by) } => ("infected_by", vec![id(case), id(by)]),
            Asking::Infected { case, by: None } => ("infected_elsewhere", vec![id(case)]),
            Asking::Named { case } => ("named", vec![id(case)]),
        };
        Ask { kind, about, case: id(worth.case), bits: worth.bits }
    });
    Ok(Leanings {
        ready: true,
        sources: drawn.links.iter().filter_map(leaning).collect(),
        ask: ask.collect(),
    })
}

type Note = Json;

/// `Err`: nothing can be drawn, and why.
fn known(
    query: &mut dyn Query,
    scope: &Scope,
    asked: &InferredAsked,
    today: Day,
) -> Result<std::result::Result<Known, Note>> {
    let event: Id<Event> = asked.event.parse().map_err(|_| crate::refuse::missing("event", "疫情事件"))?;
    let (_, of_event) = event_in_sight(query, scope, event)?;
    let filter = Filter { event: Some(asked.event.clone()), ..Filter::default() };
    let found = traced_cases(query, scope, &filter, MOST_CASES)?;
    if found.len() > MOST_CASES {
        return Err(invalid(
            "trace.too_many_cases",
            "event",
            format!(
                "this event has more than {MOST_CASES} cases, and chains are drawn for fewer; look at one place of it at a time, or use `quell chains`"
            ),
            format!("该疫情超过 {MOST_CASES} 例，无法在此推断；请分地区查看，或使用 quell chains"),
        ));
    }
    let disease = of_event.or_else(|| found.iter().find_map(|case| case.disease.clone()));
    let Some(disease) = packed::disease(disease.as_deref()) else {
        let en = "the event names no disease, and without one no delay is known; state its disease";
        return Ok(Err(
            json!({ "code": "no_disease", "en": en, "zh": "未注明病种，无法确定时间间隔；请填写病种" }),
        ));
    };
    let dated = |case: &TracedCase| case.day.map(|day| (case.id.clone(), day));
    let cases: Vec<(String, Day)> = found.iter().filter_map(dated).collect();
    if cases.len() < 2 {
        let en = "fewer than two cases have a day; there is nothing to draw from yet";
        return Ok(Err(json!({ "code": "too_few", "en": en, "zh": "有日期的病例不足两例，暂无法推断" })));
    }
    let among: BTreeSet<&str> = cases.iter().map(|(id, _)| id.as_str()).collect();
    let links = traced_links(query, scope, &filter, &among)?;
    let contacts = traced_contacts(query, scope, &filter, &among)?;
    let place = places(&cases);
    Ok(Ok(Known {
        event: asked.event.clone(),
        disease,
        links: links.iter().map(|(from, to, why)| (place[from.as_str()], place[to.as_str()], *why)).collect(),
        contacts: contacts.iter().map(|(from, to)| (place[from.as_str()], place[to.as_str()])).collect(),
        today,
        seed: asked.seed.unwrap_or(1),
        cases: cases.clone(),
    }))
}

fn told(drawn: &Drawn, cases: &[(String, Day)], as_of: i64, seed: u64) -> Json {
    let share = |p: f64| (p * 1_000.0).round() / 1_000.0;
    let links = drawn.links.iter().filter_map(|(from, to, p)| {
        Some(json!({ "from": cases[(*from)?].0, "to": cases[*to].0, "p": share(*p) }))
    });
    let introduced = drawn
        .links
        .iter()
        .filter(|(from, ..)| from.is_none())
        .map(|(_, to, p)| json!({ "id": cases[*to].0, "p": share(*p) }));
    let converged = drawn.r_hat <= AGREE;
    let note = if converged {
        Json::Null
    } else {
        let en = "the chains of draws do not agree; take no share of this at its word";
        json!({ "code": "not_converged", "en": en, "zh": "多条抽样链不一致；各比例不可轻信" })
    };
    json!({
        "ready": true, "as_of": as_of, "seed": seed, "cases": cases.len(), "draws": drawn.draws,
        "links": links.collect::<Vec<_>>(), "introduced": introduced.collect::<Vec<_>>(), "converged": converged,
        "rhat": drawn.r_hat.is_finite().then_some(drawn.r_hat), "note": note,
        "reproduction": drawn.reproduction, "dispersion": drawn.dispersion,
    })
}

fn nothing(as_of: i64, note: &Json) -> Json {
    json!({
        "ready": true, "as_of": as_of, "cases": 0, "draws": 0, "links": [], "introduced": [], "converged": false,
        "rhat": null, "note": note, "reproduction": null, "dispersion": null,
    })
}
