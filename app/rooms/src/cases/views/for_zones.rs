//! Infected people as zones see them: where they belong, how they were found, and on which days; and what their cases are called. No name.

use crate::cases::among;
use base::{Day, Territory};
use cases::Found;
use std::collections::{BTreeMap, BTreeSet};
use store::{Query, Result, Row, Scope, Value, params};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Infected {
    pub id: String,
    pub territory: Territory,
    pub found: Option<Found>,
    /// Of the result; of the report where there is none.
    pub day: Day,
    pub onset: Option<Day>,
    pub isolation: Option<Day>,
}

const COLUMNS: &str = "id, territory, found, coalesce(result, report, sort_day), onset, isolation";
/// Suspected is not found yet, and discarded is nobody.
const INFECTED: &str = "classification IN ('confirmed', 'probable', 'asymptomatic')";

impl Infected {
    fn of(row: &Row) -> Result<Infected> {
        Ok(Infected {
            id: row.text(0)?,
            territory: row.read(1)?,
            found: row.opt_read(2)?,
            day: row.read(3)?,
            onset: row.opt_read(4)?,
            isolation: row.opt_read(5)?,
        })
    }
}

pub(crate) fn infected_in(
    query: &mut dyn Query,
    territory: &Territory,
    disease: &str,
    since: Day,
) -> Result<Vec<Infected>> {
    let (first, past) = territory.range();
    let sql = format!(
        "SELECT {COLUMNS} FROM cases_case WHERE territory >= $1 AND territory < $2 AND sort_day >= $3 AND disease = $4 \
         AND {INFECTED} ORDER BY id LIMIT 50000"
    );
    query.rows(&sql, params![first, past, since, disease])?.iter().map(Infected::of).collect()
}

/// Somebody who stayed here and belongs elsewhere.
pub(crate) fn infected(query: &mut dyn Query, case: &str) -> Result<Option<Infected>> {
    let sql = format!("SELECT {COLUMNS} FROM cases_case WHERE id = $1 AND {INFECTED}");
    query.first(&sql, params![case])?.as_ref().map(Infected::of).transpose()
}

/// What cases are called, of those among them that lie in the reader's reach.
pub(crate) fn numbers_of(
    query: &mut dyn Query,
    scope: &Scope,
    cases: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, String>> {
    let cases: Vec<Value> = cases.into_iter().collect::<BTreeSet<_>>().into_iter().map(Value::from).collect();
    let mut numbers = BTreeMap::new();
    for block in cases.chunks(500) {
        let sql = format!("SELECT id, case_no, territory FROM cases_case WHERE id IN {}", among(block.len()));
        for row in query.rows(&sql, block)? {
            if scope.reaches(&row.read(2)?) {
                numbers.insert(row.text(0)?, row.text(1)?);
            }
        }
    }
    Ok(numbers)
}
