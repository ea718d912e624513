//! Routes of the trace room; its writes come in through `/api/changes`.

use crate::App;
use crate::access::Signed;
use crate::document::Document;
use crate::reply::Reply;
use crate::trace::views::{self, PlacesAsked};
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

pub fn router() -> Router<App> {
    Router::new().route("/api/places", get(places))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/places").query::<PlacesAsked>();
}

async fn places(State(house): State<App>, signed: Signed, Query(asked): Query<PlacesAsked>) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::places(reader, &scope, &asked)).await?))
}
