//! Routes of the trace room; its writes come in through `/api/changes`.

use crate::App;
use crate::access::Signed;
use crate::document::Document;
use crate::reply::Reply;
use crate::trace::Interview;
use crate::trace::views::{self, InterviewsAsked, PlacesAsked};
use axum::extract::{Path, Query, State};
use axum::routing::get;
use axum::{Json, Router};
use base::Id;
use serde_json::Value;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/trace/pack", get(pack))
        .route("/api/places", get(places))
        .route("/api/interviews", get(interviews))
        .route("/api/interviews/{id}", get(interview))
        .route("/api/interviews/{id}/answers/{question}", get(history))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/trace/pack");
    api.route("GET", "/api/places").query::<PlacesAsked>();
    api.route("GET", "/api/interviews").query::<InterviewsAsked>();
    api.route("GET", "/api/interviews/{id}");
    api.route("GET", "/api/interviews/{id}/answers/{question}");
}

async fn pack(signed: Signed) -> Reply<Value> {
    Ok(Json(views::pack(&signed.scope())?))
}

async fn places(State(house): State<App>, signed: Signed, Query(asked): Query<PlacesAsked>) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::places(reader, &scope, &asked)).await?))
}

async fn interviews(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<InterviewsAsked>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::interviews(reader, &scope, &asked, now)).await?))
}

async fn interview(State(house): State<App>, signed: Signed, Path(id): Path<Id<Interview>>) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::interview_page(reader, &scope, id)).await?))
}

async fn history(
    State(house): State<App>,
    signed: Signed,
    Path((id, question)): Path<(Id<Interview>, String)>,
) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::history(reader, &scope, id, &question)).await?))
}
