//! Routes of permits; the department's writes come in through `/api/changes`, the public's by a door of their own.

use crate::access::{Signed, Visitor, applicant};
use crate::changes_door::read;
use crate::control::permits::Permit;
use crate::control::permits::changes::ApplyPermit;
use crate::control::permits::views::{self, PermitsAsked};
use crate::document::Document;
use crate::reply::{Failure, Reply};
use crate::{App, packed};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Id;
use serde_json::{Value, json};

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/control/permits", get(list))
        .route("/api/control/permits/{id}", get(page))
        .route("/api/public/gatherings", get(rules))
        .route("/api/public/permits", post(apply))
        .route("/api/public/permits/{id}", get(answer))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/control/permits").query::<PermitsAsked>();
    api.route("GET", "/api/control/permits/{id}");
    api.route("GET", "/api/public/gatherings");
    api.route("POST", "/api/public/permits").body::<ApplyPermit>();
    api.route("GET", "/api/public/permits/{id}");
}

async fn list(State(house): State<App>, signed: Signed, Query(asked): Query<PermitsAsked>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::permits(reader, &scope, &asked, now)).await?))
}

async fn page(State(house): State<App>, signed: Signed, Path(id): Path<Id<Permit>>) -> Reply<Value> {
    let (scope, atlas, now) = (signed.scope(), house.places.now(), house.now());
    Ok(Json(house.db.read(move |reader| views::permit_page(reader, &scope, id, &atlas, now)).await?))
}

/// What an organiser has to know before asking, and the places down to counties for them to choose.
async fn rules(State(house): State<App>) -> Reply<Value> {
    let atlas = house.places.now();
    let places: Vec<Value> = atlas
        .iter()
        .filter(|place| (1..=3).contains(&place.path.depth()))
        .map(|place| json!({ "path": place.path, "zh": place.zh, "en": place.en }))
        .collect();
    let rules = &packed::measures().gatherings;
    let activities: Vec<Value> =
        rules.activities.iter().map(|one| json!({ "id": one.id, "zh": one.zh, "en": one.en })).collect();
    let capacities: Vec<Value> = rules
        .capacities
        .iter()
        .map(|one| {
            json!({ "level": one.level, "most": one.most, "square_metres": one.square_metres,
                    "litres_per_second": one.litres_per_second, "hours": one.hours })
        })
        .collect();
    Ok(Json(json!({
        "activities": activities, "duties": rules.duties, "capacities": capacities, "small": rules.small.value,
        "places": places,
    })))
}

/// An address that asks for more gatherings than a block of flats would is slowed down. The address is looked at and not kept.
async fn apply(State(house): State<App>, visitor: Visitor, body: Bytes) -> Reply<Value> {
    let told: ApplyPermit = read(&body)?;
    let paced = house.organisers.asks(visitor.household(), house.now());
    paced.map_err(|seconds| Failure::TooMany { seconds })?;
    let permit = told.permit;
    house.db.apply(&applicant(&told.territory), house.now(), told).await?;
    Ok(Json(json!({ "permit": permit })))
}

/// Whoever has the number has it from whoever asked: 128 bits, made on their own machine.
async fn answer(State(house): State<App>, visitor: Visitor, Path(id): Path<Id<Permit>>) -> Reply<Value> {
    let paced = house.result_pace.asks(visitor.household(), house.now());
    paced.map_err(|seconds| Failure::TooMany { seconds })?;
    let now = house.now();
    Ok(Json(house.db.read(move |reader| views::public_permit(reader, id, now)).await?))
}
