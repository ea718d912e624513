//! What is written as a bundle is read back as what it was, and nothing in it leads nowhere.

mod reports;

use exchange::fhir::{bundles, write};
use exchange::lab_report::{LabReport, LabResult, ReportCaps, Value};
use exchange::{Received, StatedTime, hl7};
use proptest::prelude::*;
use serde_json::Value as Json;
use std::collections::BTreeSet;

const EXAMPLE: &str = include_str!("../../../docs/examples/lab-report.hl7");

fn read_back(text: &str) -> Received {
    let all: Vec<Received> = bundles(text.as_bytes(), &ReportCaps::default()).collect();
    assert_eq!(all.len(), 1, "{text}");
    all.into_iter().next().unwrap()
}

/// In FHIR a day alone is a date, whatever it was called before.
fn with_days_as_dates(report: &LabReport) -> LabReport {
    let one = |result: &LabResult| LabResult {
        value: match &result.value {
            Value::Time(StatedTime { date, clock: None, offset_minutes: None }) => Value::Date(*date),
            other => other.clone(),
        },
        ..result.clone()
    };
    LabReport { results: report.results.iter().map(one).collect(), ..report.clone() }
}

fn references(json: &Json, met: &mut BTreeSet<String>) {
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Json::String(target) if name == "reference" => {
                        met.insert(target.clone());
                    }
                    value => references(value, met),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| references(item, met)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_bundle_written_is_the_report_read_back_and_nothing_dangles(report in reports::report()) {
        let written = write(&report).text;
        let received = read_back(&written);
        prop_assert_eq!(received.refused, 0, "{:?}", &received.complaints);
        prop_assert_eq!(&received.reports[..], &[with_days_as_dates(&report)], "{}", &written);
        let json: Json = serde_json::from_str(&written).unwrap();
        let mut wanted = BTreeSet::new();
        references(&json, &mut wanted);
        let there: BTreeSet<String> = json["entry"].as_array().unwrap().iter()
            .map(|entry| entry["fullUrl"].as_str().unwrap().to_owned()).collect();
        let dangling: Vec<&String> = wanted.difference(&there).collect();
        prop_assert!(dangling.is_empty(), "{:?}", dangling);
        let header: BTreeSet<String> = there.difference(&wanted).cloned().collect();
        prop_assert_eq!(header.len(), 1, "only the header is referred to by nothing: {:?}", header);
    }
}

#[test]
fn a_message_becomes_the_bundle_that_receivers_know() {
    let message = hl7::messages(EXAMPLE.as_bytes(), &ReportCaps::default()).next().unwrap();
    let report = &message.reports[0];
    let written = write(report);
    assert_eq!(written.complaints, []);
    let json: Json = serde_json::from_str(&written.text).unwrap();
    let kinds: Vec<&str> = json["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["resource"]["resourceType"].as_str().unwrap())
        .collect();
    let observations = vec!["Observation"; 3];
    // Both laboratories of the header, the one that names itself more exactly, and the clinic; each once.
    let organisations = vec!["Organization"; 4];
    let expected: Vec<&str> = ["MessageHeader", "Provenance", "DiagnosticReport", "Patient"]
        .into_iter()
        .chain(organisations)
        .chain(["Practitioner", "PractitionerRole", "ServiceRequest", "Specimen", "Device"])
        .chain(observations)
        .collect();
    assert_eq!(kinds, expected);
    // 24.60 was measured to a hundredth.
    assert!(written.text.contains("\"value\":24.60"));
    assert_eq!(read_back(&written.text).reports, message.reports);
    assert_eq!(write(report).text, written.text, "the same message has the same names");
}
