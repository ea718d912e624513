//! The packs as the pages need them.

use crate::packed;
use cases::Milestone;
use serde_json::{Value as Json, json};

pub fn pack() -> Json {
    let (indicators, signals) = (packed::indicators(), packed::signals());
    let told: Vec<Json> = indicators
        .indicators
        .iter()
        .map(|one| {
            json!({
                "id": one.id, "kind": one.kind, "zh": one.zh, "en": one.en, "unit_zh": one.unit_zh, "unit_en": one.unit_en,
                "cadence": one.cadence, "due_hours": one.due_hours, "group": one.group, "adds": one.adds,
                "whole": one.whole, "most": one.most, "of": one.of, "source": one.source, "method": one.method,
            })
        })
        .collect();
    let words = |words: Vec<&str>| json!(words);
    json!({
        "version": indicators.version, "signals_version": signals.version,
        "groups": indicators.groups, "kinds": indicators.kinds, "indicators": told,
        "grades": signals.grades, "reasons": signals.reasons, "quiet_days": signals.quiet_days,
        "methods": surveillance::methods::methods().iter().map(|method| method.name).collect::<Vec<_>>(),
        "instruments": packed::instruments(),
        "milestones": words(Milestone::ALL.iter().map(|word| word.word()).collect()),
    })
}
