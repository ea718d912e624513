//! Reasons, what may be ordered, articles and clocks, as the pack has them.

use super::demand_reader;
use crate::packed;
use serde_json::{Value as Json, json};
use store::{Result, Scope};

pub fn pack(scope: &Scope) -> Result<Json> {
    demand_reader(scope)?;
    let pack = packed::restrictions();
    let words = |id: &str, zh: &str, en: &str| json!({ "id": id, "zh": zh, "en": en });
    let kinds: Vec<Json> = pack.kinds.iter().map(|one| words(one.id.word(), &one.zh, &one.en)).collect();
    let reasons: Vec<Json> = pack
        .reasons
        .iter()
        .map(|one| {
            json!({
                "id": one.id, "zh": one.zh, "en": one.en, "evidence": one.evidence, "kinds": one.kinds,
                "articles": one.articles, "days": one.days, "from": one.from, "source": one.source,
                "confidence": one.confidence,
            })
        })
        .collect();
    let articles: Vec<Json> = pack
        .articles
        .iter()
        .map(|one| json!({ "id": one.id, "zh": one.zh, "en": one.en, "from": one.from, "until": one.until }))
        .collect();
    Ok(json!({
        "version": pack.version, "kinds": kinds, "reasons": reasons, "articles": articles,
        "proposal_hours": pack.proposals.hours, "appeal_hours": pack.appeals.hours,
        "undecided": pack.appeals.undecided,
    }))
}
