//! Routes of the fence. Drafting, publishing, withdrawing, inviting and registering one visit come in through `/api/changes`.

use super::changes::{OpenFence, RunFence, open_until, opened_people, over};
use super::views::{FencesAsked, fences, public_fences};
use super::{Fence, Registration, file};
use crate::App;
use crate::access::Signed;
use crate::access::second_person::Ask;
use crate::changes_door::read;
use crate::document::Document;
use crate::people::demand_opening;
use crate::refuse::required;
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
use store::{Permission, Sealed, Sent, random_bits};

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/fences", get(list))
        .route("/api/fences/{id}/run", post(run))
        .route("/api/fences/{id}/open", post(open))
        .route("/api/registered-visits/file", post(take_file).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/api/public/fences", get(public))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/fences").query::<FencesAsked>();
    api.route("POST", "/api/fences/{id}/run").body::<RunForm>();
    api.route("POST", "/api/fences/{id}/open").body::<OpenForm>();
    api.route("POST", "/api/registered-visits/file").query::<FileAsked>().file();
    api.route("GET", "/api/public/fences");
}

async fn list(State(house): State<App>, signed: Signed, Query(asked): Query<FencesAsked>) -> Reply<Value> {
    let (scope, me, now) = (signed.scope(), signed.actor.person().to_owned(), house.now());
    Ok(Json(house.db.read(move |reader| fences(reader, &scope, &me, &asked, now)).await?))
}

/// The same for everybody, so whatever stands between may keep it for a minute.
async fn public(State(house): State<App>) -> Result<Response, Failure> {
    let (today, now) = (house.today(), house.now());
    let fences = house.db.read(move |reader| public_fences(reader, today)).await?;
    let atlas = house.places.now();
    let fences: Vec<Value> = fences
        .into_iter()
        .map(|(territory, mut fence)| {
            let place = atlas.at(&territory);
            fence["territory_zh"] = json!(place.map(|place| &place.zh));
            fence["territory_en"] = json!(place.map(|place| &place.en));
            fence
        })
        .collect();
    let told = json!({ "fences": fences, "fetched": now.to_string(), "demo": house.settings.demo });
    Ok(([(header::CACHE_CONTROL, "public, max-age=60")], Json(told)).into_response())
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct RunForm {
    id: Id<Sent>,
}

async fn run(
    State(house): State<App>,
    signed: Signed,
    Path(fence): Path<Id<Fence>>,
    body: Bytes,
) -> Reply<Value> {
    let form: RunForm = read(&body)?;
    let counted = house.db.apply(&signed.actor, house.now(), RunFence { id: form.id, fence }).await?;
    Ok(Json(json!({
        "count": counted.count, "count_text": counted.count_text, "sources": counted.sources,
        "counted_at": counted.counted.to_string(),
    })))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct OpenForm {
    id: Id<Sent>,
    ask: Id<Ask>,
    purpose: String,
    reason: String,
}

/// The journal's row about each of them comes first; only then is a name read.
async fn open(
    State(house): State<App>,
    signed: Signed,
    Path(fence): Path<Id<Fence>>,
    body: Bytes,
) -> Result<Response, Failure> {
    let form: OpenForm = read(&body)?;
    signed.actor.scope.demand(Permission::FenceOpen)?;
    signed.recent(&house)?;
    required("reason", &form.reason)?;
    demand_opening(&signed.actor.scope, &form.purpose)?;
    let change = OpenFence {
        id: form.id,
        opening: Id::from_bits(random_bits()),
        fence,
        ask: form.ask,
        purpose: form.purpose,
        reason: Sealed::Open(form.reason),
        subjects: Vec::new(),
    };
    let opened = house.db.apply(&signed.actor, house.now(), change).await?;
    let (me, now) = (signed.actor.person().to_owned(), house.now());
    let told = house
        .db
        .read(move |reader| {
            // A change that is sent again is answered as it was the first time, however long ago that is.
            let until =
                open_until(reader, fence, form.ask, &me)?.filter(|until| *until > now).ok_or_else(over)?;
            let people = opened_people(reader, fence, &opened)?;
            Ok(json!({ "until": until.to_string(), "people": people }))
        })
        .await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(told)).into_response())
}

/// A day of check-ins of a county is about this large.
const LARGEST: usize = 20_000_000;

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
struct FileAsked {
    kind: Registration,
    #[serde(default)]
    name: Option<String>,
    /// Told what would happen; nothing is kept.
    #[serde(default)]
    dry_run: bool,
}

/// Visits as a table: every row is created, updated, skipped or failed with its reason.
async fn take_file(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<FileAsked>,
    body: Bytes,
) -> Reply<Value> {
    signed.scope().demand(Permission::ContactsWrite)?;
    let (own, actor, now) = (house.clone(), signed.actor, house.now());
    let told = tokio::task::spawn_blocking(move || {
        let name = asked.name.as_deref().unwrap_or("visits.csv");
        file::take(&own.db, &actor, now, &file::Sending { kind: asked.kind, name, dry: asked.dry_run }, &body)
    });
    Ok(Json(told.await.map_err(|_| store::Error::Closed)??))
}
