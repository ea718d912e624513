//! The levels of every edition, and which edition is in force.

use crate::packed;
use base::Day;
use packs::Protocol;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Result, Scope};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct LevelsAsked {
    #[serde(default)]
    pub disease: Option<String>,
    /// The day on which the edition is in force; today where it is left out.
    #[serde(default)]
    pub on: Option<Day>,
}

pub fn levels(scope: &Scope, asked: &LevelsAsked, today: Day) -> Result<Json> {
    scope.demand(Permission::ControlRead)?;
    let on = asked.on.unwrap_or(today);
    let protocols = packed::protocols();
    let in_force = asked.disease.as_deref().map(|disease| &protocols.for_disease(Some(disease), on).id);
    let editions: Vec<Json> = protocols.iter().filter(|one| one.zones.is_some()).map(edition).collect();
    Ok(json!({ "on": on, "in_force": in_force, "editions": editions }))
}

fn edition(one: &Protocol) -> Json {
    json!({
        "id": one.id, "version": one.version, "zh": one.zh, "en": one.en, "from": one.from, "to": one.to,
        "diseases": one.diseases, "zones": one.zones,
    })
}
