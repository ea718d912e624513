//! What would follow, before an order is proposed: who must say yes, what it costs, and which permits it touches. Writes nothing.

use crate::control::measures::denied;
use crate::control::measures::record::class_of;
use crate::control::permits::granted_in;
use crate::packed;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Moment, Territory};
use control::{Terms, cost, days_between, ground};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope};

/// The same fields as the proposal's.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewForm {
    pub kind: String,
    pub article: String,
    pub government: Territory,
    pub territory: Territory,
    #[serde(default)]
    pub disease: Option<String>,
    pub affected: u32,
    #[schemars(with = "i64")]
    pub starts: Moment,
    #[schemars(with = "i64")]
    pub ends: Moment,
    pub lift: Vec<String>,
    #[serde(default)]
    pub duties: Vec<String>,
}

pub fn preview(query: &mut dyn Query, scope: &Scope, form: &PreviewForm, now: Moment) -> Result<Json> {
    scope.demand(Permission::ControlPropose)?;
    scope.demand_territory(&form.territory)?;
    let terms = Terms {
        kind: form.kind.clone(),
        article: form.article.clone(),
        government: form.government.clone(),
        territory: form.territory.clone(),
        affected: form.affected,
        starts: form.starts,
        ends: form.ends,
        lift: form.lift.clone(),
        duties: form.duties.clone(),
    };
    let class = class_of(form.disease.as_deref(), form.starts);
    let held = ground(&terms, class, packed::measures(), UTC_OFFSET_MINUTES).map_err(denied)?;
    let days = days_between(form.starts, form.ends);
    let told = packed::measures()
        .economy
        .output(&form.territory)
        .map(|output| cost(held.kind, output, form.affected, days));
    let depth = form.government.depth();
    let permits = match held.kind.gatherings_to {
        Some(limit) => granted_in(query, &form.territory, (form.starts, form.ends), limit, now)?,
        None => 0,
    };
    Ok(json!({
        "approval": held.article.approval, "announce": held.article.announce,
        "next_upper": (depth > 0).then(|| form.government.at_depth(depth - 1)),
        "numbering": held.text.numbering, "affected": form.affected, "days": days, "cost": told, "permits": permits,
        "effect": held.kind.effect,
    }))
}
