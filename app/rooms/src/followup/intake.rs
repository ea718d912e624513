//! The door for telephones that were without a network: a day of checks in one request, each line answered for itself.

use crate::House;
use crate::cases::Case;
use crate::followup::changes::{TellCheck, TellNotSeen};
use crate::followup::{Check, Course, NotSeen, Sign};
use crate::refuse::invalid;
use crate::reply::Failure;
use base::{Id, Moment};
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Actor, Error, Permission, Result, Sent};

/// One visit or call, as a telephone tells it: how they were, or why nobody was seen.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldVisit {
    pub id: Id<Sent>,
    pub check: Id<Check>,
    pub course: Id<Course>,
    #[schemars(with = "i64")]
    pub at: Moment,
    #[serde(default)]
    pub not_seen: Option<NotSeen>,
    #[serde(default)]
    pub celsius: Option<f64>,
    #[serde(default)]
    pub signs: Vec<Sign>,
    /// The case they become when this tells of illness.
    pub case: Id<Case>,
}

/// Most lines of one request.
pub const MOST_VISITS: usize = 500;

/// Every line for itself: one that is refused harms no other. Sent twice it is done once.
pub async fn take(house: &House, actor: &Actor, body: &[u8]) -> Result<Vec<Value>> {
    actor.scope.demand(Permission::FollowupWrite)?;
    let text = std::str::from_utf8(body).ok().filter(|text| text.lines().count() <= MOST_VISITS);
    let text = text.ok_or_else(|| {
        invalid(
            "followup.unreadable",
            "body",
            format!("send lines of JSON, at most {MOST_VISITS} at once"),
            format!("请按行发送 JSON，每次最多 {MOST_VISITS} 行"),
        )
    })?;
    let now = house.now();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let outcomes = join_all(lines.iter().map(async |line| one(house, actor, now, line).await)).await;
    let told = outcomes.into_iter().zip(&lines).enumerate().map(|(number, (outcome, line))| match outcome {
        Ok(answer) => Ok(answer),
        Err(Error::Refused(refusal)) => Ok(json!({
            "id": id_in(line), "line": number + 1,
            "error": { "code": refusal.code, "say_en": refusal.en, "say_zh": refusal.zh, "field": refusal.field },
        })),
        Err(fault) => Err(fault),
    });
    told.collect()
}

async fn one(house: &House, actor: &Actor, now: Moment, line: &str) -> Result<Value> {
    let told: ToldVisit = crate::changes_door::read(line.as_bytes()).map_err(|failure| match failure {
        Failure::Refused(refusal) => Error::Refused(refusal),
        _ => Error::Closed,
    })?;
    let ToldVisit { id, check, course, at, not_seen, celsius, signs, case } = told;
    let at = Some(at);
    let out = match not_seen {
        Some(why) => {
            house.db.apply(actor, now, TellNotSeen { id, check, course, at, why }).await?;
            Value::Null
        }
        None => {
            json!(
                house.db.apply(actor, now, TellCheck { id, check, course, at, celsius, signs, case }).await?
            )
        }
    };
    Ok(json!({ "id": id, "out": { "counted": true, "stands": out } }))
}

/// So that a telephone knows which of its lines a refusal is of, even when the rest of the line is broken.
fn id_in(line: &str) -> Option<String> {
    serde_json::from_str::<Value>(line).ok().and_then(|line| line["id"].as_str().map(str::to_owned))
}
