//! What a telephone needs to know before it goes where there is no network.

use crate::lab::reach::{POST_COLUMNS, PostRecord};
use crate::regions::Atlas;
use base::Moment;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Copy, Default, Deserialize, schemars::JsonSchema)]
pub struct PostsAsked {
    /// Those of rounds that are over as well, for paper lists that are typed in later.
    #[serde(default)]
    pub late: bool,
}

const MOST: i64 = 500;

/// A paper list comes to be typed this long after its round, at most.
const LATE_SECONDS: i64 = 14 * 86_400;

/// Open posts within reach, each with the round that is held there now or opens next; of those that are over, the last one.
pub fn posts(
    query: &mut dyn Query,
    scope: &Scope,
    atlas: &Atlas,
    asked: PostsAsked,
    now: Moment,
) -> Result<Json> {
    scope.demand(Permission::LabCollect)?;
    let (first, past) = scope.territory.range();
    let (which, order) = if asked.late {
        ("r.deadline > $3 AND r.opens <= $4", "r.number DESC")
    } else {
        // Both moments are asked for either way: a statement names all that it is given.
        (
            "p.ended IS NULL AND c.ended IS NULL AND r.ended IS NULL AND cast($3 AS BIGINT) < cast($4 AS BIGINT)",
            "r.number",
        )
    };
    let sql = format!(
        "SELECT {POST_COLUMNS}, c.name, r.id, r.number, r.opens, r.deadline FROM lab_post p \
         JOIN lab_campaign c ON c.id = p.campaign JOIN lab_round r ON r.campaign = p.campaign \
         WHERE p.territory >= $1 AND p.territory < $2 AND {which} ORDER BY p.territory, p.id, {order} LIMIT {MOST}"
    );
    let mut posts: Vec<Json> = Vec::new();
    for row in query.rows(&sql, params![first, past, now.plus_seconds(-LATE_SECONDS), now])? {
        let post = PostRecord::of(&row)?;
        // The first round that is still open is the one that is held; of a post that is over, the last.
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
