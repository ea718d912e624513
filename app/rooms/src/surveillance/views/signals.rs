//! The list of signals, and one of them with everything that is known about it.

use super::{place_within, sees};
use crate::access::http::{names, told};
use crate::packed;
use crate::refuse::{invalid, missing};
use crate::regions::UTC_OFFSET_MINUTES;
use crate::surveillance::Signal;
use crate::surveillance::changes::answer_context;
use crate::surveillance::numbers::{Settings, described};
use crate::surveillance::watch::Looked;
use base::{Day, Id, Moment, Territory};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Row, Scope, Value, Vault, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct SignalsAsked {
    /// `open` (when nothing is said), `past`, `raised`, `verified`, `field`, `closed`, `merged` or `all`.
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub grade: Option<String>,
    #[serde(default)]
    pub territory: Option<String>,
    /// What it is about.
    #[serde(default)]
    pub group: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
    #[serde(default)]
    pub after: Option<String>,
    #[serde(default)]
    pub limit: Option<usize>,
}

impl SignalsAsked {
    fn page(&self) -> usize {
        self.limit.unwrap_or(100).clamp(1, 200)
    }
}

const COLUMNS: &str = "g.id, g.territory, g.subject, g.origin, g.grade, g.state, g.rank, g.first_day, g.last_day, g.raised, \
     g.due, g.outcome, g.why, g.event, g.title, g.evidence, g.is_open";

pub fn signals(
    query: &mut dyn Query,
    scope: &Scope,
    asked: &SignalsAsked,
    looked: Looked,
    now: Moment,
) -> Result<Json> {
    scope.demand(Permission::SignalsRead)?;
    let place = place_within(scope, asked.territory.as_deref())?;
    let settings = Settings::read(query)?;
    let alarms = false_alarms(query, &place, now)?;
    let (rows, next) = page_of(query, scope, asked, &place)?;
    let mut told = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        let mut one = row_told(row, now)?;
        one["rank"] = json!(at + 1);
        one["false_alarms_per_week"] = json!(alarms.get(&row.text(2)?).copied().unwrap_or(0.0));
        told.push(one);
    }
    let (team, per_week) = settings.team(&place);
    let (first, past) = place.range();
    let week = now.plus_seconds(-7 * 86_400);
    let this_week = query.count(
        "SELECT count(*) FROM surveillance_signal WHERE territory >= $1 AND territory < $2 AND raised + 0 > $3 AND origin <> 'person'",
        params![&first, &past, week],
    )?;
    let budgets = budget_of(query, &settings, &place)?;
    Ok(json!({
        "now": now.to_string(), "rows": told, "next": next, "open": open_by_grade(query, scope, &place)?,
        "watched": { "series": looked.series, "checked": looked.at.map(|at| at.to_string()),
                     "last_run": last_run(query)?, "sites": sites_in(query, &place)? },
        "load": { "territory": if place.depth() < 2 { place.clone() } else { team }, "per_week": budgets.unwrap_or(per_week),
                  "this_week": this_week },
    }))
}

/// The budget of a place above its teams is theirs together: of those that watch anything.
fn budget_of(query: &mut dyn Query, settings: &Settings, place: &Territory) -> Result<Option<f64>> {
    if settings.budgets.contains_key(place) || place.depth() >= 2 {
        return Ok(None);
    }
    let (first, past) = place.range();
    let rows = query.rows(
        "SELECT DISTINCT territory FROM surveillance_site WHERE territory >= $1 AND territory < $2",
        params![first, past],
    )?;
    let mut teams: BTreeMap<Territory, f64> = BTreeMap::new();
    for row in rows {
        let (team, per_week) = settings.team(&row.read(0)?);
        teams.insert(team, per_week);
    }
    Ok((!teams.is_empty()).then(|| teams.values().sum()))
}

fn sites_in(query: &mut dyn Query, place: &Territory) -> Result<i64> {
    let (first, past) = place.range();
    query.count(
        "SELECT count(*) FROM surveillance_site WHERE territory >= $1 AND territory < $2 AND ended IS NULL",
        params![first, past],
    )
}

fn last_run(query: &mut dyn Query) -> Result<Json> {
    let row = query
        .first("SELECT day, at, series, raised FROM surveillance_run ORDER BY day DESC LIMIT 1", params![])?;
    row.map_or(Ok(Json::Null), |row| {
        Ok(json!({ "day": row.text(0)?, "at": told(row.int(1)?), "series": row.int(2)?, "raised": row.int(3)? }))
    })
}

// `raised + 0` below: the place's own index holds all that is counted; the one by time would read every row of everybody.

/// Signals of the last quarter that turned out to be none, a week, by what they were about.
fn false_alarms(query: &mut dyn Query, place: &Territory, now: Moment) -> Result<BTreeMap<String, f64>> {
    let (first, past) = place.range();
    let rows = query.rows(
        "SELECT subject, count(*) FROM surveillance_signal WHERE territory >= $1 AND territory < $2 AND raised + 0 > $3 \
         AND outcome IN ('not_outbreak', 'data_fault') GROUP BY subject",
        params![first, past, now.plus_seconds(-91 * 86_400)],
    )?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)? as f64 / 13.0))).collect()
}

fn open_by_grade(query: &mut dyn Query, scope: &Scope, place: &Territory) -> Result<Json> {
    let (first, past) = place.range();
    let rows = query.rows(
        "SELECT grade, subject, count(*) FROM surveillance_signal WHERE is_open = 1 AND territory >= $1 AND territory < $2 \
         GROUP BY grade, subject",
        params![first, past],
    )?;
    let mut counts: BTreeMap<String, i64> =
        packed::signals().grades.iter().map(|grade| (grade.id.clone(), 0)).collect();
    for row in rows {
        if sees(scope, &row.text(1)?) {
            *counts.entry(row.text(0)?).or_default() += row.int(2)?;
        }
    }
    Ok(json!(counts))
}

/// Rows of one page, and where the next begins.
fn page_of(
    query: &mut dyn Query,
    scope: &Scope,
    asked: &SignalsAsked,
    place: &Territory,
) -> Result<(Vec<Row>, Option<String>)> {
    let (first, past) = place.range();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    let state = asked.state.as_deref().unwrap_or("open");
    let is_open = match state {
        "open" | "raised" | "verified" | "field" => Some(true),
        "past" | "closed" | "merged" => Some(false),
        "all" => None,
        _ => {
            return Err(invalid(
                "surveillance.state",
                "state",
                "a state is open, past, raised, verified, field, closed, merged or all",
                "状态应为 open、past、raised、verified、field、closed、merged 或 all",
            ));
        }
    };
    // A small place has few signals of its own: they are read and sorted. In a large one the newest are met at once.
    let few = place.depth() >= 3 || is_open == Some(true);
    let territory = if few { "g.territory" } else { "(g.territory || '')" };
    let mut sql = format!("WHERE {territory} >= $1 AND {territory} < $2");
    match is_open {
        Some(true) => sql.push_str(" AND g.is_open = 1"),
        // Nearly all are past: that is no way to find some.
        Some(false) => sql.push_str(" AND g.is_open + 0 = 0"),
        None => {}
    }
    if !["open", "past", "all"].contains(&state) {
        values.push(state.into());
        sql.push_str(&format!(" AND g.state = ${}", values.len()));
    }
    for (column, text) in [("grade", &asked.grade), ("subject", &asked.group), ("event", &asked.event)] {
        if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
            values.push(text.into());
            sql.push_str(&format!(" AND g.{column} = ${}", values.len()));
        }
    }
    let by_rank = is_open == Some(true);
    if let Some((key, id)) = asked.after.as_deref().and_then(|after| after.split_once('~')) {
        if by_rank {
            values.push(Value::Real(key.parse().unwrap_or(0.0)));
        } else {
            values.push(Value::Int(key.parse().unwrap_or(0)));
        }
        values.push(id.into());
        let (key, id) = (values.len() - 1, values.len());
        sql.push_str(&if by_rank {
            format!(" AND (g.rank, g.id) > (${key}, ${id})")
        } else {
            format!(" AND (g.raised, g.id) < (${key}, ${id})")
        });
    }
    let order = if by_rank { "g.rank, g.id" } else { "g.raised DESC, g.id DESC" };
    let sql = format!(
        "SELECT {COLUMNS} FROM surveillance_signal g {sql} ORDER BY {order} LIMIT {}",
        asked.page() + 1
    );
    let mut rows = query.rows(&sql, &values)?;
    let more = rows.len() > asked.page();
    rows.truncate(asked.page());
    let next = match rows.last().filter(|_| more) {
        Some(last) if by_rank => Some(format!("{}~{}", last.opt_real(6)?.unwrap_or_default(), last.text(0)?)),
        Some(last) => Some(format!("{}~{}", last.int(9)?, last.text(0)?)),
        None => None,
    };
    let mut seen = Vec::with_capacity(rows.len());
    for row in rows {
        if sees(scope, &row.text(2)?) {
            seen.push(row);
        }
    }
    Ok((seen, next))
}

fn row_told(row: &Row, now: Moment) -> Result<Json> {
    let evidence: Json = row.json(15)?;
    let subject = row.text(2)?;
    let due = row.opt_int(10)?;
    let (title_zh, title_en) = match row.opt_text(14)? {
        Some(title) => (title.clone(), title),
        None => title_of(&evidence),
    };
    let streams = evidence["streams"].as_array().map_or(0, Vec::len);
    Ok(json!({
        "id": row.text(0)?, "territory": row.text(1)?, "group": subject, "origin": row.text(3)?, "grade": row.text(4)?,
        "state": row.text(5)?, "first_day": row.text(7)?, "last_day": row.text(8)?, "raised": told(row.int(9)?),
        "due": due.map(told), "overdue": due.is_some_and(|due| due < now.0), "outcome": row.opt_text(11)?,
        "why": row.opt_text(12)?, "event": row.opt_text(13)?, "title_zh": title_zh, "title_en": title_en,
        "streams": streams, "sure": evidence["sure"],
        // Beyond a century a number says nothing more.
        "once_in_days": evidence["once_in_days"].as_f64().map(|days| days.min(40_000.0)),
        "indicator": evidence["streams"][0]["indicator"], "loudest": loudest(&evidence),
    }))
}

/// What it is, in a few words: its loudest stream, and how many others say so.
fn title_of(evidence: &Json) -> (String, String) {
    let (zh, en) = name_of(evidence["streams"][0]["indicator"].as_str().unwrap_or_default());
    if let Some(places) = evidence["cluster"]["places"].as_array() {
        let n = places.len();
        return (format!("{zh}：{n} 个县区聚集"), format!("{en}: a cluster of {n} counties"));
    }
    match evidence["streams"].as_array().map_or(0, Vec::len).saturating_sub(1) {
        0 => (zh, en),
        1 => (format!("{zh}等 2 个数据源"), format!("{en}, and another stream")),
        n => (format!("{zh}等 {} 个数据源", n + 1), format!("{en}, and {n} other streams")),
    }
}

fn loudest(evidence: &Json) -> Json {
    let stream = &evidence["streams"][0];
    if stream.is_null() {
        return Json::Null;
    }
    json!({ "indicator": stream["indicator"], "steps": stream["steps"], "cadence": evidence["cadence"],
            "observed": stream["observed"], "usual": stream["usual"], "expected": stream["expected"] })
}

/// Its loudest stream in a sentence of each language.
fn words_of(evidence: &Json) -> (String, String) {
    let loudest = &evidence["streams"][0];
    let indicator = loudest["indicator"].as_str().unwrap_or_default();
    let (zh, en) = name_of(indicator);
    let observed = number(&loudest["observed"]);
    let days = evidence["cadence"].as_str() != Some("week");
    let steps = loudest["steps"].as_u64().unwrap_or(1);
    let (when_zh, when_en) = match (steps, days) {
        (1, true) => ("当日".to_owned(), "that day".to_owned()),
        (1, false) => ("当周".to_owned(), "that week".to_owned()),
        (n, true) => (format!("{n} 天内"), format!("in {n} days")),
        (n, false) => (format!("{n} 周内"), format!("in {n} weeks")),
    };
    let normal = match (loudest["usual"].as_array(), loudest["expected"].as_f64()) {
        (Some(usual), _) if usual.len() == 2 => {
            let (low, high) = (number(&usual[0]), number(&usual[1]));
            (format!("，通常 {low} 至 {high}"), format!(", normally {low} to {high}"))
        }
        (_, Some(expected)) => (format!("，预期 {expected:.1}"), format!(", {expected:.1} expected")),
        _ => (String::new(), String::new()),
    };
    (format!("{zh}：{when_zh} {observed}{}", normal.0), format!("{en}: {observed} {when_en}{}", normal.1))
}

fn number(value: &Json) -> String {
    match value.as_f64() {
        Some(value) if value.fract() == 0.0 || value >= 10.0 => format!("{value:.0}"),
        Some(value) => format!("{value:.1}"),
        None => "–".to_owned(),
    }
}

pub(super) fn name_of(indicator: &str) -> (String, String) {
    let disease = crate::surveillance::numbers::disease_of(indicator);
    let named = disease.and_then(|disease| packed::disease(Some(disease)));
    match (described(indicator), named) {
        (Some(one), Some(disease)) => {
            (format!("{}（{}）", one.zh, disease.zh), format!("{} ({})", one.en, disease.en))
        }
        (Some(one), None) => (one.zh.clone(), one.en.clone()),
        _ => (indicator.to_owned(), indicator.to_owned()),
    }
}

pub fn signal_page(query: &mut dyn Query, scope: &Scope, id: Id<Signal>, now: Moment) -> Result<Json> {
    scope.demand(Permission::SignalsRead)?;
    let sql = format!("SELECT {COLUMNS} FROM surveillance_signal g WHERE g.id = $1");
    let row = query.first(&sql, params![id])?.ok_or_else(|| missing("signal", "预警信号"))?;
    let territory: Territory = row.read(1)?;
    if !scope.reaches(&territory) || !sees(scope, &row.text(2)?) {
        return Err(missing("signal", "预警信号"));
    }
    let mut page = row_told(&row, now)?;
    let evidence: Json = row.json(15)?;
    page["words_zh"] = json!(story(&evidence, false));
    page["words_en"] = json!(story(&evidence, true));
    page["now"] = json!(now.to_string());
    page["evidence"] = evidence;
    page["answers"] = json!(answers(query, scope, id)?);
    page["grade_steps"] = json!(packed::signals().grade(&row.text(4)?));
    page["siblings"] = json!(siblings(query, scope, id, &territory, now)?);
    let alarms = false_alarms(query, &territory, now)?;
    page["false_alarms_per_week"] = json!(alarms.get(&row.text(2)?).copied().unwrap_or(0.0));
    Ok(page)
}

/// Every stream's part, for a person.
fn story(evidence: &Json, english: bool) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for stream in evidence["streams"].as_array().into_iter().flatten() {
        let alone = json!({ "streams": [stream], "cadence": evidence["cadence"] });
        let (zh, en) = words_of(&alone);
        let p = stream["p"].as_f64();
        let p = match p {
            Some(p) if p < 1e-4 => format!(" (p {p:.0e})"),
            Some(p) => format!(" (p {p:.4})"),
            None => String::new(),
        };
        all.push(if english { format!("{en}{p}") } else { format!("{zh}{p}") });
    }
    if let Some(days) = evidence["once_in_days"].as_f64() {
        let often = if days >= 36_500.0 {
            ("偶然出现不到百年一次".to_owned(), "by chance less than once in a hundred years".to_owned())
        } else if days >= 730.0 {
            (
                format!("偶然出现约 {:.0} 年一次", days / 365.0),
                format!("by chance once in {:.0} years", days / 365.0),
            )
        } else {
            (format!("偶然出现约 {days:.0} 天一次"), format!("by chance once in {days:.0} days"))
        };
        all.push(if english { often.1 } else { often.0 });
    }
    all
}

/// Notes are for those who answer signals: people write names.
fn answers(query: &mut dyn Query, scope: &Scope, signal: Id<Signal>) -> Result<Vec<Json>> {
    let owner = signal.to_string();
    let key = match scope.may(Permission::SignalsAnswer) {
        true => Vault::key_of(query, &owner)?,
        false => None,
    };
    let rows = query.rows(
        "SELECT state, grade, day, outcome, why, note, at, by_whom FROM surveillance_answer WHERE signal = $1 ORDER BY seq",
        params![signal],
    )?;
    let mut people = Vec::new();
    for row in &rows {
        people.push(row.text(7)?);
    }
    let people = names(query, people)?;
    rows.iter()
        .map(|row| {
            let note: Option<String> = match (&key, row.opt_text(5)?) {
                (Some(key), Some(sealed)) => Some(key.open(&answer_context(&owner), &sealed)?),
                _ => None,
            };
            Ok(json!({
                "state": row.text(0)?, "grade": row.text(1)?, "day": row.opt_text(2)?, "outcome": row.opt_text(3)?,
                "why": row.opt_text(4)?, "note": note, "at": told(row.int(6)?), "by": people.get(&row.text(7)?),
            }))
        })
        .collect()
}

/// Others of the last two weeks in the same prefecture.
fn siblings(
    query: &mut dyn Query,
    scope: &Scope,
    own: Id<Signal>,
    territory: &Territory,
    now: Moment,
) -> Result<Vec<Json>> {
    let around = territory.at_depth(2);
    let around = if scope.reaches(&around) { around } else { scope.territory.clone() };
    let (first, past) = around.range();
    let since: Day = now.day_at_offset(UTC_OFFSET_MINUTES) - 14;
    let sql = format!(
        "SELECT {COLUMNS} FROM surveillance_signal g WHERE g.territory >= $1 AND g.territory < $2 AND g.id <> $3 \
         AND g.last_day >= $4 ORDER BY g.raised DESC LIMIT 20"
    );
    let mut all = Vec::new();
    for row in query.rows(&sql, params![first, past, own, since])? {
        if sees(scope, &row.text(2)?) {
            all.push(row_told(&row, now)?);
        }
    }
    Ok(all)
}
