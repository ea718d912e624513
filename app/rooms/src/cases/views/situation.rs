//! The live picture: six figures with what they were a day before, the curve, the four earlies, the map.

use crate::cases::Team;
use crate::cases::views::chains::onset_pairs;
use crate::cases::views::filter::{Conditions, Filter};
use crate::cases::views::tally::{COUNTED, Tally};
use crate::packed;
use base::{Day, Moment, Territory};
use cases::{Delay, Limits, summarise};
use serde_json::{Value as Json, json};
use stats::wilson;
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope};

/// Data that ends longer ago than this is a past outbreak: its last day is shown, not today's empty one.
const STILL_RUNNING_DAYS: i32 = 30;

const LEVEL: f64 = 0.95;

pub fn situation(
    query: &mut dyn Query,
    scope: &Team<'_>,
    filter: &Filter,
    today: Day,
    offset_minutes: i32,
) -> Result<Json> {
    scope.demand(Permission::SituationRead)?;
    let territory = filter.territory_within(scope)?;
    let cases = filter.conditions_of_all(scope, false)?;
    let tally = Tally::of(query, &cases)?;
    let contacts = contacts_in_reach(scope, filter)?;
    let last_day = last_day(&tally, filter, today);
    let (days, series) = curve(&tally);
    Ok(json!({
        "last_day": last_day,
        "today": today,
        "territory": territory,
        "figures": {
            "new_cases": { "today": tally.new_on(last_day), "yesterday": tally.new_on(last_day - 1) },
            "total_cases": tally.total,
            "contacts_watched": watched(query, &contacts, Moment::start_of(last_day, offset_minutes))?,
            "under_care": under_care(&tally),
            "serial_interval": serial(query, scope, filter)?,
            "open_ends": { "n": tally.total - with_source(query, &cases)?, "of": tally.total },
        },
        "curve": { "kind": "onset_else_first_known", "days": days, "series": series },
        "earlies": earlies(query, &tally, filter)?,
        "map": map(query, &tally, &contacts)?,
        "unplaced": unplaced(&tally),
        "classifications": &tally.classifications,
    }))
}

/// Contacts have no day, classification or way of being found to ask for: the event and the territory hold for them too.
fn contacts_in_reach(scope: &Scope, filter: &Filter) -> Result<Conditions> {
    let of_event =
        Filter { event: filter.event.clone(), territory: filter.territory.clone(), ..Filter::default() };
    of_event.conditions_of_all(scope, true)
}

fn last_day(tally: &Tally, filter: &Filter, today: Day) -> Day {
    if let Some(to) = filter.to.as_deref().and_then(|text| text.parse::<Day>().ok()) {
        return to.min(today);
    }
    let latest = tally.latest.unwrap_or(today).min(today);
    if today - latest > STILL_RUNNING_DAYS { latest } else { today }
}

fn under_care(tally: &Tally) -> Json {
    let of = tally.under_care + tally.community;
    let (low, high) = wilson(tally.under_care, of, LEVEL);
    json!({ "n": tally.under_care, "of": of, "low": low, "high": high })
}

fn with_source(query: &mut dyn Query, cases: &Conditions) -> Result<i64> {
    let sql = format!(
        "SELECT count(*) FROM cases_case c WHERE {} AND {COUNTED} \
         AND EXISTS (SELECT 1 FROM cases_link l WHERE l.to_case = c.id)",
        cases.sql
    );
    query.count(&sql, &cases.params)
}

/// Contacts watched now, and a day before: those known by then who have since been released or become cases count there.
fn watched(query: &mut dyn Query, contacts: &Conditions, start_of_day: Moment) -> Result<Json> {
    let mut params = contacts.params.clone();
    params.push(start_of_day.into());
    let at = params.len();
    let sql = format!(
        "SELECT count(CASE WHEN k.status = 'watched' THEN 1 END), \
         count(CASE WHEN k.created < ${at} AND (k.status = 'watched' OR k.changed >= ${at}) THEN 1 END) \
         FROM cases_contact k WHERE {}",
        contacts.sql
    );
    let row = query.first(&sql, &params)?;
    let (now, before) = row.map_or(Ok((0, 0)), |row| Ok::<_, store::Error>((row.int(0)?, row.int(1)?)))?;
    Ok(json!({ "today": now, "yesterday": before }))
}

fn serial(query: &mut dyn Query, scope: &Scope, filter: &Filter) -> Result<Option<Json>> {
    let pairs = onset_pairs(query, scope, filter, true)?;
    Ok(stats::serial_interval(&pairs, LEVEL).map(|serial| {
        json!({
            "n": serial.days.n, "mean": serial.days.mean, "sd": serial.days.sd, "median": serial.days.median,
            "low": serial.days.low, "high": serial.days.high, "negative": serial.negative,
        })
    }))
}

/// Cases by day and by how they were found. Days without cases are zeros, so that a gap looks like one.
fn curve(tally: &Tally) -> (Vec<Day>, Vec<Json>) {
    let counts = &tally.curve;
    // One slip of the pen (the year 1920) must not make a curve of a hundred years: the first and last in a thousand
    // cases do not stretch the axis by more than ten years.
    const LONGEST_DAYS: i32 = 3653;
    let (Some(first), Some(last)) =
        (counts.keys().next().map(|key| key.0), counts.keys().last().map(|key| key.0))
    else {
        return (Vec::new(), Vec::new());
    };
    let first = first.max(last - LONGEST_DAYS);
    let days: Vec<Day> = first.through(last).collect();
    let series = ["under_care", "community", "unknown"]
        .iter()
        .map(|found| {
            let counts: Vec<i64> = days
                .iter()
                .map(|day| counts.get(&(*day, (*found).to_owned())).copied().unwrap_or(0))
                .collect();
            json!({ "key": found, "counts": counts })
        })
        .collect();
    (days, series)
}

fn earlies(query: &mut dyn Query, tally: &Tally, filter: &Filter) -> Result<Vec<Json>> {
    let limits = limits_of(query, filter)?;
    let each = tally.delays.iter();
    let delays: Vec<Delay> =
        each.flat_map(|(&(early, days), n)| std::iter::repeat_n(Delay { early, days }, *n)).collect();
    Ok(summarise(&delays, &limits)
        .into_iter()
        .map(|early| {
            let (low, high) = wilson(early.within as u64, early.n as u64, LEVEL);
            json!({
                "early": early.early, "limit_days": early.limit_days, "n": early.n, "within": early.within,
                "low": low, "high": high, "median_days": early.median_days,
            })
        })
        .collect())
}

/// The limits of the event's disease; of an influenza-like default when several diseases are in view.
fn limits_of(query: &mut dyn Query, filter: &Filter) -> Result<Limits> {
    let disease = match &filter.event {
        Some(event) => {
            let row = query.first("SELECT disease FROM cases_event WHERE id = $1", &[event.into()])?;
            row.map(|row| row.opt_text(0)).transpose()?.flatten()
        }
        None => None,
    };
    let pack = packed::disease(disease.as_deref()).or_else(|| packed::diseases().iter().next());
    Ok(pack.map_or_else(|| Limits(BTreeMap::new()), packs::Disease::limits))
}

/// County level: the first three codes of a path.
fn map(query: &mut dyn Query, tally: &Tally, contacts: &Conditions) -> Result<Vec<Json>> {
    let mut counts: BTreeMap<Territory, (i64, i64)> = BTreeMap::new();
    for (territory, cases) in &tally.places {
        counts.entry(territory.at_depth(3)).or_default().0 += cases;
    }
    let sql = format!(
        "SELECT k.territory, count(*) FROM cases_contact k WHERE {} GROUP BY k.territory",
        contacts.sql
    );
    for row in query.rows(&sql, &contacts.params)? {
        let territory: Territory = row.read(0)?;
        counts.entry(territory.at_depth(3)).or_default().1 += row.int(1)?;
    }
    Ok(counts
        .into_iter()
        .filter(|(territory, _)| territory.depth() == 3)
        .map(|(territory, (cases, contacts))| json!({ "territory": territory, "cases": cases, "contacts": contacts }))
        .collect())
}

/// Cases whose place is known to no county.
fn unplaced(tally: &Tally) -> i64 {
    tally.places.iter().filter(|(territory, _)| territory.depth() < 3).map(|(_, cases)| cases).sum()
}
