//! EARS, Bayes and RKI.

use super::case::Case;
use super::compare::{Checked, Tolerance, compare};
use crate::detect::{prepare, sheet, watch};
use serde_json::Value;
use surveillance::methods;

pub fn check(case: &Case) -> Result<Vec<Checked>, String> {
    let Value::Object(mut settings) = case.config() else {
        return Err("params.json has no `params`".to_owned());
    };
    let name = match case.family.as_str() {
        "earsC" => {
            settings.insert("compatibility".to_owned(), "surveillance_1_20".into());
            let which = case.params["method"].as_str().unwrap_or_default();
            format!("ears_{}", which.to_lowercase())
        }
        other => other.to_owned(),
    };
    let (chosen, frame) = prepare(&methods::named(&name)?, settings)?;
    let got = sheet(&watch(&case.table("series.csv")?, &chosen, &frame)?);
    let expected = case.table("expected.csv")?;
    ["upperbound", "alarm"]
        .into_iter()
        .map(|measure| compare(&expected, &got, &["series", "t"], measure, Tolerance::stated(case, measure)?))
        .collect()
}
