//! Cases as a list, a page at a time by key.

use crate::cases::views::filter::{Filter, cursor};
use crate::cases::{CaseRecord, case_columns};
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope};

/// Counting past this is not worth a reader's wait; the list says "more than".
const COUNTED: i64 = 10_000;

/// One line of the list. Which person it is stands behind the handle.
pub fn case_row(case: &CaseRecord, infectors: i64, infectees: i64) -> Json {
    let days: serde_json::Map<String, Json> =
        case.dates.0.iter().map(|(kind, stated)| (kind.word().to_owned(), json!(stated.day))).collect();
    json!({
        "id": case.id, "case_no": case.case_no, "event": case.event, "list": case.list, "territory": case.territory,
        "place": case.place, "sex": case.sex, "age": case.age, "age_band": case.age_band, "disease": case.disease,
        "classification": case.classification, "outcome": case.outcome, "found": case.found, "dates": days,
        "infectors": infectors, "infectees": infectees, "changed_at": case.changed.to_string(),
    })
}

pub fn case_list(query: &mut dyn Query, scope: &Scope, filter: &Filter) -> Result<Json> {
    scope.demand(Permission::CasesRead)?;
    // The count needs no order, so it goes straight to the rows in reach.
    let all = filter.conditions_of_all(scope, false)?;
    let count_sql = format!(
        "SELECT count(*) FROM (SELECT 1 AS one FROM cases_case c WHERE {} LIMIT {}) AS counted",
        all.sql,
        COUNTED + 1
    );
    let count = query.count(&count_sql, &all.params)?;
    let mut conditions = filter.conditions(query, scope, false)?;
    let day = filter.day_column(false);
    let key = format!("coalesce(c.{day}, '')");
    let ordered = if day == "sort_day" { "c.sort_day".to_owned() } else { key.clone() };
    if let Some((day, id)) = filter.after() {
        conditions.params.extend([day.into(), id.into()]);
        let (at, id_at) = (conditions.params.len() - 1, conditions.params.len());
        conditions.sql.push_str(&format!(" AND ({ordered}, c.id) < (${at}, ${id_at})"));
    }
    let sql = format!(
        "SELECT {}, (SELECT count(*) FROM cases_link l WHERE l.to_case = c.id), \
         (SELECT count(*) FROM cases_link l WHERE l.from_case = c.id), {key} \
         FROM cases_case c WHERE {} ORDER BY {ordered} DESC, c.id DESC LIMIT {}",
        case_columns(),
        conditions.sql,
        filter.limit() + 1
    );
    let mut rows = Vec::new();
    let mut last = None;
    let found = query.rows(&sql, &conditions.params)?;
    let more = found.len() > filter.limit();
    for row in found.iter().take(filter.limit()) {
        let case = CaseRecord::of(row)?;
        last = Some(cursor(&row.text(22)?, &case.id.to_string()));
        rows.push(case_row(&case, row.int(20)?, row.int(21)?));
    }
    Ok(json!({
        "rows": rows,
        "next": last.filter(|_| more),
        "count": { "n": count.min(COUNTED), "exact": count <= COUNTED },
    }))
}
