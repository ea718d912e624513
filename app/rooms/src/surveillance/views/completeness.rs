//! What was asked for and what came, by territory: reports, in time, zeros, corrections, silence.

use super::{day_in, place_within};
use crate::regions::UTC_OFFSET_MINUTES;
use crate::surveillance::Mark;
use crate::surveillance::reach::{SITE_COLUMNS, SiteRecord};
use base::{Day, Moment, Territory};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct CompletenessAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub to: Option<String>,
}

#[derive(Debug, Clone, Default)]
struct Came {
    sites: i64,
    expected: i64,
    received: i64,
    on_time: i64,
    late: i64,
    zero: i64,
    corrected: i64,
    silent: Vec<Json>,
}

impl Came {
    fn told(&self, territory: &Territory) -> Json {
        json!({
            "territory": territory, "sites": self.sites, "expected": self.expected, "received": self.received,
            "on_time": self.on_time, "late": self.late, "zero": self.zero, "corrected": self.corrected,
            "silent_sites": self.silent,
        })
    }

    fn add(&mut self, other: &Came) {
        self.sites += other.sites;
        self.expected += other.expected;
        self.received += other.received;
        self.on_time += other.on_time;
        self.late += other.late;
        self.zero += other.zero;
        self.corrected += other.corrected;
    }
}

/// By the places one level below the one asked for.
pub fn completeness(
    query: &mut dyn Query,
    scope: &Scope,
    asked: &CompletenessAsked,
    now: Moment,
) -> Result<Json> {
    scope.demand(Permission::SignalsRead)?;
    let place = place_within(scope, asked.territory.as_deref())?;
    let today = now.day_at_offset(UTC_OFFSET_MINUTES);
    let to = day_in(asked.to.as_deref(), "to")?.unwrap_or(today).min(today);
    let from = day_in(asked.from.as_deref(), "from")?.unwrap_or(to - 29).max(to - 366);
    let below = |territory: &Territory| territory.at_depth((place.depth() + 1).min(territory.depth()));
    let mut all: BTreeMap<Territory, Came> = BTreeMap::new();
    let (first, past) = place.range();

    let last = last_reports(query, &place)?;
    let sql = format!(
        "SELECT {SITE_COLUMNS} FROM surveillance_site s WHERE s.territory >= $1 AND s.territory < $2"
    );
    for row in query.rows(&sql, params![&first, &past])? {
        let site = SiteRecord::of(&row)?;
        let here = all.entry(below(&site.territory)).or_default();
        here.sites += i64::from(site.ended.is_none());
        here.expected += expected(&site, from, to, now);
        let id = site.id.to_string();
        let since = last.get(&id).copied();
        if site.owes(today) && is_silent(&site, since, today) {
            here.silent.push(json!({ "id": id, "name": site.name, "since": since }));
        }
    }
    let sql = "SELECT territory, count(CASE WHEN seq = 1 THEN 1 END), count(CASE WHEN seq = 1 AND mark = $5 THEN 1 END), \
               count(CASE WHEN seq = 1 AND value = 0 THEN 1 END), count(CASE WHEN seq > 1 THEN 1 END) \
               FROM surveillance_report WHERE territory >= $1 AND territory < $2 AND day >= $3 AND day <= $4 GROUP BY territory";
    for row in query.rows(sql, params![&first, &past, from, to, Mark::OnTime.word()])? {
        let here = all.entry(below(&row.read(0)?)).or_default();
        let (received, on_time) = (row.int(1)?, row.int(2)?);
        here.add(&Came {
            received,
            on_time,
            late: received - on_time,
            zero: row.int(3)?,
            corrected: row.int(4)?,
            ..Came::default()
        });
    }
    let mut total = Came::default();
    all.values().for_each(|one| total.add(one));
    let rows: Vec<Json> = all.iter().map(|(territory, came)| came.told(territory)).collect();
    Ok(json!({ "from": from, "to": to, "rows": rows, "totals": total.told(&place) }))
}

/// Reports that are due by now.
fn expected(site: &SiteRecord, from: Day, to: Day, now: Moment) -> i64 {
    site.sends()
        .map(|indicator| {
            let step = indicator.cadence.days();
            let mut day = indicator.cadence.begins(from);
            let mut asked = 0;
            while day <= to {
                let is_due = now > indicator.due(day, UTC_OFFSET_MINUTES);
                asked += i64::from(day >= from && site.owes(day) && is_due);
                day = day + step;
            }
            asked
        })
        .sum()
}

fn last_reports(query: &mut dyn Query, place: &Territory) -> Result<BTreeMap<String, Day>> {
    let (first, past) = place.range();
    let sql = "SELECT s.id, (SELECT max(r.day) FROM surveillance_report r WHERE r.site = s.id) \
               FROM surveillance_site s WHERE s.territory >= $1 AND s.territory < $2";
    let mut last = BTreeMap::new();
    for row in query.rows(sql, params![first, past])? {
        if let Some(day) = row.opt_read(1)? {
            last.insert(row.text(0)?, day);
        }
    }
    Ok(last)
}

/// Three periods of its quickest indicator have passed without a word.
fn is_silent(site: &SiteRecord, last: Option<Day>, today: Day) -> bool {
    let Some(quickest) = site.sends().min_by_key(|one| one.cadence.days()) else { return false };
    let since = last.unwrap_or(site.started - quickest.cadence.days());
    (quickest.asked_for(today) - since) / quickest.cadence.days() >= 3
}
