//! The door for telephones that were without a network: what was done in a day in one request, each line answered for itself.

use crate::App;
use crate::access::http::names;
use crate::refuse::invalid;
use crate::reply::Failure;
use crate::tasks::Task;
use crate::tasks::changes::{AcknowledgeTask, Became, FinishTask, GiveUpTask, StartTask};
use crate::tasks::inside::Proof;
use base::{Id, Moment};
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Actor, Error, Permission, Result, Sealed, Sent};
use tasks::Deed;

/// One deed, as a telephone tells it.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldDeed {
    pub id: Id<Sent>,
    pub task: Id<Task>,
    pub did: Deed,
    #[schemars(with = "i64")]
    pub at: Moment,
    #[serde(default)]
    pub proof: Option<Sealed<Proof>>,
    #[serde(default)]
    pub photo: Option<String>,
    /// Why it could not be done.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Most lines of one request.
pub const MOST_DEEDS: usize = 500;

/// Every line for itself: one that is refused harms no other. Lines about one task go one after the other.
pub async fn take(house: &App, actor: &Actor, body: &[u8]) -> Result<Vec<Value>> {
    actor.scope.demand(Permission::TasksWork)?;
    let text = std::str::from_utf8(body).ok().filter(|text| text.lines().count() <= MOST_DEEDS);
    let text = text.ok_or_else(|| {
        invalid(
            "tasks.unreadable",
            "body",
            format!("send lines of JSON, at most {MOST_DEEDS} at once"),
            format!("请按行发送 JSON，每次最多 {MOST_DEEDS} 行"),
        )
    })?;
    let now = house.now();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let all = lines.iter().map(async |line| one(house, actor, now, line).await);
    let outcomes = join_all(all).await;
    let mut answers = Vec::with_capacity(lines.len());
    let mut others = Vec::new();
    for (number, (outcome, line)) in outcomes.into_iter().zip(&lines).enumerate() {
        match outcome {
            Ok((id, out)) => {
                others.extend(out.ended_by.clone().filter(|_| !out.counted));
                answers.push(json!({ "id": id, "out": out }));
            }
            Err(Error::Refused(refusal)) => {
                let told = json!({
                    "code": refusal.code, "say_en": refusal.en, "say_zh": refusal.zh, "field": refusal.field,
                });
                answers.push(json!({ "id": id_in(line), "line": number + 1, "error": told }));
            }
            Err(fault) => return Err(fault),
        }
    }
    if !others.is_empty() {
        // A colleague was there first: told by name.
        let known = house.db.read(move |reader| names(reader, others)).await?;
        for answer in &mut answers {
            if let Some(name) = answer["out"]["ended_by"].as_str().and_then(|by| known.get(by)) {
                answer["out"]["ended_by_name"] = json!(name);
            }
        }
    }
    Ok(answers)
}

async fn one(house: &App, actor: &Actor, now: Moment, line: &str) -> Result<(String, Became)> {
    let told: ToldDeed = crate::changes_door::read(line.as_bytes()).map_err(|failure| match failure {
        Failure::Refused(refusal) => Error::Refused(refusal),
        _ => Error::Closed,
    })?;
    let ToldDeed { id, task, did, at, proof, photo, reason } = told;
    let out = match did {
        Deed::Acknowledge => house.db.apply(actor, now, AcknowledgeTask { id, task, at }).await?,
        Deed::Start => house.db.apply(actor, now, StartTask { id, task, at }).await?,
        Deed::Finish => house.db.apply(actor, now, FinishTask { id, task, at, proof, photo }).await?,
        Deed::GiveUp => {
            let reason = reason.unwrap_or_default();
            house.db.apply(actor, now, GiveUpTask { id, task, at, reason }).await?
        }
    };
    Ok((id.to_string(), out))
}

/// So that a telephone knows which of its lines a refusal is of, even when the rest of the line is broken.
fn id_in(line: &str) -> Option<String> {
    serde_json::from_str::<Value>(line).ok().and_then(|line| line["id"].as_str().map(str::to_owned))
}
