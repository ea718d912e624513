//! Words of FHIR for words of reports. What FHIR has no word for is kept beside, so that it comes back as it was.

use super::datatypes::{Beside, CodeableConcept, Coding, Extension};
use crate::complaint::Finds;
use crate::lab_report::{CodeSystem, Coded, Coding as ReportCoding, ResultStatus, Sex};
use crate::stated_time::StatedTime;
use crate::{Place, ReportFault};

/// The beginning of the names under which fields of version 2 are kept.
const KEPT: &str = "urn:x-hl7v2:";

pub fn kept(field: &str, word: &str) -> Extension {
    Extension { url: format!("{KEPT}{field}"), value_string: Some(word.to_owned()), ..Extension::default() }
}

pub fn was_kept(extensions: &[Extension], field: &str) -> Option<String> {
    let named = |extension: &&Extension| extension.url.strip_prefix(KEPT) == Some(field);
    extensions.iter().find(named)?.value_string.clone().filter(|word| !word.is_empty())
}

pub fn all_kept<'a>(extensions: &'a [Extension], field: &'a str) -> impl Iterator<Item = &'a Extension> {
    extensions.iter().filter(move |extension| extension.url.strip_prefix(KEPT) == Some(field))
}

/// One of a few words with a partner, otherwise kept beside.
pub fn paired(table: &[(&'static str, &'static str)], word: Option<&str>) -> Option<&'static str> {
    let word = word?;
    table.iter().find(|(ours, _)| *ours == word).map(|(_, theirs)| *theirs)
}

/// The other way round.
pub fn unpaired(table: &[(&'static str, &'static str)], word: Option<&str>) -> Option<String> {
    let word = word?;
    table.iter().find(|(_, theirs)| *theirs == word).map(|(ours, _)| (*ours).to_owned())
}

/// HL7 table 0200.
pub const NAMES: [(&str, &str); 4] = [("L", "official"), ("M", "maiden"), ("N", "nickname"), ("D", "usual")];
/// HL7 table 0201.
pub const TELECOMS: [(&str, &str); 2] = [("PRN", "home"), ("WPN", "work")];
/// HL7 table 0190.
pub const ADDRESSES: [(&str, &str); 4] = [("H", "home"), ("B", "work"), ("C", "temp"), ("BA", "old")];

/// The names of version 2's table 0085 in the value set `observation-status`; the report's own set has the same ones.
pub fn status_word(status: Option<&ResultStatus>) -> &str {
    match status {
        Some(ResultStatus::Final) => "final",
        Some(ResultStatus::Preliminary) => "preliminary",
        Some(ResultStatus::Corrected) => "corrected",
        Some(ResultStatus::NotObtained) => "cancelled",
        Some(ResultStatus::Deleted | ResultStatus::Wrong) => "entered-in-error",
        Some(ResultStatus::Said(word)) if is_other_status(word) => word,
        Some(ResultStatus::Said(_)) | None => "unknown",
    }
}

fn is_other_status(word: &str) -> bool {
    ["registered", "partial"].contains(&word)
}

/// What the word alone would not bring back.
pub fn status_beside(status: Option<&ResultStatus>, field: &str) -> Vec<Extension> {
    match status {
        Some(ResultStatus::Wrong) => vec![kept(field, "W")],
        Some(ResultStatus::Said(letter)) if !is_other_status(letter) => vec![kept(field, letter)],
        _ => Vec::new(),
    }
}

pub fn status(
    word: Option<&str>,
    extensions: &[Extension],
    field: &str,
    place: &Place,
    finds: &mut Finds,
) -> Option<ResultStatus> {
    if let Some(letter) = was_kept(extensions, field) {
        return Some(ResultStatus::of_letter(&letter));
    }
    Some(match word {
        Some("final") => ResultStatus::Final,
        Some("preliminary") => ResultStatus::Preliminary,
        Some("corrected" | "amended" | "appended") => ResultStatus::Corrected,
        Some("cancelled") => ResultStatus::NotObtained,
        Some("entered-in-error") => ResultStatus::Deleted,
        Some("unknown") => return None,
        Some(other) => {
            if !is_other_status(other) {
                let fault = ReportFault::UnknownWord { what: "a status".to_owned(), said: other.to_owned() };
                finds.doubt(place.clone(), fault);
            }
            ResultStatus::Said(other.to_owned())
        }
        None => {
            finds.doubt(place.clone(), ReportFault::Missing { what: "the status".to_owned() });
            return None;
        }
    })
}

pub fn sex_word(sex: &Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Other => "other",
        Sex::Unknown | Sex::Said(_) => "unknown",
    }
}

pub fn sex(word: Option<&str>, extensions: &[Extension]) -> Option<Sex> {
    if let Some(said) = was_kept(extensions, "PID-8") {
        return Some(Sex::Said(said));
    }
    Some(match word? {
        "female" => Sex::Female,
        "male" => Sex::Male,
        "other" => Sex::Other,
        "unknown" => Sex::Unknown,
        said => Sex::Said(said.to_owned()),
    })
}

pub fn concept(coded: &Coded) -> CodeableConcept {
    let coding = coded.codings.iter().map(|coding| Coding {
        system: coding.system.as_ref().map(CodeSystem::address),
        version: coding.version.clone(),
        code: coding.code.clone(),
        display: coding.text.clone(),
    });
    CodeableConcept { coding: coding.collect(), text: coded.text.clone() }
}

pub fn concept_unless_blank(coded: &Coded) -> Option<CodeableConcept> {
    (!coded.is_blank()).then(|| concept(coded))
}

pub fn coded(concept: Option<&CodeableConcept>) -> Coded {
    let Some(concept) = concept else { return Coded::default() };
    let codings = concept.coding.iter().map(|coding| ReportCoding {
        system: said(coding.system.as_ref()).map(|address| CodeSystem::of_address(&address)),
        code: said(coding.code.as_ref()),
        text: said(coding.display.as_ref()),
        version: said(coding.version.as_ref()),
    });
    Coded {
        codings: codings.filter(|coding| !coding.is_blank()).collect(),
        text: said(concept.text.as_ref()),
    }
}

/// An empty text says nothing.
pub fn said(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).cloned()
}

/// A time that was said with what FHIR asks of one, and the same beside when it was not: nothing is filled up.
pub fn time_out(time: Option<StatedTime>) -> (Option<String>, Option<Beside>) {
    let Some(time) = time else { return (None, None) };
    if is_whole(time) || (time.clock.is_none() && time.offset_minutes.is_none()) {
        return (Some(time.to_string()), None);
    }
    (Some(time.date.to_string()), Some(beside(time)))
}

/// The same for an `instant`, which must be whole or not be there.
pub fn instant_out(time: Option<StatedTime>) -> (Option<String>, Option<Beside>) {
    match time {
        Some(time) if is_whole(time) => (Some(time.to_string()), None),
        Some(time) => (None, Some(beside(time))),
        None => (None, None),
    }
}

fn is_whole(time: StatedTime) -> bool {
    time.offset_minutes.is_some() && time.clock.is_some_and(|clock| clock.has_seconds())
}

fn beside(time: StatedTime) -> Beside {
    Beside { extension: vec![kept("TS", &time.to_string())] }
}

pub fn time(
    value: Option<&String>,
    beside: Option<&Beside>,
    place: &Place,
    finds: &mut Finds,
) -> Option<StatedTime> {
    let kept = beside.and_then(|beside| was_kept(&beside.extension, "TS"));
    let said = kept.or_else(|| said(value))?;
    let read = said.parse().ok();
    if read.is_none() {
        finds.doubt(place.clone(), ReportFault::BadTime { said });
    }
    read
}
