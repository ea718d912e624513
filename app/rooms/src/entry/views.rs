//! Rosters as lists, and how many were tested in time: by place and workplace, without names.

use super::changes::of_leaving;
use crate::asked::place_within;
use crate::packed;
use crate::refuse::invalid;
use crate::tasks::{Source, taken_back};
use base::{Day, Territory};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use stats::wilson;
use std::collections::{BTreeMap, BTreeSet};
use store::{Permission, Query, Result, Scope, Value};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct RosterAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub workplace: Option<String>,
    #[serde(default)]
    pub group: Option<String>,
    /// Of the protocol; where none is said, the pack's.
    #[serde(default)]
    pub edition: Option<String>,
    /// This one alone, also when they do not work there any more; of the list only.
    #[serde(default)]
    pub worker: Option<String>,
    /// Only those whose test is overdue.
    #[serde(default)]
    pub overdue: bool,
    /// The last row that was seen: place, workplace and id, joined by tabs.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;
const LEVEL: f64 = 0.95;

fn stated(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// Every how many days each group is tested under an edition.
fn intervals(asked: &RosterAsked) -> Result<(String, BTreeMap<&'static str, Option<u16>>)> {
    let pack = packed::occupations();
    let edition = stated(&asked.edition).unwrap_or(&pack.edition);
    if packed::protocols().by_id(edition).is_none() {
        return Err(invalid(
            "entry.edition",
            "edition",
            "there is no such edition of the protocol; choose one of the list",
            "没有该版防控方案；请从列表中选择",
        ));
    }
    let days = pack.groups.iter().map(|group| (group.id.as_str(), group.days(edition))).collect();
    Ok((edition.to_owned(), days))
}

/// The day on which the next test is due at the latest. Somebody who was never tested is due on the day on which they began.
pub(super) fn due(days: Option<u16>, since: Day, tested: Option<Day>) -> Option<Day> {
    let days = i32::from(days?);
    Some(tested.map_or(since, |tested| (tested + days).max(since)))
}

/// The condition that leaves only those whose test is overdue on a day.
fn overdue_on(days: &BTreeMap<&'static str, Option<u16>>, today: Day, values: &mut Vec<Value>) -> String {
    let mut parts = Vec::new();
    for (group, days) in days {
        let Some(days) = days else { continue };
        values.extend([(*group).into(), (today - i32::from(*days)).into(), today.into()]);
        let at = values.len();
        parts.push(format!(
            "(w.grp = ${} AND w.since < ${at} AND (w.tested IS NULL OR w.tested < ${}))",
            at - 2,
            at - 1
        ));
    }
    if parts.is_empty() { "1 = 0".to_owned() } else { format!("({})", parts.join(" OR ")) }
}

/// What a list and the numbers beside it are narrowed to.
fn narrowed(asked: &RosterAsked, values: &mut Vec<Value>) -> String {
    let mut sql = String::new();
    for (column, value) in [("workplace", stated(&asked.workplace)), ("grp", stated(&asked.group))] {
        if let Some(value) = value {
            values.push(value.into());
            sql.push_str(&format!(" AND w.{column} = ${}", values.len()));
        }
    }
    sql
}

pub fn rosters(query: &mut dyn Query, scope: &Scope, asked: &RosterAsked, today: Day) -> Result<Json> {
    scope.demand(Permission::EntryRoster)?;
    let (edition, days) = intervals(asked)?;
    let (first, past) = place_within(scope, asked.territory.as_deref())?.range();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    let mut sql = "w.territory >= $1 AND w.territory < $2".to_owned();
    match stated(&asked.worker) {
        Some(worker) => {
            values.push(worker.into());
            sql.push_str(&format!(" AND w.id = ${}", values.len()));
        }
        None => sql.push_str(" AND w.struck IS NULL"),
    }
    sql.push_str(&narrowed(asked, &mut values));
    if asked.overdue {
        let overdue = overdue_on(&days, today, &mut values);
        sql.push_str(&format!(" AND {overdue}"));
    }
    let after: Vec<&str> = asked.after.as_deref().unwrap_or_default().split('\t').collect();
    if let [place, workplace, id] = after[..] {
        values.extend([place.into(), workplace.into(), id.into()]);
        let at = values.len();
        sql.push_str(&format!(" AND (w.territory, w.workplace, w.id) > (${}, ${}, ${at})", at - 2, at - 1));
    }
    let sql = format!(
        "SELECT w.id, w.territory, w.workplace, w.grp, w.subject, w.in_loop, w.since, w.tested, w.told_by, w.struck FROM entry_worker w \
         WHERE {sql} ORDER BY w.territory, w.workplace, w.id LIMIT {}",
        PAGE + 1
    );
    let found = query.rows(&sql, &values)?;
    let mut rows = Vec::new();
    for row in found.iter().take(PAGE) {
        let group = row.text(3)?;
        let (since, tested): (Day, Option<Day>) = (row.read(6)?, row.opt_read(7)?);
        let struck = row.opt_int(9)?.is_some();
        let days = days.get(group.as_str()).copied().flatten().filter(|_| !struck);
        let due = due(days, since, tested);
        rows.push(json!({
            "id": row.text(0)?, "territory": row.text(1)?, "workplace": row.text(2)?, "group": group,
            "subject": row.text(4)?, "in_loop": row.int(5)? != 0, "since": since, "tested": tested,
            "told_by": row.opt_text(8)?, "due": due, "overdue": due.is_some_and(|due| due < today),
            "struck": struck,
        }));
    }
    let next = rows.last().filter(|_| found.len() > PAGE).map(|last| {
        let text = |field: &str| last[field].as_str().unwrap_or_default().to_owned();
        format!("{}\t{}\t{}", text("territory"), text("workplace"), text("id"))
    });
    Ok(json!({ "today": today, "edition": edition, "rows": rows, "next": next }))
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    people: u64,
    asked: u64,
    in_time: u64,
    in_loop: u64,
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.people += other.people;
        self.asked += other.asked;
        self.in_time += other.in_time;
        self.in_loop += other.in_loop;
    }

    fn told(&self) -> Json {
        let share = (self.asked > 0).then(|| self.in_time as f64 / self.asked as f64);
        let (low, high) = wilson(self.in_time, self.asked, LEVEL);
        json!({
            "people": self.people, "asked": self.asked, "in_time": self.in_time, "overdue": self.asked - self.in_time,
            "in_loop": self.in_loop, "share": share, "low": share.map(|_| low), "high": share.map(|_| high),
        })
    }
}

/// Of those the edition asks to be tested, how many were in time: by the places below and by workplace.
pub fn overdue(query: &mut dyn Query, scope: &Scope, asked: &RosterAsked, today: Day) -> Result<Json> {
    scope.demand(Permission::EntryRoster)?;
    let (edition, days) = intervals(asked)?;
    let territory = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = territory.range();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    let late = overdue_on(&days, today, &mut values);
    let narrowed = narrowed(asked, &mut values);
    let sql = format!(
        "SELECT w.territory, w.workplace, w.grp, count(*), cast(sum(CASE WHEN {late} THEN 1 ELSE 0 END) AS BIGINT), \
         cast(sum(w.in_loop) AS BIGINT) FROM entry_worker w WHERE w.territory >= $1 AND w.territory < $2 AND w.struck IS NULL{narrowed} \
         GROUP BY w.territory, w.workplace, w.grp ORDER BY w.territory, w.workplace, w.grp"
    );
    let mut whole = Counts::default();
    let mut places: BTreeMap<Territory, Counts> = BTreeMap::new();
    let mut workplaces: BTreeMap<(Territory, String), Counts> = BTreeMap::new();
    for row in query.rows(&sql, &values)? {
        let place: Territory = row.read(0)?;
        let number = |at: usize| row.int(at).map(|n| u64::try_from(n).unwrap_or_default());
        let people = number(3)?;
        let tested = days.get(row.text(2)?.as_str()).copied().flatten().is_some();
        let asked = if tested { people } else { 0 };
        let counts = Counts { people, asked, in_time: asked - number(4)?.min(asked), in_loop: number(5)? };
        whole.add(&counts);
        let below = place.at_depth((territory.depth() + 1).min(place.depth()));
        places.entry(below).or_default().add(&counts);
        workplaces.entry((place, row.text(1)?)).or_default().add(&counts);
    }
    let mut workplaces: Vec<((Territory, String), Counts)> = workplaces.into_iter().collect();
    // Whoever owes most comes first.
    workplaces.sort_by(|(one, a), (other, b)| {
        (b.asked - b.in_time).cmp(&(a.asked - a.in_time)).then_with(|| one.cmp(other))
    });
    workplaces.truncate(500);
    let with = |mut told: Json, more: &[(&str, Json)]| {
        for (field, value) in more {
            told[*field] = value.clone();
        }
        told
    };
    let by_place: Vec<Json> =
        places.iter().map(|(place, counts)| with(counts.told(), &[("territory", json!(place))])).collect();
    let by_workplace: Vec<Json> = workplaces
        .iter()
        .map(|((place, workplace), counts)| {
            with(counts.told(), &[("territory", json!(place)), ("workplace", json!(workplace))])
        })
        .collect();
    let left = to_be_followed(query, asked, &territory, today)?;
    Ok(with(
        whole.told(),
        &[
            ("today", json!(today)),
            ("edition", json!(edition)),
            ("territory", json!(territory)),
            ("by_place", json!(by_place)),
            ("by_workplace", json!(by_workplace)),
            ("left_loop", json!(left)),
        ],
    ))
}

/// How many people left a closed loop lately, did not go back in, and are to be followed: unless somebody said that it is not needed.
fn to_be_followed(
    query: &mut dyn Query,
    asked: &RosterAsked,
    territory: &Territory,
    today: Day,
) -> Result<usize> {
    const LATELY_DAYS: i32 = 14;
    let (first, past) = territory.range();
    let mut values: Vec<Value> = vec![first.into(), past.into(), (today - LATELY_DAYS).into()];
    let narrowed = narrowed(asked, &mut values);
    let sql = format!(
        "SELECT l.worker, l.nth, l.subject FROM entry_leaving l JOIN entry_worker w ON w.id = l.worker \
         WHERE l.territory >= $1 AND l.territory < $2 AND l.day >= $3 AND w.in_loop = 0{narrowed} \
         AND l.nth = (SELECT max(o.nth) FROM entry_leaving o WHERE o.worker = l.worker) ORDER BY l.worker"
    );
    let mut left = Vec::new();
    for row in query.rows(&sql, &values)? {
        left.push((row.text(0)?, row.int(1)?.to_string(), row.text(2)?));
    }
    let wanted: Vec<(Source<'_>, String)> =
        left.iter().map(|(worker, nth, _)| (of_leaving(worker), nth.clone())).collect();
    let not_needed = taken_back(query, &wanted)?;
    let followed = left.iter().zip(not_needed).filter(|(_, not_needed)| !not_needed);
    Ok(followed.map(|((_, _, subject), _)| subject).collect::<BTreeSet<_>>().len())
}

/// Groups with their intervals, and the editions there are.
pub fn pack(scope: &Scope) -> Result<Json> {
    scope.demand(Permission::EntryRoster)?;
    let pack = packed::occupations();
    let editions: Vec<Json> = packed::protocols()
        .iter()
        .filter(|one| pack.groups.iter().any(|group| group.days(&one.id).is_some()))
        .map(|one| json!({ "id": one.id, "zh": one.zh, "en": one.en }))
        .collect();
    Ok(
        json!({ "version": pack.version, "edition": pack.edition, "groups": pack.groups, "editions": editions }),
    )
}
