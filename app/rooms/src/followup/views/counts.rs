//! How many are followed, by phase and by how they stand: for the team exactly, for everybody else in bands.

use super::list::unread;
use super::stated;
use crate::asked::place_within;
use crate::cases::Team;
use base::Day;
use disclosure::{Policy, Table};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, Value};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct CountsAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
}

pub fn counts(query: &mut dyn Query, scope: &Scope, asked: &CountsAsked, today: Day) -> Result<Json> {
    if !scope.may(Permission::FollowupRead) {
        scope.demand(Permission::SituationRead)?;
    }
    let within = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = within.range();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    let mut sql = "WHERE f.territory >= $1 AND f.territory < $2 AND f.ended IS NULL".to_owned();
    unread(scope, &mut values, &mut sql);
    if let Some(event) = stated(&asked.event) {
        values.push(event.into());
        sql.push_str(&format!(" AND f.event = ${}", values.len()));
    }
    let seen = format!(
        "SELECT count(*) FROM followup_course f {sql} AND EXISTS (SELECT 1 FROM followup_check k WHERE k.course = f.id AND k.day = ${})",
        values.len() + 1
    );
    let sql = format!(
        "SELECT f.place, f.standing, CASE WHEN f.level > 0 THEN 1 ELSE 0 END, CASE WHEN f.owed > 0 THEN 1 ELSE 0 END, count(*) \
         FROM followup_course f {sql} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    );
    let (mut by_place, mut by_standing) = (BTreeMap::<String, i64>::new(), BTreeMap::<String, i64>::new());
    let (mut all, mut overdue, mut owe_test) = (0, 0, 0);
    for row in query.rows(&sql, &values)? {
        let count = row.int(4)?;
        *by_place.entry(row.text(0)?).or_default() += count;
        *by_standing.entry(row.text(1)?).or_default() += count;
        all += count;
        overdue += if row.int(2)? > 0 { count } else { 0 };
        owe_test += if row.int(3)? > 0 { count } else { 0 };
    }
    values.push(today.into());
    let seen = query.count(&seen, &values)?;
    let standing: Vec<&String> = by_standing.keys().collect();
    let places: Vec<&String> = by_place.keys().collect();
    if Team::of(scope).is_some() || scope.may(Permission::FollowupRead) {
        return Ok(json!({
            "exact": true, "today": today, "all": all, "overdue": overdue, "owe_test": owe_test, "seen_today": seen,
            "by_place": by_place, "by_standing": by_standing,
        }));
    }
    let count = |count: i64| count.unsigned_abs();
    let mut table = Table::default();
    let whole = table.whole(count(all));
    let late = table.split(whole, &[count(overdue), count(all - overdue)]);
    let owing = table.split(whole, &[count(owe_test), count(all - owe_test)]);
    let visited = table.split(whole, &[count(seen), count(all - seen)]);
    let of_places = table.split(whole, &by_place.values().map(|n| count(*n)).collect::<Vec<_>>());
    let of_standings = table.split(whole, &by_standing.values().map(|n| count(*n)).collect::<Vec<_>>());
    let told = table.told(Policy::COLLEAGUES);
    let named = |words: &[&String], cells: &[disclosure::Cell]| -> BTreeMap<String, Json> {
        words.iter().zip(cells).map(|(word, cell)| ((*word).clone(), json!(told.of(*cell)))).collect()
    };
    Ok(json!({
        "exact": false, "today": today, "all": told.of(whole), "overdue": told.of(late[0]), "owe_test": told.of(owing[0]),
        "seen_today": told.of(visited[0]), "by_place": named(&places, &of_places),
        "by_standing": named(&standing, &of_standings),
    }))
}
