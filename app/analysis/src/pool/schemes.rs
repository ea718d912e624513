//! The ways of mixing side by side, each at its best size.

use super::settings::Settings;
use super::{of_a_thousand, six_digits};
use crate::sheet::Sheet;
use lab::{People, compare_schemes};

/// Larger pools are offered when they are asked for.
const LARGEST: usize = 20;

pub fn told(prevalence: f64, settings: &Settings) -> Result<Sheet, String> {
    let people = People::of(prevalence, settings.households()?).map_err(|why| why.to_string())?;
    let (assay, wishes) = (settings.assay()?, settings.wishes(1..=LARGEST));
    let offers = compare_schemes(&people, &assay, &wishes).map_err(|why| why.to_string())?;
    if settings.value_of_hour == 0.0 {
        eprintln!("hours people are held count nothing here; give --value-of-hour to count them");
    }
    if settings.household_correlation > 0.0 && settings.household_size > 1 {
        eprintln!("in squares people count as strangers; the household is in the other schemes only");
    }
    if !offers.iter().any(|offer| offer.sensitive_enough) {
        eprintln!(
            "no scheme reaches the sensitivity {}; each line is the most sensitive of its kind",
            settings.least_sensitivity
        );
    }
    let mut sheet = Sheet::of(&[
        "scheme",
        "pool",
        "part",
        "tests_per_1000",
        "sensitivity",
        "specificity",
        "ppv",
        "npv",
        "held_per_1000",
        "hours_held_per_1000",
        "cost_per_1000",
        "sensitive_enough",
    ]);
    for offer in offers {
        let does = offer.performance;
        sheet.add(vec![
            offer.scheme.kind().word().into(),
            offer.scheme.largest_mix().into(),
            offer.scheme.smaller_mix().into(),
            of_a_thousand(does.tests),
            six_digits(does.sensitivity),
            six_digits(does.specificity),
            six_digits(does.positive_predictive_value),
            six_digits(does.negative_predictive_value),
            of_a_thousand(does.held),
            of_a_thousand(offer.hours_held),
            of_a_thousand(offer.cost),
            offer.sensitive_enough.into(),
        ]);
    }
    Ok(sheet)
}
