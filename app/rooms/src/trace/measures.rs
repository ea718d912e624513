//! How well tracing goes: were new cases known before, who fell ill of whom, is the chain cut. Counts are read here; the statistics
//! are `pure/stats` and `pure/surveillance`.

use crate::cases::views::{
    Filter, FollowedContact, TracedCase, followed_contacts, found_cases, onset_pairs, traced_cases,
    traced_links,
};
use crate::cases::{Event, Team, event_in_sight};
use crate::packed;
use crate::refuse::missing;
use crate::regions::UTC_OFFSET_MINUTES;
use crate::trace::delays::day_shares;
use crate::trace::uncounted::uncounted_contacts;
use base::{Day, Id, Moment, Streams, Territory};
use disclosure::Policy;
use packs::Disease;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use stats::{
    OnsetPair, Shape, clopper_pearson, estimate_offspring, estimate_truncated_delay, offspring_intervals,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{Permission, Query, Result, Scope, params};
use trace::ContactGraph;
use trace::reconstruction::DelayDays;
use trace::success::{
    CutAssumptions, Followed, KnownContact, KnownInfection, Waiting, attack_by_kind, found_by_tracing,
    isolation_delay, probability_chain_cut,
};

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
    let found = found_cases(query, &team, &filter, UTC_OFFSET_MINUTES)?;
    let found_on: BTreeMap<String, Day> = found.iter().map(|case| (case.id.clone(), case.day)).collect();
    let found: Vec<(Day, Option<Day>)> = found.iter().map(|case| (case.day, case.contact_since)).collect();
    let traced = found_by_tracing(&found, LEVEL);
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
    let contacts = followed_contacts(query, &team, &filter)?;
    let (attack_by, followed) = by_kind_of_exposure(query, &filter.territory_within(&team)?, &contacts)?;
    let chain = Chain { cases: &cases, offspring: &offspring, traced: traced.share.unwrap_or(0.0) };
    let follow_up = disease.map_or(0, |disease| disease.follow_up.value as i32);
    let uncounted = uncounted_contacts(query, &contacts, &among, follow_up, today, LONGEST_DAYS)?;
    let watched = contacts.iter().filter(|contact| contact.fell_ill.is_none()).count();
    Ok(json!({
        "known_before": {
            "of": traced.cases, "count": traced.known_before, "share": traced.share,
            "low": traced.share.map(|_| traced.low), "high": traced.share.map(|_| traced.high),
        },
        "by_week": by_week(&found),
        "attack": attack_by_kind(&followed, LEVEL).iter().map(|rate| json!({
            "kind": rate.kind, "contacts": rate.exposed + rate.open, "became": rate.ill, "watched": rate.open,
            "proportion": {
                "of": rate.exposed, "count": rate.ill, "share": rate.attack_rate,
                "low": rate.attack_rate.map(|_| rate.low), "high": rate.attack_rate.map(|_| rate.high),
            },
        })).collect::<Vec<_>>(),
        "attack_by": attack_by,
        "days_to_isolated": days_to_isolated(query, &contacts, &found_on, today)?,
        "offspring": offspring_told(&offspring),
        "serial": serial(&pairs, today),
        "open_ends": open.iter().take(MOST_OPEN_ENDS).map(|case| {
            json!({ "id": case.id, "case_no": case.case_no, "onset": case.onset })
        }).collect::<Vec<_>>(),
        "open_ends_count": open.len(),
        "cut": disease.and_then(|disease| chain.cut(disease, &uncounted, watched, today)),
        "now": now.to_string(),
    }))
}

/// Contacts of whom nobody has decided on an exposure.
const UNDECIDED: &str = "undecided";

/// By the kinds of exposure that somebody decided on, each contact once for each, and the others beside them; by class while nobody
/// has decided on any.
fn by_kind_of_exposure(
    query: &mut dyn Query,
    place: &Territory,
    contacts: &[FollowedContact],
) -> Result<(&'static str, Vec<Followed>)> {
    let (first, past) = place.range();
    let known: BTreeMap<&str, Option<bool>> =
        contacts.iter().map(|contact| (contact.id.as_str(), contact.fell_ill)).collect();
    let sql = "SELECT DISTINCT contact, kind FROM trace_exposure WHERE territory >= $1 AND territory < $2 \
               AND class IS NOT NULL ORDER BY contact, kind";
    let (mut followed, mut decided) = (Vec::new(), BTreeSet::new());
    query.each(sql, params![first, past], &mut |row| {
        let contact = row.text(0)?;
        if let Some(fell_ill) = known.get(contact.as_str()) {
            followed.push(Followed { kind: row.text(1)?, fell_ill: *fell_ill });
            decided.insert(contact);
        }
        Ok(())
    })?;
    if !followed.is_empty() {
        let others = contacts.iter().filter(|contact| !decided.contains(&contact.id));
        followed
            .extend(others.map(|contact| Followed { kind: UNDECIDED.into(), fell_ill: contact.fell_ill }));
        return Ok(("kind", followed));
    }
    let by_class =
        |contact: &FollowedContact| Followed { kind: contact.class.clone(), fell_ill: contact.fell_ill };
    Ok(("class", contacts.iter().map(by_class).collect()))
}

/// From the day a case was found until each of its contacts was isolated; who is watched and not isolated yet still waits. Of
/// contacts of whom nobody has told where they stand nothing is known.
fn days_to_isolated(
    query: &mut dyn Query,
    contacts: &[FollowedContact],
    found_on: &BTreeMap<String, Day>,
    today: Day,
) -> Result<Option<Json>> {
    let mut waiting = Vec::new();
    let mut in_a_day = 0;
    for contact in contacts {
        let Some(found) = contact.source.as_ref().and_then(|case| found_on.get(case)) else { continue };
        let sql = "SELECT isolated FROM trace_contact WHERE contact = $1";
        let Some(row) = query.first(sql, params![&contact.id])? else { continue };
        let isolated = row.opt_int(0)?.map(|at| Moment(at).day_at_offset(UTC_OFFSET_MINUTES));
        if isolated.is_none() && contact.fell_ill == Some(false) {
            continue;
        }
        let days = u32::try_from(isolated.unwrap_or(today) - *found).unwrap_or(0);
        in_a_day += u64::from(isolated.is_some() && days <= 1);
        waiting.push(Waiting { days, isolated: isolated.is_some() });
    }
    if waiting.is_empty() {
        return Ok(None);
    }
    let delay = isolation_delay(&waiting, LEVEL);
    let of = waiting.len() as u64;
    let (low, high) = clopper_pearson(in_a_day, of, LEVEL);
    Ok(Some(json!({
        "n": delay.contacts, "median": delay.median_days, "low": delay.low_days, "high": delay.high_days,
        "within_24h": { "of": of, "count": in_a_day, "share": in_a_day as f64 / of as f64, "low": low, "high": high },
    })))
}

fn by_week(found: &[(Day, Option<Day>)]) -> Vec<Json> {
    let mut weeks: BTreeMap<Day, Vec<(Day, Option<Day>)>> = BTreeMap::new();
    for case in found {
        weeks.entry(case.0 - i32::from(case.0.weekday() - 1)).or_default().push(*case);
    }
    let told = weeks.into_iter().map(|(week, cases)| {
        let traced = found_by_tracing(&cases, LEVEL);
        json!({ "week": week, "known": traced.known_before, "of": traced.cases })
    });
    told.collect()
}

/// Somebody outside the team is told how many cases an event has with all other events beside it, where small ones are protected
/// together (`cases::views::event_counts`); a second count of the same cases here would tell what is withheld there.
fn in_outline() -> Json {
    let withheld = json!({ "withheld": true });
    json!({
        "outline": { "floor": Policy::COLLEAGUES.floor() },
        "known_before": { "of": withheld, "count": withheld, "share": null, "low": null, "high": null },
        "by_week": [], "attack": [], "attack_by": "class", "days_to_isolated": null, "offspring": null,
        "serial": null, "open_ends": [],
        "open_ends_count": null, "cut": null,
    })
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

/// How many infected people are ever found where everybody ill is looked for; a default for a department to change.
const ASCERTAINMENT: f64 = 0.8;

/// What lies further back infects nobody now; a mistyped year lies there too.
const LONGEST_DAYS: i32 = 730;

/// What is known of an event's chain.
struct Chain<'a> {
    cases: &'a [TracedCase],
    /// Known infectees of each case, in the same order.
    offspring: &'a [u32],
    /// Share of the cases that were known as contacts before.
    traced: f64,
}

impl Chain<'_> {
    /// The probability that nobody who is free will infect anybody from tomorrow on.
    fn cut(&self, disease: &Disease, contacts: &[KnownContact], watched: usize, today: Day) -> Option<Json> {
        let known: Vec<KnownInfection> = self
            .cases
            .iter()
            .zip(self.offspring)
            .filter_map(|(case, infectees)| {
                let found = case.day.filter(|day| *day <= today && today - *day <= LONGEST_DAYS)?;
                Some(KnownInfection {
                    found: found.number(),
                    isolated: case.isolation.map(Day::number),
                    infectees_known: *infectees,
                })
            })
            .collect();
        if known.is_empty() && contacts.is_empty() {
            return None;
        }
        let seen = estimate_offspring(self.offspring).filter(|seen| seen.infections > 0);
        let reproduction = seen.as_ref().map_or(GOES_ON, |seen| seen.mean.max(GOES_ON));
        let fitted =
            || seen.as_ref().filter(|seen| seen.infections >= ENOUGH_INFECTIONS).and_then(|seen| seen.k);
        let dispersion = disease.k.as_ref().map(|number| number.value).or_else(fitted);
        let delay = |stated, least, what| DelayDays::of(day_shares(stated, least), what).ok();
        let assumptions = CutAssumptions {
            reproduction,
            dispersion,
            ascertainment: ASCERTAINMENT,
            traced: self.traced,
            generation_time: delay(disease.serial_interval.distribution, 1, "the generation time")?,
            // A case's day is its onset or the next known day.
            finding: delay(disease.incubation.distribution, 0, "the incubation")?,
        };
        let probability = probability_chain_cut(&known, contacts, &assumptions, today.number());
        let mut notes = vec!["nobody_comes_from_elsewhere"];
        if watched > contacts.len() {
            notes.push("contacts_not_counted");
        }
        if seen.is_none() {
            notes.push("reproduction_unknown");
        }
        Some(match probability {
            Ok(probability) => json!({
                "probability": probability, "as_of": today, "reproduction": reproduction, "dispersion": dispersion,
                "ascertainment": ASCERTAINMENT, "traced": self.traced, "contacts": contacts.len(), "notes": notes, "why_not": null,
            }),
            // One case with more infectees than its days allow: which one, and what to do, stands in the words.
            Err(why) => json!({
                "probability": null, "as_of": today, "reproduction": reproduction, "dispersion": dispersion,
                "ascertainment": ASCERTAINMENT, "traced": self.traced, "contacts": contacts.len(), "notes": notes, "why_not": why.to_string(),
            }),
        })
    }
}

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
    fn a_chain_is_surer_cut_the_longer_nobody_falls_ill_and_when_cases_are_isolated() {
        let disease = packed::disease(Some("covid-19-delta")).unwrap();
        let mut cases = vec![case("2022-02-10"), case("2022-02-13"), case("2022-02-14")];
        let at = |cases: &[TracedCase], today: &str| {
            let chain = Chain { cases, offspring: &[2, 0, 0], traced: 0.5 };
            chain.cut(disease, &[], 0, day(today)).unwrap()["probability"].as_f64().unwrap()
        };
        let (soon, later, late) =
            (at(&cases, "2022-02-15"), at(&cases, "2022-02-25"), at(&cases, "2022-05-15"));
        assert!(soon < later && later < late && soon < 0.5 && late > 0.95, "{soon} {later} {late}");
        for case in &mut cases {
            case.isolation = case.onset;
        }
        assert!(at(&cases, "2022-02-15") > soon);
        let empty = Chain { cases: &[], offspring: &[], traced: 0.0 };
        assert!(empty.cut(disease, &[], 0, day("2022-02-15")).is_none());
        // Somebody who handled goods and is free makes it less sure; isolated, hardly.
        let chain = Chain { cases: &cases, offspring: &[2, 0, 0], traced: 0.5 };
        let with = |quarantine| {
            let contact = KnownContact { exposed: day("2022-02-14").number(), infected: 0.3, quarantine };
            chain.cut(disease, &[contact], 1, day("2022-02-15")).unwrap()["probability"].as_f64().unwrap()
        };
        let alone = at(&cases, "2022-02-15");
        let (from, until) = (day("2022-02-14").number(), day("2022-02-28").number());
        let kept = with(Some(trace::success::Quarantine { from, until }));
        assert!(with(None) < kept && kept <= alone, "{alone} {kept}");
        // A mistyped year neither breaks it nor lets it hang.
        let odd = [case("0202-02-10"), case("2022-02-14")];
        let odd = Chain { cases: &odd, offspring: &[0, 0], traced: 0.0 };
        assert!(odd.cut(disease, &[], 0, day("2022-02-25")).unwrap()["probability"].is_number());
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
