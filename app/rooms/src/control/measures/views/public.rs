//! What applies where: measures in force or announced, in plain words, for everybody. No person stands in any of them, nor any
//! words somebody typed but where it is.

use crate::access::levels::Levels;
use crate::control::above::holding_or_within;
use crate::control::measures::record::{COLUMNS, MeasureRecord};
use crate::packed;
use crate::regions::Atlas;
use base::{Moment, Territory};
use control::MeasureState;
use packs::{AccessLevel, Bilingual};
use serde_json::{Value as Json, json};
use store::{Query, Result, params};

const MOST: usize = 500;

/// Of one place: what holds in it, in a part of it, or in what it is a part of.
pub fn public_measures(
    query: &mut dyn Query,
    atlas: &Atlas,
    place: &Territory,
    now: Moment,
) -> Result<Vec<Json>> {
    let (here, mut inside) = holding_or_within(place, 2);
    let sql = format!(
        "SELECT {COLUMNS} FROM control_measure WHERE closed IS NULL AND ends > $1 AND {here} ORDER BY ends, id LIMIT {MOST}"
    );
    let mut values = params![now].to_vec();
    values.append(&mut inside);
    // A building and a protected disease together point at people: the notice names the disease to nobody then.
    let levels = Levels::of(query, "", now)?;
    let mut shown = Vec::new();
    for row in query.rows(&sql, &values)? {
        let mut record = MeasureRecord::of(&row)?;
        record.disease = record.disease.filter(|disease| levels.level(disease) < AccessLevel::Protected);
        let state = record.measure.state(now);
        if matches!(state, MeasureState::Announced | MeasureState::Active) {
            shown.extend(notice(&record, atlas, state));
        }
    }
    Ok(shown)
}

fn notice(record: &MeasureRecord, atlas: &Atlas, state: MeasureState) -> Option<Json> {
    let measures = packed::measures();
    let terms = &record.measure.terms;
    let kind = measures.kind(&terms.kind)?;
    let (text, article) = measures.laws.find(&terms.article)?;
    let named = |path: &Territory| {
        let place = atlas.at(path);
        json!({ "path": path, "zh": place.map(|place| &place.zh), "en": place.map(|place| &place.en) })
    };
    let words = |list: &[Bilingual], ids: &[String]| -> Vec<Json> {
        let known = list.iter().filter(|one| ids.contains(&one.id));
        known.map(|one| json!({ "zh": one.zh, "en": one.en })).collect()
    };
    let disease = packed::disease(record.disease.as_deref());
    Some(json!({
        "id": record.id, "state": state.word(), "kind": terms.kind, "zh": kind.zh, "en": kind.en,
        "asks_zh": kind.asks_zh, "asks_en": kind.asks_en, "territory": named(&terms.territory),
        "government": named(&terms.government), "place": record.place,
        "disease_zh": disease.map(|disease| &disease.zh), "disease_en": disease.map(|disease| &disease.en),
        "starts": terms.starts, "ends": terms.ends,
        "basis_zh": format!("《{}》{}", text.zh, article.zh), "basis_en": format!("{}, {}", text.en, article.en),
        "lift": words(&measures.catalogue.lift_criteria, &terms.lift),
        "duties": words(&measures.catalogue.duties, &terms.duties),
    }))
}
