//! Routes of the surveillance room; its writes come in through `/api/changes`, and a file of numbers through its own door.

use crate::App;
use crate::access::Signed;
use crate::document::Document;
use crate::reply::Reply;
use crate::surveillance::views::{
    self, AccountsAsked, AssessmentsAsked, CompletenessAsked, SeriesAsked, SignalsAsked, SitesAsked,
    TuningAsked,
};
use crate::surveillance::{Signal, Site, file, public};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Id;
use serde::Deserialize;
use serde_json::Value;
use store::Permission;

pub fn router() -> Router<App> {
    Router::new()
        .merge(public::router())
        .route("/api/surveillance/pack", get(pack))
        .route("/api/sites", get(sites))
        .route("/api/sites/{id}", get(site))
        .route("/api/reporting", get(reporting))
        .route("/api/reports/file", post(take_file).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/api/completeness", get(completeness))
        .route("/api/series", get(series))
        .route("/api/signals", get(signals))
        .route("/api/signals/accounts", get(accounts))
        .route("/api/signals/tuning", get(tuning))
        .route("/api/signals/{id}", get(signal))
        .route("/api/assessments", get(assessments))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    public::described(api);
    api.route("GET", "/api/surveillance/pack");
    api.route("GET", "/api/sites").query::<SitesAsked>();
    api.route("GET", "/api/sites/{id}");
    api.route("GET", "/api/reporting");
    api.route("POST", "/api/reports/file").query::<FileAsked>().file();
    api.route("GET", "/api/completeness").query::<CompletenessAsked>();
    api.route("GET", "/api/series").query::<SeriesAsked>();
    api.route("GET", "/api/signals").query::<SignalsAsked>();
    api.route("GET", "/api/signals/accounts").query::<AccountsAsked>();
    api.route("GET", "/api/signals/tuning").query::<TuningAsked>();
    api.route("GET", "/api/signals/{id}");
    api.route("GET", "/api/assessments").query::<AssessmentsAsked>();
}

/// For whoever reports numbers or reads them.
async fn pack(signed: Signed) -> Reply<Value> {
    let scope = signed.scope();
    if !scope.may(Permission::ReportsWrite) {
        scope.demand(Permission::SignalsRead)?;
    }
    Ok(Json(views::pack()))
}

async fn sites(State(house): State<App>, signed: Signed, Query(asked): Query<SitesAsked>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::sites(reader, &scope, &asked, now)).await?))
}

async fn site(State(house): State<App>, signed: Signed, Path(id): Path<Id<Site>>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::site_page(reader, &scope, id, now)).await?))
}

async fn reporting(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (actor, now) = (signed.actor, house.now());
    Ok(Json(house.db.read(move |reader| views::own_sites(reader, &actor, now)).await?))
}

/// A year of numbers of a thousand sites is about this large.
const LARGEST: usize = 20_000_000;

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
struct FileAsked {
    name: String,
    /// Told what would happen; nothing is kept.
    #[serde(default)]
    dry: bool,
}

/// Numbers as a table: every row is kept, the same as before, or refused with its reason.
async fn take_file(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<FileAsked>,
    body: Bytes,
) -> Reply<Value> {
    signed.scope().demand(Permission::ReportsWrite)?;
    let (own, actor, now) = (house.clone(), signed.actor, house.now());
    let told =
        tokio::task::spawn_blocking(move || file::take(&own.db, &actor, now, &asked.name, &body, asked.dry));
    Ok(Json(told.await.map_err(|_| store::Error::Closed)??))
}

async fn completeness(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<CompletenessAsked>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::completeness(reader, &scope, &asked, now)).await?))
}

async fn series(State(house): State<App>, signed: Signed, Query(asked): Query<SeriesAsked>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::series(reader, &scope, &asked, now)).await?))
}

async fn signals(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<SignalsAsked>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    let looked = house.watch.looked(&scope.territory);
    Ok(Json(house.db.read(move |reader| views::signals(reader, &scope, &asked, looked, now)).await?))
}

async fn signal(State(house): State<App>, signed: Signed, Path(id): Path<Id<Signal>>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::signal_page(reader, &scope, id, now)).await?))
}

async fn accounts(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<AccountsAsked>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::accounts(reader, &scope, &asked, now)).await?))
}

async fn tuning(State(house): State<App>, signed: Signed, Query(asked): Query<TuningAsked>) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::tuning(reader, &scope, &asked, now)).await?))
}

async fn assessments(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<AssessmentsAsked>,
) -> Reply<Value> {
    let actor = signed.actor;
    Ok(Json(house.db.read(move |reader| views::assessments(reader, &actor, &asked)).await?))
}
