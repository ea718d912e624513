//! What everybody may ask of the load without signing in, and the switches by hand.

use super::changes::{EndSwitch, SwitchFeature};
use crate::App;
use crate::access::Signed;
use crate::changes_door::read;
use crate::document::Document;
use crate::reply::Reply;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use store::Change;

/// Asked in a rush, and answered from memory: the door lets them pass by every bench.
pub const ALWAYS_ANSWERED: [&str; 2] = ["/api/public/status", "/api/public/telemetry"];

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/public/status", get(status))
        .route("/api/public/telemetry", get(telemetry))
        .route("/api/changes/switch-feature", post(switched::<SwitchFeature>))
        .route("/api/changes/end-switch", post(switched::<EndSwitch>))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/public/status");
    api.route("GET", "/api/public/telemetry");
    api.route("POST", "/api/changes/switch-feature").body::<SwitchFeature>();
    api.route("POST", "/api/changes/end-switch").body::<EndSwitch>();
}

fn told(bytes: Bytes, seconds: u32) -> impl IntoResponse {
    let kept = format!("public, max-age={seconds}");
    ([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CACHE_CONTROL, kept)], bytes)
}

async fn status(State(house): State<App>) -> impl IntoResponse {
    house.load.learn(&house).await;
    told(house.load.status(&house), 5)
}

async fn telemetry(State(house): State<App>) -> impl IntoResponse {
    told(house.load.telemetry(), 1)
}

/// What is switched holds from the answer on.
async fn switched<C: Change>(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let change: C = read(&body)?;
    // The house is everybody's: who looks after a part of it switches nothing off for the others.
    signed.actor.scope.demand(C::NEEDS)?;
    signed.actor.scope.demand_territory(&house.places.now().root())?;
    let out = house.db.apply(&signed.actor, house.now(), change).await?;
    house.load.forget();
    house.load.learn(&house).await;
    Ok(Json(json!({ "out": out })))
}
