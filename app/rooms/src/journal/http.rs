//! Routes of the journal.

use crate::access::{Signed, account_by_login};
use crate::changes_door::read;
use crate::document::Document;
use crate::journal::changes::last_seen;
use crate::journal::witness::Shown;
use crate::refuse::missing;
use crate::reply::{Failure, Reply};
use crate::{App, House};
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use base::{Day, Moment};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Checkpoint, Permission, Wanted, Witnessed};

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/journal", get(journal))
        .route("/api/journal/verify", get(verify))
        .route("/api/journal/checkpoint", get(last_checkpoint).post(checkpoint))
        .route("/api/witness/checkpoints", get(seen).post(see))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/journal").query::<Page>();
    api.route("GET", "/api/journal/verify");
    api.route("GET", "/api/journal/checkpoint");
    api.route("POST", "/api/journal/checkpoint");
    api.route("GET", "/api/witness/checkpoints").query::<Seen>();
    api.route("POST", "/api/witness/checkpoints").body::<Shown>();
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Page {
    #[serde(default)]
    after: i64,
    #[serde(default)]
    limit: Option<i64>,
    /// `newest` turns the order around; `after` is then the last row of the page before.
    #[serde(default)]
    order: String,
    #[serde(default)]
    change: String,
    /// A login, or what the journal writes.
    #[serde(default)]
    by: String,
    /// A handle of a case, a person, an account.
    #[serde(default)]
    record: String,
    #[serde(default)]
    from: Option<Day>,
    #[serde(default)]
    until: Option<Day>,
}

impl Page {
    async fn wanted(&self, house: &House) -> Result<Wanted, Failure> {
        let stated = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        let offset = house.places.utc_offset_minutes();
        let starts = |day: Day| Moment::start_of(day, offset);
        let mut actor = stated(&self.by);
        if let Some(login) = actor.clone() {
            let account = house.db.read(move |reader| account_by_login(reader, &login)).await?;
            actor = account.map(|account| account.id.to_string()).or(actor);
        }
        Ok(Wanted {
            change: stated(&self.change),
            actor,
            record: stated(&self.record),
            from: self.from.map(starts),
            before: self.until.map(|day| starts(day).plus_seconds(24 * 3600)),
        })
    }
}

async fn journal(State(house): State<App>, signed: Signed, Query(page): Query<Page>) -> Reply<Value> {
    let scope = signed.scope();
    scope.demand(Permission::JournalRead)?;
    let limit = page.limit.unwrap_or(100).clamp(1, 500);
    let range = scope.territory.range();
    let newest = page.order == "newest";
    let (wanted, after) = (page.wanted(&house).await?, page.after);
    let read = house.db.read(move |reader| store::entries(reader, &wanted, (after, limit), range, newest));
    let rows = read.await?;
    let next = (rows.len() as i64 == limit).then(|| rows.last().map(|entry| entry.seq)).flatten();
    let rows: Vec<Value> = rows
        .into_iter()
        .map(|entry| {
            json!({
                "seq": entry.seq, "at": entry.at.to_string(), "by": entry.actor, "change": entry.change,
                "purpose": entry.purpose, "territory": entry.territory, "basis": entry.basis, "hash": entry.hash,
                "about": entry.about.split(' ').filter(|id| !id.is_empty()).collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(Json(json!({ "rows": rows, "next": next })))
}

async fn verify(State(house): State<App>, signed: Signed) -> Reply<store::Verdict> {
    signed.scope().demand(Permission::JournalRead)?;
    let known = house.known_checkpoints();
    Ok(Json(house.db.read(move |reader| store::verify_against(reader, &known)).await?))
}

fn told(house: &House, checkpoint: Option<&Checkpoint>, strange: usize) -> Value {
    json!({
        "key": house.checkpoint_key(),
        "strange_lines": strange,
        "checkpoint": checkpoint.map(|checkpoint| json!({
            "seq": checkpoint.seq, "at": checkpoint.at.to_string(), "head": checkpoint.head, "root": checkpoint.root,
            "origin": checkpoint.origin, "code": checkpoint.code(),
            "witnesses": checkpoint.witnessed.iter().map(|seen| json!({
                "key": seen.key, "at": seen.at.to_string(),
            })).collect::<Vec<_>>(),
        })),
    })
}

async fn last_checkpoint(State(house): State<App>, signed: Signed) -> Reply<Value> {
    signed.scope().demand(Permission::JournalRead)?;
    let (kept, strange) = house.kept_checkpoints();
    Ok(Json(told(&house, kept.last(), strange)))
}

/// Signs one now; when nothing came since the last one, that is the answer.
async fn checkpoint(State(house): State<App>, signed: Signed) -> Reply<Value> {
    signed.scope().demand(Permission::JournalRead)?;
    let at_work = house.clone();
    let made = tokio::task::spawn_blocking(move || at_work.checkpoint()).await;
    made.map_err(|_| store::Error::Closed)??;
    let (kept, strange) = house.kept_checkpoints();
    Ok(Json(told(&house, kept.last(), strange)))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Seen {
    origin: String,
}

/// What this house saw last of another's journal: numbers and hashes, for whoever knows what to ask for.
async fn seen(State(house): State<App>, Query(asked): Query<Seen>) -> Reply<Checkpoint> {
    let seen = house.db.read(move |reader| last_seen(reader, &asked.origin)).await?;
    Ok(Json(seen.ok_or_else(|| missing("checkpoint", "检查点"))?))
}

/// Another house shows its checkpoint; the signature is what lets it in.
async fn see(State(house): State<App>, body: Bytes) -> Reply<Witnessed> {
    let shown: Shown = read(&body)?;
    Ok(Json(house.sees(shown).await?))
}
