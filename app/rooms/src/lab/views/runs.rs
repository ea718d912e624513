//! Runs of a laboratory, and one of them as it lies before its readers.

use crate::lab::changes::assay;
use crate::lab::plate::{self, reason_in_chinese};
use crate::lab::reach::{laboratory_within, run_within};
use crate::lab::{Laboratory, Run};
use crate::packed;
use base::{Id, Moment};
use lab::{Content, report_ready};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Actor, Permission, Query, Result, Scope, params};

/// How curves can be read here.
pub fn assays() -> Json {
    let rows: Vec<Json> = packed::assays()
        .iter()
        .map(|assay| {
            json!({
                "id": assay.id, "zh": assay.zh, "en": assay.en, "version": assay.version, "diseases": assay.diseases,
                "targets": assay.targets.iter().map(|target| &target.id).collect::<Vec<_>>(),
                "internal": assay.internal.as_ref().map(|internal| &internal.id),
                "controls": assay.controls.iter().map(|control| control.kind.word()).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "rows": rows })
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct RunsAsked {
    pub laboratory: Id<Laboratory>,
    /// The last run that was seen: when it was filled and its id, joined by a tab.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 50;

/// Newest first.
pub fn runs(query: &mut dyn Query, scope: &Scope, asked: &RunsAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    laboratory_within(query, scope, asked.laboratory)?;
    let after = asked.after.as_deref().and_then(|after| after.split_once('\t'));
    let (at, id) = after.map_or((i64::MAX, ""), |(at, id)| (at.parse().unwrap_or(i64::MAX), id));
    let sql = "SELECT r.id, r.assay, r.format, r.state, r.filled, r.called, r.reported, \
               (SELECT count(*) FROM lab_well w WHERE w.run = r.id AND w.barcode IS NOT NULL), \
               (SELECT count(*) FROM lab_well w WHERE w.run = r.id AND w.barcode IS NOT NULL \
                AND w.first IN ('positive', 'grey', 'single_target')) \
               FROM lab_run r WHERE r.lab = $1 AND (r.filled < $2 OR (r.filled = $2 AND r.id < $3)) \
               ORDER BY r.filled DESC, r.id DESC LIMIT $4";
    let found = query.rows(sql, params![asked.laboratory, at, id, PAGE + 1])?;
    let more = found.len() > PAGE;
    let rows: Vec<Json> = found
        .iter()
        .take(PAGE)
        .map(|row| {
            Ok(json!({
                "id": row.text(0)?, "assay": row.text(1)?, "format": row.int(2)?, "state": row.text(3)?,
                "filled": row.int(4)?, "called": row.opt_int(5)?, "reported": row.opt_int(6)?, "tubes": row.int(7)?,
                "signals": row.int(8)?,
            }))
        })
        .collect::<Result<_>>()?;
    let next = rows
        .last()
        .filter(|_| more)
        .map(|last| format!("{}\t{}", last["filled"], last["id"].as_str().unwrap_or_default()));
    Ok(json!({ "now": now, "rows": rows, "next": next }))
}

/// A run with every reason why it may not be reported yet.
pub fn run(query: &mut dyn Query, actor: &Actor, id: Id<Run>, now: Moment) -> Result<Json> {
    let scope = &actor.scope;
    scope.demand(Permission::LabRead)?;
    let record = run_within(query, scope, id)?;
    let rule = assay(&record.assay)?;
    let loaded = plate::load(query, &record)?;
    let is_open = record.state == "filled" || record.state == "read";
    let reasons = if is_open { report_ready(&loaded.as_run(rule)) } else { Vec::new() };
    let wells: Vec<Json> = loaded
        .map
        .iter()
        .map(|(well, content)| {
            let (tube, control) = match content {
                Content::Tube(tube) => (Some(tube.as_str()), None),
                Content::Control(kind) => (None, Some(kind.word())),
            };
            let call = loaded.calls.get(&well);
            let cts = loaded
                .readings
                .get(&well)
                .map(|readings| readings.iter().map(|one| json!([one.target, one.ct])).collect::<Vec<_>>());
            let why = loaded.why.get(&well).and_then(|why| serde_json::from_str::<Json>(why).ok());
            json!({
                "well": well.to_string(), "tube": tube, "control": control, "cts": cts, "why": why,
                "first": call.map(|call| call.call.word()),
                "second": call.and_then(|call| call.second.as_ref()).map(|second| second.call.word()),
            })
        })
        .collect();
    let told = query.first(
        "SELECT l.name, r.called, r.reported, r.file, r.notes FROM lab_run r JOIN lab_laboratory l ON l.id = r.lab WHERE r.id = $1",
        params![id],
    )?;
    let Some(told) = told else { return Err(crate::refuse::missing("run", "检测批")) };
    let reasons: Vec<Json> = reasons
        .iter()
        .map(|reason| json!({ "en": reason.to_string(), "zh": reason_in_chinese(reason) }))
        .collect();
    Ok(json!({
        "now": now, "id": id, "laboratory": record.lab, "laboratory_name": told.text(0)?, "assay": record.assay,
        "assay_zh": rule.zh, "assay_en": rule.en, "format": record.format, "state": record.state, "filled": record.filled,
        "called": told.opt_int(1)?, "reported": told.opt_int(2)?, "file": told.opt_text(3)?, "notes": told.json::<Json>(4)?,
        "wells": wells, "ready": is_open && reasons.is_empty(), "reasons": reasons,
        "first_reader": record.state == "read" && record.by_whom == actor.person(),
        "may": { "work": scope.may(Permission::LabWork) },
    }))
}
