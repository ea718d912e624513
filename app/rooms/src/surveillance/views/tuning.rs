//! What answers teach: how loudly each stream should count, and what the last quarter's list would have been with it.

use super::place_within;
use crate::access::http::{names, told};
use crate::refuse::invalid;
use crate::surveillance::numbers::{Settings, nearest};
use base::{Moment, Territory};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct TuningAsked {
    #[serde(default)]
    pub territory: Option<String>,
    /// Weights to try, as JSON by indicator; those proposed when nothing is said.
    #[serde(default)]
    pub weights: Option<String>,
}

/// A signal of the past with its answer and its streams' part in it.
struct Answered {
    outbreak: bool,
    closed: bool,
    /// Indicator, corrected p-value, weight then.
    streams: Vec<(String, f64, f64)>,
    threshold: f64,
    closeness: f64,
}

/// So many closed signals are as much as believing beforehand that all streams are alike.
const PRIOR: f64 = 10.0;

pub fn tuning(query: &mut dyn Query, scope: &Scope, asked: &TuningAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::SignalsRead)?;
    let place = place_within(scope, asked.territory.as_deref())?;
    let settings = Settings::read(query)?;
    let current = nearest(&settings.weights, &place).map(|(_, weights)| weights.clone()).unwrap_or_default();
    let past = answered(query, &place, now)?;
    let (proposed, reasons) = proposal(&past);
    let tried = match asked.weights.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => serde_json::from_str(text).map_err(|_| {
            invalid(
                "surveillance.weights",
                "weights",
                "weights are an object such as {\"absence\": 0.5}; correct it",
                "权重应为对象，如 {\"absence\": 0.5}；请更正",
            )
        })?,
        None => proposed.clone(),
    };
    Ok(json!({
        "territory": place, "now": current, "proposed": proposed, "tried": tried, "reasons": reasons,
        "before": listed(&past, &current), "after": listed(&past, &tried), "weeks": 13,
        "history": history(query, &place)?,
    }))
}

fn answered(query: &mut dyn Query, place: &Territory, now: Moment) -> Result<Vec<Answered>> {
    let (first, past) = place.range();
    let rows = query.rows(
        "SELECT outcome, closed, evidence FROM surveillance_signal WHERE territory >= $1 AND territory < $2 AND raised + 0 > $3 \
         AND origin = 'fusion'",
        params![first, past, now.plus_seconds(-91 * 86_400)],
    )?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let evidence: Json = row.json(2)?;
        let streams = evidence["streams"].as_array().cloned().unwrap_or_default();
        let outcome = row.opt_text(0)?;
        all.push(Answered {
            outbreak: outcome.as_deref() == Some("outbreak"),
            closed: row.opt_int(1)?.is_some(),
            streams: streams
                .iter()
                .filter_map(|stream| {
                    Some((
                        stream["indicator"].as_str()?.to_owned(),
                        stream["corrected"].as_f64()?,
                        stream["weight"].as_f64().unwrap_or(1.0),
                    ))
                })
                .collect(),
            threshold: evidence["threshold"].as_f64().unwrap_or(0.0),
            closeness: evidence["weight"].as_f64().unwrap_or(1.0),
        });
    }
    Ok(all)
}

/// The PPV of each stream's signals against that of all, drawn towards it while there are few.
fn proposal(past: &[Answered]) -> (BTreeMap<String, f64>, Vec<Json>) {
    let mut counts: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let (mut closed, mut outbreaks) = (0.0, 0.0);
    for one in past.iter().filter(|one| one.closed) {
        closed += 1.0;
        outbreaks += f64::from(u8::from(one.outbreak));
        // The loudest stream is the one that called.
        if let Some((indicator, ..)) = one.streams.first() {
            let here = counts.entry(indicator).or_default();
            here.0 += f64::from(u8::from(one.outbreak));
            here.1 += 1.0;
        }
    }
    let everywhere = if closed > 0.0 { (outbreaks + 0.5) / (closed + 1.0) } else { 0.5 };
    let mut weights = BTreeMap::new();
    let mut reasons = Vec::new();
    for (indicator, (true_ones, all)) in counts {
        let own = (true_ones + PRIOR * everywhere) / (all + PRIOR);
        let weight = (own / everywhere).clamp(0.25, 4.0);
        weights.insert(indicator.to_owned(), (weight * 100.0).round() / 100.0);
        reasons.push(
            json!({ "indicator": indicator, "closed": all, "outbreaks": true_ones, "ppv": true_ones / all,
                             "ppv_drawn": own, "ppv_all": everywhere }),
        );
    }
    (weights, reasons)
}

/// Which signals of the quarter these weights would still have listed, at the threshold of their day.
fn listed(past: &[Answered], weights: &BTreeMap<String, f64>) -> Json {
    let (mut all, mut outbreaks, mut false_ones) = (0, 0, 0);
    for one in past {
        let parts =
            one.streams.iter().map(|(indicator, p, _)| (*p, weights.get(indicator).copied().unwrap_or(1.0)));
        let p = surveillance::fusion::combine_dependent(parts).unwrap_or(1.0);
        if p / one.closeness <= one.threshold {
            all += 1;
            outbreaks += i32::from(one.outbreak);
            false_ones += i32::from(one.closed && !one.outbreak);
        }
    }
    json!({ "signals": all, "per_week": f64::from(all) / 13.0, "outbreaks": outbreaks, "false_alarms": false_ones })
}

fn history(query: &mut dyn Query, place: &Territory) -> Result<Vec<Json>> {
    let (first, past) = place.range();
    let rows = query.rows(
        "SELECT id, territory, weights, was, reason, at, by_whom, reverted FROM surveillance_tuning \
         WHERE territory >= $1 AND territory < $2 ORDER BY at DESC LIMIT 50",
        params![first, past],
    )?;
    let mut people = Vec::new();
    for row in &rows {
        people.push(row.text(6)?);
    }
    let people = names(query, people)?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "id": row.text(0)?, "territory": row.text(1)?, "weights": row.json::<Json>(2)?, "before": row.json::<Json>(3)?,
                "reason": row.text(4)?, "at": told(row.int(5)?), "by": people.get(&row.text(6)?),
                "reverted": row.opt_int(7)?.map(told),
            }))
        })
        .collect()
}
