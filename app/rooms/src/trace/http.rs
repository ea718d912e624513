//! Routes of the trace room; its writes come in through `/api/changes`.

use crate::App;
use crate::access::Signed;
use crate::document::Document;
use crate::reply::Reply;
use crate::trace::views::{
    self, BoardAsked, ExposuresAsked, GoodsAsked, InterviewsAsked, ListsAsked, OverlapsAsked, PlacesAsked,
    VisitsAsked,
};
use crate::trace::{Handover, Interview};
use axum::extract::{Path, Query, State};
use axum::routing::get;
use axum::{Json, Router};
use base::Id;
use serde_json::Value;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/trace/pack", get(pack))
        .route("/api/places", get(places))
        .route("/api/goods", get(goods))
        .route("/api/interviews", get(interviews))
        .route("/api/interviews/{id}", get(interview))
        .route("/api/interviews/{id}/answers/{question}", get(history))
        .route("/api/interviews/{id}/overlaps", get(overlaps))
        .route("/api/interviews/{id}/visits", get(visits))
        .route("/api/exposures", get(exposures))
        .route("/api/contacts/board", get(board))
        .route("/api/contact-lists", get(lists))
        .route("/api/contact-lists/{id}", get(list))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/trace/pack");
    api.route("GET", "/api/places").query::<PlacesAsked>();
    api.route("GET", "/api/goods").query::<GoodsAsked>();
    api.route("GET", "/api/interviews").query::<InterviewsAsked>();
    api.route("GET", "/api/interviews/{id}");
    api.route("GET", "/api/interviews/{id}/answers/{question}");
    api.route("GET", "/api/interviews/{id}/overlaps").query::<OverlapsAsked>();
    api.route("GET", "/api/interviews/{id}/visits").query::<VisitsAsked>();
    api.route("GET", "/api/exposures").query::<ExposuresAsked>();
    api.route("GET", "/api/contacts/board").query::<BoardAsked>();
    api.route("GET", "/api/contact-lists").query::<ListsAsked>();
    api.route("GET", "/api/contact-lists/{id}");
}

async fn pack(signed: Signed) -> Reply<Value> {
    Ok(Json(views::pack(&signed.scope())?))
}

async fn places(State(house): State<App>, signed: Signed, Query(asked): Query<PlacesAsked>) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::places(reader, &scope, &asked)).await?))
}

async fn goods(State(house): State<App>, signed: Signed, Query(asked): Query<GoodsAsked>) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::goods(reader, &scope, &asked)).await?))
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
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::interview_page(reader, &scope, id, now)).await?))
}

async fn history(
    State(house): State<App>,
    signed: Signed,
    Path((id, question)): Path<(Id<Interview>, String)>,
) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::history(reader, &scope, id, &question)).await?))
}

async fn overlaps(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<Interview>>,
    Query(asked): Query<OverlapsAsked>,
) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::overlaps(reader, &scope, id, &asked)).await?))
}

async fn visits(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<Interview>>,
    Query(asked): Query<VisitsAsked>,
) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::visits(reader, &scope, id, &asked)).await?))
}

async fn exposures(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<ExposuresAsked>,
) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::exposures(reader, &scope, &asked)).await?))
}

async fn board(State(house): State<App>, signed: Signed, Query(asked): Query<BoardAsked>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::board(reader, &scope, &asked, now)).await?))
}

async fn lists(State(house): State<App>, signed: Signed, Query(asked): Query<ListsAsked>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::lists(reader, &scope, &asked, now)).await?))
}

async fn list(State(house): State<App>, signed: Signed, Path(id): Path<Id<Handover>>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::list_page(reader, &scope, id, now)).await?))
}
