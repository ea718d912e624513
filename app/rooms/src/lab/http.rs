//! Routes of the testing room; most writes come in through `/api/changes`, tubes through a door of their own.

use crate::App;
use crate::access::Signed;
use crate::document::Document;
use crate::lab::changes::{EndOutage, OpenHeld, ReadRun, RecordOutage, WithdrawOutage, names_of};
use crate::lab::intake::{self, ToldTube};
use crate::lab::look_back::{LookBackAsked, look_back};
use crate::lab::reconciling::reconciled;
use crate::lab::run_file::cycles_of;
use crate::lab::views::{
    self, BenchAsked, BoxesAsked, CampaignsAsked, HoldsAsked, PlanAsked, PostsAsked, RunsAsked,
    ShortagesAsked,
};
use crate::lab::{Campaign, Post, Round, Run, paper_list};
use crate::load::{Feature, picture};
use crate::people::{AT_MOST_ALONE, demand_opening};
use crate::reply::{Failure, Reply};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Id;
use futures_util::TryFutureExt;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Change, Permission, Sealed, random_bits};

pub fn router() -> Router<App> {
    Router::new()
        .merge(crate::lab::results::http::router())
        .merge(crate::lab::messages::http::router())
        .route("/api/changes/register-tube", post(register))
        .route("/api/lab/tubes", post(take_tubes).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/api/lab/posts", get(posts))
        .route("/api/lab/posts/{id}/shifts", get(shifts))
        .route("/api/lab/paper-list", post(read_list))
        .route("/api/lab/boxes", get(boxes))
        .route("/api/lab/shortages", get(shortages))
        .route("/api/lab/campaigns", get(campaigns))
        .route("/api/lab/campaigns/{id}", get(campaign))
        .route("/api/lab/rounds/{id}", get(round))
        .route("/api/lab/laboratories", get(laboratories))
        .route("/api/lab/bench", get(bench))
        .route("/api/lab/tubes/{barcode}", get(tube))
        .route("/api/lab/assays", get(assays))
        .route("/api/lab/runs", get(runs))
        .route("/api/lab/runs/{id}", get(run))
        .route("/api/lab/runs/{id}/file", post(read_file).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/api/lab/holds", get(holds))
        .route("/api/lab/holds/names", post(open_names))
        .route("/api/lab/rounds/{id}/reconcile", get(reconcile))
        .route("/api/lab/rounds/{id}/laboratories", get(round_laboratories))
        .route("/api/lab/plan", post(plan))
        .route("/api/lab/look-back", get(back))
        .route("/api/lab/outages", get(outages))
        .route("/api/changes/record-outage", post(told_of_outage::<RecordOutage>))
        .route("/api/changes/end-outage", post(told_of_outage::<EndOutage>))
        .route("/api/changes/withdraw-outage", post(told_of_outage::<WithdrawOutage>))
}

/// Five hundred tubes of twenty, not packed.
const LARGEST: usize = 8_000_000;

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    crate::lab::results::http::described(api);
    crate::lab::messages::http::described(api);
    api.route("POST", "/api/changes/register-tube").body::<ToldTube>();
    api.route("POST", "/api/lab/tubes").file();
    api.route("GET", "/api/lab/posts").query::<PostsAsked>();
    api.route("GET", "/api/lab/posts/{id}/shifts");
    api.route("POST", "/api/lab/paper-list").query::<FileAsked>().file();
    api.route("GET", "/api/lab/boxes").query::<BoxesAsked>();
    api.route("GET", "/api/lab/shortages").query::<ShortagesAsked>();
    api.route("GET", "/api/lab/campaigns").query::<CampaignsAsked>();
    api.route("GET", "/api/lab/campaigns/{id}");
    api.route("GET", "/api/lab/rounds/{id}");
    api.route("GET", "/api/lab/laboratories");
    api.route("GET", "/api/lab/bench").query::<BenchAsked>();
    api.route("GET", "/api/lab/tubes/{barcode}");
    api.route("GET", "/api/lab/assays");
    api.route("GET", "/api/lab/runs").query::<RunsAsked>();
    api.route("GET", "/api/lab/runs/{id}");
    api.route("POST", "/api/lab/runs/{id}/file").query::<FileAsked>().file();
    api.route("GET", "/api/lab/holds").query::<HoldsAsked>();
    api.route("POST", "/api/lab/holds/names").body::<NamesAsked>();
    api.route("GET", "/api/lab/rounds/{id}/reconcile");
    api.route("GET", "/api/lab/rounds/{id}/laboratories");
    api.route("POST", "/api/lab/plan").file();
    api.route("GET", "/api/lab/look-back").query::<LookBackAsked>();
    api.route("GET", "/api/lab/outages");
    api.route("POST", "/api/changes/record-outage").body::<RecordOutage>();
    api.route("POST", "/api/changes/end-outage").body::<EndOutage>();
    api.route("POST", "/api/changes/withdraw-outage").body::<WithdrawOutage>();
}

/// One tube. Its names are sealed before anything else is done with it.
async fn register(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let told: ToldTube = crate::changes_door::read(&body)?;
    let sealed = told.sealed(house.db.vault())?;
    let out = house.db.apply(&signed.actor, house.now(), sealed).await?;
    Ok(Json(json!({ "out": out })))
}

async fn take_tubes(
    State(house): State<App>,
    signed: Signed,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let packed = headers.get(header::CONTENT_ENCODING).is_some_and(|told| told.as_bytes() == b"gzip");
    let lines = intake::lines_of(&body, packed)?;
    let answers = intake::take(&house, &signed.actor, &lines).await?;
    let told: String = answers.iter().map(|answer| format!("{answer}\n")).collect();
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], told).into_response())
}

async fn posts(State(house): State<App>, signed: Signed, Query(asked): Query<PostsAsked>) -> Reply<Value> {
    let (scope, now, own) = (signed.scope(), house.now(), house.clone());
    // Where somebody may sample is asked at the table, and waits behind no page.
    let told =
        house.db.find(move |reader| views::posts(reader, &scope, &own.places.now(), asked, now)).await?;
    Ok(Json(told))
}

async fn shifts(State(house): State<App>, signed: Signed, Path(id): Path<Id<Post>>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::post_shifts(reader, &scope, id, now)).await?))
}

async fn shortages(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<ShortagesAsked>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::shortages(reader, &scope, &asked, now)).await?))
}

async fn boxes(State(house): State<App>, signed: Signed, Query(asked): Query<BoxesAsked>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::boxes(reader, &scope, &asked, now)).await?))
}

/// A paper list out of a spreadsheet: read and told, and nothing of it kept.
async fn read_list(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<FileAsked>,
    body: Bytes,
) -> Reply<Value> {
    signed.scope().demand(Permission::LabCollect)?;
    let now = house.now();
    let read = tokio::task::spawn_blocking(move || paper_list::read(&asked.name, &body, now));
    Ok(Json(read.await.map_err(|_| store::Error::Closed)??))
}

async fn campaigns(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<CampaignsAsked>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::campaigns(reader, &scope, &asked, now)).await?))
}

async fn campaign(State(house): State<App>, signed: Signed, Path(id): Path<Id<Campaign>>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::campaign(reader, &scope, id, now)).await?))
}

async fn round(State(house): State<App>, signed: Signed, Path(id): Path<Id<Round>>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    let own = scope.clone();
    let drawn = house.db.read(move |reader| views::round_board(reader, &own, id, now)).map_err(Failure::from);
    picture(&house, &scope, &format!("round {id}"), drawn).await
}

async fn laboratories(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::laboratories(reader, &scope, now)).await?))
}

async fn bench(State(house): State<App>, signed: Signed, Query(asked): Query<BenchAsked>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::bench(reader, &scope, &asked, now)).await?))
}

async fn tube(State(house): State<App>, signed: Signed, Path(barcode): Path<String>) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::tube(reader, &scope, &barcode)).await?))
}

async fn assays(signed: Signed) -> Reply<Value> {
    signed.scope().demand(Permission::LabRead)?;
    Ok(Json(views::assays()))
}

async fn runs(State(house): State<App>, signed: Signed, Query(asked): Query<RunsAsked>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::runs(reader, &scope, &asked, now)).await?))
}

async fn run(State(house): State<App>, signed: Signed, Path(id): Path<Id<Run>>) -> Reply<Value> {
    let (actor, now) = (signed.actor, house.now());
    Ok(Json(house.db.read(move |reader| views::run(reader, &actor, id, now)).await?))
}

async fn holds(State(house): State<App>, signed: Signed, Query(asked): Query<HoldsAsked>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::holds(reader, &scope, &asked, now)).await?))
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct NamesAsked {
    tube: String,
    purpose: String,
    reason: String,
}

/// Who is held behind a tube: written down first, then shown.
async fn open_names(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let asked: NamesAsked = crate::changes_door::read(&body)?;
    signed.scope().demand(Permission::IdentityOpen)?;
    signed.recent(&house)?;
    demand_opening(&signed.actor.scope, &asked.purpose)?;
    let change = OpenHeld {
        id: Id::from_bits(random_bits()),
        tube: asked.tube.clone(),
        purpose: asked.purpose,
        reason: Sealed::Open(asked.reason),
        at_most_alone: Some(AT_MOST_ALONE),
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    let named = house.db.read(move |reader| names_of(reader, &asked.tube)).await?;
    let people: Vec<Value> = named
        .iter()
        .map(|one| json!({ "position": one.position, "name": one.name, "phone": one.phone }))
        .collect();
    Ok(Json(json!({ "people": people })))
}

/// On a connection of its own: a city's round is read from one end to the other.
async fn reconcile(State(house): State<App>, signed: Signed, Path(id): Path<Id<Round>>) -> Reply<Value> {
    let (scope, now, own) = (signed.scope(), house.now(), house.clone());
    let told =
        tokio::task::spawn_blocking(move || own.db.read_long(|reader| reconciled(reader, &scope, id, now)));
    Ok(Json(told.await.map_err(|_| store::Error::Closed)??))
}

async fn back(State(house): State<App>, signed: Signed, Query(asked): Query<LookBackAsked>) -> Reply<Value> {
    let (scope, offset) = (signed.scope(), house.places.utc_offset_minutes());
    Ok(Json(house.db.read(move |reader| look_back(reader, &scope, &asked, offset)).await?))
}

async fn outages(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::outages(reader, &scope, now)).await?))
}

/// The public page says it from the answer on.
async fn told_of_outage<C: Change>(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let change: C = crate::changes_door::read(&body)?;
    let out = house.db.apply(&signed.actor, house.now(), change).await?;
    house.load.forget();
    Ok(Json(json!({ "out": out })))
}

async fn round_laboratories(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<Round>>,
) -> Reply<Value> {
    let (scope, now, own) = (signed.scope(), house.now(), house.clone());
    let told = tokio::task::spawn_blocking(move || {
        own.db.read_long(|reader| views::round_laboratories(reader, &scope, id, now))
    });
    Ok(Json(told.await.map_err(|_| store::Error::Closed)??))
}

async fn plan(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    house.load.demand(Feature::Planning, house.now())?;
    let asked: PlanAsked = crate::changes_door::read(&body)?;
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::plan(reader, &scope, &asked)).await?))
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct FileAsked {
    name: String,
}

/// The instrument's own file; what is odd about it is told beside what came of it.
async fn read_file(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<Run>>,
    Query(asked): Query<FileAsked>,
    body: Bytes,
) -> Reply<Value> {
    signed.scope().demand(Permission::LabWork)?;
    let name = asked.name.clone();
    let read = tokio::task::spawn_blocking(move || cycles_of(&name, &body));
    let (cycles, file) = read.await.map_err(|_| store::Error::Closed)??;
    let change = ReadRun { id: Id::from_bits(random_bits()), run: id, file: asked.name, cycles };
    let out = house.db.apply(&signed.actor, house.now(), change).await?;
    let notes: Vec<Value> = file
        .notes
        .iter()
        .take(200)
        .map(|note| json!({ "row": note.row, "column": note.column, "code": note.code, "en": note.message, "zh": note.message }))
        .collect();
    Ok(Json(json!({ "out": out, "family": file.family, "started": file.started, "notes": notes })))
}
