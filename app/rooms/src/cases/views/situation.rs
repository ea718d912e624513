//! The live picture: six figures with what they were a day before, the curve, the four earlies, the map.

use crate::cases::views::chains::onset_pairs;
use crate::cases::views::filter::{Conditions, Filter};
use crate::packed;
use base::{Day, Moment, Territory};
use cases::{Delay, Early, Limits, summarise};
use serde_json::{Value as Json, json};
use stats::wilson;
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, Value};

/// Discarded cases are kept, and count nowhere.
const COUNTED: &str = "c.classification <> 'discarded'";

/// Data that ends longer ago than this is a past outbreak: its last day is shown, not today's empty one.
const STILL_RUNNING_DAYS: i32 = 30;

const LEVEL: f64 = 0.95;

pub fn situation(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    today: Day,
    offset_minutes: i32,
) -> Result<Json> {
    scope.demand(Permission::SituationRead)?;
    let territory = filter.territory_within(scope)?;
    let cases = filter.conditions(query, scope, false)?;
    let last_day = last_day(query, &cases, filter, today)?;
    let (days, series) = curve(query, &cases)?;
    let found = found(query, &cases)?;
    Ok(json!({
        "last_day": last_day,
        "today": today,
        "territory": territory,
        "figures": figures(query, scope, filter, &cases, (last_day, offset_minutes), &found)?,
        "curve": { "kind": "onset_else_first_known", "days": days, "series": series },
        "earlies": earlies(query, &cases, filter)?,
        "map": map(query, scope, filter, &cases)?,
        "unplaced": unplaced(query, &cases)?,
        "classifications": by_classification(query, &cases)?,
    }))
}

fn last_day(query: &mut dyn Query, cases: &Conditions, filter: &Filter, today: Day) -> Result<Day> {
    if let Some(to) = filter.to.as_deref().and_then(|text| text.parse::<Day>().ok()) {
        return Ok(to.min(today));
    }
    let sql = format!("SELECT max(c.sort_day) FROM cases_case c WHERE {}", cases.sql);
    let latest = query.first(&sql, &cases.params)?.map(|row| row.opt_text(0)).transpose()?.flatten();
    let latest = latest.and_then(|text| text.parse::<Day>().ok()).unwrap_or(today).min(today);
    Ok(if today - latest > STILL_RUNNING_DAYS { latest } else { today })
}

struct FoundCounts {
    under_care: u64,
    community: u64,
}

fn found(query: &mut dyn Query, cases: &Conditions) -> Result<FoundCounts> {
    let sql = format!(
        "SELECT c.found, count(*) FROM cases_case c WHERE {} AND {COUNTED} GROUP BY c.found",
        cases.sql
    );
    let mut counts = FoundCounts { under_care: 0, community: 0 };
    for row in query.rows(&sql, &cases.params)? {
        match row.opt_text(0)?.as_deref() {
            Some("under_care") => counts.under_care = row.int(1)?.unsigned_abs(),
            Some("community") => counts.community = row.int(1)?.unsigned_abs(),
            _ => {}
        }
    }
    Ok(counts)
}

fn figures(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    cases: &Conditions,
    (last_day, offset_minutes): (Day, i32),
    found: &FoundCounts,
) -> Result<Json> {
    let mut on = |day: Day| {
        let mut params = cases.params.clone();
        params.push(day.into());
        let sql = format!(
            "SELECT count(*) FROM cases_case c WHERE {} AND {COUNTED} AND c.sort_day = ${}",
            cases.sql,
            params.len()
        );
        query.count(&sql, &params)
    };
    let new_cases = json!({ "today": on(last_day)?, "yesterday": on(last_day - 1)? });
    let total_sql = format!("SELECT count(*) FROM cases_case c WHERE {} AND {COUNTED}", cases.sql);
    let total = query.count(&total_sql, &cases.params)?;
    let of = found.under_care + found.community;
    let (low, high) = wilson(found.under_care, of, LEVEL);
    Ok(json!({
        "new_cases": new_cases,
        "total_cases": total,
        "contacts_watched": watched(query, scope, filter, Moment::start_of(last_day, offset_minutes))?,
        "under_care": { "n": found.under_care, "of": of, "low": low, "high": high },
        "serial_interval": serial(query, scope, filter)?,
        "open_ends": { "n": total - with_source(query, cases)?, "of": total },
    }))
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
fn watched(query: &mut dyn Query, scope: &Scope, filter: &Filter, start_of_day: Moment) -> Result<Json> {
    let of_event =
        Filter { event: filter.event.clone(), territory: filter.territory.clone(), ..Filter::default() };
    let contacts = of_event.conditions(query, scope, true)?;
    let now = format!("SELECT count(*) FROM cases_contact k WHERE {} AND k.status = 'watched'", contacts.sql);
    let mut params = contacts.params.clone();
    params.push(start_of_day.into());
    let at = params.len();
    let before = format!(
        "SELECT count(*) FROM cases_contact k WHERE {} AND k.created < ${at} AND (k.status = 'watched' OR k.changed >= ${at})",
        contacts.sql
    );
    Ok(json!({ "today": query.count(&now, &contacts.params)?, "yesterday": query.count(&before, &params)? }))
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
fn curve(query: &mut dyn Query, cases: &Conditions) -> Result<(Vec<Day>, Vec<Json>)> {
    let sql = format!(
        "SELECT c.curve_day, c.found, count(*) FROM cases_case c WHERE {} AND {COUNTED} AND c.curve_day IS NOT NULL \
         GROUP BY c.curve_day, c.found ORDER BY c.curve_day",
        cases.sql
    );
    let mut counts: BTreeMap<(Day, String), i64> = BTreeMap::new();
    for row in query.rows(&sql, &cases.params)? {
        let found = row.opt_text(1)?.unwrap_or_else(|| "unknown".to_owned());
        *counts.entry((row.read(0)?, found)).or_default() += row.int(2)?;
    }
    // One slip of the pen (the year 1920) must not make a curve of a hundred years: the first and last in a thousand
    // cases do not stretch the axis by more than ten years.
    const LONGEST_DAYS: i32 = 3653;
    let (Some(first), Some(last)) =
        (counts.keys().next().map(|key| key.0), counts.keys().last().map(|key| key.0))
    else {
        return Ok((Vec::new(), Vec::new()));
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
    Ok((days, series))
}

/// Delays are counted per pair of days, not per case: a few thousand rows however many cases there are.
fn earlies(query: &mut dyn Query, cases: &Conditions, filter: &Filter) -> Result<Vec<Json>> {
    let limits = limits_of(query, filter)?;
    let mut delays = Vec::new();
    for (early, from, to) in [
        (Early::Found, "onset", "result"),
        (Early::Reported, "result", "report"),
        (Early::Isolated, "result", "isolation"),
        (Early::Treated, "result", "admission"),
    ] {
        let sql = format!(
            "SELECT c.{from}, c.{to}, count(*) FROM cases_case c WHERE {} AND {COUNTED} \
             AND c.{from} IS NOT NULL AND c.{to} IS NOT NULL GROUP BY c.{from}, c.{to}",
            cases.sql
        );
        for row in query.rows(&sql, &cases.params)? {
            let days = row.read::<Day>(1)? - row.read::<Day>(0)?;
            delays.extend((0..row.int(2)?).map(|_| Delay { early, days }));
        }
    }
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
fn map(query: &mut dyn Query, scope: &Scope, filter: &Filter, cases: &Conditions) -> Result<Vec<Json>> {
    let mut counts: BTreeMap<Territory, (i64, i64)> = BTreeMap::new();
    let sql = format!(
        "SELECT c.territory, count(*) FROM cases_case c WHERE {} AND {COUNTED} GROUP BY c.territory",
        cases.sql
    );
    for row in query.rows(&sql, &cases.params)? {
        let territory: Territory = row.read(0)?;
        counts.entry(territory.at_depth(3)).or_default().0 += row.int(1)?;
    }
    let of_event =
        Filter { event: filter.event.clone(), territory: filter.territory.clone(), ..Filter::default() };
    let contacts = of_event.conditions(query, scope, true)?;
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

/// Cases whose place is known to no county: `/` twice at least in a county's path.
fn unplaced(query: &mut dyn Query, cases: &Conditions) -> Result<i64> {
    let mut params = cases.params.clone();
    params.push(Value::from("%/%/%"));
    let sql = format!(
        "SELECT count(*) FROM cases_case c WHERE {} AND {COUNTED} AND c.territory NOT LIKE ${}",
        cases.sql,
        params.len()
    );
    query.count(&sql, &params)
}

fn by_classification(query: &mut dyn Query, cases: &Conditions) -> Result<serde_json::Map<String, Json>> {
    let sql = format!(
        "SELECT c.classification, count(*) FROM cases_case c WHERE {} GROUP BY c.classification",
        cases.sql
    );
    let rows = query.rows(&sql, &cases.params)?;
    rows.iter().map(|row| Ok((row.text(0)?, json!(row.int(1)?)))).collect()
}
