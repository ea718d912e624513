//! Who has delivered, and who has not: by place and by owner, the share that was done within its time, with how many that is of.

use super::people::{Load, loads};
use super::row::Known;
use crate::asked::place_within;
use crate::tasks::tally::{Span, hour_of};
use base::{Moment, Territory};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use stats::wilson;
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct DeliveredAsked {
    #[serde(default)]
    pub territory: Option<String>,
    /// Tasks that fell due in the last so many days, to the last full hour; seven where nothing is said.
    #[serde(default)]
    pub days: Option<u16>,
}

const LEVEL: f64 = 0.95;
const MOST_DAYS: u16 = 90;

/// Owners are listed, those who owe most first; so many are a list somebody reads.
const LISTED: usize = 500;

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    due: i64,
    in_time: i64,
    late: i64,
    cannot: i64,
    load: Load,
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.due += other.due;
        self.in_time += other.in_time;
        self.late += other.late;
        self.cannot += other.cannot;
        self.load.open += other.load.open;
        self.load.late += other.load.late;
    }

    fn told(&self) -> Json {
        let (of, n) = (u64::try_from(self.due).unwrap_or(0), u64::try_from(self.in_time).unwrap_or(0));
        let (low, high) = wilson(n.min(of), of, LEVEL);
        let share = if of > 0 { Some(n as f64 / of as f64) } else { None };
        json!({
            "due": self.due, "in_time": self.in_time, "ended_late": self.late, "cannot": self.cannot,
            "not_ended": self.due - self.in_time - self.late, "share": share,
            "low": share.map(|_| low), "high": share.map(|_| high), "open": self.load.open, "late": self.load.late,
        })
    }
}

/// By place and owner, what fell due in a period and what is open now.
fn counted(
    query: &mut dyn Query,
    territory: &Territory,
    days: u16,
    now: Moment,
) -> Result<BTreeMap<(Territory, String), Counts>> {
    let span = Span::until(hour_of(now), i64::from(days) * 24);
    let mut found: BTreeMap<(Territory, String), Counts> = BTreeMap::new();
    for row in &span.sums(query, territory, &["due", "in_time", "late", "cannot"])? {
        let counts = Counts {
            due: row.int(2)?,
            in_time: row.int(3)?,
            late: row.int(4)?,
            cannot: row.int(5)?,
            load: Load::default(),
        };
        found.insert((row.read(0)?, row.text(1)?), counts);
    }
    for (key, load) in loads(query, territory, now)? {
        found.entry(key).or_default().load = load;
    }
    found.retain(|_, counts| counts.due > 0 || counts.load.open > 0 || counts.load.late > 0);
    Ok(found)
}

pub fn delivered(query: &mut dyn Query, scope: &Scope, asked: &DeliveredAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::TasksRead)?;
    let territory = place_within(scope, asked.territory.as_deref())?;
    let days = asked.days.unwrap_or(7).clamp(1, MOST_DAYS);
    let all = counted(query, &territory, days, now)?;
    let mut whole = Counts::default();
    let (mut places, mut owners): (BTreeMap<Territory, Counts>, BTreeMap<String, Counts>) =
        Default::default();
    for ((place, owner), counts) in &all {
        whole.add(counts);
        places.entry(below(&territory, place)).or_default().add(counts);
        owners.entry(owner.clone()).or_default().add(counts);
    }
    let mut owners: Vec<(String, Counts)> = owners.into_iter().collect();
    // Whoever owes most comes first; then the worse share.
    let share = |counts: &Counts| counts.in_time as f64 / counts.due.max(1) as f64;
    owners.sort_by(|(one, a), (other, b)| {
        b.load.late.cmp(&a.load.late).then_with(|| share(a).total_cmp(&share(b))).then_with(|| one.cmp(other))
    });
    let more = owners.len().saturating_sub(LISTED);
    owners.truncate(LISTED);
    let known = Known::of(query, owners.iter().map(|(owner, _)| owner.clone()))?;
    let by_owner: Vec<Json> = owners
        .iter()
        .map(|(owner, counts)| {
            let mut told = counts.told();
            told["owner"] = json!(owner);
            told["owner_name"] = json!(known.name(owner));
            told
        })
        .collect();
    let by_place: Vec<Json> = places
        .iter()
        .map(|(place, counts)| {
            let mut told = counts.told();
            told["territory"] = json!(place);
            told
        })
        .collect();
    let mut told = whole.told();
    told["now"] = json!(now);
    told["days"] = json!(days);
    told["territory"] = json!(territory);
    told["by_place"] = json!(by_place);
    told["by_owner"] = json!(by_owner);
    told["owners_not_listed"] = json!(more);
    Ok(told)
}

/// Its part one level below the territory that is asked for, or that itself.
fn below(territory: &Territory, place: &Territory) -> Territory {
    place.at_depth((territory.depth() + 1).min(place.depth()))
}

/// How many tasks are late, by the places below.
pub fn overdue(query: &mut dyn Query, scope: &Scope, asked: &DeliveredAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::TasksRead)?;
    let territory = place_within(scope, asked.territory.as_deref())?;
    let (mut open, mut late) = (0, 0);
    let mut places: BTreeMap<Territory, i64> = BTreeMap::new();
    for ((place, _), load) in loads(query, &territory, now)? {
        open += load.open;
        late += load.late;
        if load.late > 0 {
            *places.entry(below(&territory, &place)).or_default() += load.late;
        }
    }
    let by_place: Vec<Json> =
        places.iter().map(|(place, late)| json!({ "territory": place, "late": late })).collect();
    Ok(json!({ "now": now, "open": open, "late": late, "by_place": by_place }))
}
