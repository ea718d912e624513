//! Routes of the follow-up room; its writes come in through `/api/changes`.

use crate::App;
use crate::access::Signed;
use crate::document::Document;
use crate::followup::views::{
    self, CountsAsked, DayAsked, DifferenceAsked, FollowedAsked, LengthAsked, PreviewAsked, WaitingAsked,
};
use crate::followup::{Course, intake, own};
use crate::reply::{Failure, Reply};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Id;
use serde_json::Value;

/// Five hundred visits.
const LARGEST: usize = 1_000_000;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/followup", get(list))
        .route("/api/followup/waiting", get(waiting))
        .route("/api/followup/counts", get(counts))
        .route("/api/followup/preview", get(preview))
        .route("/api/followup/length", get(length))
        .route("/api/followup/day", get(day))
        .route("/api/followup/checks", post(checks).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/api/followup/people/{id}", get(person))
        .route("/api/followup/people/{id}/link", post(own::link))
        .route("/api/public/check-in", post(own::own))
        .route("/api/public/check-in/tell", post(own::tell))
        .route("/api/protocols", get(protocols))
        .route("/api/protocols/difference", get(difference))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/followup").query::<FollowedAsked>();
    api.route("GET", "/api/followup/waiting").query::<WaitingAsked>();
    api.route("GET", "/api/followup/counts").query::<CountsAsked>();
    api.route("GET", "/api/followup/preview").query::<PreviewAsked>();
    api.route("GET", "/api/followup/length").query::<LengthAsked>();
    api.route("GET", "/api/followup/day").query::<DayAsked>();
    api.route("POST", "/api/followup/checks").file();
    api.route("GET", "/api/followup/people/{id}");
    api.route("POST", "/api/followup/people/{id}/link").body::<own::LinkForm>();
    api.route("POST", "/api/public/check-in").body::<own::OwnAsked>();
    api.route("POST", "/api/public/check-in/tell").body::<own::OwnCheck>();
    api.route("GET", "/api/protocols");
    api.route("GET", "/api/protocols/difference").query::<DifferenceAsked>();
}

async fn list(State(house): State<App>, signed: Signed, Query(asked): Query<FollowedAsked>) -> Reply<Value> {
    let (scope, today) = (signed.scope(), house.today());
    let me = signed.actor.person().to_owned();
    Ok(Json(house.db.read(move |reader| views::followed_list(reader, &scope, &me, &asked, today)).await?))
}

async fn waiting(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<WaitingAsked>,
) -> Reply<Value> {
    let (scope, today) = (signed.scope(), house.today());
    Ok(Json(house.db.read(move |reader| views::waiting(reader, &scope, &asked, today)).await?))
}

async fn counts(State(house): State<App>, signed: Signed, Query(asked): Query<CountsAsked>) -> Reply<Value> {
    let (scope, today) = (signed.scope(), house.today());
    Ok(Json(house.db.read(move |reader| views::counts(reader, &scope, &asked, today)).await?))
}

async fn preview(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<PreviewAsked>,
) -> Reply<Value> {
    let (scope, today) = (signed.scope(), house.today());
    Ok(Json(house.db.read(move |reader| views::preview(reader, &scope, &asked, today)).await?))
}

async fn person(State(house): State<App>, signed: Signed, Path(id): Path<Id<Course>>) -> Reply<Value> {
    let (scope, today) = (signed.scope(), house.today());
    Ok(Json(house.db.read(move |reader| views::followed_person(reader, &scope, id, today)).await?))
}

/// Packs are public; whoever is signed in may read them.
async fn protocols(_signed: Signed) -> Reply<Value> {
    Ok(Json(views::editions()))
}

async fn difference(_signed: Signed, Query(asked): Query<DifferenceAsked>) -> Reply<Value> {
    Ok(Json(views::editions_apart(&asked)?))
}

async fn length(_signed: Signed, Query(asked): Query<LengthAsked>) -> Reply<Value> {
    Ok(Json(views::length(&asked)?))
}

async fn day(State(house): State<App>, signed: Signed, Query(asked): Query<DayAsked>) -> Reply<Value> {
    let (scope, now, today) = (signed.scope(), house.now(), house.today());
    let me = signed.actor.person().to_owned();
    Ok(Json(house.db.read(move |reader| views::day(reader, &scope, &me, &asked, now, today)).await?))
}

async fn checks(State(house): State<App>, signed: Signed, body: Bytes) -> Result<Response, Failure> {
    let answers = intake::take(&house, &signed.actor, &body).await?;
    let told: String = answers.iter().map(|answer| format!("{answer}\n")).collect();
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], told).into_response())
}
