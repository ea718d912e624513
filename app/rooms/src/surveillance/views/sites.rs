//! Sites with their standing: who reports in time, late, not at all.

use super::place_within;
use crate::access::account_by_id;
use crate::access::http::{names, told};
use crate::regions::UTC_OFFSET_MINUTES;
use crate::surveillance::reach::{SITE_COLUMNS, SiteRecord, site_within};
use crate::surveillance::{Mark, Site};
use base::{Day, Id, Moment};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, Value, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct SitesAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub q: Option<String>,
    /// The last row that was seen: its name and id, joined by a tab.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

pub fn sites(query: &mut dyn Query, scope: &Scope, asked: &SitesAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::SignalsRead)?;
    let place = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = place.range();
    let mut sql = "WHERE s.territory >= $1 AND s.territory < $2".to_owned();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    if let Some(kind) = stated(&asked.kind) {
        values.push(kind.into());
        sql.push_str(&format!(" AND s.kind = ${}", values.len()));
    }
    if let Some(words) = stated(&asked.q) {
        values.push(format!("%{}%", words.to_lowercase().replace(['%', '_'], "")).into());
        sql.push_str(&format!(" AND lower(s.name) LIKE ${}", values.len()));
    }
    let count = query.count(&format!("SELECT count(*) FROM surveillance_site s {sql}"), &values)?;
    if let Some((name, id)) = stated(&asked.after).and_then(|after| after.split_once('\t')) {
        values.extend([name.into(), id.into()]);
        sql.push_str(&format!(" AND (s.name, s.id) > (${}, ${})", values.len() - 1, values.len()));
    }
    let sql = format!(
        "SELECT {SITE_COLUMNS} FROM surveillance_site s {sql} ORDER BY s.name, s.id LIMIT {}",
        PAGE + 1
    );
    let mut rows: Vec<SiteRecord> =
        query.rows(&sql, &values)?.iter().map(SiteRecord::of).collect::<Result<_>>()?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|last| format!("{}\t{}", last.name, last.id));
    let reports = first_reports(query, &rows, now)?;
    let rows: Vec<Json> = rows.iter().map(|site| row_of(site, &reports, now)).collect();
    Ok(json!({ "rows": rows, "next": next, "count": { "n": count } }))
}

fn stated(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim_start).filter(|text| !text.trim().is_empty())
}

fn row_of(site: &SiteRecord, reports: &Reports, now: Moment) -> Json {
    json!({
        "id": site.id, "name": site.name, "kind": site.kind, "territory": site.territory, "indicators": site.indicators,
        "started": site.started, "ended": site.ended, "standing": standing(site, reports, now),
    })
}

/// When a number first came, by site, indicator and period.
pub(super) type Reports = BTreeMap<(Id<Site>, String, Day), (Moment, Mark)>;

/// Days of the past that the standing speaks of.
const MONTH: i32 = 30;

/// First versions of what these sites sent for the last weeks.
pub(super) fn first_reports(query: &mut dyn Query, sites: &[SiteRecord], now: Moment) -> Result<Reports> {
    let mut reports = Reports::new();
    let since = now.day_at_offset(UTC_OFFSET_MINUTES) - MONTH - 14;
    for block in sites.chunks(100) {
        let mut values: Vec<Value> = vec![since.into()];
        values.extend(block.iter().map(|site| Value::from(site.id)));
        let list = (2..=values.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT site, indicator, day, at, mark FROM surveillance_report WHERE site IN ({list}) AND day >= $1 AND seq = 1"
        );
        for row in query.rows(&sql, &values)? {
            let mark = if row.text(4)? == Mark::OnTime.word() { Mark::OnTime } else { Mark::Late };
            reports.insert((row.read(0)?, row.text(1)?, row.read(2)?), (Moment(row.int(3)?), mark));
        }
    }
    Ok(reports)
}

/// Silent sites have missed three periods in a row.
const SILENT: usize = 3;

/// How a site stands: what it was asked for in the last thirty days, what came, and what came in time.
fn standing(site: &SiteRecord, reports: &Reports, now: Moment) -> Json {
    let today = now.day_at_offset(UTC_OFFSET_MINUTES);
    let (mut asked, mut came, mut in_time) = (0, 0, 0);
    let mut missed_in_a_row = 0;
    let (mut last_late, mut waiting) = (false, false);
    for indicator in site.sends() {
        let mut missed = 0;
        let mut day = indicator.asked_for(today);
        let mut still_ends_the_row = true;
        while today - day <= MONTH {
            if site.owes(day) {
                let report = reports.get(&(site.id, indicator.id.clone(), day));
                let is_due = now > indicator.due(day, UTC_OFFSET_MINUTES);
                match report {
                    Some((_, mark)) => {
                        came += 1;
                        asked += 1;
                        in_time += usize::from(*mark == Mark::OnTime);
                        if still_ends_the_row && missed == 0 {
                            last_late |= *mark != Mark::OnTime;
                        }
                        still_ends_the_row = false;
                    }
                    None if is_due => {
                        asked += 1;
                        missed += usize::from(still_ends_the_row);
                    }
                    None => waiting = true,
                }
            }
            day = day - indicator.cadence.days();
        }
        missed_in_a_row = missed_in_a_row.max(missed);
    }
    let last = reports
        .range((site.id, String::new(), today - 1000)..)
        .take_while(|((id, ..), _)| *id == site.id)
        .map(|((_, _, day), (at, _))| (*at, *day))
        .max();
    let state = match () {
        () if asked == 0 && came == 0 && !waiting => "none",
        () if missed_in_a_row >= SILENT => "silent",
        () if missed_in_a_row > 0 || last_late => "late",
        () if waiting => "waiting",
        () => "on_time",
    };
    json!({
        "state": state, "last_day": last.map(|(_, day)| day), "last_at": last.map(|(at, _)| at.to_string()),
        "missed": missed_in_a_row, "on_time_of_30": [in_time, asked], "complete_of_30": [came, asked],
    })
}

pub fn site_page(query: &mut dyn Query, scope: &Scope, id: Id<Site>, now: Moment) -> Result<Json> {
    scope.demand(Permission::SignalsRead)?;
    let site = site_within(query, scope, id)?;
    let reports = first_reports(query, std::slice::from_ref(&site), now)?;
    let mut page = row_of(&site, &reports, now);
    page["reporters"] = json!(reporters(query, id)?);
    page["days"] = json!(last_days(query, &site, now)?);
    Ok(page)
}

fn reporters(query: &mut dyn Query, site: Id<Site>) -> Result<Vec<Json>> {
    let rows = query.rows("SELECT account FROM surveillance_reporter WHERE site = $1", params![site])?;
    let accounts: Vec<String> = rows.iter().map(|row| row.text(0)).collect::<Result<_>>()?;
    let mut told = Vec::with_capacity(accounts.len());
    for account in accounts {
        let known = account_by_id(query, &account)?;
        let (name, login) = known.map(|known| (known.name, known.login)).unzip();
        told.push(json!({ "account": account, "name": name, "login": login }));
    }
    Ok(told)
}

/// Sixty days, the newest first: every version of every number.
fn last_days(query: &mut dyn Query, site: &SiteRecord, now: Moment) -> Result<Vec<Json>> {
    let today = now.day_at_offset(UTC_OFFSET_MINUTES);
    let rows = query.rows(
        "SELECT day, indicator, seq, value, denominator, at, mark, by_whom FROM surveillance_report \
         WHERE site = $1 AND day >= $2 ORDER BY day DESC, indicator, seq DESC",
        params![site.id, today - 60],
    )?;
    let mut people = Vec::new();
    for row in &rows {
        people.push(row.text(7)?);
    }
    let people = names(query, people)?;
    let mut days: Vec<Json> = Vec::new();
    for row in &rows {
        let (day, indicator): (Day, String) = (row.read(0)?, row.text(1)?);
        let version = json!({
            "value": row.opt_real(3)?, "of": row.opt_real(4)?, "at": told(row.int(5)?), "mark": row.text(6)?,
            "by": people.get(&row.text(7)?),
        });
        match days.last_mut() {
            Some(last) if last["day"] == json!(day) && last["indicator"] == json!(indicator) => {
                if let Some(versions) = last["versions"].as_array_mut() {
                    versions.push(version);
                }
            }
            _ => {
                days.push(json!({
                    "day": day, "indicator": indicator, "value": version["value"], "of": version["of"], "at": version["at"],
                    "mark": version["mark"], "by": version["by"], "versions": [version],
                }));
            }
        }
    }
    // What was asked for and never came stands in the table as well.
    for indicator in site.sends() {
        let mut day = indicator.asked_for(today);
        while today - day <= 60 {
            let known =
                days.iter().any(|one| one["day"] == json!(day) && one["indicator"] == json!(indicator.id));
            if !known && site.owes(day) {
                let mark = if now > indicator.due(day, UTC_OFFSET_MINUTES) { "missing" } else { "waiting" };
                days.push(
                    json!({ "day": day, "indicator": indicator.id, "value": null, "of": null, "at": null,
                                  "mark": mark, "by": null, "versions": [] }),
                );
            }
            day = day - indicator.cadence.days();
        }
    }
    days.sort_by(|a, b| {
        let key =
            |one: &Json| (one["day"].as_str().unwrap_or_default().to_owned(), one["indicator"].to_string());
        key(b).0.cmp(&key(a).0).then(key(a).1.cmp(&key(b).1))
    });
    Ok(days)
}
