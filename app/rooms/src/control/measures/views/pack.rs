//! The catalogue as forms need it: kinds, their articles, words.

use crate::packed;
use serde_json::{Value as Json, json};
use store::{Permission, Result, Scope};

pub fn pack(scope: &Scope) -> Result<Json> {
    scope.demand(Permission::ControlRead)?;
    let measures = packed::measures();
    Ok(json!({
        "version": measures.version(),
        "kinds": measures.catalogue.kinds, "lift_criteria": measures.catalogue.lift_criteria,
        "duties": measures.catalogue.duties, "texts": measures.laws.texts, "vocabulary": measures.vocabulary.indicators,
    }))
}
