//! The bulletin's one read, which is everybody's.

use crate::App;
use crate::access::http::told;
use crate::document::Document;
use crate::reply::Reply;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use base::Territory;
use serde_json::{Value, json};
use store::{Query, params};

pub fn router() -> Router<App> {
    Router::new().route("/api/public/bulletins", get(bulletins))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/public/bulletins");
}

/// The latest of each territory first; no sign-in, because it was published.
async fn bulletins(State(house): State<App>) -> Reply<Value> {
    let sql = "SELECT id, territory, at, text_zh, text_en, counts FROM briefing_bulletin WHERE withdrawn IS NULL \
               ORDER BY at DESC, id LIMIT 20";
    let rows = house.db.read(move |reader| reader.rows(sql, params![])).await?;
    let atlas = house.places.now();
    let named = |path: &Territory| {
        let place = atlas.at(path);
        json!({ "zh": place.map(|place| &place.zh), "en": place.map(|place| &place.en), "path": path })
    };
    let mut bulletins = Vec::new();
    for row in &rows {
        let territory: Territory = row.read(1)?;
        let counts: Vec<Value> = row.json(5)?;
        let counts: Vec<Value> = counts
            .into_iter()
            .map(|count| {
                let place =
                    count["territory"].as_str().and_then(|path| path.parse().ok()).unwrap_or_default();
                json!({ "place": named(&place), "cases": count["cases"] })
            })
            .collect();
        bulletins.push(json!({
            "id": row.text(0)?, "place": named(&territory), "at": told(row.int(2)?), "text_zh": row.text(3)?,
            "text_en": row.text(4)?, "counts": counts, "demo": house.settings.demo,
        }));
    }
    Ok(Json(json!({ "bulletins": bulletins, "floor": disclosure::Policy::PUBLIC.floor() })))
}
