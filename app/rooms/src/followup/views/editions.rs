//! Editions as everybody may read them, two of them told apart, and days of watching from a chosen residual risk.

use crate::packed;
use crate::refuse::{invalid, missing};
use packs::{Protocol, difference};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::Result;

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct DifferenceAsked {
    pub old: String,
    pub new: String,
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct LengthAsked {
    pub disease: String,
    /// Share of the infected that may fall ill afterwards.
    pub risk: f64,
    /// Days between the first and the last exposure.
    #[serde(default)]
    pub exposure_days: Option<u16>,
}

pub fn editions() -> Json {
    let protocols = packed::protocols();
    let rows: Vec<Json> = protocols
        .iter()
        .map(|edition| {
            json!({
                "id": edition.id, "version": edition.version, "zh": edition.zh, "en": edition.en, "diseases": edition.diseases,
                "from": edition.from, "to": edition.to, "source": edition.source, "confidence": edition.confidence,
                "follow_up": edition.follow_up, "pathways": edition.pathways,
            })
        })
        .collect();
    json!({ "rows": rows })
}

fn edition(id: &str) -> Result<&'static Protocol> {
    packed::protocols().by_id(id).ok_or_else(|| missing("edition", "方案"))
}

pub fn editions_apart(asked: &DifferenceAsked) -> Result<Json> {
    let (old, new) = (edition(&asked.old)?, edition(&asked.new)?);
    Ok(json!({ "old": old.id, "new": new.id, "rows": difference(old, new) }))
}

pub fn length(asked: &LengthAsked) -> Result<Json> {
    let disease = packed::diseases().by_id(&asked.disease).ok_or_else(|| missing("disease", "病种"))?;
    let told = followup::advise(disease, asked.risk, asked.exposure_days.unwrap_or(0).min(90)).map_err(
        |refusal| {
            invalid(
                "followup.length",
                "risk",
                refusal.to_string(),
                "无法由该病种的潜伏期分布推算；请选择 0 到 1 之间的风险，或为该病种补充带离散度的潜伏期",
            )
        },
    )?;
    Ok(json!({
        "disease": disease.id, "zh": disease.zh, "en": disease.en, "days": told.days, "residual": told.residual,
        "residual_before": told.residual_before, "source": disease.incubation.source.trim(), "tag": disease.incubation.tag,
    }))
}
