//! Routes of the people room: what is kept, what ends, what leaves, and who looked.

use crate::access::Signed;
use crate::access::second_person::Ask;
use crate::cases::views::{Filter, people_listed};
use crate::changes_door::read;
use crate::document::Document;
use crate::lab::in_blocks;
use crate::load::Feature;
use crate::people::clockwork::{after_erasing, apart};
use crate::people::erase::{ErasePeople, Erasure, Ground, MOST, demand_of};
use crate::people::exports::{
    Export, ExportIdentities, FetchExport, Listed, demand_rows, export_agreement, exports, most_rows, wanted,
};
use crate::people::list_file::write_list;
use crate::people::retention::{agreement, clocks, falls_due, preview};
use crate::people::{Subject, access_log, certificate, erasures};
use crate::refuse::{invalid, missing, required};
use crate::reply::{Failure, Reply};
use crate::{App, House, packed};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::{Day, Id, Territory};
use packs::Clock;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{Permission, Sealed, Sent, random_bits};

pub fn router() -> Router<App> {
    Router::new()
        .merge(crate::people::duplicates_http::router())
        .route("/api/retention", get(all_clocks))
        .route("/api/retention/{clock}", get(one_clock))
        .route("/api/retention/{clock}/run", post(run_clock))
        .route("/api/erasures", get(all_erasures).post(erase))
        .route("/api/erasures/{id}/certificate.json", get(paper))
        .route("/api/exports", get(ledger).post(make_list))
        .route("/api/exports/preview", get(preview_list))
        .route("/api/exports/{id}/file", post(fetch))
        .route("/api/subjects/{id}/access-log", get(own_log))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    crate::people::duplicates_http::described(api);
    api.route("GET", "/api/retention");
    api.route("GET", "/api/retention/{clock}").query::<Until>();
    api.route("POST", "/api/retention/{clock}/run").body::<RunForm>();
    api.route("GET", "/api/erasures");
    api.route("POST", "/api/erasures").body::<DemandForm>();
    api.route("GET", "/api/erasures/{id}/certificate.json");
    api.route("GET", "/api/exports");
    api.route("POST", "/api/exports").body::<MakeForm>();
    api.route("GET", "/api/exports/preview");
    api.route("POST", "/api/exports/{id}/file");
    api.route("GET", "/api/subjects/{id}/access-log");
}

async fn all_clocks(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (scope, today, offset) = (signed.scope(), house.today(), house.places.utc_offset_minutes());
    Ok(Json(house.db.read(move |reader| clocks(reader, &scope, today, offset)).await?))
}

fn clock_of(id: &str) -> Result<&'static Clock, Failure> {
    packed::retention().clock(id).ok_or_else(|| missing("clock", "期限").into())
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Until {
    /// Somebody looks ahead.
    #[serde(default)]
    day: Option<Day>,
}

async fn one_clock(
    State(house): State<App>,
    signed: Signed,
    Path(clock): Path<String>,
    Query(until): Query<Until>,
) -> Reply<Value> {
    let scope = signed.scope();
    scope.demand(Permission::PrivacyOversee)?;
    let clock = clock_of(&clock)?;
    let (day, offset) = (until.day.unwrap_or_else(|| house.today()), house.places.utc_offset_minutes());
    Ok(Json(house.db.read(move |reader| preview(reader, &scope, clock, day, offset)).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct RunForm {
    id: Id<Sent>,
    erasure: Id<Erasure>,
    ask: Id<Ask>,
    /// As the second person agreed to it.
    day: Day,
}

/// Whoever is due by this clock goes; what has run out only after the agreement waits for the next.
async fn run_clock(
    State(house): State<App>,
    signed: Signed,
    Path(clock): Path<String>,
    body: Bytes,
) -> Reply<Value> {
    signed.scope().demand(Permission::PeopleErase)?;
    signed.recent(&house)?;
    let form: RunForm = read(&body)?;
    let clock = clock_of(&clock)?;
    if in_blocks(clock) {
        return Err(by_itself());
    }
    let day = form.day.min(house.today());
    let (scope, offset) = (signed.scope(), house.places.utc_offset_minutes());
    let due = house.db.read(move |reader| falls_due(reader, &scope, clock, day, offset)).await?;
    let owners: Vec<String> =
        due.into_iter().filter(|due| !due.held).map(|due| due.owner).take(MOST).collect();
    let (subjects, words_of) = apart(&owners);
    let change = ErasePeople {
        id: form.id,
        erasure: form.erasure,
        territory: signed.actor.scope.territory.clone(),
        ground: Ground::PurposeEnded,
        clock: Some(clock.id.clone()),
        subjects,
        words_of,
        ask: Some(form.ask),
        agreed_to: agreement(clock, form.day),
    };
    carry_out(&house, &signed, change).await?;
    Ok(Json(json!({ "erasure": form.erasure, "erased": owners.len() })))
}

fn by_itself() -> Failure {
    invalid(
        "people.by_itself",
        "clock",
        "this clock runs by itself every hour; nobody has to run it",
        "该期限每小时自动执行，无须人工执行",
    )
    .into()
}

#[derive(Deserialize, schemars::JsonSchema)]
struct DemandForm {
    id: Id<Sent>,
    erasure: Id<Erasure>,
    subjects: Vec<Id<Subject>>,
    ask: Id<Ask>,
}

/// Erased because they demand it, whatever the clocks say.
async fn erase(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    signed.scope().demand(Permission::PeopleErase)?;
    signed.recent(&house)?;
    let form: DemandForm = read(&body)?;
    let agreed_to = demand_of(&form.subjects);
    let change = ErasePeople {
        id: form.id,
        erasure: form.erasure,
        territory: signed.actor.scope.territory.clone(),
        ground: Ground::LegalDemand,
        clock: None,
        subjects: form.subjects,
        words_of: Vec::new(),
        ask: Some(form.ask),
        agreed_to,
    };
    carry_out(&house, &signed, change).await?;
    Ok(Json(json!({ "erasure": form.erasure })))
}

async fn carry_out(house: &App, signed: &Signed, change: ErasePeople) -> Result<(), Failure> {
    house.db.apply(&signed.actor, house.now(), change).await?;
    let house = house.clone();
    let after = tokio::task::spawn_blocking(move || after_erasing(&house.db)).await;
    if let Ok(Err(fault)) = after {
        // The erasure stands; the list beside the key is brought up to date at the next start at the latest.
        eprintln!("quell: after an erasure: {fault}");
    }
    Ok(())
}

async fn all_erasures(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(json!({ "rows": house.db.read(move |reader| erasures(reader, &scope)).await? })))
}

async fn paper(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<Erasure>>,
) -> Result<Response, Failure> {
    let scope = signed.scope();
    let told = house.db.read(move |reader| certificate(reader, &scope, id)).await?;
    let name = format!("attachment; filename=\"{id}.json\"");
    let text = serde_json::to_string_pretty(&told).unwrap_or_default();
    Ok(([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)], text)
        .into_response())
}

async fn own_log(State(house): State<App>, signed: Signed, Path(id): Path<Id<Subject>>) -> Reply<Value> {
    let scope = signed.scope();
    Ok(Json(house.db.read(move |reader| access_log(reader, &scope, id)).await?))
}

async fn ledger(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (scope, me) = (signed.scope(), signed.actor.id.clone());
    let most = json!({ "names": most_rows(&scope, true), "rows": most_rows(&scope, false) });
    let rows = house.db.read(move |reader| exports(reader, &scope, &me)).await?;
    Ok(Json(json!({ "rows": rows, "most": most })))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct ListForm {
    what: Listed,
    purpose: String,
    /// As in the address of the list's page.
    #[serde(default)]
    filter: BTreeMap<String, String>,
}

/// What may narrow a list; the rest of a page's address is about the page.
const NARROWS: [&str; 9] =
    ["event", "list", "territory", "classification", "found", "status", "q", "from", "to"];

impl ListForm {
    fn of(mut asked: BTreeMap<String, String>) -> Result<ListForm, Failure> {
        let mut part = |name: &str| asked.remove(name).unwrap_or_default();
        let (what, purpose) = (part("what"), part("purpose"));
        let what = what.parse().map_err(|fault: cases::UnknownWord| {
            invalid("people.export_what", "what", fault.to_string(), "只能导出病例或密接者名单")
        })?;
        Ok(ListForm { what, purpose, filter: asked })
    }

    fn narrowed(&self) -> Result<(Filter, String), Failure> {
        let kept: BTreeMap<&str, &str> = self
            .filter
            .iter()
            .filter(|(name, text)| NARROWS.contains(&name.as_str()) && !text.trim().is_empty())
            .map(|(name, text)| (name.as_str(), text.trim()))
            .collect();
        let told: Vec<String> = kept.iter().map(|(name, text)| format!("{name}={text}")).collect();
        let filter = serde_json::to_value(&kept).and_then(serde_json::from_value).map_err(|_| {
            invalid(
                "people.export_filter",
                "filter",
                "this filter is not one; open the list again",
                "筛选条件无效",
            )
        })?;
        Ok((filter, told.join("&")))
    }
}

/// Names leave only for a purpose of the role that opens identities.
fn demand_purpose(signed: &Signed, purpose: &str) -> Result<(), Failure> {
    let roles = packed::roles();
    let role = roles.role(&signed.actor.scope.role);
    if role.is_some_and(|role| roles.may_open_identity(role, purpose)) {
        return Ok(());
    }
    Err(invalid(
        "people.purpose",
        "purpose",
        "identities are not opened for this purpose by your role; choose another purpose",
        "您的角色不能以该目的查看身份；请选择其他目的",
    )
    .into())
}

async fn people_in(house: &House, signed: &Signed, form: &ListForm) -> Result<Vec<Id<Subject>>, Failure> {
    let (filter, _) = form.narrowed()?;
    let (scope, contacts) = (signed.scope(), form.what == Listed::Contacts);
    let most = most_rows(&scope, true);
    Ok(house.db.read(move |reader| people_listed(reader, &scope, &filter, contacts, most)).await?)
}

/// How many people a list would name, and the words a second person agrees to.
async fn preview_list(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Reply<Value> {
    signed.scope().demand(Permission::IdentityExport)?;
    let form = ListForm::of(asked)?;
    demand_purpose(&signed, &form.purpose)?;
    let people = people_in(&house, &signed, &form).await?.len();
    let most = most_rows(&signed.actor.scope, true);
    let (filter, told) = form.narrowed()?;
    let territory = filter.territory_within(&signed.actor.scope)?;
    Ok(Json(json!({
        "people": people, "most": most, "too_many": people as u64 > most, "territory": territory,
        "about": export_agreement(form.what, &form.purpose, &told),
    })))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct MakeForm {
    id: Id<Sent>,
    export: Id<Export>,
    ask: Id<Ask>,
    reason: String,
    #[serde(flatten)]
    list: ListForm,
}

async fn make_list(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    signed.scope().demand(Permission::IdentityExport)?;
    house.load.demand(Feature::Exports, house.now())?;
    signed.recent(&house)?;
    let form: MakeForm = read(&body)?;
    required("reason", &form.reason)?;
    demand_purpose(&signed, &form.list.purpose)?;
    let subjects = people_in(&house, &signed, &form.list).await?;
    demand_rows(&signed.actor.scope, subjects.len() as u64, true)?;
    if subjects.is_empty() {
        return Err(invalid(
            "people.export_empty",
            "filter",
            "nobody is in this list; widen the filter",
            "该名单中没有人；请放宽筛选条件",
        )
        .into());
    }
    let (filter, told) = form.list.narrowed()?;
    let territory: Territory = filter.territory_within(&signed.actor.scope)?;
    let people = subjects.len();
    let change = ExportIdentities {
        id: form.id,
        export: form.export,
        territory,
        what: form.list.what,
        purpose: form.list.purpose,
        filter: told,
        reason: Sealed::Open(form.reason),
        subjects,
        session: signed.session.id.to_string(),
        ask: form.ask,
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "export": form.export, "people": people })))
}

/// The journal row comes first; only then are the names opened and the file made.
async fn fetch(
    State(house): State<App>,
    signed: Signed,
    Path(export): Path<Id<Export>>,
) -> Result<Response, Failure> {
    signed.scope().demand(Permission::IdentityExport)?;
    let session = signed.session.id.to_string();
    let now = house.now();
    house.load.demand(Feature::Exports, now)?;
    let change = FetchExport { id: Id::from_bits(random_bits()), export, session };
    house.db.apply(&signed.actor, now, change).await?;
    let territory = signed.actor.scope.territory.clone();
    let account = &signed.session.account;
    let issued_to = format!("{} ({}) {now} {export}", account.name, account.login);
    let file = house
        .db
        .read(move |reader| {
            let wanted = wanted(reader, export)?;
            write_list(reader, &territory, export, &wanted, &issued_to)
        })
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{export}.csv\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, file).into_response())
}
