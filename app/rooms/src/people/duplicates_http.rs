//! Routes of duplicates and of looking a person up.

use crate::App;
use crate::access::Signed;
use crate::cases::views::people_records;
use crate::changes_door::read;
use crate::document::Document;
use crate::people::duplicates::{duplicates, scores};
use crate::people::look_up::{find, seconds_to_wait};
use crate::people::{LinkPeople, LookUpPerson, Subject, demand_opening, territory_of};
use crate::refuse::{invalid, missing};
use crate::reply::{Failure, Reply};
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::{Id, Territory};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Permission, Sealed, Sent, random_bits};

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/people/duplicates", get(list))
        .route("/api/people/link", post(link))
        .route("/api/people/known", post(known))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/people/duplicates").query::<Asked>();
    api.route("POST", "/api/people/link").body::<LinkForm>();
    api.route("POST", "/api/people/known").body::<KnownForm>();
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Asked {
    #[serde(default)]
    territory: Option<Territory>,
    /// Only pairs of this person.
    #[serde(default)]
    of: Option<Id<Subject>>,
}

async fn list(State(house): State<App>, signed: Signed, Query(asked): Query<Asked>) -> Reply<Value> {
    let scope = signed.scope();
    let told =
        house.db.read(move |reader| duplicates(reader, &scope, asked.territory.as_ref(), asked.of)).await?;
    Ok(Json(told))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct LinkForm {
    id: Id<Sent>,
    one: Id<Subject>,
    other: Id<Subject>,
    #[serde(default)]
    reason: Option<String>,
}

/// The score beside the decision is the server's own.
async fn link(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let form: LinkForm = read(&body)?;
    let scope = signed.scope();
    scope.demand(Permission::PeopleLink)?;
    let pair = (form.one, form.other);
    let compared = house
        .db
        .read(move |reader| {
            for subject in [pair.0, pair.1] {
                let territory = territory_of(reader, subject)?;
                if !scope.territory.holds(&territory) {
                    return Err(missing("person", "人员"));
                }
            }
            Ok(scores(reader, &[pair])?.pop().map(|(_, compared)| compared))
        })
        .await?;
    let change = LinkPeople {
        id: form.id,
        one: form.one,
        other: form.other,
        bits: compared.as_ref().map(|compared| compared.bits),
        reasons: compared.map(|compared| compared.reasons).unwrap_or_default(),
        reason: form.reason.map(Sealed::Open),
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "out": null })))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct KnownForm {
    purpose: String,
    reason: String,
    #[serde(default)]
    id_number: Option<String>,
    #[serde(default)]
    phone: Option<String>,
}

/// Written first, answered then; a handle only where the asker works.
async fn known(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let form: KnownForm = read(&body)?;
    signed.actor.scope.demand(Permission::IdentityOpen)?;
    signed.recent(&house)?;
    demand_opening(&signed.actor.scope, &form.purpose)?;
    let (scope, by, now) = (signed.scope(), signed.actor.id.clone(), house.now());
    let found = house
        .db
        .read(move |reader| {
            if let Some(seconds) = seconds_to_wait(reader, &by, now)? {
                return Ok(Err(seconds));
            }
            find(reader, &scope, form.id_number, form.phone).map(Ok)
        })
        .await?;
    let found = found.map_err(|seconds| Failure::TooMany { seconds })?.ok_or_else(|| {
        invalid(
            "people.no_number",
            "id_number",
            "give one identity number or one telephone number, complete; a name is not looked up",
            "请提供一个完整的证件号码或电话号码；不能按姓名查询",
        )
    })?;
    let change = LookUpPerson {
        id: Id::from_bits(random_bits()),
        territory: signed.actor.scope.territory.clone(),
        kind: found.kind,
        purpose: form.purpose,
        reason: Sealed::Open(form.reason),
        found: found.here.clone(),
        elsewhere: i64::try_from(found.elsewhere.len()).unwrap_or(i64::MAX),
    };
    house.db.apply(&signed.actor, now, change).await?;
    let (scope, here) = (signed.scope(), found.here.clone());
    let records = house.db.read(move |reader| people_records(reader, &scope, &here)).await?;
    let here: Vec<Value> = found
        .here
        .iter()
        .map(|subject| json!({ "subject": subject, "records": records.get(subject) }))
        .collect();
    Ok(Json(json!({ "here": here, "elsewhere": found.elsewhere })))
}
