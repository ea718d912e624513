//! The published facts of a replay, read from its file and checked.

use crate::Basis;
use base::{Day, Territory};
use cases::Found;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    pub id: String,
    pub version: String,
    pub zh: String,
    pub en: String,
    /// Id of the disease pack.
    pub disease: String,
    pub territory: Territory,
    #[serde(deserialize_with = "civil_day")]
    pub last_day: Day,
    pub event: Event,
    pub family: Family,
    pub contacts: Contacts,
    pub screening: Screening,
    pub finds: Vec<Finds>,
    pub figures: Vec<Figure>,
    pub notes: Vec<Remark>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub no: String,
    pub zh: String,
    pub en: String,
    #[serde(deserialize_with = "civil_day")]
    pub opened: Day,
}

/// Those who brought it: infected elsewhere, found on the same day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    pub people: usize,
    pub source_zh: String,
    pub source_en: String,
    #[serde(deserialize_with = "civil_day")]
    pub result_day: Day,
    pub basis: Basis,
    pub source: String,
    pub light: usize,
    pub ordinary: usize,
    #[serde(deserialize_with = "civil_day")]
    pub exposure_from: Day,
    #[serde(deserialize_with = "civil_day")]
    pub exposure_until: Day,
    #[serde(deserialize_with = "civil_day")]
    pub returned_on: Day,
    pub why: String,
    pub found: Found,
}

/// Whoever was tested because of where they live.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screening {
    #[serde(deserialize_with = "civil_day")]
    pub day: Day,
    pub sealed_zone: Territory,
    pub sealed_people: usize,
    pub sealed_rounds: usize,
    pub precaution_people: usize,
    /// So many of them are in the replay.
    pub precaution_told: usize,
    pub basis: Basis,
    pub source: String,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contacts {
    pub close: usize,
    pub secondary: usize,
    #[serde(deserialize_with = "civil_day")]
    pub listed_on: Day,
    pub basis: Basis,
    pub source: String,
}

/// Contacts whose test in quarantine came back positive on one day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finds {
    #[serde(deserialize_with = "civil_day")]
    pub result_day: Day,
    /// When the expert group decided, if later than the result: until then the case is probable.
    #[serde(default, deserialize_with = "maybe_civil_day")]
    pub classified_on: Option<Day>,
    pub confirmed: usize,
    pub asymptomatic: usize,
    pub basis: Basis,
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    #[serde(deserialize_with = "civil_day")]
    pub day: Day,
    pub kind: String,
    pub value: u64,
    pub zh: String,
    pub en: String,
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    #[serde(deserialize_with = "civil_day")]
    pub day: Day,
    pub zh: String,
    pub en: String,
    pub source: String,
}

/// Clinical grades of the Chinese plan that the notices used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 轻型: mild signs, no pneumonia on imaging.
    Light,
    /// 普通型: pneumonia on imaging.
    Ordinary,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    #[error("scenario, line {line}: {message}; compare with scenarios/taigu-2022.toml")]
    Shape { line: usize, message: String },
    #[error("scenario, {key}: {problem}; {remedy}")]
    Unsound { key: &'static str, problem: &'static str, remedy: &'static str },
}

impl Spec {
    /// # Errors
    /// The first thing that does not hold together, with its key and a remedy.
    pub fn read(text: &str) -> Result<Spec, SpecError> {
        let spec: Spec = toml::from_str(text).map_err(|error| SpecError::Shape {
            line: error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1),
            message: error.message().to_owned(),
        })?;
        spec.check()?;
        Ok(spec)
    }

    /// People found positive after the family.
    pub fn found_later(&self) -> usize {
        self.finds.iter().map(|finds| finds.confirmed + finds.asymptomatic).sum()
    }

    fn check(&self) -> Result<(), SpecError> {
        let family = &self.family;
        let unless = |holds: bool, key, problem, remedy| {
            if holds { Ok(()) } else { Err(SpecError::Unsound { key, problem, remedy }) }
        };
        unless(
            family.light + family.ordinary == family.people,
            "family",
            "light and ordinary do not add up to its people",
            "count each of them once",
        )?;
        unless(
            family.exposure_from <= family.exposure_until
                && family.exposure_until <= family.returned_on
                && family.returned_on < family.result_day,
            "family",
            "exposure, return and result are not in this order",
            "correct the days",
        )?;
        unless(
            family.result_day <= self.contacts.listed_on,
            "contacts.listed_on",
            "lies before the family was found",
            "correct the day",
        )?;
        unless(
            self.finds.iter().all(|finds| {
                self.contacts.listed_on < finds.result_day
                    && finds.result_day <= finds.classified_on.unwrap_or(finds.result_day)
                    && finds.classified_on.unwrap_or(finds.result_day) <= self.last_day
            }),
            "finds",
            "a find lies before the contacts were listed or after the last day",
            "correct result_day or classified_on",
        )?;
        unless(
            self.territory.holds(&self.screening.sealed_zone)
                && self.screening.precaution_told <= self.screening.precaution_people,
            "screening",
            "its zone lies outside the scenario, or more are told than were tested",
            "correct the zone or precaution_told",
        )?;
        unless(
            self.found_later() <= self.contacts.close,
            "finds",
            "more people are found than there are close contacts",
            "correct the counts",
        )
    }
}

/// TOML has a date type of its own; scenarios use it, unquoted.
fn civil_day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
    let written = toml::value::Datetime::deserialize(deserializer)?;
    written.to_string().parse().map_err(serde::de::Error::custom)
}

fn maybe_civil_day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Day>, D::Error> {
    civil_day(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TAIGU_2022;

    fn refused(from: &str, to: &str) -> String {
        assert!(TAIGU_2022.contains(from), "the test changed nothing");
        Spec::read(&TAIGU_2022.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn a_family_that_does_not_add_up_is_refused() {
        assert!(refused("light = 2", "light = 3").contains("count each of them once"));
    }

    #[test]
    fn a_return_after_the_result_is_refused() {
        let refusal = refused("returned_on = 2022-02-17", "returned_on = 2022-02-20");
        assert!(refusal.contains("not in this order"), "{refusal}");
    }

    #[test]
    fn a_find_before_anybody_was_listed_is_refused() {
        let refusal = refused("result_day = 2022-02-22", "result_day = 2022-02-21");
        assert!(refusal.contains("before the contacts were listed"), "{refusal}");
    }

    #[test]
    fn more_people_than_were_tested_are_refused() {
        let refusal = refused("precaution_told = 1_200", "precaution_told = 295_959");
        assert!(refusal.contains("correct the zone or precaution_told"), "{refusal}");
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused_with_its_line() {
        let refusal = refused("last_day = 2022-03-01", "last_day = 2022-02-31");
        assert!(refusal.starts_with("scenario, line "), "{refusal}");
    }
}
