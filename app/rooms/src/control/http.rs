//! Routes of graded control; writes come in through `/api/changes`.

use crate::App;
use crate::access::Signed;
use crate::control::views::{self, LevelsAsked};
use crate::document::Document;
use crate::reply::Reply;
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

pub fn router() -> Router<App> {
    Router::new().route("/api/control/levels", get(levels))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/control/levels").query::<LevelsAsked>();
}

async fn levels(State(house): State<App>, signed: Signed, Query(asked): Query<LevelsAsked>) -> Reply<Value> {
    Ok(Json(views::levels(&signed.scope(), &asked, house.today())?))
}
