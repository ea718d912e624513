//! Routes of the cases room.

use crate::App;
use crate::access::Signed;
use crate::access::second_person::Ask;
use crate::cases::reach::unread;
use crate::cases::views::{self, Filter};
use crate::cases::{Case, Event, Team};
use crate::changes_door::read;
use crate::document::Document;
use crate::load::{Feature, picture};
use crate::people::{
    AT_MOST_ALONE, ExportRows, Listed, OpenIdentity, Subject, demand_opening, open_identity_of,
};
use crate::reply::{Failure, Reply};
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Id;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use store::{Permission, Scope, Sealed, Vault, random_bits};
use tokio::sync::mpsc;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/situation", get(situation))
        .route("/api/events", get(events))
        .route("/api/events/{id}", get(event))
        .route("/api/events/{id}/milestones", get(milestones))
        .route("/api/milestones", get(all_milestones))
        .route("/api/cases", get(cases))
        .route("/api/cases/{id}", get(case))
        .route("/api/contacts", get(contacts))
        .route("/api/chains", get(chains))
        .route("/api/subjects/{id}/open", post(open_subject))
        .route("/api/export/cases.csv", get(export))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/situation").query::<Filter>();
    api.route("GET", "/api/events");
    api.route("GET", "/api/events/{id}");
    api.route("GET", "/api/events/{id}/milestones");
    api.route("GET", "/api/milestones").query::<Filter>();
    api.route("GET", "/api/cases").query::<Filter>();
    api.route("GET", "/api/cases/{id}");
    api.route("GET", "/api/contacts").query::<Filter>();
    api.route("GET", "/api/chains").query::<Filter>();
    api.route("POST", "/api/subjects/{id}/open").body::<OpenForm>();
    api.route("GET", "/api/export/cases.csv").query::<Filter>();
}

async fn situation(
    State(house): State<App>,
    signed: Signed,
    uri: Uri,
    Query(filter): Query<Filter>,
) -> Reply<Value> {
    let (scope, today, now) = (signed.scope(), house.today(), house.now());
    let (own, offset) = (scope.clone(), house.places.utc_offset_minutes());
    let drawn = async {
        let told = house.db.read(move |reader| match Team::of(&own) {
            Some(team) => views::situation(reader, &team, &filter, today, offset),
            None => views::situation_in_outline(reader, &own, &filter, today),
        });
        let mut told = told.await?;
        told["as_of"] = json!(now.to_string());
        Ok(told)
    };
    picture(&house, &scope, &uri.to_string(), drawn).await
}

async fn events(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::events(reader, &scope)).await?))
}

async fn event(State(house): State<App>, signed: Signed, Path(id): Path<Id<Event>>) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| views::event_page(reader, &scope, id)).await?))
}

async fn milestones(State(house): State<App>, signed: Signed, Path(id): Path<Id<Event>>) -> Reply<Value> {
    let (scope, today) = (signed.scope(), house.today());
    Ok(Json(house.db.read(move |reader| views::milestones(reader, &scope, id, today)).await?))
}

async fn all_milestones(
    State(house): State<App>,
    signed: Signed,
    Query(filter): Query<Filter>,
) -> Reply<Value> {
    let (scope, today) = (signed.scope(), house.today());
    Ok(Json(house.db.read(move |reader| views::all_milestones(reader, &scope, &filter, today)).await?))
}

async fn cases(State(house): State<App>, signed: Signed, Query(filter): Query<Filter>) -> Reply<Value> {
    let scope = signed.scope();
    signed.looks_at_list(&house, "cases").await?;
    Ok(Json(house.db.read(move |reader| views::case_list(reader, &scope, &filter)).await?))
}

async fn case(State(house): State<App>, signed: Signed, Path(id): Path<Id<Case>>) -> Reply<Value> {
    let scope = signed.scope();
    let (record, page) = house.db.read(move |reader| views::case_page(reader, &scope, id)).await?;
    signed.looks_at(&house, "case", id.to_string(), record.territory, record.disease.as_deref()).await?;
    Ok(Json(page))
}

async fn contacts(State(house): State<App>, signed: Signed, Query(filter): Query<Filter>) -> Reply<Value> {
    let scope = signed.scope();
    signed.looks_at_list(&house, "contacts").await?;
    Ok(Json(house.db.read(move |reader| views::contact_list(reader, &scope, &filter)).await?))
}

async fn chains(State(house): State<App>, signed: Signed, Query(filter): Query<Filter>) -> Reply<Value> {
    let scope = signed.scope();
    signed.looks_at_list(&house, "chains").await?;
    Ok(Json(house.db.read(move |reader| views::chains(reader, &scope, &filter)).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct OpenForm {
    purpose: String,
    reason: String,
    #[serde(default)]
    ask: Option<Id<Ask>>,
}

/// The journal row comes first; only then is the identity opened.
async fn open_subject(
    State(house): State<App>,
    signed: Signed,
    Path(subject): Path<Id<Subject>>,
    body: Bytes,
) -> Reply<Value> {
    let form: OpenForm = read(&body)?;
    signed.actor.scope.demand(Permission::IdentityOpen)?;
    signed.recent(&house)?;
    demand_opening(&signed.actor.scope, &form.purpose)?;
    let change = OpenIdentity {
        id: Id::from_bits(random_bits()),
        subject,
        purpose: form.purpose,
        reason: Sealed::Open(form.reason),
        ask: form.ask,
        glass: signed.session.glass().map(|glass| glass.id),
        not_alone: signed
            .actor
            .scope
            .kept
            .agreed
            .iter()
            .filter(|one| signed.actor.scope.kept.reads(Some(one)))
            .cloned()
            .collect(),
        at_most_alone: Some(AT_MOST_ALONE),
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    let scope = signed.scope();
    let told = house
        .db
        .read(move |reader| {
            let identity = open_identity_of(reader, subject)?.unwrap_or_default();
            let said = said_of(reader, &scope, subject)?;
            Ok(json!({
                "name": identity.name, "id_number": identity.id_number, "phone": identity.phone,
                "address": identity.address, "extra": said,
            }))
        })
        .await?;
    Ok(Json(told))
}

/// Where the ciphertext of what a row said belongs.
pub(crate) fn said_context(subject: Id<Subject>) -> String {
    format!("cases.said|{subject}")
}

/// What rows said of the person, of diseases the reader reads.
fn said_of(
    reader: &mut dyn store::Query,
    scope: &Scope,
    subject: Id<Subject>,
) -> store::Result<BTreeMap<String, String>> {
    let Some(key) = Vault::key_of(reader, &subject.to_string())? else { return Ok(BTreeMap::new()) };
    let mut params = vec![subject.into()];
    let (cases, contacts) = (unread(scope, false, &mut params), unread(scope, true, &mut params));
    let sql = format!(
        "SELECT c.said FROM cases_case c WHERE c.subject = $1 AND c.said IS NOT NULL{cases} \
         UNION ALL SELECT k.said FROM cases_contact k WHERE k.subject = $1 AND k.said IS NOT NULL{contacts}"
    );
    let mut said = BTreeMap::new();
    for row in reader.rows(&sql, &params)? {
        let one: BTreeMap<String, String> = key.open(&said_context(subject), &row.text(0)?)?;
        said.extend(one.into_iter().filter(|(_, text)| !text.is_empty()));
    }
    Ok(said)
}

/// Rows leave as they are read: a channel of a few blocks between the reading thread and the wire.
async fn export(
    State(house): State<App>,
    signed: Signed,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    let scope = signed.scope();
    house.load.demand(Feature::Exports, house.now())?;
    let (asking, asked) = (scope.clone(), filter.clone());
    let rows = house
        .db
        .read(move |reader| {
            views::demand_export(reader, &asking, &asked)?;
            views::cases_listed(reader, &asking, &asked)
        })
        .await?;
    let entry = ExportRows {
        id: Id::from_bits(random_bits()),
        export: Id::from_bits(random_bits()),
        territory: filter.territory_within(&scope)?,
        what: Listed::Cases,
        purpose: scope.purpose.clone(),
        filter: filter.told(),
        rows,
    };
    house.db.apply(&signed.actor, house.now(), entry).await?;
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(8);
    let db = house.db.clone();
    std::thread::spawn(move || {
        let mut blocks = Blocks { sender, block: Vec::with_capacity(BLOCK) };
        let written = db.read_long(|reader| views::export_cases(reader, &scope, &filter, &mut blocks));
        if let Err(fault) =
            written.map(|_| ()).and_then(|()| blocks.flush().map_err(|_| store::Error::Closed))
        {
            // A broken transfer must look broken, not short.
            let _ = blocks.sender.blocking_send(Err(std::io::Error::other(fault.to_string())));
        }
    });
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|block| (block, receiver))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"cases.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(stream)).into_response())
}

const BLOCK: usize = 64 * 1024;

struct Blocks {
    sender: mpsc::Sender<Result<Bytes, std::io::Error>>,
    block: Vec<u8>,
}

impl Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.block.extend_from_slice(bytes);
        if self.block.len() >= BLOCK {
            self.send()?;
        }
        Ok(bytes.len())
    }

    /// Flushing what is left is done once, at the end; the CSV writer flushes only then.
    fn flush(&mut self) -> std::io::Result<()> {
        self.send()
    }
}

impl Blocks {
    fn send(&mut self) -> std::io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let block = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK));
        let gone = |_| std::io::Error::new(std::io::ErrorKind::BrokenPipe, "the reader left");
        self.sender.blocking_send(Ok(Bytes::from(block))).map_err(gone)
    }
}
