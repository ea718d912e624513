//! Campaigns and their rounds.

use crate::lab::Campaign;
use crate::lab::reach::{ROUND_COLUMNS, RoundRecord, campaign_within};
use base::{Id, Moment};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct CampaignsAsked {
    /// The last row that was seen: when it was planned and its id, joined by a tab.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 50;

/// Newest first. One that a level above ordered, and that holds the asker's place, is theirs to see.
pub fn campaigns(query: &mut dyn Query, scope: &Scope, asked: &CampaignsAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let (first, past) = scope.territory.range();
    let after = asked.after.as_deref().and_then(|after| after.split_once('\t'));
    let (at, id) = after.map_or((i64::MAX, ""), |(at, id)| (at.parse().unwrap_or(i64::MAX), id));
    let above: Vec<String> =
        (0..scope.territory.depth()).map(|depth| scope.territory.at_depth(depth).path().to_owned()).collect();
    let list = (5..5 + above.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    let or_above = if above.is_empty() { String::new() } else { format!(" OR territory IN ({list})") };
    let sql = format!(
        "SELECT id, territory, name, disease, ordered, created, ended FROM lab_campaign \
         WHERE ((territory >= $1 AND territory < $2){or_above}) AND (created < $3 OR (created = $3 AND id < $4)) \
         ORDER BY created DESC, id DESC LIMIT {}",
        PAGE + 1
    );
    let mut values = params![first, past, at, id].to_vec();
    values.extend(above.into_iter().map(store::Value::from));
    let found = query.rows(&sql, &values)?;
    let more = found.len() > PAGE;
    let mut rows = Vec::new();
    for row in found.iter().take(PAGE) {
        let id: Id<Campaign> = row.read(0)?;
        let told = query.first(
            "SELECT count(*), coalesce(cast(sum(CASE WHEN ended IS NULL THEN 1 ELSE 0 END) AS BIGINT), 0) FROM lab_round WHERE campaign = $1",
            params![id],
        )?;
        let (rounds, open) =
            told.map_or(Ok((0, 0)), |row| Ok::<_, store::Error>((row.int(0)?, row.int(1)?)))?;
        rows.push(json!({
            "id": id, "territory": row.text(1)?, "name": row.text(2)?, "disease": row.text(3)?, "ordered": row.text(4)?,
            "created": row.int(5)?, "ended": row.opt_int(6)?, "rounds": rounds, "open_rounds": open,
        }));
    }
    let next = rows
        .last()
        .filter(|_| more)
        .map(|last| format!("{}\t{}", last["created"], last["id"].as_str().unwrap_or_default()));
    Ok(json!({ "now": now, "rows": rows, "next": next }))
}

pub(super) fn rounds_of(query: &mut dyn Query, campaign: Id<Campaign>) -> Result<Vec<RoundRecord>> {
    let sql =
        format!("SELECT {ROUND_COLUMNS} FROM lab_round r WHERE r.campaign = $1 ORDER BY r.number LIMIT 200");
    query.rows(&sql, params![campaign])?.iter().map(RoundRecord::of).collect()
}

pub fn campaign(query: &mut dyn Query, scope: &Scope, id: Id<Campaign>, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let record = campaign_within(query, scope, id)?;
    let all = rounds_of(query, id)?;
    let advice = super::stop::advice(query, id, &record.disease, &all, now)?;
    let mut rounds = Vec::new();
    for round in all {
        let progress = super::round::progress(query, scope, &round)?;
        rounds.push(json!({
            "id": round.id, "number": round.number, "opens": round.opens, "deadline": round.deadline,
            "ended": round.ended, "zones": round.zones, "coverage_target": round.coverage_target, "progress": progress,
        }));
    }
    let (first, past) = scope.territory.range();
    let posts = query.rows(
        "SELECT id, territory, name, desks, pool_size, ended FROM lab_post WHERE campaign = $1 AND territory >= $2 \
         AND territory < $3 ORDER BY territory, id LIMIT 2000",
        params![id, first, past],
    )?;
    let posts: Vec<Json> = posts
        .iter()
        .map(|row| {
            Ok(json!({
                "id": row.text(0)?, "territory": row.text(1)?, "name": row.text(2)?, "desks": row.int(3)?,
                "pool_size": row.int(4)?, "ended": row.opt_int(5)?,
            }))
        })
        .collect::<Result<_>>()?;
    Ok(json!({
        "now": now, "id": id, "territory": record.territory, "name": record.name, "disease": record.disease,
        "ended": record.ended, "rounds": rounds, "posts": posts,
        "advice": scope.reaches(&record.territory).then_some(advice),
        "may": { "manage": scope.may(Permission::LabManage) && scope.reaches(&record.territory) },
    }))
}
