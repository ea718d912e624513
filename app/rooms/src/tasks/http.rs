//! Routes of the tasks room; most writes come in through `/api/changes`, a telephone's day through a door of its own.

use crate::App;
use crate::access::Signed;
use crate::document::Document;
use crate::reply::{Failure, Reply};
use crate::tasks::Task;
use crate::tasks::intake;
use crate::tasks::views::{self, DeliveredAsked, MineAsked, TasksAsked, WayAsked, WorkersAsked};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Id;
use serde_json::Value;

/// Five hundred deeds with their answers.
const LARGEST: usize = 1_000_000;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/tasks", get(tasks))
        .route("/api/tasks/mine", get(mine))
        .route("/api/tasks/way", get(way))
        .route("/api/tasks/delivered", get(delivered))
        .route("/api/tasks/overdue", get(overdue))
        .route("/api/tasks/workers", get(workers))
        .route("/api/tasks/teams", get(teams))
        .route("/api/tasks/pack", get(pack))
        .route("/api/tasks/done", post(done).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/api/tasks/{id}", get(task))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/tasks").query::<TasksAsked>();
    api.route("GET", "/api/tasks/mine").query::<MineAsked>();
    api.route("GET", "/api/tasks/way").query::<WayAsked>();
    api.route("GET", "/api/tasks/delivered").query::<DeliveredAsked>();
    api.route("GET", "/api/tasks/overdue").query::<DeliveredAsked>();
    api.route("GET", "/api/tasks/workers").query::<WorkersAsked>();
    api.route("GET", "/api/tasks/teams");
    api.route("GET", "/api/tasks/pack");
    api.route("POST", "/api/tasks/done").file();
    api.route("GET", "/api/tasks/{id}");
}

async fn tasks(State(house): State<App>, signed: Signed, Query(asked): Query<TasksAsked>) -> Reply<Value> {
    let (actor, now) = (signed.actor, house.now());
    Ok(Json(house.db.read(move |reader| views::tasks(reader, &actor, &asked, now)).await?))
}

async fn mine(State(house): State<App>, signed: Signed, Query(asked): Query<MineAsked>) -> Reply<Value> {
    let (actor, now) = (signed.actor, house.now());
    Ok(Json(house.db.read(move |reader| views::mine(reader, &actor, &asked, now)).await?))
}

async fn way(State(house): State<App>, signed: Signed, Query(asked): Query<WayAsked>) -> Reply<Value> {
    let (actor, now) = (signed.actor, house.now());
    Ok(Json(house.db.read(move |reader| views::way(reader, &actor, &asked, now)).await?))
}

async fn delivered(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<DeliveredAsked>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::delivered(reader, &scope, &asked, now)).await?))
}

async fn overdue(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<DeliveredAsked>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::overdue(reader, &scope, &asked, now)).await?))
}

async fn workers(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<WorkersAsked>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::workers(reader, &scope, &asked, now)).await?))
}

async fn teams(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::teams(reader, &scope, now)).await?))
}

async fn pack(signed: Signed) -> Reply<Value> {
    Ok(Json(views::pack(&signed.scope())?))
}

async fn task(State(house): State<App>, signed: Signed, Path(id): Path<Id<Task>>) -> Reply<Value> {
    let (actor, now) = (signed.actor, house.now());
    Ok(Json(house.db.read(move |reader| views::task(reader, &actor, id, now)).await?))
}

async fn done(State(house): State<App>, signed: Signed, body: Bytes) -> Result<Response, Failure> {
    let answers = intake::take(&house, &signed.actor, &body).await?;
    let told: String = answers.iter().map(|answer| format!("{answer}\n")).collect();
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], told).into_response())
}
