//! Bundles as laboratories send them: whole and broken, one and many.

use exchange::fhir::{bundles, outcome};
use exchange::lab_report::{CodeSystem, LabReport, Mode, ReportCaps, ResultStatus, Value};
use exchange::{CivilDate, Received, Recognised, Seen, Verdict};
use serde_json::{Value as Json, json};
use std::path::PathBuf;

const EXAMPLE: &str = include_str!("../../../docs/examples/lab-report.fhir.json");

fn read(text: &str) -> Vec<Received> {
    bundles(text.as_bytes(), &ReportCaps::default()).collect()
}

fn one(json: &Json) -> Received {
    let mut all = read(&json.to_string());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn codes(received: &Received) -> Vec<&str> {
    received.complaints.iter().map(|complaint| complaint.fault.code()).collect()
}

fn example() -> Json {
    serde_json::from_str(EXAMPLE).unwrap()
}

/// The example with something else at this place of an entry.
fn changed(entry: usize, pointer: &str, value: Json) -> Received {
    let mut json = example();
    let resource = &mut json["entry"][entry]["resource"];
    match resource.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => resource[pointer.trim_start_matches('/')] = value,
    }
    one(&json)
}

fn check_what_was_found(report: &LabReport) {
    let [presence, cycles] = &report.results[..] else { panic!("{} results", report.results.len()) };
    assert!(matches!(&presence.value,
        Value::Coded(found) if found.code_in(&CodeSystem::Snomed) == Some("260373001")));
    assert_eq!(presence.instrument.as_ref().unwrap().id.as_deref(), Some("EQ-0007"));
    assert_eq!(presence.lab.as_ref().unwrap().id.as_deref(), Some("LAB-07"));
    assert_eq!(presence.status, Some(ResultStatus::Final));
    assert!(matches!(&cycles.value, Value::Quantity { number, .. } if number.text().starts_with("24.6")));
    assert_eq!(report.answers.len(), 1, "has symptoms is an answer and no result");
    assert!(matches!(&report.answers[0].value, Value::Coded(answer) if answer.words() == Some("Yes")));
}

#[test]
fn the_example_is_read_whole() {
    let received = read(EXAMPLE).remove(0);
    assert_eq!((received.verdict(), codes(&received)), (Verdict::Accepted, vec![]));
    let report = &received.reports[0];
    assert_eq!(report.message.mode, Mode::Training);
    assert_eq!(report.message.sender.application.id.as_deref(), Some("2.16.840.1.113883.3.9999.2.1"));
    let lab = &report.message.sender.facility;
    assert_eq!((lab.id.as_deref(), lab.kind.as_deref()), (Some("LAB-07"), Some("CLIA")));
    let patient = report.patient.as_ref().unwrap();
    // Only the month is known, and no day is made up.
    assert_eq!(patient.birth, CivilDate::of(1985, Some(2), None));
    assert_eq!(patient.birth.unwrap().day(), None);
    assert_eq!(report.order.placer.as_ref().unwrap().id.as_deref(), Some("ORD-5567"));
    assert_eq!(report.order.filler.as_ref().unwrap().id.as_deref(), Some("LAB-2022-000981"));
    assert_eq!(report.order.provider.as_ref().unwrap().family.as_deref(), Some("Zhao"));
    assert_eq!(report.order.facility.as_ref().unwrap().name.as_deref(), Some("County Hospital Fever Clinic"));
    assert_eq!(report.specimens[0].placer.as_ref().unwrap().id.as_deref(), Some("SPM-88213"));
    assert_eq!(report.specimens[0].received.unwrap().to_string(), "2022-02-21T10:15:00+08:00");
    check_what_was_found(report);
    // 24.60 was measured to a hundredth.
    assert!(matches!(&report.results[1].value, Value::Quantity { number, .. } if number.text() == "24.60"));
}

#[test]
fn the_shared_sample_is_read_whole() {
    let shared = std::env::var("QUELL_SHARED")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = shared.join("interop/sample_fhir_r4_lab_message_bundle.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not on this machine (QUELL_SHARED)", path.display());
        return;
    };
    let received = read(&text).remove(0);
    assert_eq!((received.verdict(), codes(&received)), (Verdict::Accepted, vec![]));
    let report = &received.reports[0];
    assert_eq!((report.results.len(), report.answers.len(), report.specimens.len()), (2, 1, 1));
    assert_eq!(report.message.mode, Mode::Production);
    let written = exchange::fhir::write(report);
    let again = read(&written.text).remove(0);
    assert_eq!(again.reports[0].results, report.results);
    // Both papers say the same of it.
    let over = exchange::hl7::write(report).text;
    let over = exchange::hl7::messages(over.as_bytes(), &ReportCaps::default()).next().unwrap();
    assert_eq!(over.reports[0].results[0].value, report.results[0].value);
    assert_eq!(over.reports[0].answers, report.answers);
}

#[test]
fn a_document_says_the_same_without_a_header() {
    let mut json = example();
    json["type"] = json!("document");
    json["entry"][0]["resource"] = json!({ "resourceType": "Composition", "id": "c1", "status": "final",
        "date": "2022-02-21T14:30:05+08:00", "author": [{ "reference": "PractitionerRole/pr2" }],
        "custodian": { "reference": "Organization/o1" } });
    let received = one(&json);
    assert_eq!((received.verdict(), codes(&received)), (Verdict::Accepted, vec![]));
    assert_eq!(received.head.as_ref().unwrap().sender.facility.id.as_deref(), Some("LAB-07"));
    check_what_was_found(&received.reports[0]);
}

#[test]
fn one_bundle_a_line_and_a_broken_one_takes_no_other_with_it() {
    let line = example().to_string();
    let cut = &line[..line.len() / 2];
    let text = format!("\u{FEFF}{line}\n{cut}\n{line}\n{{\"resourceType\":\"Patient\"}}\n\n{line}");
    let all = read(&text);
    let verdicts: Vec<Verdict> = all.iter().map(Received::verdict).collect();
    use Verdict::{Accepted, Refused};
    assert_eq!(verdicts, [Accepted, Refused, Accepted, Refused, Accepted]);
    assert!(all[1].complaints[0].to_string().contains("at line 2, column"), "{}", all[1].complaints[0]);
    assert_eq!(codes(&all[3]), ["report.other_kind"]);
    let mut seen = Seen::default();
    let met: Vec<Recognised> = all.iter().map(|received| seen.meet(received)).collect();
    use Recognised::{Again, New};
    assert_eq!(met, [New, New, Again, New, Again]);
    // A bundle laid out over many lines is one.
    assert_eq!(read(EXAMPLE).len(), 1);
}

#[test]
fn a_reference_that_leads_nowhere_refuses_what_hangs_on_it() {
    let told = |received: &Received| {
        let told: Vec<String> = received.complaints.iter().map(|complaint| complaint.to_string()).collect();
        (received.verdict(), told)
    };
    let (verdict, complaints) = told(&changed(2, "/result/0/reference", json!("Observation/lost")));
    assert_eq!(verdict, Verdict::Refused);
    assert_eq!(
        complaints,
        [
            "Bundle.entry[2].resource.result: `Observation/lost` points at nothing in the bundle; put the resource into an entry or into `contained`",
            "Bundle.entry[10].resource: nothing refers to this Observation, so nobody is told of it; name it in DiagnosticReport.result",
        ]
    );
    let nobody = changed(2, "/subject/reference", json!("Patient/other"));
    assert_eq!((nobody.verdict(), nobody.refused), (Verdict::Refused, 1));
    let wrong = changed(2, "/specimen/0/reference", json!("Device/e1"));
    assert_eq!(codes(&wrong), ["report.wrong_resource"]);
    // An instrument nobody knows is a pity and no reason to lose a result.
    let device = changed(10, "/device/reference", json!("Device/lost"));
    assert_eq!((device.verdict(), codes(&device)), (Verdict::Accepted, vec!["report.dangling"]));
    let elsewhere = changed(2, "/result/0/reference", json!("https://lab.example.org/fhir/Observation/v1"));
    assert_eq!(elsewhere.verdict(), Verdict::Refused, "what is not in the bundle is not there");
}

#[test]
fn a_result_about_somebody_else_is_not_told_to_either() {
    let mut json = example();
    let other = json!({ "fullUrl": "urn:uuid:00000000-0000-4000-8000-0000000000ff",
        "resource": { "resourceType": "Patient", "id": "p2", "name": [{ "text": "Somebody else" }] } });
    json["entry"].as_array_mut().unwrap().push(other);
    json["entry"][11]["resource"]["subject"] = json!({ "reference": "Patient/p2" });
    let received = one(&json);
    assert_eq!((received.verdict(), codes(&received)), (Verdict::Refused, vec!["report.other_patient"]));
}

#[test]
fn one_broken_report_takes_no_other_with_it() {
    let mut json = example();
    let mut second = json["entry"][2].clone();
    second["fullUrl"] = json!("urn:uuid:00000000-0000-4000-8000-0000000000fe");
    second["resource"]["id"] = json!("d9");
    second["resource"]["result"] = json!([{ "reference": "Observation/nowhere" }]);
    json["entry"].as_array_mut().unwrap().push(second);
    let received = one(&json);
    assert_eq!((received.verdict(), received.reports.len(), received.refused), (Verdict::InPart, 1, 1));
    let answer: Json = serde_json::from_str(&outcome(&received)).unwrap();
    let issues = answer["issue"].as_array().unwrap();
    assert_eq!(
        (issues[0]["severity"].as_str(), issues[0]["code"].as_str()),
        (Some("error"), Some("not-found"))
    );
    assert_eq!(issues[0]["expression"], json!(["Bundle.entry[13].resource.result"]));
    let last = issues.last().unwrap();
    assert_eq!(last["details"]["text"], json!("accepted in part: 1 report(s) taken, 1 refused"));
}

#[test]
fn two_entries_of_one_name_make_nothing_certain() {
    let mut json = example();
    json["entry"][4]["fullUrl"] = json["entry"][3]["fullUrl"].clone();
    let received = one(&json);
    assert_eq!((received.verdict(), codes(&received)), (Verdict::Refused, vec!["report.two_of_a_name"]));
}

#[test]
fn panels_are_their_members_and_components() {
    let panel = json!({ "resourceType": "Observation", "id": "v1", "status": "final",
        "code": { "text": "panel" }, "hasMember": [{ "reference": "Observation/v2" }, { "reference": "Observation/v1" }],
        "component": [{ "code": { "text": "N gene" }, "valueInteger": 27 }, { "code": { "text": "ORF1ab" }, "valueString": "none" }] });
    let mut json = example();
    json["entry"][10]["resource"] = panel;
    json["entry"][2]["resource"]["result"] = json!([{ "reference": "Observation/v1" }]);
    let received = one(&json);
    let told: Vec<_> = received.reports[0].results.iter().map(|result| result.test.words()).collect();
    assert_eq!(told, [Some("N gene"), Some("ORF1ab"), Some("94745-7")]);
    json["entry"][10]["resource"]["component"][1].as_object_mut().unwrap().remove("code");
    let unnamed = one(&json);
    assert_eq!(unnamed.verdict(), Verdict::Refused);
    let said = unnamed.complaints[0].to_string();
    assert!(said.starts_with("Bundle.entry[10].resource.component[1]: what was observed"), "{said}");
}

#[test]
fn odd_values_are_kept_as_they_came() {
    let value = |name: &str, value: Json| {
        let mut json = example();
        let observation = &mut json["entry"][11]["resource"];
        observation.as_object_mut().unwrap().remove("valueQuantity");
        observation[name] = value;
        let received = one(&json);
        let told = serde_json::to_string(&received.reports[0].results[1].value).unwrap();
        (told, codes(&received).join(" "))
    };
    let check = |name: &str, said: Json, told: &str, met: &str| {
        assert_eq!(value(name, said), (told.to_owned(), met.to_owned()), "{name}");
    };
    check("valueQuantity", json!({ "value": "high" }), r#"{"text":"high"}"#, "report.bad_number");
    check("valueDateTime", json!("2022-02"), r#"{"date":"2022-02"}"#, "");
    check("valueDateTime", json!("soon"), r#"{"text":"soon"}"#, "report.bad_time");
    let period = r#"{"unread":{"kind":"valuePeriod","raw":"{\"start\":\"2022\"}"}}"#;
    check("valuePeriod", json!({ "start": "2022" }), period, "report.unread_value");
    let titre = json!({ "numerator": { "value": 1 }, "denominator": { "value": 128 } });
    let pair = r#"{"pair":{"comparator":null,"first":"1","between":":","second":"128","unit":null}}"#;
    check("valueRatio", titre, pair, "");
}

#[test]
fn what_is_missing_is_named_with_its_place() {
    let mut json = example();
    json.as_object_mut().unwrap().remove("identifier");
    let received = one(&json);
    assert_eq!((received.verdict(), received.refused), (Verdict::Refused, 1));
    assert_eq!(
        received.complaints[0].to_string(),
        "Bundle.identifier: the number of the message (Bundle.identifier) is missing; fill it in"
    );
    let unsure = changed(0, "/meta/tag/0/code", json!("X"));
    assert_eq!(unsure.verdict(), Verdict::Refused, "it might be a test and it might not");
    let no_code = changed(11, "/code", json!({}));
    assert_eq!(no_code.verdict(), Verdict::Refused);
}

#[test]
fn what_is_too_large_or_too_deep_is_refused_in_words() {
    let caps = ReportCaps { resources: 12, ..ReportCaps::default() };
    let received = bundles(EXAMPLE.as_bytes(), &caps).next().unwrap();
    assert_eq!(codes(&received), ["report.too_many"]);
    let caps = ReportCaps { message_bytes: 1_000, ..ReportCaps::default() };
    let received = bundles(EXAMPLE.as_bytes(), &caps).next().unwrap();
    assert_eq!(codes(&received), ["report.too_long"]);
    let deep = format!("{{\"resourceType\":{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(codes(&read(&deep)[0]), ["report.bad_json"]);
    // One large observation, named by thousands of reports.
    let mut json = example();
    json["entry"][11]["resource"]["note"] = json!([{ "text": "x".repeat(100_000) }]);
    let one_report = json["entry"][2].clone();
    for number in 0..2_000 {
        let mut more = one_report.clone();
        more["fullUrl"] = json!(format!("urn:uuid:{number}"));
        more["resource"]["id"] = json!(format!("n{number}"));
        json["entry"].as_array_mut().unwrap().push(more);
    }
    let received = one(&json);
    assert!(received.refused > 0 && received.further_complaints > 0, "{}", received.refused);
}
