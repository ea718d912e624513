//! 7-1-7 of one event, and the proportions over all.

use super::Filter;
use crate::access::http::{names, told};
use crate::cases::Event;
use crate::cases::reach::{event_in_sight, sees_event};
use base::{Day, Id};
use cases::{Fact, Milestone, SevenOneSeven};
use serde_json::{Value as Json, json};
use stats::wilson;
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Row, Scope, params};

fn fact(row: &Row, kind: usize, day: usize, applicable: usize) -> Result<Option<(Milestone, Fact)>> {
    let kind: Milestone = row.read(kind)?;
    let fact = match row.opt_read(day)? {
        Some(day) => Some(Fact::On(day)),
        None if row.int(applicable)? == 0 => Some(Fact::NotApplicable),
        None => None,
    };
    Ok(fact.map(|fact| (kind, fact)))
}

pub fn milestones(query: &mut dyn Query, scope: &Scope, event: Id<Event>, today: Day) -> Result<Json> {
    scope.demand(Permission::SituationRead)?;
    event_in_sight(query, scope, event)?;
    let rows = query.rows(
        "SELECT kind, day, applicable, source, at, by_whom FROM cases_milestone WHERE event = $1",
        params![event],
    )?;
    let (mut facts, mut said, mut people) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for row in &rows {
        facts.extend(fact(row, 0, 1, 2)?);
        people.push(row.text(5)?);
    }
    let people = names(query, people)?;
    for row in &rows {
        let kind: Milestone = row.read(0)?;
        let one = json!({ "kind": kind, "day": row.opt_text(1)?, "applicable": row.int(2)? != 0, "source": row.text(3)?,
                          "at": told(row.int(4)?), "by": people.get(&row.text(5)?) });
        said.insert(kind, one);
    }
    let kinds: Vec<Json> = Milestone::ALL
        .iter()
        .map(|kind| {
            said.remove(kind).unwrap_or_else(
                || json!({ "kind": kind, "day": null, "applicable": true, "source": null, "at": null, "by": null }),
            )
        })
        .collect();
    let judged = SevenOneSeven::of(&facts, today);
    Ok(json!({
        "kinds": kinds, "detect_days": judged.detect_days, "notify_days": judged.notify_days,
        "respond_days": judged.respond_days,
        "met": { "detect": judged.detect, "notify": judged.notify, "respond": judged.respond, "all": judged.all() },
    }))
}

/// Events that began in the period; those whose answer is still open count for no proportion.
pub fn all_milestones(query: &mut dyn Query, scope: &Scope, filter: &Filter, today: Day) -> Result<Json> {
    scope.demand(Permission::SituationRead)?;
    let place = filter.territory_within(scope)?;
    let (from, to) = filter.days()?;
    let (first, past) = place.range();
    let rows = query.rows(
        "SELECT e.id, e.name, e.territory, e.disease, e.started, m.kind, m.day, m.applicable FROM cases_event e \
         LEFT JOIN cases_milestone m ON m.event = e.id WHERE e.territory >= $1 AND e.territory < $2",
        params![first, past],
    )?;
    let mut events: BTreeMap<String, (Json, BTreeMap<Milestone, Fact>)> = BTreeMap::new();
    for row in &rows {
        let (territory, disease) = (row.read(2)?, row.opt_text(3)?);
        let started: Option<Day> = row.opt_read(4)?;
        let within = from.is_none_or(|from| started.is_some_and(|day| day >= from))
            && to.is_none_or(|to| started.is_some_and(|day| day <= to));
        if !sees_event(scope, &territory, disease.as_deref()) || !within {
            continue;
        }
        let id = row.text(0)?;
        let head = json!({ "event": id, "name": row.text(1)?, "territory": territory, "started": started });
        let here = events.entry(id).or_insert_with(|| (head, BTreeMap::new()));
        if row.opt_text(5)?.is_some() {
            here.1.extend(fact(row, 5, 6, 7)?);
        }
    }
    let mut judged: Vec<(Json, SevenOneSeven)> =
        events.into_values().map(|(head, facts)| (head, SevenOneSeven::of(&facts, today))).collect();
    judged.sort_by(|a, b| b.0["started"].as_str().cmp(&a.0["started"].as_str()));
    let share = |of: fn(&SevenOneSeven) -> Option<bool>| {
        let known: Vec<bool> = judged.iter().filter_map(|(_, one)| of(one)).collect();
        let met = known.iter().filter(|met| **met).count();
        let bounds = (!known.is_empty()).then(|| wilson(met as u64, known.len() as u64, 0.95));
        json!({ "n": met, "of": known.len(), "low": bounds.map(|both| both.0), "high": bounds.map(|both| both.1) })
    };
    let told: Vec<Json> = judged
        .iter()
        .map(|(head, one)| {
            let mut row = head.clone();
            row["detect_days"] = json!(one.detect_days);
            row["notify_days"] = json!(one.notify_days);
            row["respond_days"] = json!(one.respond_days);
            row["met"] = json!({ "detect": one.detect, "notify": one.notify, "respond": one.respond, "all": one.all() });
            row
        })
        .collect();
    Ok(json!({
        "events": judged.len(), "detect": share(|one| one.detect), "notify": share(|one| one.notify),
        "respond": share(|one| one.respond), "all": share(SevenOneSeven::all), "rows": told,
    }))
}
