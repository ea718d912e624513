//! Routes of laboratories' messages.

use super::answer::{self, Spoken};
use super::changes::{OpenOutside, ReportOutside};
use super::door;
use super::outside::{AT_FIRST, days, open};
use super::own::{Format, written};
use super::views::{self, MessagesAsked, OutsideAsked};
use crate::App;
use crate::access::Signed;
use crate::cases::Case;
use crate::cases::changes::ReportCase;
use crate::document::Document;
use crate::lab::Run;
use crate::people::{Subject, demand_opening};
use crate::refuse::missing;
use crate::reply::{Failure, Reply};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::{Id, Moment, Territory};
use cases::Classification;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Permission, Sealed, Sent, random_bits};

pub fn router() -> Router<App> {
    let largest = DefaultBodyLimit::max(usize::try_from(door::LARGEST).unwrap_or(usize::MAX));
    Router::new()
        .route("/api/lab/messages", get(messages).post(take).layer(largest))
        .route("/api/lab/outside", get(outside))
        .route("/api/lab/outside/{report}/open", post(open_name))
        .route("/api/lab/outside/{report}/report", post(report))
        .route("/api/lab/runs/{id}/messages", get(of_run))
}

pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/lab/messages").query::<MessagesAsked>();
    api.route("POST", "/api/lab/messages").query::<MessagesAsked>().file();
    api.route("GET", "/api/lab/outside").query::<OutsideAsked>();
    api.route("POST", "/api/lab/outside/{report}/open").body::<OpenAsked>();
    api.route("POST", "/api/lab/outside/{report}/report").body::<ReportAsked>();
    api.route("GET", "/api/lab/runs/{id}/messages").query::<FormatAsked>();
}

async fn messages(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<MessagesAsked>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    Ok(Json(house.db.read(move |reader| views::messages(reader, &scope, &asked, now)).await?))
}

/// Answered in the sender's language, or as a list when that is what the sender reads.
async fn take(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<MessagesAsked>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let packed = headers.get(header::CONTENT_ENCODING).is_some_and(|told| told.as_bytes() == b"gzip");
    let reads_lists = headers
        .get(header::ACCEPT)
        .and_then(|told| told.to_str().ok())
        .is_some_and(|told| told.split(',').any(|kind| kind.trim().starts_with("application/json")));
    let told = door::take(&house, &signed.actor, asked.laboratory, body, packed).await?;
    if reads_lists {
        return Ok(Json(told.as_list()).into_response());
    }
    Ok(match told.spoken {
        Spoken::Hl7 => {
            let text = answer::acknowledged(&told.all, house.db.vault(), house.now(), door::offset(&house));
            ([(header::CONTENT_TYPE, "application/hl7-v2; charset=utf-8")], text).into_response()
        }
        Spoken::Fhir => {
            let text = exchange::fhir::outcomes(&told.all);
            ([(header::CONTENT_TYPE, "application/fhir+json")], text).into_response()
        }
    })
}

#[derive(Debug, Clone, Copy, Deserialize, schemars::JsonSchema)]
struct FormatAsked {
    format: Format,
}

async fn of_run(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<Run>>,
    Query(asked): Query<FormatAsked>,
) -> Result<Response, Failure> {
    let (scope, offset, format) = (signed.scope(), door::offset(&house), asked.format);
    let text = house.db.read(move |reader| written(reader, &scope, id, format, offset)).await?;
    let kind = match format {
        Format::Hl7 => "application/hl7-v2; charset=utf-8",
        Format::Fhir => "application/fhir+ndjson",
    };
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

async fn outside(
    State(house): State<App>,
    signed: Signed,
    Query(asked): Query<OutsideAsked>,
) -> Reply<Value> {
    let (scope, now, offset) = (signed.scope(), house.now(), house.places.utc_offset_minutes());
    Ok(Json(house.db.read(move |reader| views::outside(reader, &scope, &asked, now, offset)).await?))
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct OpenAsked {
    purpose: String,
    reason: String,
}

/// Whom a report is about: written down first, then shown.
async fn open_name(
    State(house): State<App>,
    signed: Signed,
    Path(told): Path<i64>,
    body: Bytes,
) -> Reply<Value> {
    let asked: OpenAsked = crate::changes_door::read(&body)?;
    signed.scope().demand(Permission::IdentityOpen)?;
    signed.recent(&house)?;
    demand_opening(&signed.actor.scope, &asked.purpose)?;
    let change = OpenOutside {
        id: Id::from_bits(random_bits()),
        report: told,
        purpose: asked.purpose,
        reason: Sealed::Open(asked.reason),
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    let sealed = house.db.read(move |reader| sealed_of(reader, told)).await?;
    let Some(sealed) = sealed else { return Ok(Json(json!({ "name": null }))) };
    let person = house.db.read(move |reader| open(reader, &sealed.sealed)).await?.unwrap_or_default();
    let identity = person.identity();
    Ok(Json(json!({
        "name": identity.name, "id_number": identity.id_number, "phone": identity.phone, "address": identity.address,
        "born": person.patient.birth, "sex": person.sex(), "notes": person.notes,
        "provider": person.provider.as_ref().map(|one| [one.family.as_deref(), one.given.as_deref(), one.phone.as_deref()]),
        "facility": person.facility.as_ref().and_then(|one| one.name.as_deref()),
    })))
}

struct SealedReport {
    sealed: String,
    disease: Option<String>,
    collected: Option<i64>,
    analysed: Option<i64>,
}

fn sealed_of(query: &mut dyn store::Query, told: i64) -> store::Result<Option<SealedReport>> {
    let sql = "SELECT sealed, disease, collected, analysed FROM lab_report WHERE seq = $1 AND standing = 'outside' \
               AND sealed IS NOT NULL";
    let row = query.first(sql, store::params![told])?;
    row.map(|row| {
        Ok(SealedReport {
            sealed: row.text(0)?,
            disease: row.opt_text(1)?,
            collected: row.opt_int(2)?,
            analysed: row.opt_int(3)?,
        })
    })
    .transpose()
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReportAsked {
    id: Id<Sent>,
    case: Id<Case>,
    subject: Id<Subject>,
    territory: Territory,
    #[serde(default)]
    disease: Option<String>,
    #[serde(default)]
    classification: Option<Classification>,
}

/// The report's person as a new case, with what the laboratory knows of the days.
async fn report(
    State(house): State<App>,
    signed: Signed,
    Path(told): Path<i64>,
    body: Bytes,
) -> Reply<Value> {
    let asked: ReportAsked = crate::changes_door::read(&body)?;
    signed.scope().demand(Permission::CasesWrite)?;
    let gone = || missing("result of somebody in no tube", "非本系统采样的检测结果");
    let found = house.db.read(move |reader| sealed_of(reader, told)).await?.ok_or_else(gone)?;
    let sealed = found.sealed;
    let person = house.db.read(move |reader| open(reader, &sealed)).await?.ok_or_else(gone)?;
    let offset = house.places.utc_offset_minutes();
    let day = |at: Option<i64>| at.map(|at| Moment(at).day_at_offset(offset));
    let today = house.now().day_at_offset(offset);
    let sampled = day(found.collected);
    let change = ReportOutside {
        id: asked.id,
        told,
        report: ReportCase {
            id: asked.id,
            case: asked.case,
            subject: asked.subject,
            event: None,
            case_no: None,
            disease: asked.disease.or(found.disease),
            territory: asked.territory,
            identity: Some(Sealed::Open(person.identity())),
            sex: person.sex(),
            age: person.age_on(sampled.unwrap_or(today)),
            occupation: None,
            classification: asked.classification.unwrap_or(AT_FIRST),
            found: None,
            outcome: None,
            dates: days(sampled, day(found.analysed), today),
        },
    };
    let case = house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "case": case })))
}
