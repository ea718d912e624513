//! Assessments of a signal or an event. Who has not answered yet does not see what the other said: two opinions are worth more
//! than one and its echo.
//!
//! # Source
//! Haustein et al. 2011, Bulletin of the World Health Organization 89:296 (PMC3066523): given the same ten events, national focal points came to the same
//! answer in 78 % (median), and in 55 % of those that need not be notified.

use crate::access::http::{names, told};
use crate::cases::event_in_sight;
use crate::packed;
use crate::refuse::{invalid, missing};
use crate::surveillance::Signal;
use crate::surveillance::changes::reasons_context;
use base::{Id, Territory};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Actor, Permission, Query, Result, Vault, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct AssessmentsAsked {
    #[serde(default)]
    pub signal: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
}

pub fn assessments(query: &mut dyn Query, actor: &Actor, asked: &AssessmentsAsked) -> Result<Json> {
    actor.scope.demand(Permission::SignalsRead)?;
    let about = about(query, actor, asked)?;
    let rows = query.rows(
        "SELECT id, instrument, answers, reasons, conclusion, at, by_whom FROM surveillance_assessment WHERE about = $1 ORDER BY at",
        params![&about],
    )?;
    let key = match actor.scope.may(Permission::SignalsAnswer) {
        true => Vault::key_of(query, &about)?,
        false => None,
    };
    let me = actor.person();
    let (mut people, mut mine) = (Vec::new(), Vec::new());
    for row in &rows {
        let by = row.text(6)?;
        if by.split(' ').next() == Some(me) {
            mine.push(row.text(1)?);
        }
        people.push(by);
    }
    let people = names(query, people)?;
    let mut told_rows = Vec::new();
    let mut by_instrument: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        let (instrument, conclusion) = (row.text(1)?, row.text(4)?);
        let open = mine.contains(&instrument) || !actor.scope.may(Permission::SignalsAnswer);
        let reasons: Option<BTreeMap<String, String>> = match (&key, open) {
            (Some(key), true) => Some(key.open(&reasons_context(&about), &row.text(3)?)?),
            _ => None,
        };
        told_rows.push(json!({
            "id": row.text(0)?, "instrument": instrument, "at": told(row.int(5)?), "by": people.get(&row.text(6)?),
            "answers": if open { row.json::<Json>(2)? } else { Json::Null },
            "reasons": reasons, "conclusion": if open { said(&instrument, &conclusion) } else { Json::Null },
        }));
        by_instrument.entry(instrument).or_default().push(conclusion);
    }
    let agree: BTreeMap<&String, bool> = by_instrument
        .iter()
        .filter(|(instrument, all)| all.len() >= 2 && mine.contains(instrument))
        .map(|(instrument, all)| (instrument, all.iter().all(|one| *one == all[0])))
        .collect();
    Ok(json!({ "rows": told_rows, "mine": mine, "agree": agree }))
}

fn said(instrument: &str, conclusion: &str) -> Json {
    let known = packed::instruments().by_id(instrument).and_then(|one| one.conclusion(conclusion));
    known
        .map_or_else(|| json!({ "id": conclusion, "zh": conclusion, "en": conclusion }), |known| json!(known))
}

fn about(query: &mut dyn Query, actor: &Actor, asked: &AssessmentsAsked) -> Result<String> {
    match (asked.signal.as_deref(), asked.event.as_deref()) {
        (Some(signal), None) => {
            let id: Id<Signal> = signal.parse().map_err(|_| missing("signal", "预警信号"))?;
            let row = query.first("SELECT territory FROM surveillance_signal WHERE id = $1", params![id])?;
            let territory: Option<Territory> = row.map(|row| row.read(0)).transpose()?;
            let held = territory.filter(|territory| actor.scope.reaches(territory));
            held.map(|_| id.to_string()).ok_or_else(|| missing("signal", "预警信号"))
        }
        (None, Some(event)) => {
            let id = event.parse().map_err(|_| missing("event", "疫情事件"))?;
            event_in_sight(query, &actor.scope, id)?;
            Ok(event.to_owned())
        }
        _ => Err(invalid(
            "surveillance.one_of_two",
            "signal",
            "name a signal or an event",
            "请指定一个信号或一个事件",
        )),
    }
}
