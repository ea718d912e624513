//! The packs an investigation works by, as the pages need them.

use crate::packed;
use packs::{FormSection, InterviewForm, Protocol};
use serde_json::{Value as Json, json};
use store::{Permission, Result, Scope};

pub fn pack(scope: &Scope) -> Result<Json> {
    scope.demand(Permission::ContactsRead)?;
    let (protocols, interviews) = (packed::protocols(), packed::interviews());
    let kinds: Vec<Json> = interviews
        .place_kinds
        .iter()
        .map(|kind| json!({ "id": kind.id, "zh": kind.zh, "en": kind.en, "indoors": kind.indoors, "exposure": kind.exposure }))
        .collect();
    Ok(json!({
        "version": interviews.version,
        "protocols": protocols.iter().map(protocol).collect::<Vec<_>>(),
        "forms": interviews.forms.iter().map(form).collect::<Vec<_>>(),
        "exposure_kinds": protocols.exposures,
        "place_kinds": kinds,
        "sources": interviews.sources,
    }))
}

fn protocol(one: &Protocol) -> Json {
    let rules: Vec<Json> = one
        .rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id, "class": rule.class, "kinds": rule.kinds, "unless": rule.unless,
                "brief_minutes": rule.brief_minutes, "zh": rule.zh, "en": rule.en, "source": rule.source,
                "confidence": rule.confidence,
            })
        })
        .collect();
    json!({
        "id": one.id, "version": one.version, "zh": one.zh, "en": one.en, "diseases": one.diseases, "from": one.from,
        "to": one.to, "look_back_days": one.look_back_days.value, "secondary": one.secondary.value,
        "contacts_determined": one.contacts_determined.value,
        "near_metres": one.near_metres.as_ref().map(|near| near.value),
        "rows_each_way": one.rows_each_way.as_ref().map(|rows| rows.value), "air_minutes": one.air_minutes.value,
        "core_hours": one.core_hours.value, "full_hours": one.full_hours.value,
        "hand_over_hours": one.hand_over_hours.value, "rules": rules, "source": one.source,
        "confidence": one.confidence,
        "cited": {
            "look_back_days": one.look_back_days, "secondary": one.secondary, "near_metres": one.near_metres,
            "rows_each_way": one.rows_each_way, "air_minutes": one.air_minutes, "core_hours": one.core_hours,
            "full_hours": one.full_hours, "hand_over_hours": one.hand_over_hours,
        },
    })
}

fn form(one: &InterviewForm) -> Json {
    let section = |section: &FormSection| {
        let questions: Vec<Json> = section
            .questions
            .iter()
            .map(|question| {
                json!({
                    "id": question.id, "zh": question.zh, "en": question.en, "help_zh": question.help_zh,
                    "help_en": question.help_en, "kind": question.kind, "choices": question.choices,
                    "needed": question.needed, "shown_if": question.shown_if,
                })
            })
            .collect();
        json!({ "id": section.id, "zh": section.zh, "en": section.en, "diseases": section.diseases, "questions": questions })
    };
    json!({
        "id": one.id, "zh": one.zh, "en": one.en, "due_hours": one.due_hours,
        "sections": one.sections.iter().map(section).collect::<Vec<_>>(),
    })
}
