//! Routes of the import wizard.

use crate::App;
use crate::access::Signed;
use crate::cases::Event;
use crate::cases::views::harmless;
use crate::changes_door::read;
use crate::document::Document;
use crate::imports::jobs::{self, Job, Stage};
use crate::imports::undo::UndoImport;
use crate::imports::view::{full_report, imports, view_of_job};
use crate::imports::{Fault, Import, Report};
use crate::refuse::{invalid, missing};
use crate::reply::{Failure, Reply};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use base::{Id, Territory};
use cases::Classification;
use exchange::Choice;
use futures_util::StreamExt;
use linelist::{DateFormat, Field, ListKind, recognise};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::{Permission, Refusal, Status};

/// Larger lists are split by year or county, or imported on the command line beside the server.
const LARGEST_MB: u64 = 200;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/imports", get(list).post(upload))
        .route("/api/imports/{id}", get(one))
        .route("/api/imports/{id}/mapping", put(map))
        .route("/api/imports/{id}/check", post(check))
        .route("/api/imports/{id}/apply", post(apply))
        .route("/api/imports/{id}/cancel", post(cancel))
        .route("/api/imports/{id}/undo", post(undo))
        .route("/api/imports/{id}/report.json", get(report_json))
        .route("/api/imports/{id}/report.csv", get(report_csv))
        .layer(DefaultBodyLimit::disable())
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/imports");
    api.route("POST", "/api/imports").query::<UploadQuery>().file();
    api.route("GET", "/api/imports/{id}");
    api.route("PUT", "/api/imports/{id}/mapping").body::<MappingForm>();
    api.route("POST", "/api/imports/{id}/check");
    api.route("POST", "/api/imports/{id}/apply");
    api.route("POST", "/api/imports/{id}/cancel");
    api.route("POST", "/api/imports/{id}/undo").body::<UndoForm>();
    api.route("GET", "/api/imports/{id}/report.json");
    api.route("GET", "/api/imports/{id}/report.csv");
}

fn told(fault: &Fault) -> Failure {
    match fault {
        Fault::File(file) => Refusal::new(Status::Invalid, file.code(), file.to_string(), file.zh()).into(),
        Fault::Store(_) | Fault::Cancelled | Fault::Unanswered(_) => {
            Refusal::new(Status::Invalid, "import.failed", fault.to_string(), fault.to_string()).into()
        }
    }
}

async fn list(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let scope = signed.scope();
    let mut rows = house.db.read(move |reader| imports(reader, &scope)).await?;
    let known: Vec<String> = rows.iter().filter_map(|row| row["id"].as_str().map(str::to_owned)).collect();
    let waiting =
        house.jobs.waiting(&signed.actor.id).into_iter().filter(|job| !known.contains(&job.id.to_string()));
    let fresh: Vec<Value> = waiting
        .map(|job| {
            let state = job.state();
            json!({
                "id": job.id, "name": job.name, "state": state.stage.word(), "at": house.now().to_string(),
                "by": signed.session.account.name, "kind": state.mapping.kind, "event": state.event, "report": null,
            })
        })
        .collect();
    rows.splice(0..0, fresh);
    Ok(Json(json!({ "rows": rows })))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct UploadQuery {
    name: String,
    #[serde(default)]
    event: Option<String>,
}

async fn upload(
    State(house): State<App>,
    signed: Signed,
    Query(query): Query<UploadQuery>,
    body: Body,
) -> Reply<Value> {
    signed.scope().demand(Permission::ImportsRun)?;
    let bytes = collect(body).await?;
    let event = event_of(query.event.as_deref())?;
    let (opened, actor) = (house.clone(), signed.actor.clone());
    let job = tokio::task::spawn_blocking(move || Job::open(&opened, actor, query.name, bytes, event)).await;
    let job = job.map_err(|_| store::Error::Closed)?.map_err(|fault| told(&fault))?;
    let job = Arc::new(job);
    house.jobs.add(job.clone());
    Ok(Json(view_of_job(&job)))
}

fn event_of(text: Option<&str>) -> Result<Option<Id<Event>>, Failure> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    Ok(Some(text.parse().map_err(|fault: base::IdError| {
        invalid("import.event", "event", fault.to_string(), "疫情事件编号无效")
    })?))
}

/// The body as it comes in, refused as soon as it is too large.
async fn collect(body: Body) -> Result<Arc<[u8]>, Failure> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(block) = stream.next().await {
        let block = block.map_err(|_| {
            invalid("import.broken", "file", "the upload broke off; send it again", "上传中断；请重新上传")
        })?;
        if (bytes.len() + block.len()) as u64 > LARGEST_MB * 1_000_000 {
            return Err(Failure::TooLarge { limit_mb: LARGEST_MB });
        }
        bytes.extend_from_slice(&block);
    }
    Ok(bytes.into())
}

fn job_of(house: &App, signed: &Signed, id: Id<Import>) -> Result<Arc<Job>, Failure> {
    signed.scope().demand(Permission::ImportsRun)?;
    let job = house.jobs.get(id).filter(|job| job.actor.id == signed.actor.id);
    Ok(job.ok_or_else(|| missing("import", "导入"))?)
}

async fn one(State(house): State<App>, signed: Signed, Path(id): Path<Id<Import>>) -> Reply<Value> {
    if let Ok(job) = job_of(&house, &signed, id) {
        return Ok(Json(view_of_job(&job)));
    }
    let scope = signed.scope();
    let (view, _) = house.db.read(move |reader| full_report(reader, &scope, id)).await?;
    Ok(Json(view))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct MappingForm {
    kind: ListKind,
    #[serde(default)]
    event: Option<String>,
    #[serde(default)]
    columns: Vec<ColumnForm>,
    #[serde(default)]
    defaults: DefaultsForm,
    #[serde(default)]
    remember: Option<bool>,
    #[serde(default)]
    sheet: Option<String>,
    #[serde(default)]
    header_row: Option<u64>,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    delimiter: Option<char>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct ColumnForm {
    index: usize,
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    field: Option<Field>,
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    date_format: Option<DateFormat>,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

#[derive(Default, Deserialize, schemars::JsonSchema)]
struct DefaultsForm {
    #[serde(default)]
    classification: Option<Classification>,
    #[serde(default)]
    disease: Option<String>,
    #[serde(default)]
    territory: Option<Territory>,
    #[serde(default)]
    year: Option<i16>,
}

async fn map(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<Import>>,
    body: Bytes,
) -> Reply<Value> {
    let form: MappingForm = read(&body)?;
    let job = job_of(&house, &signed, id)?;
    if !matches!(job.state().stage, Stage::Mapping | Stage::Checked | Stage::Failed) {
        return Err(invalid(
            "import.busy",
            "state",
            "the import is running; wait or cancel it first",
            "导入正在进行；请等待或先取消",
        )
        .into());
    }
    reopen_if_chosen(&job, &form)?;
    set_mapping(&job, form).map_err(|told| invalid("import.mapping", "columns", told.clone(), told))?;
    let territory = job.state().territory.clone();
    signed.scope().demand_territory(&territory)?;
    Ok(Json(view_of_job(&job)))
}

fn reopen_if_chosen(job: &Job, form: &MappingForm) -> Result<(), Failure> {
    let now = job.state().choice.clone();
    let chosen = Choice {
        sheet: form.sheet.clone().or_else(|| now.sheet.clone()),
        header_row: form.header_row.or(now.header_row),
        encoding: form.encoding.clone().or_else(|| now.encoding.clone()),
        delimiter: form.delimiter.or(now.delimiter),
    };
    if chosen == now { Ok(()) } else { job.reopen(chosen).map_err(|fault| told(&fault)) }
}

fn set_mapping(job: &Job, form: MappingForm) -> Result<(), String> {
    let mut state = job.state();
    if state.mapping.kind != form.kind {
        state.mapping = recognise(&state.facts.columns.clone(), &state.profile, Some(form.kind));
    }
    let profile = state.profile.clone();
    for column in form.columns {
        let header = state.mapping.columns.get(column.index).map(|known| known.header.clone());
        let header = header.ok_or_else(|| format!("there is no column {}; reload the page", column.index))?;
        let known = &state.mapping.columns[column.index];
        if known.field != column.field {
            state
                .mapping
                .set_field(&header, column.field, profile.columns.get(column.index))
                .map_err(|fault| fault.to_string())?;
        }
        let has_dates = state.mapping.columns[column.index].date.is_some();
        if let Some(format) = column.date_format.filter(|_| has_dates) {
            state.mapping.set_date_format(&header, format).map_err(|fault| fault.to_string())?;
        }
        for (text, word) in column.values {
            state.mapping.set_value(&header, &text, &word).map_err(|fault| fault.to_string())?;
        }
    }
    // Columns chosen by hand settle each other's order of day and month.
    state.mapping.settle(&profile);
    state.mapping.defaults.classification = form.defaults.classification;
    state.mapping.defaults.disease = form.defaults.disease;
    state.mapping.defaults.year = form.defaults.year;
    if let Some(territory) = form.defaults.territory {
        state.territory = territory;
    }
    state.event = event_of(form.event.as_deref()).map_err(|_| "the event's id is not valid".to_owned())?;
    state.remember = form.remember.unwrap_or(state.remember);
    state.report = None;
    state.stage = Stage::Mapping;
    Ok(())
}

async fn check(State(house): State<App>, signed: Signed, Path(id): Path<Id<Import>>) -> Reply<Value> {
    run(&house, &signed, id, Stage::Checking)
}

async fn apply(State(house): State<App>, signed: Signed, Path(id): Path<Id<Import>>) -> Reply<Value> {
    run(&house, &signed, id, Stage::Applying)
}

fn run(house: &App, signed: &Signed, id: Id<Import>, stage: Stage) -> Reply<Value> {
    let job = job_of(house, signed, id)?;
    let now = job.state().stage;
    if now == stage {
        return Ok(Json(view_of_job(&job)));
    }
    if !matches!(now, Stage::Mapping | Stage::Checked | Stage::Failed) {
        return Err(invalid(
            "import.busy",
            "state",
            "the import has gone further already; reload the page",
            "导入已进入下一步；请刷新页面",
        )
        .into());
    }
    let questions = job.state().mapping.questions();
    if let Some(first) = questions.first() {
        return Err(invalid(&first.code, &first.column, first.en.clone(), first.zh.clone()).into());
    }
    jobs::start(house, &job, stage);
    Ok(Json(view_of_job(&job)))
}

async fn cancel(State(house): State<App>, signed: Signed, Path(id): Path<Id<Import>>) -> Reply<Value> {
    let job = job_of(&house, &signed, id)?;
    job.progress.cancel.store(true, Ordering::Relaxed);
    let mut state = job.state();
    if matches!(state.stage, Stage::Mapping | Stage::Checked | Stage::Failed) {
        state.stage = Stage::Cancelled;
    }
    drop(state);
    Ok(Json(view_of_job(&job)))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct UndoForm {
    reason: String,
}

async fn undo(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<Import>>,
    body: Bytes,
) -> Reply<Value> {
    let form: UndoForm = read(&body)?;
    let change = UndoImport::of(id, form.reason);
    let undone = house.db.apply(&signed.actor, house.now(), change).await?;
    if let Ok(job) = job_of(&house, &signed, id) {
        let mut state = job.state();
        state.stage = Stage::Undone;
        state.undone = Some(undone);
        drop(state);
        return Ok(Json(view_of_job(&job)));
    }
    let scope = signed.scope();
    let (mut view, _) = house.db.read(move |reader| full_report(reader, &scope, id)).await?;
    view["undone"] = json!(undone);
    Ok(Json(view))
}

async fn report_of(house: &App, signed: &Signed, id: Id<Import>) -> Result<Report, Failure> {
    if let Ok(job) = job_of(house, signed, id)
        && let Some(report) = job.state().report.clone()
    {
        return Ok(report);
    }
    let scope = signed.scope();
    Ok(house.db.read(move |reader| full_report(reader, &scope, id)).await?.1)
}

async fn report_json(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<Import>>,
) -> Result<Response, Failure> {
    let report = report_of(&house, &signed, id).await?;
    let headers = [(header::CONTENT_DISPOSITION, "attachment; filename=\"import-report.json\"")];
    Ok((headers, Json(report)).into_response())
}

async fn report_csv(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<Import>>,
) -> Result<Response, Failure> {
    let report = report_of(&house, &signed, id).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"import-report.csv\""),
    ];
    Ok((headers, csv_of(&report)).into_response())
}

/// Every finding on a line, with a mark that lets spreadsheets read it as UTF-8.
fn csv_of(report: &Report) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let _ = writer.write_record(["row", "severity", "code", "column", "value", "message"]);
    for problem in &report.problems {
        let severity = serde_json::to_value(problem.severity).unwrap_or_default();
        let _ = writer.write_record([
            problem.row.to_string().as_str(),
            severity.as_str().unwrap_or_default(),
            &problem.code,
            // Column names and values are the file's own words, and a spreadsheet would run some of them.
            &harmless(problem.column.as_deref().unwrap_or_default()),
            &harmless(problem.value.as_deref().unwrap_or_default()),
            &harmless(&problem.message),
        ]);
    }
    let text = writer.into_inner().unwrap_or_default();
    format!("\u{feff}{}", String::from_utf8_lossy(&text))
}
