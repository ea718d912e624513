//! Routes about where chains came from: what the model draws, what texts mention, what would explain cases, and how well it goes.

use crate::App;
use crate::access::Signed;
use crate::document::Document;
use crate::reply::Reply;
use crate::trace::inferred::{At, InferredAsked, inferred};
use crate::trace::measures::{MeasuresAsked, measures};
use crate::trace::mentions::{MentionsAsked, mentions};
use crate::trace::sources::{SourcesAsked, sources};
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/trace/inferred", get(drawn))
        .route("/api/trace/measures", get(how_well))
        .route("/api/trace/mentions", get(mentioned))
        .route("/api/trace/sources", get(suspected))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/trace/inferred").query::<InferredAsked>();
    api.route("GET", "/api/trace/measures").query::<MeasuresAsked>();
    api.route("GET", "/api/trace/mentions").query::<MentionsAsked>();
    api.route("GET", "/api/trace/sources").query::<SourcesAsked>();
}

async fn drawn(State(house): State<App>, signed: Signed, Query(asked): Query<InferredAsked>) -> Reply<Value> {
    let (scope, board) = (signed.scope(), house.inferred.clone());
    let (now, today) = (house.now(), house.today());
    let told = house.db.read(move |reader| {
        let row = store::last_row(reader)?;
        inferred(reader, &scope, &board, &asked, At { now, today, row })
    });
    Ok(Json(told.await?))
}

async fn how_well(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<MeasuresAsked>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| measures(reader, &scope, &asked, now)).await?))
}

async fn mentioned(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<MentionsAsked>,
) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| mentions(reader, &scope, &asked)).await?))
}

async fn suspected(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<SourcesAsked>,
) -> Reply<Value> {
    let (scope, board) = (signed.scope(), house.inferred.clone());
    let (now, today) = (house.now(), house.today());
    let told = house.db.read(move |reader| {
        let row = store::last_row(reader)?;
        sources(reader, &scope, &board, &asked, At { now, today, row })
    });
    Ok(Json(told.await?))
}
