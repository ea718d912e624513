//! Routes of graded control; writes come in through `/api/changes`.

use crate::App;
use crate::access::Signed;
use crate::control::Zone;
use crate::control::views::{self, AtAsked, EffectAsked, LevelsAsked, PolygonAsked, ZonesAsked};
use crate::document::Document;
use crate::reply::Reply;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Id;
use serde_json::Value;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/control/levels", get(levels))
        .route("/api/control/zones", get(zones))
        .route("/api/control/zones/{id}", get(zone))
        .route("/api/control/proposals", get(proposals))
        .route("/api/control/due", get(due))
        .route("/api/control/at", get(at))
        .route("/api/control/effect", post(effect))
        .route("/api/control/units-in", post(units_in))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/control/levels").query::<LevelsAsked>();
    api.route("GET", "/api/control/zones").query::<ZonesAsked>();
    api.route("GET", "/api/control/zones/{id}");
    api.route("GET", "/api/control/proposals");
    api.route("GET", "/api/control/due");
    api.route("GET", "/api/control/at").query::<AtAsked>();
    api.route("POST", "/api/control/effect").body::<EffectAsked>();
    api.route("POST", "/api/control/units-in").body::<PolygonAsked>();
}

async fn levels(State(house): State<App>, signed: Signed, Query(asked): Query<LevelsAsked>) -> Reply<Value> {
    Ok(Json(views::levels(&signed.scope(), &asked, house.today())?))
}

async fn zones(State(house): State<App>, signed: Signed, Query(asked): Query<ZonesAsked>) -> Reply<Value> {
    let (scope, today) = (signed.scope(), house.today());
    Ok(Json(house.db.read(move |reader| views::zones(reader, &scope, &asked, today)).await?))
}

async fn zone(State(house): State<App>, signed: Signed, Path(id): Path<Id<Zone>>) -> Reply<Value> {
    let (scope, today) = (signed.scope(), house.today());
    Ok(Json(house.db.read(move |reader| views::zone(reader, &scope, id, today)).await?))
}

async fn proposals(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let actor = signed.actor;
    Ok(Json(house.db.read(move |reader| views::proposals(reader, &actor)).await?))
}

async fn due(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (actor, now) = (signed.actor, house.now());
    Ok(Json(house.db.read(move |reader| views::due(reader, &actor, now)).await?))
}

async fn at(State(house): State<App>, signed: Signed, Query(asked): Query<AtAsked>) -> Reply<Value> {
    let (scope, today, atlas) = (signed.scope(), house.today(), house.places.now());
    Ok(Json(house.db.read(move |reader| views::at(reader, &scope, &atlas, &asked, today)).await?))
}

/// Arithmetic on what was sent, and on what is in force; no record.
async fn effect(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let asked: EffectAsked = crate::changes_door::read(&body)?;
    let (scope, now, atlas) = (signed.scope(), house.now(), house.places.now());
    Ok(Json(house.db.read(move |reader| views::effects(reader, &scope, &atlas, &asked, now)).await?))
}

async fn units_in(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let asked: PolygonAsked = crate::changes_door::read(&body)?;
    Ok(Json(views::units_in(&signed.scope(), &house.places.now(), &asked)?))
}
