//! Routes of places and packs. Reference facts, so any signed-in person reads them.

use crate::access::Signed;
use crate::document::Document;
use crate::refuse::invalid;
use crate::regions::changes::{ImportRegions, Region};
use crate::regions::geojson;
use crate::reply::{Failure, Reply};
use crate::{App, packed};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::{Id, Territory};
use cases::Classification;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Permission, Query as _, params, random_bits};

/// Shapes of a country's counties, simplified.
const LARGEST: usize = 50_000_000;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/regions", get(regions))
        .route("/api/regions/shapes", get(shapes))
        .route("/api/regions/import", post(import).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/api/diseases", get(diseases))
        .route("/api/packs", get(packs))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/regions");
    api.route("GET", "/api/regions/shapes");
    api.route("POST", "/api/regions/import").query::<ImportQuery>().file();
    api.route("GET", "/api/diseases");
    api.route("GET", "/api/packs");
}

async fn regions(State(house): State<App>, _signed: Signed, headers: HeaderMap) -> Result<Response, Failure> {
    let atlas = house.places.now();
    let tag = format!("\"{:x}-{}\"", atlas.edition, env!("CARGO_PKG_VERSION"));
    if headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(&tag) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let body = json!({ "root": atlas.root(), "regions": atlas.iter().collect::<Vec<_>>() });
    let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    Ok((headers, Json(body)).into_response())
}

async fn shapes(State(house): State<App>, _signed: Signed) -> Reply<Value> {
    let rows = house
        .db
        .read(|reader| {
            reader.rows(
                "SELECT path, shape FROM regions_own WHERE shape IS NOT NULL ORDER BY path LIMIT 20000",
                params![],
            )
        })
        .await?;
    let mut features = Vec::with_capacity(rows.len());
    for row in rows {
        let path: Territory = row.read(0)?;
        let geometry: Value = row.json(1)?;
        features.push(json!({ "type": "Feature", "properties": { "path": path }, "geometry": geometry }));
    }
    Ok(Json(json!({ "type": "FeatureCollection", "features": features })))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct ImportQuery {
    name: String,
    #[serde(default)]
    dry_run: bool,
}

async fn import(
    State(house): State<App>,
    signed: Signed,
    Query(query): Query<ImportQuery>,
    body: Bytes,
) -> Reply<Value> {
    signed.scope().demand(Permission::RegionsWrite)?;
    let (stated, problems) = geojson::read(&body)
        .map_err(|message| invalid("regions.unreadable", "file", message.clone(), message))?;
    let atlas = house.places.now();
    let updated = stated.iter().filter(|region| atlas.at(&region.path).is_some()).count();
    let told = json!({
        "regions": stated.len(), "created": stated.len() - updated, "updated": updated, "problems": problems,
    });
    if !query.dry_run {
        let change = ImportRegions {
            id: Id::from_bits(random_bits()),
            name: query.name,
            regions: stated.into_iter().map(Region::from).collect(),
        };
        house.db.apply(&signed.actor, house.now(), change).await?;
        let fresh = house.clone();
        tokio::task::spawn_blocking(move || fresh.places.reload(&fresh.db))
            .await
            .map_err(|_| store::Error::Closed)??;
    }
    Ok(Json(told))
}

async fn diseases(_signed: Signed) -> Json<Value> {
    let told = packed::diseases().iter().map(|disease| {
        let ladder: serde_json::Map<String, Value> = Classification::ALL
            .iter()
            .map(|from| {
                let next = disease.ladder.next(*from).map(Classification::word).collect::<Vec<_>>();
                (from.word().to_owned(), json!(next))
            })
            .collect();
        let earlies: serde_json::Map<String, Value> = disease
            .earlies
            .iter()
            .map(|(early, limit)| (early.word().to_owned(), json!(limit.days)))
            .collect();
        json!({
            "id": disease.id, "version": disease.version, "zh": disease.zh, "en": disease.en,
            "pathogen": disease.pathogen, "reporting": disease.reporting, "incubation": disease.incubation,
            "serial_interval": disease.serial_interval, "k": disease.k, "infectious": disease.infectious,
            "follow_up": disease.follow_up, "classifications": ladder, "earlies": earlies,
        })
    });
    Json(told.collect())
}

async fn packs(State(house): State<App>, _signed: Signed) -> Json<Value> {
    let mut told: Vec<Value> = packed::diseases()
        .iter()
        .map(|pack| {
            json!({ "kind": "disease", "id": pack.id, "version": pack.version, "zh": pack.zh, "en": pack.en,
                    "source": pack.incubation.source })
        })
        .collect();
    let shanxi = packed::shanxi();
    told.push(json!({ "kind": "region", "id": shanxi.id, "version": shanxi.version, "zh": shanxi.zh, "en": shanxi.en,
                      "source": shanxi.source, "places": house.places.now().iter().count() }));
    told.push(json!({ "kind": "role", "id": "roles", "version": packed::roles().version, "zh": "角色", "en": "Roles",
                      "source": "MISSION" }));
    Json(Value::Array(told))
}
