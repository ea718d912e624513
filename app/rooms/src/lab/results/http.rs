//! The door for whoever holds a secret, and the keys by which others verify what came out of it.

use super::card::Card;
use super::look_up::{Told, look_up};
use crate::App;
use crate::access::{Address, Visitor};
use crate::changes_door::read;
use crate::document::Document;
use crate::lab::outages::public_outages;
use crate::load::Feature;
use crate::refuse::invalid;
use crate::reply::{Failure, Reply};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) fn router() -> Router<App> {
    let results = Router::new().route("/api/public/results", post(results));
    results.route(KEY_SET, get(keys))
}

/// Where the standard says it lies.
const KEY_SET: &str = "/.well-known/jwks.json";

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("POST", "/api/public/results").body::<ResultsAsked>();
}

/// A family: whoever holds somebody's code may ask for them, and nobody else may.
const MOST_SECRETS: usize = 10;
const LONGEST_SECRET: usize = 100;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct ResultsAsked {
    /// Of people's own codes, as they stand in them.
    secrets: Vec<String>,
    /// Also the signed codes of negative results.
    #[serde(default)]
    codes: bool,
}

/// What became of the swabs of each of them, in their order. Neither the secrets nor who asked are kept or written down; the
/// address is looked at to slow it down.
async fn results(State(house): State<App>, visitor: Visitor, body: Bytes) -> Reply<Value> {
    let asked: ResultsAsked = read(&body)?;
    let paced = house.result_pace.asks(visitor.household(), house.now());
    paced.map_err(|seconds| Failure::TooMany { seconds })?;
    let fits = |secret: &String| (1..=LONGEST_SECRET).contains(&secret.len());
    if !(1..=MOST_SECRETS).contains(&asked.secrets.len()) || !asked.secrets.iter().all(fits) {
        return Err(invalid(
            "lab.secrets",
            "secrets",
            format!("send the secrets of 1 to {MOST_SECRETS} people's own codes"),
            format!("请发送 1 至 {MOST_SECRETS} 个个人码的密钥"),
        )
        .into());
    }
    let now = house.now();
    let codes_off = asked.codes && house.load.is_off(Feature::ResultCodes, now);
    let codes = asked.codes && !codes_off;
    let told: Vec<Told> = house
        .db
        .read(move |reader| {
            let outages = public_outages(reader, now)?;
            let all = asked.secrets.iter().map(|secret| look_up(reader, secret, codes, &outages, now));
            all.collect()
        })
        .await?;
    let people: Vec<Value> = told.into_iter().map(|one| json!({ "tubes": signed(&house, one) })).collect();
    Ok(Json(json!({ "at": now, "people": people, "codes_off": codes_off })))
}

fn signed(house: &App, told: Told) -> Vec<Value> {
    let Told { mut tubes, code } = told;
    // Without an address of its own a house cannot say whose keys to ask for.
    if let Some(((at, code), address)) = code.zip(house.ways.address()) {
        let key = house.issuer.key_of(house.db.vault(), code.reported);
        let card = Card {
            issuer: &address.origin(),
            name: code.name,
            number_ending: code.number_ending,
            loinc: code.loinc,
            laboratory: &code.laboratory,
            sampled: code.sampled,
            reported: code.reported,
            ends: code.ends,
        };
        tubes[at]["code"] = json!(card.signed(&key));
    }
    tubes
}

/// Anybody's program may read them, wherever its page comes from.
async fn keys(State(house): State<App>) -> impl IntoResponse {
    let issuer = house.ways.address().map(Address::origin);
    let told = house.issuer.key_set(house.db.vault(), issuer, house.now());
    let headers =
        [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, Json(told))
}
