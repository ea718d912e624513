//! Routes of the rosters; writes come in through `/api/changes`, tables through a door of their own.

use crate::App;
use crate::access::Signed;
use crate::document::Document;
use crate::entry::file::{self, Sending};
use crate::entry::views::{self, RosterAsked};
use crate::reply::Reply;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;
use store::Permission;

/// The rosters of a county are about this large.
const LARGEST: usize = 20_000_000;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/rosters", get(rosters))
        .route("/api/rosters/overdue", get(overdue))
        .route("/api/rosters/pack", get(pack))
        .route("/api/rosters/file", post(take_file).layer(DefaultBodyLimit::max(LARGEST)))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/rosters").query::<RosterAsked>();
    api.route("GET", "/api/rosters/overdue").query::<RosterAsked>();
    api.route("GET", "/api/rosters/pack");
    api.route("POST", "/api/rosters/file").query::<FileAsked>().file();
}

async fn rosters(State(house): State<App>, signed: Signed, Query(asked): Query<RosterAsked>) -> Reply<Value> {
    let (scope, today) = (signed.scope(), house.today());
    Ok(Json(house.db.read(move |reader| views::rosters(reader, &scope, &asked, today)).await?))
}

async fn overdue(State(house): State<App>, signed: Signed, Query(asked): Query<RosterAsked>) -> Reply<Value> {
    let (scope, today) = (signed.scope(), house.today());
    Ok(Json(house.db.read(move |reader| views::overdue(reader, &scope, &asked, today)).await?))
}

async fn pack(signed: Signed) -> Reply<Value> {
    Ok(Json(views::pack(&signed.scope())?))
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
struct FileAsked {
    #[serde(default)]
    name: Option<String>,
    /// Told what would happen; nothing is kept.
    #[serde(default)]
    dry_run: bool,
}

async fn take_file(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<FileAsked>,
    body: Bytes,
) -> Reply<Value> {
    signed.scope().demand(Permission::EntryRoster)?;
    let (own, actor, now, today) = (house.clone(), signed.actor, house.now(), house.today());
    let told = tokio::task::spawn_blocking(move || {
        let name = asked.name.as_deref().unwrap_or("roster.csv");
        let sending = Sending { name, dry: asked.dry_run, today };
        file::take(&own.db, &actor, &own.places.now(), now, &sending, &body)
    });
    Ok(Json(told.await.map_err(|_| store::Error::Closed)??))
}
