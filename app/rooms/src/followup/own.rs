//! The door for people who are followed themselves: by the secret of their link, never by name or number.

use crate::App;
use crate::access::{Signed, Visitor, followed_self};
use crate::cases::Case;
use crate::changes_door::read;
use crate::followup::changes::{GiveCheckInLink, TellCheck};
use crate::followup::course::{COURSE_COLUMNS, CourseRecord};
use crate::followup::plans::followed_of;
use crate::followup::secret::{known_by, secret_of};
use crate::followup::views::asked_today;
use crate::followup::{Check, Course, Sign};
use crate::refuse::missing;
use crate::reply::Failure;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base::{Day, Id};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Query, Result, Sent, params};

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkForm {
    id: Id<Sent>,
}

/// The journal says who had it in hand before the secret leaves.
pub(super) async fn link(
    State(house): State<App>,
    signed: Signed,
    Path(course): Path<Id<Course>>,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    let form: LinkForm = read(&body)?;
    let change = GiveCheckInLink { id: form.id, course, holder: None };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(unkept(json!({ "secret": secret_of(house.db.vault(), form.id) })))
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnAsked {
    /// As it stands behind the address of the link.
    secret: String,
}

/// What is asked of whoever holds the secret today. Neither the secret nor who asked is kept; the address is looked at to slow it down.
pub(super) async fn own(
    State(house): State<App>,
    visitor: Visitor,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    let asked: OwnAsked = read(&body)?;
    let paced = house.result_pace.asks(visitor.household(), house.now());
    paced.map_err(|seconds| Failure::TooMany { seconds })?;
    let today = house.today();
    Ok(unkept(house.db.read(move |reader| told(reader, &asked.secret, today)).await?))
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnCheck {
    id: Id<Sent>,
    secret: String,
    check: Id<Check>,
    #[serde(default)]
    celsius: Option<f64>,
    #[serde(default)]
    signs: Vec<Sign>,
    case: Id<Case>,
}

/// Whoever holds the secret tells how that person is. Where their follow-up has ended meanwhile nothing is written, and they are told
/// that.
pub(super) async fn tell(
    State(house): State<App>,
    visitor: Visitor,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    let form: OwnCheck = read(&body)?;
    let too_many = |seconds| Failure::TooMany { seconds };
    house.result_pace.asks(visitor.household(), house.now()).map_err(too_many)?;
    let secret = form.secret.clone();
    let found = house.db.read(move |reader| of_secret(reader, &secret)).await?;
    // A hotel of quarantine tells from one address within minutes: only whoever knows no link is slowed down by it.
    let Some(course) = found else {
        house.strangers.asks(visitor.household(), house.now()).map_err(too_many)?;
        return Err(missing("check-in link", "自报链接").into());
    };
    house.own_checks.asks(course.id.bits(), house.now()).map_err(too_many)?;
    let OwnCheck { id, secret, check, celsius, signs, case } = form;
    let today = house.today();
    // What is over is refused with the person's number, which is for whoever follows them and not for whoever holds the link.
    if course.ended.is_none() {
        let change = TellCheck { id, check, course: course.id, at: None, celsius, signs, case };
        house.db.apply(&followed_self(&course.territory), house.now(), change).await?;
    }
    Ok(unkept(house.db.read(move |reader| told(reader, &secret, today)).await?))
}

fn of_secret(query: &mut dyn Query, secret: &str) -> Result<Option<CourseRecord>> {
    let sql = format!("SELECT {COURSE_COLUMNS} FROM followup_course f WHERE f.holder = $1");
    query.first(&sql, params![known_by(secret)])?.as_ref().map(CourseRecord::of).transpose()
}

/// Nothing of who they are: a lost link tells a finder when somebody takes their temperature. A secret nobody gave finds nothing.
fn told(query: &mut dyn Query, secret: &str, today: Day) -> Result<Value> {
    let Some(course) = of_secret(query, secret)? else {
        return Ok(json!({ "today": today, "state": "unknown" }));
    };
    if course.ended.is_some() {
        return Ok(json!({ "today": today, "state": "over" }));
    }
    let person = followed_of(query, &course)?;
    let now = course.plan(&person, today);
    let asked = asked_today(&course, &person, now.as_ref(), today);
    Ok(json!({
        "today": today, "state": "followed", "place": now.as_ref().map(|now| now.phase().place),
        "until": now.as_ref().map(|now| now.last), "due_tests": asked.tests, "checks": [asked.made, asked.checks],
        "fever_celsius": course.edition().map(|edition| edition.follow_up.fever_celsius.value),
    }))
}

fn unkept(told: Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(told)).into_response()
}
