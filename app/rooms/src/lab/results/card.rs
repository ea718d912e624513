//! A negative result as a SMART Health Card: a FHIR bundle of two resources, packed, signed, and written in digits for a QR picture.

use super::issuer::Key;
use base::Moment;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Value as Json, json};
use std::io::Write;

pub(super) struct Card<'a> {
    /// The address of the house: its keys lie below it.
    pub issuer: &'a str,
    pub name: String,
    pub number_ending: Option<String>,
    pub loinc: &'a str,
    pub laboratory: &'a str,
    pub sampled: Moment,
    pub reported: Moment,
    pub ends: Moment,
}

/// SNOMED CT: not detected.
const NOT_DETECTED: &str = "260415000";

/// A name as long as this makes the picture no harder to read.
const LONGEST_LABORATORY: usize = 40;

impl Card<'_> {
    fn told(&self) -> Json {
        let mut patient = json!({ "resourceType": "Patient", "name": [{ "text": self.name }] });
        if let Some(ending) = &self.number_ending {
            patient["identifier"] = json!([{ "value": format!("＊{ending}") }]);
        }
        let laboratory: String = self.laboratory.chars().take(LONGEST_LABORATORY).collect();
        let observation = json!({
            "resourceType": "Observation", "status": "final",
            "code": { "coding": [{ "system": "http://loinc.org", "code": self.loinc }] },
            "subject": { "reference": "resource:0" },
            "effectiveDateTime": Moment(self.sampled.0 / 1000 * 1000).to_string(),
            "performer": [{ "display": laboratory }],
            "valueCodeableConcept": { "coding": [{ "system": "http://snomed.info/sct", "code": NOT_DETECTED }] },
        });
        json!({
            "iss": self.issuer, "nbf": self.reported.0 / 1000, "exp": self.ends.0 / 1000,
            "vc": {
                "type": ["https://smarthealth.cards#health-card", "https://smarthealth.cards#laboratory"],
                "credentialSubject": {
                    "fhirVersion": "4.0.1",
                    "fhirBundle": {
                        "resourceType": "Bundle", "type": "collection",
                        "entry": [
                            { "fullUrl": "resource:0", "resource": patient },
                            { "fullUrl": "resource:1", "resource": observation },
                        ],
                    },
                },
            },
        })
    }

    /// Nothing in it is of the moment: whoever asks twice is given the same.
    pub fn signed(&self, key: &Key) -> String {
        let mut packing = DeflateEncoder::new(Vec::new(), Compression::best());
        let packed = packing.write_all(self.told().to_string().as_bytes()).and_then(|()| packing.finish());
        in_digits(&key.signed(&packed.expect("memory takes what is written")))
    }
}

/// Two digits a letter, counted from `-`: a QR picture of digits is half the size of one of letters.
fn in_digits(jws: &str) -> String {
    let digits: String = jws.bytes().map(|letter| format!("{:02}", letter - b'-')).collect();
    format!("shc:/{digits}")
}
