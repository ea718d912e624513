//! Routes of measures; writes come in through `/api/changes`.

use crate::App;
use crate::access::Signed;
use crate::changes_door::read;
use crate::control::measures::Order;
use crate::control::measures::views::{self, MeasuresAsked, PreviewForm};
use crate::document::Document;
use crate::refuse::invalid;
use crate::reply::{Failure, Reply};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::{Id, Territory};
use serde::Deserialize;
use serde_json::{Value, json};

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/control/measures", get(list))
        .route("/api/control/measures/{id}", get(page))
        .route("/api/control/measures/preview", post(preview))
        .route("/api/control/catalogue", get(catalogue))
        .route("/api/public/measures", get(public))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/control/measures").query::<MeasuresAsked>();
    api.route("GET", "/api/control/measures/{id}");
    api.route("POST", "/api/control/measures/preview").body::<PreviewForm>();
    api.route("GET", "/api/control/catalogue");
    api.route("GET", "/api/public/measures").query::<PlaceAsked>();
}

async fn list(State(house): State<App>, signed: Signed, Query(asked): Query<MeasuresAsked>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::measures(reader, &scope, &asked, now)).await?))
}

async fn page(State(house): State<App>, signed: Signed, Path(id): Path<Id<Order>>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::measure_page(reader, &scope, id, now)).await?))
}

async fn preview(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let form: PreviewForm = read(&body)?;
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::preview(reader, &scope, &form, now)).await?))
}

async fn catalogue(signed: Signed) -> Reply<Value> {
    Ok(Json(views::pack(&signed.scope())?))
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
struct PlaceAsked {
    /// A territory, `14/1407/140703`; everywhere when absent.
    #[serde(default)]
    place: Option<String>,
}

/// The same for everybody, so whatever stands between may keep it for a minute.
async fn public(State(house): State<App>, Query(asked): Query<PlaceAsked>) -> Result<Response, Failure> {
    let place: Territory =
        asked.place.unwrap_or_default().parse().map_err(|fault: base::TerritoryError| {
            invalid("filter.territory", "place", fault.to_string(), "地区代码无效")
        })?;
    let (atlas, now) = (house.places.now(), house.now());
    let shown = house.db.read(move |reader| views::public_measures(reader, &atlas, &place, now)).await?;
    let body = Json(json!({ "now": now, "measures": shown, "demo": house.settings.demo }));
    Ok(([(header::CACHE_CONTROL, "public, max-age=0, s-maxage=60")], body).into_response())
}
