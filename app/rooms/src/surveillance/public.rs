//! What the public says of itself: where a department asks it, and the one write that needs no account.

use crate::access::{Visitor, passer_by};
use crate::changes_door::read;
use crate::document::Document;
use crate::regions::UTC_OFFSET_MINUTES;
use crate::reply::{Failure, Reply};
use crate::surveillance::changes::TellSymptoms;
use crate::surveillance::reach::public_counties;
use crate::{App, packed};
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

pub fn router() -> Router<App> {
    Router::new().route("/api/public/symptoms", get(asked).post(tell))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/public/symptoms");
    api.route("POST", "/api/public/symptoms").body::<TellSymptoms>();
}

/// What can be ticked, and the counties that ask.
async fn asked(State(house): State<App>) -> Reply<Value> {
    let today = house.now().day_at_offset(UTC_OFFSET_MINUTES);
    let counties = house.db.read(move |reader| public_counties(reader, today)).await?;
    let atlas = house.places.now();
    let counties: Vec<Value> = counties
        .iter()
        .map(|path| {
            let place = atlas.at(path);
            json!({ "path": path, "zh": place.map(|place| &place.zh), "en": place.map(|place| &place.en) })
        })
        .collect();
    let symptoms: Vec<Value> = packed::indicators()
        .symptoms
        .iter()
        .map(|one| json!({ "id": one.id, "zh": one.zh, "en": one.en }))
        .collect();
    Ok(Json(json!({ "symptoms": symptoms, "counties": counties })))
}

/// Whoever is ill tells it once a day or so; an address that tells more than a block of flats would is slowed down. The address
/// is looked at and not kept.
async fn tell(State(house): State<App>, visitor: Visitor, body: Bytes) -> Reply<Value> {
    let told: TellSymptoms = read(&body)?;
    let paced = house.strangers.asks(visitor.household(), house.now());
    paced.map_err(|seconds| Failure::TooMany { seconds })?;
    house.db.apply(&passer_by(&told.county), house.now(), told).await?;
    // How many others there were is nobody's answer.
    Ok(Json(json!({ "told": true })))
}
