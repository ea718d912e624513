//! What a telephone needs to know before it goes where there is no network.

use crate::lab::reach::{POST_COLUMNS, PostRecord};
use crate::regions::Atlas;
use base::Moment;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

const MOST: i64 = 500;

/// Open posts within reach, each with the round that is held there now or opens next.
pub fn posts(query: &mut dyn Query, scope: &Scope, atlas: &Atlas, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabCollect)?;
    let (first, past) = scope.territory.range();
    let sql = format!(
        "SELECT {POST_COLUMNS}, c.name, r.id, r.number, r.opens, r.deadline FROM lab_post p \
         JOIN lab_campaign c ON c.id = p.campaign JOIN lab_round r ON r.campaign = p.campaign AND r.ended IS NULL \
         WHERE p.territory >= $1 AND p.territory < $2 AND p.ended IS NULL AND c.ended IS NULL \
         ORDER BY p.territory, p.id, r.number LIMIT {MOST}"
    );
    let mut posts: Vec<Json> = Vec::new();
    for row in query.rows(&sql, params![first, past])? {
        let post = PostRecord::of(&row)?;
        // The first round that is still open is the one that is held.
        if posts.last().is_some_and(|last| last["id"] == json!(post.id)) {
            continue;
        }
        let place = atlas.at(&post.territory);
        posts.push(json!({
            "id": post.id, "name": post.name, "campaign": post.campaign, "campaign_name": row.text(6)?,
            "round": row.text(7)?, "round_name": format!("{} · {}", row.text(6)?, row.int(8)?),
            "round_number": row.int(8)?, "opens": row.int(9)?, "deadline": row.int(10)?,
            "territory": post.territory, "territory_zh": place.map(|place| &place.zh),
            "territory_en": place.map(|place| &place.en), "pool_size": post.pool_size, "desks": post.desks,
            "sizes": lab::TubeSize::ALL.map(lab::TubeSize::swabs),
        }));
    }
    Ok(json!({ "now": now, "posts": posts }))
}
