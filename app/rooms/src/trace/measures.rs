//! How well tracing goes: were new cases known before, who fell ill of whom, is the chain cut. Counts are read here; the statistics
//! are `pure/stats` and `pure/surveillance`.

use crate::cases::views::{
    Filter, TracedCase, contacts_by_class, found_cases, onset_pairs, traced_cases, traced_links,
};
use crate::cases::{Event, Team, event_in_sight};
use crate::packed;
use crate::refuse::missing;
use crate::regions::UTC_OFFSET_MINUTES;
use crate::trace::delays::day_shares;
use base::{Day, Id, Moment, Streams};
use disclosure::Policy;
use packs::Disease;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use stats::{OnsetPair, Shape, estimate_offspring, estimate_truncated_delay, offspring_intervals, wilson};
use std::collections::{BTreeMap, BTreeSet};
use store::{Permission, Query, Result, Scope};
use surveillance::{Compatibility, Infecting, SerialIntervalDistribution, probability_of_end};
use trace::ContactGraph;

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct MeasuresAsked {
    pub event: String,
}

const LEVEL: f64 = 0.95;

/// A page of more is cut; the numbers are then of these.
const MOST_CASES: usize = 20_000;
const MOST_OPEN_ENDS: usize = 500;

pub(crate) fn measures(
    query: &mut dyn Query,
    scope: &Scope,
    asked: &MeasuresAsked,
    now: Moment,
) -> Result<Json> {
    scope.demand(Permission::SituationRead)?;
    let event: Id<Event> = asked.event.parse().map_err(|_| missing("event", "疫情事件"))?;
    let (_, disease) = event_in_sight(query, scope, event)?;
    let filter = Filter { event: Some(asked.event.clone()), ..Filter::default() };
    let Some(team) = Team::of(scope) else { return Ok(in_outline()) };
    let found = found_cases(query, &team, &filter)?;
    let known = found.iter().filter(|case| case.known_before).count() as u64;
    let mut by_week: BTreeMap<Day, (u64, u64)> = BTreeMap::new();
    for case in &found {
        let Some(day) = case.day else { continue };
        let week = by_week.entry(day - i32::from(day.weekday() - 1)).or_default();
        week.0 += u64::from(case.known_before);
        week.1 += 1;
    }
    let mut cases = traced_cases(query, &team, &filter, MOST_CASES)?;
    cases.truncate(MOST_CASES);
    let among: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let links = traced_links(query, &team, &filter, &among)?;
    let graph = ContactGraph::new(
        cases.iter().map(|case| case.id.clone()),
        links.iter().map(|(from, to, _)| (from.clone(), to.clone())),
    );
    let offspring = graph.offspring();
    let infected: BTreeSet<&str> = links.iter().map(|(_, to, _)| to.as_str()).collect();
    let open: Vec<&TracedCase> = cases.iter().filter(|case| !infected.contains(case.id.as_str())).collect();
    let mut pairs = onset_pairs(query, &team, &filter, true)?;
    pairs.sort_by_key(|pair| (pair.infectee_onset, pair.infector_onset));
    let today = now.day_at_offset(UTC_OFFSET_MINUTES);
    let disease = packed::disease(disease.as_deref());
    let attack: Vec<Json> = contacts_by_class(query, &team, &filter)?
        .into_iter()
        .map(|(class, (contacts, became))| {
            json!({ "kind": class, "contacts": contacts, "became": became, "proportion": proportion(became, contacts) })
        })
        .collect();
    Ok(json!({
        "known_before": proportion(known, found.len() as u64),
        "by_week": by_week.iter().map(|(week, (known, of))| json!({ "week": week, "known": known, "of": of })).collect::<Vec<_>>(),
        "attack": attack, "attack_by": "class",
        "offspring": offspring_told(&offspring),
        "serial": serial(&pairs, today),
        "open_ends": open.iter().take(MOST_OPEN_ENDS).map(|case| {
            json!({ "id": case.id, "case_no": case.case_no, "onset": case.onset })
        }).collect::<Vec<_>>(),
        "open_ends_count": open.len(),
        "cut": disease.and_then(|disease| cut(disease, &cases, &offspring, today)),
        "now": now.to_string(),
    }))
}

/// Somebody outside the team is told how many cases an event has with all other events beside it, where small ones are protected
/// together (`cases::views::event_counts`); a second count of the same cases here would tell what is withheld there.
fn in_outline() -> Json {
    let withheld = json!({ "withheld": true });
    json!({
        "outline": { "floor": Policy::COLLEAGUES.floor() },
        "known_before": { "of": withheld, "count": withheld, "share": null, "low": null, "high": null },
        "by_week": [], "attack": [], "attack_by": "class", "offspring": null, "serial": null, "open_ends": [],
        "open_ends_count": null, "cut": null,
    })
}

fn proportion(count: u64, of: u64) -> Json {
    if of == 0 {
        return json!({ "of": 0, "count": 0, "share": null, "low": null, "high": null });
    }
    let (low, high) = wilson(count, of, LEVEL);
    json!({ "of": of, "count": count, "share": count as f64 / of as f64, "low": low, "high": high })
}

/// Whom nobody is known to have infected counts as somebody who infected nobody: as long as links are missing, this is too low.
fn offspring_told(counts: &[u32]) -> Option<Json> {
    let estimate = estimate_offspring(counts)?;
    let intervals = offspring_intervals(counts, LEVEL)?;
    Some(json!({
        "n": estimate.n,
        "r": { "estimate": estimate.mean, "low": intervals.mean.0, "high": intervals.mean.1 },
        "k": { "estimate": estimate.k, "low": intervals.k_low, "high": intervals.k_high },
        "max": estimate.max, "share_top_20": estimate.share_top_20,
    }))
}

/// More pairs say no more, and each repetition of the bootstrap looks at all of them.
const MOST_PAIRS: usize = 400;
const REPETITIONS: usize = 100;

/// What nobody can have seen yet is allowed for; where that finds no end, the days as they were seen, which are then too short.
fn serial(pairs: &[OnsetPair], today: Day) -> Option<Json> {
    let latest = &pairs[pairs.len().saturating_sub(MOST_PAIRS)..];
    let streams = Streams::seeded(1);
    let told = |n: usize,
                mean: f64,
                low: Option<f64>,
                high: Option<f64>,
                sd: Option<f64>,
                truncated: bool| {
        json!({ "n": n, "mean": { "estimate": mean, "low": low, "high": high }, "sd": sd, "truncated": truncated })
    };
    if let Ok(fit) =
        estimate_truncated_delay(latest, Shape::Normal, Some(today), LEVEL, REPETITIONS, &streams)
    {
        return Some(told(
            fit.n,
            fit.mean.value,
            Some(fit.mean.low),
            Some(fit.mean.high),
            Some(fit.sd.value),
            true,
        ));
    }
    let seen = stats::serial_interval(pairs, LEVEL)?.days;
    Some(told(seen.n, seen.mean, seen.low, seen.high, seen.sd, false))
}

/// A chain that goes on: each case infects one other. Taken where fewer were seen, because links that nobody recorded make them few.
const GOES_ON: f64 = 1.0;

/// Of fewer infections nobody can say how unevenly people infect. To be taken as even is the cautious end: uneven chains die sooner.
const ENOUGH_INFECTIONS: u64 = 20;

/// The probability that nobody is left who will infect somebody, from the silence since the last onset.
fn cut(disease: &Disease, cases: &[TracedCase], offspring: &[u32], today: Day) -> Option<Json> {
    let days: Vec<Day> =
        cases.iter().filter_map(|case| case.onset.or(case.day)).filter(|day| *day <= today).collect();
    let (first, last) = (days.iter().min().copied()?, days.iter().max().copied()?);
    // One mistyped year must not make a list of thousands of days; what lies so far back infects nobody now.
    let first = first.max(last - LONGEST_DAYS);
    let mut onsets = vec![0.0; usize::try_from(last - first).ok()? + 1];
    for day in days.iter().filter(|day| **day >= first) {
        onsets[usize::try_from(*day - first).ok()?] += 1.0;
    }
    let interval =
        SerialIntervalDistribution::stated(day_shares(disease.serial_interval.distribution, 1)).ok()?;
    let seen = estimate_offspring(offspring).filter(|seen| seen.infections > 0);
    let reproduction = seen.as_ref().map_or(GOES_ON, |seen| seen.mean.max(GOES_ON));
    let fitted = || seen.as_ref().filter(|seen| seen.infections >= ENOUGH_INFECTIONS).and_then(|seen| seen.k);
    let dispersion = disease.k.as_ref().map(|number| number.value).or_else(fitted);
    let infecting = Infecting { reproduction, dispersion, reported: 1.0 };
    let silent = usize::try_from(today - last).ok()?.min(LONGEST_SILENCE);
    let ends = probability_of_end(&onsets, &interval, infecting, Compatibility::None, silent).ok()?;
    let mut notes = vec!["every_case_is_reported", "nobody_comes_from_elsewhere", "no_isolation_counted"];
    if seen.is_none() {
        notes.push("reproduction_unknown");
    }
    Some(json!({
        "probability": ends.last(), "as_of": today, "last_onset": last, "reproduction": reproduction,
        "dispersion": dispersion, "notes": notes,
    }))
}

const LONGEST_DAYS: i32 = 730;
const LONGEST_SILENCE: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn case(onset: &str) -> TracedCase {
        TracedCase {
            id: onset.into(),
            case_no: onset.into(),
            day: Some(day(onset)),
            onset: Some(day(onset)),
            isolation: None,
            disease: None,
        }
    }

    #[test]
    fn a_chain_is_surer_cut_the_longer_nobody_falls_ill() {
        let disease = packed::disease(Some("covid-19-delta")).unwrap();
        let cases = [case("2022-02-10"), case("2022-02-13"), case("2022-02-14")];
        let at = |today: &str| {
            cut(disease, &cases, &[2, 0, 0], day(today)).unwrap()["probability"].as_f64().unwrap()
        };
        let (soon, later, late) = (at("2022-02-15"), at("2022-02-25"), at("2022-04-15"));
        assert!(soon < 0.5 && soon < later && later < late && late > 0.99, "{soon} {later} {late}");
        assert!(cut(disease, &[], &[], day("2022-02-15")).is_none());
        // A mistyped year neither breaks it nor lets it hang.
        let odd = [case("0202-02-10"), case("2022-02-14")];
        assert!(cut(disease, &odd, &[0, 0], day("2022-02-25")).is_some());
    }

    #[test]
    fn a_serial_interval_allows_for_those_who_are_still_to_fall_ill() {
        let pair = |from: i32, days: i32| OnsetPair {
            infector_onset: day("2022-02-01") + from,
            infectee_onset: day("2022-02-01") + from + days,
        };
        let pairs: Vec<OnsetPair> = (0..40).map(|at| pair(at % 10, 1 + (at * 7) % 6)).collect();
        let (now, later) =
            (serial(&pairs, day("2022-02-12")).unwrap(), serial(&pairs, day("2022-06-01")).unwrap());
        let mean = |told: &Json| told["mean"]["estimate"].as_f64().unwrap();
        assert!(now["truncated"] == true && mean(&now) > mean(&later), "{now} {later}");
        assert!(serial(&[], day("2022-02-12")).is_none());
        let one = serial(&pairs[..1], day("2022-06-01")).unwrap();
        assert_eq!((&one["n"], &one["truncated"]), (&json!(1), &json!(false)));
    }
}
