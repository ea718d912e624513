//! Routes of restrictions; single steps come in through `/api/changes`, a person's own page through the secret of their notice.

use super::changes::{AppealHow, AppealRestriction, IssueNotice};
use super::views::{self, RestrictionsAsked, SampleAsked};
use super::{Appeal, Offer, Restriction, list_file, secret};
use crate::App;
use crate::access::{Signed, Visitor, appellant};
use crate::changes_door::read;
use crate::document::Document;
use crate::load::Feature;
use crate::refuse::missing;
use crate::reply::{Failure, Reply};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Id;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Sealed, Sent};

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/restrictions", get(list))
        .route("/api/restrictions/pack", get(pack))
        .route("/api/restrictions/list", post(take_list).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/api/restrictions/audit", get(audit))
        .route("/api/restrictions/audit/export", get(export))
        .route("/api/restrictions/alarms", get(alarms))
        .route("/api/restrictions/{id}", get(one))
        .route("/api/restrictions/{id}/notice", post(notice))
        .route("/api/public/me", post(mine))
        .route("/api/public/me/appeal", post(appeal))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/restrictions").query::<RestrictionsAsked>();
    api.route("GET", "/api/restrictions/pack");
    api.route("POST", "/api/restrictions/list").query::<ListAsked>().file();
    api.route("GET", "/api/restrictions/audit").query::<SampleAsked>();
    api.route("GET", "/api/restrictions/audit/export").query::<SampleAsked>();
    api.route("GET", "/api/restrictions/alarms");
    api.route("GET", "/api/restrictions/{id}");
    api.route("POST", "/api/restrictions/{id}/notice").body::<NoticeForm>();
    api.route("POST", "/api/public/me").body::<MineAsked>();
    api.route("POST", "/api/public/me/appeal").body::<AppealForm>();
}

async fn list(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<RestrictionsAsked>,
) -> Reply<Value> {
    let (actor, now) = (signed.actor, house.now());
    Ok(Json(house.db.read(move |reader| views::list(reader, &actor, &asked, now)).await?))
}

async fn pack(signed: Signed) -> Reply<Value> {
    Ok(Json(views::pack(&signed.scope())?))
}

async fn one(State(house): State<App>, signed: Signed, Path(id): Path<Id<Restriction>>) -> Reply<Value> {
    let (actor, now) = (signed.actor, house.now());
    Ok(Json(house.db.read(move |reader| views::one(reader, &actor, id, now)).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoticeForm {
    id: Id<Sent>,
}

/// The journal says who had it in hand before the secret leaves.
async fn notice(
    State(house): State<App>,
    signed: Signed,
    Path(restriction): Path<Id<Restriction>>,
    body: Bytes,
) -> Result<Response, Failure> {
    let form: NoticeForm = read(&body)?;
    let now = house.now();
    house.db.apply(&signed.actor, now, IssueNotice { id: form.id, restriction }).await?;
    let scope = signed.scope();
    let mut told = house.db.read(move |reader| views::notice(reader, &scope, restriction, now)).await?;
    told["secret"] = json!(secret::secret_of(house.db.vault(), restriction));
    Ok(unkept(told))
}

fn unkept(told: Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(told)).into_response()
}

/// Five thousand rows of ids.
const LARGEST: usize = 2_000_000;

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
struct ListAsked {
    /// Made by the sender: the same list sent again does nothing twice.
    offer: Id<Offer>,
    #[serde(default)]
    name: Option<String>,
}

async fn take_list(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<ListAsked>,
    body: Bytes,
) -> Reply<Value> {
    let (own, actor, now) = (house.clone(), signed.actor, house.now());
    let told = tokio::task::spawn_blocking(move || {
        let name = asked.name.as_deref().unwrap_or("list.csv");
        list_file::take(&own.db, &actor, now, (asked.offer, name), &body)
    });
    Ok(Json(told.await.map_err(|_| store::Error::Closed)??))
}

async fn audit(State(house): State<App>, signed: Signed, Query(asked): Query<SampleAsked>) -> Reply<Value> {
    let (actor, now) = (signed.actor, house.now());
    Ok(Json(house.db.read(move |reader| views::audit(reader, &actor, &asked, now)).await?))
}

async fn export(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<SampleAsked>,
) -> Result<Response, Failure> {
    let (actor, now) = (signed.actor, house.now());
    house.load.demand(Feature::Exports, now)?;
    let lines = house.db.read(move |reader| views::export(reader, &actor, &asked, now)).await?;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")], lines)
        .into_response())
}

async fn alarms(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::alarms(reader, &scope, now)).await?))
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct MineAsked {
    /// As it stands behind the address on the notice.
    secret: String,
}

/// Neither the secret nor who asked is kept; the address is looked at to slow it down.
async fn mine(State(house): State<App>, visitor: Visitor, body: Bytes) -> Result<Response, Failure> {
    let asked: MineAsked = read(&body)?;
    let paced = house.result_pace.asks(visitor.household(), house.now());
    paced.map_err(|seconds| Failure::TooMany { seconds })?;
    let now = house.now();
    Ok(unkept(house.db.read(move |reader| views::mine(reader, &asked.secret, now)).await?))
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct AppealForm {
    id: Id<Sent>,
    secret: String,
    restriction: Id<Restriction>,
    appeal: Id<Appeal>,
    words: String,
}

/// Whoever holds the secret speaks for the person, and for nobody else.
async fn appeal(State(house): State<App>, visitor: Visitor, body: Bytes) -> Result<Response, Failure> {
    let form: AppealForm = read(&body)?;
    let paced = house.strangers.asks(visitor.household(), house.now());
    paced.map_err(|seconds| Failure::TooMany { seconds })?;
    let (secret, restriction, now) = (form.secret.clone(), form.restriction, house.now());
    let territory = house
        .db
        .read(move |reader| {
            let given = views::of_secret(reader, &secret)?;
            let about = super::record::kept_of(reader, restriction)?;
            let theirs = given.zip(about).filter(|(given, about)| given.subject == about.subject);
            theirs.map(|(_, about)| about.territory).ok_or_else(|| missing("restriction", "限制措施"))
        })
        .await?;
    let change = AppealRestriction {
        id: form.id,
        restriction,
        appeal: form.appeal,
        how: AppealHow::Page,
        words: Sealed::Open(form.words),
    };
    house.db.apply(&appellant(&territory), now, change).await?;
    Ok(unkept(house.db.read(move |reader| views::mine(reader, &form.secret, now)).await?))
}
