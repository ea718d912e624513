//! Which observations are no findings but answers to what was asked when the test was ordered.

use super::{CodeSystem, Coded};

/// Questions asked at order entry (LOINC). Laboratories send the answers among the results, as the same segment.
///
/// # Source
/// HHS, COVID-19 Pandemic Response, Laboratory Data Reporting: CARES Act Section 115, and the LOINC codes public senders
/// use for its questions; those marked `*` from memory.
const QUESTIONS: [&str; 13] = [
    "95417-2", // first test
    "95418-0", // works in health care
    "95419-8", // has symptoms
    "65222-2", // since when *
    "77974-4", // in hospital for it
    "95420-6", // in intensive care for it
    "95421-4", // lives in a shared home
    "82810-3", // is pregnant
    "30525-0", // age *
    "35659-2", // age at collection *
    "76691-5", // gender identity
    "54899-0", // preferred language *
    "75325-1", // which symptom *
];

/// A group ordered as this holds nothing but answers.
const PANEL_OF_QUESTIONS: &str = "68991-9";

pub fn is_question(test: &Coded) -> bool {
    test.code_in(&CodeSystem::Loinc).is_some_and(|code| QUESTIONS.contains(&code))
}

pub fn asks_only(order: &Coded) -> bool {
    order.code_in(&CodeSystem::Loinc) == Some(PANEL_OF_QUESTIONS)
}
