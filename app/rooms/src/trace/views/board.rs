//! The board of contacts: who has no class yet, who waits to be handed over, reached, isolated; by territory.

use super::stated;
use crate::asked::place_within;
use crate::cases::left_out;
use base::{Moment, Territory};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, Value};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct BoardAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
}

#[derive(Debug, Default)]
struct Tally {
    watched: i64,
    unclassified: i64,
    overdue: i64,
    by_class: BTreeMap<String, i64>,
    by_state: BTreeMap<String, i64>,
}

/// Counts of contacts who are watched, in one question for everybody in reach.
pub fn board(query: &mut dyn Query, scope: &Scope, asked: &BoardAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::ContactsRead)?;
    let within = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = within.range();
    let mut values: Vec<Value> = vec![first.into(), past.into(), now.into()];
    let mut sql = "WHERE k.territory >= $1 AND k.territory < $2 AND k.status = 'watched'".to_owned();
    if let Some(event) = stated(&asked.event) {
        values.push(event.into());
        sql.push_str(&format!(" AND k.event = ${}", values.len()));
    }
    sql.push_str(&left_out(&scope.kept.unread, true, &mut values));
    let sql = format!(
        "SELECT k.territory, k.class, s.state, CASE WHEN s.state = 'handed_over' AND s.due < $3 THEN 1 ELSE 0 END, count(*) \
         FROM cases_contact k LEFT JOIN trace_contact s ON s.contact = k.id {sql} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    );
    let mut all = Tally::default();
    let mut by_territory: BTreeMap<String, Tally> = BTreeMap::new();
    for row in query.rows(&sql, &values)? {
        let territory: Territory = row.read(0)?;
        let below = territory.at_depth((within.depth() + 1).min(territory.depth()));
        let (class, state, late, count) = (row.opt_text(1)?, row.opt_text(2)?, row.int(3)? != 0, row.int(4)?);
        for tally in [&mut all, by_territory.entry(below.path().to_owned()).or_default()] {
            tally.add(class.as_deref(), state.as_deref(), late, count);
        }
    }
    let rows: Vec<Json> = by_territory
        .iter()
        .map(|(territory, tally)| {
            let mut row = tally.told();
            row["territory"] = json!(territory);
            row
        })
        .collect();
    let mut board = all.told();
    board["rows"] = json!(rows);
    Ok(board)
}

/// Every state, in the order in which it is reached; a contact of whom nothing was told is `here`.
const STATES: [&str; 6] = ["here", "waiting_hand_over", "handed_over", "acknowledged", "reached", "isolated"];

impl Tally {
    fn add(&mut self, class: Option<&str>, state: Option<&str>, late: bool, count: i64) {
        self.watched += count;
        self.overdue += if late { count } else { 0 };
        match class {
            Some(class) => *self.by_class.entry(class.to_owned()).or_default() += count,
            None => self.unclassified += count,
        }
        *self.by_state.entry(state.unwrap_or("here").to_owned()).or_default() += count;
    }

    fn told(&self) -> Json {
        let of = |all: &BTreeMap<String, i64>, words: &[&str]| {
            let told: Map<String, Json> =
                words.iter().map(|word| ((*word).to_owned(), json!(all.get(*word).unwrap_or(&0)))).collect();
            told
        };
        json!({
            "watched": self.watched, "unclassified": self.unclassified, "overdue": self.overdue,
            "by_class": of(&self.by_class, &["close", "secondary", "general"]),
            "by_state": of(&self.by_state, &STATES),
        })
    }
}
