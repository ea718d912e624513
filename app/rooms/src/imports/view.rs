//! An import as the wizard shows it.

use crate::imports::changes::report_context;
use crate::imports::jobs::{Job, State};
use crate::imports::reach::{import_in_reach, unread};
use crate::imports::{Import, Report};
use crate::refuse::missing;
use base::{Id, Moment};
use linelist::{ColumnMapping, Field};
use serde_json::{Value as Json, json};
use std::sync::atomic::Ordering;
use store::{Permission, Query, Result, Scope, Vault, params};

/// A page shows this many; the downloads hold all.
const SHOWN_PROBLEMS: usize = 500;
const SHOWN_CHANGES: usize = 200;

pub fn view_of_job(job: &Job) -> Json {
    let state = job.state();
    let mapping = &state.mapping;
    let fields: Vec<Json> = Field::all(mapping.kind)
        .into_iter()
        .map(|field| json!({ "field": field.word(), "zh": field.zh(), "en": field.en(), "group": field.group() }))
        .collect();
    let columns: Vec<Json> =
        mapping.columns.iter().enumerate().map(|(at, column)| column_view(&state, at, column)).collect();
    let questions: Vec<Json> = mapping
        .questions()
        .into_iter()
        .map(|question| json!({ "code": question.code, "column": question.column, "en": question.en, "zh": question.zh }))
        .collect();
    json!({
        "id": job.id, "name": job.name, "state": state.stage.word(),
        "error": state.error.as_ref().map(|told| json!({ "code": "import.failed", "en": told, "zh": told })),
        "file": {
            "format": state.facts.format, "encoding": state.facts.encoding, "delimiter": state.facts.delimiter,
            "sheet": state.facts.sheet, "sheets": state.facts.sheets, "header_row": state.facts.header_row,
            "columns": state.facts.columns.len(), "bytes": job.bytes.len(), "sha256": job.hash,
        },
        "kind": mapping.kind, "recognised": mapping.recognised, "event": state.event,
        "list": state.report.as_ref().map(|report| json!({ "id": null, "name": report.list, "is_new": false })),
        "fields": fields, "columns": columns,
        "defaults": {
            "classification": mapping.defaults.classification, "disease": mapping.defaults.disease,
            "territory": state.territory, "year": mapping.defaults.year,
        },
        "questions": questions,
        "progress": progress(job, &state),
        "report": state.report.as_ref().map(report_view),
        "undone": state.undone,
        "remember": state.remember,
    })
}

fn column_view(state: &State, at: usize, column: &ColumnMapping) -> Json {
    let profile = state.profile.columns.get(at);
    let dates = column.date.as_ref().map(|date| {
        json!({
            "chosen": date.chosen, "possible": date.possible, "ambiguous": date.ambiguous, "needs_year": date.needs_year,
            "examples": date.examples.iter().map(|example| json!({
                "text": example.text,
                "reads": example.reads.iter().map(|read| json!({ "format": read.format, "day": read.day })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        })
    });
    let allowed = column.allowed();
    let values: Vec<Json> = match (profile, &allowed) {
        (Some(profile), Some(_)) => column
            .readings(profile)
            .into_iter()
            .take(200)
            .map(|reading| json!({ "text": reading.text, "count": reading.count, "to": reading.to }))
            .collect(),
        _ => Vec::new(),
    };
    json!({
        "index": at, "header": column.header,
        "samples": profile.map(|profile| profile.samples.iter().take(5).collect::<Vec<_>>()),
        "blank_share": profile.map(linelist::ColumnProfile::blank_share),
        "field": column.field, "certainty": column.certainty, "why": column.why,
        "date_format": dates, "values": values, "allowed": allowed,
    })
}

fn progress(job: &Job, state: &State) -> Option<Json> {
    let total = job.progress.total.load(Ordering::Relaxed);
    let done = job.progress.done.load(Ordering::Relaxed);
    (total > 0).then(|| {
        let seconds = state.since.elapsed().as_secs_f64().max(0.001);
        json!({ "done": done, "total": total, "per_second": done as f64 / seconds })
    })
}

pub fn report_view(report: &Report) -> Json {
    let mut view = serde_json::to_value(report).unwrap_or_default();
    view["problems_total"] = json!(report.problem_counts.values().sum::<u64>());
    view["changes_total"] = json!(report.updated);
    if let Some(problems) = view["problems"].as_array_mut() {
        problems.truncate(SHOWN_PROBLEMS);
    }
    if let Some(changes) = view["changes"].as_array_mut() {
        changes.truncate(SHOWN_CHANGES);
    }
    view
}

/// Imports of the past, the newest first.
pub fn imports(query: &mut dyn Query, scope: &Scope) -> Result<Vec<Json>> {
    scope.demand(Permission::ImportsRun)?;
    let (first, past) = scope.territory.range();
    let mut params = vec![first.into(), past.into()];
    let unread = unread(scope, &mut params);
    let sql = format!(
        "SELECT i.id, i.name, i.state, i.at, i.by_whom, i.kind, i.event, i.report FROM imports_import i \
         WHERE i.territory >= $1 AND i.territory < $2{unread} ORDER BY i.at DESC, i.id LIMIT 200"
    );
    let rows = query.rows(&sql, &params)?;
    let mut people = Vec::new();
    for row in &rows {
        people.push(row.text(4)?);
    }
    let people = crate::access::http::names(query, people)?;
    rows.iter()
        .map(|row| {
            let report: Option<Json> = row.opt_text(7)?.and_then(|text| serde_json::from_str(&text).ok());
            Ok(json!({
                "id": row.text(0)?, "name": row.text(1)?, "state": row.text(2)?, "at": Moment(row.int(3)?).to_string(),
                "by": people.get(&row.text(4)?), "kind": row.text(5)?, "event": row.opt_text(6)?, "report": report,
            }))
        })
        .collect()
}

/// The whole report of a finished import, opened.
pub fn full_report(query: &mut dyn Query, scope: &Scope, import: Id<Import>) -> Result<(Json, Report)> {
    scope.demand(Permission::ImportsRun)?;
    import_in_reach(query, scope, import)?;
    let row = query.first(
        "SELECT territory, name, state, at, kind, event, full_report FROM imports_import WHERE id = $1",
        params![import],
    )?;
    let row = row.ok_or_else(|| missing("import", "导入"))?;
    let key = Vault::key_of(query, &import.to_string())?;
    let report: Report = match (row.opt_text(6)?, key) {
        (Some(sealed), Some(key)) => key.open(&report_context(import), &sealed)?,
        _ => Report::default(),
    };
    let view = json!({
        "id": import, "name": row.text(1)?, "state": row.text(2)?, "at": Moment(row.int(3)?).to_string(),
        "kind": row.text(4)?, "event": row.opt_text(5)?, "error": null, "file": null, "fields": [], "columns": [],
        "questions": [], "progress": null, "report": report_view(&report),
    });
    Ok((view, report))
}
