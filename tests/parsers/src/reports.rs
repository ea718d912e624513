//! Reports of laboratories, and of their instruments.

use exchange::instrument::read_run;
use exchange::lab_report::{LabReport, LabResult, ReportCaps, Value};
use exchange::{Caps, Choice, Received, Source, StatedTime, fhir, hl7};
use linelist::Severity;
use std::sync::Arc;

/// Smaller than in service, so that the caps are met too.
fn caps() -> ReportCaps {
    ReportCaps {
        message_bytes: 12_000,
        segments: 30,
        fields: 60,
        field_bytes: 300,
        repetitions: 6,
        complaints: 8,
        resources: 20,
    }
}

/// Every message is told of, and what was read is written so that it is read again as the same.
pub fn lab_messages(bytes: &[u8]) {
    for received in hl7::messages(bytes, &caps()) {
        check_told(&received);
        for report in &received.reports {
            // A fraction of a second beyond four digits is the one thing that does not come back.
            let once = in_version_2(report);
            assert_eq!(in_version_2(&once), once);
        }
    }
}

/// The same of bundles; and what one of them says can be said in version 2.
pub fn lab_bundles(bytes: &[u8]) {
    for received in fhir::bundles(bytes, &caps()) {
        check_told(&received);
        let _ = fhir::outcome(&received);
        for report in &received.reports {
            let once = as_bundle(report);
            assert_eq!(as_bundle(&once), once);
            let _ = hl7::write(report);
        }
    }
}

fn check_told(received: &Received) {
    let told = received.reports.len() + received.refused;
    assert!(told > 0 || received.errors().next().is_some(), "refused without a reason: {received:?}");
}

fn in_version_2(report: &LabReport) -> LabReport {
    let text = hl7::write(report).text;
    only(hl7::messages(text.as_bytes(), &ReportCaps::default()).collect(), &text, report)
}

fn as_bundle(report: &LabReport) -> LabReport {
    let text = fhir::write(report).text;
    let read = only(fhir::bundles(text.as_bytes(), &ReportCaps::default()).collect(), &text, report);
    // A day alone is a date there.
    let dated = |result: LabResult| match result.value {
        Value::Time(StatedTime { date, clock: None, offset_minutes: None }) => {
            LabResult { value: Value::Date(date), ..result }
        }
        _ => result,
    };
    LabReport { results: read.results.into_iter().map(dated).collect(), ..read }
}

fn only(mut all: Vec<Received>, text: &str, of: &LabReport) -> LabReport {
    assert!(all.len() == 1 && all[0].reports.len() == 1, "{text:?} of {of:?}: {all:?}");
    all.remove(0).reports.remove(0)
}

/// No row of a table is lost: it is read or refused with its number.
pub fn instrument_files(bytes: &[u8]) {
    let caps = Caps { columns: 60, cell_bytes: 400, ..Caps::default() };
    let source = Source { name: "run", bytes: Arc::from(bytes) };
    let Ok(run) = read_run(source, &Choice::default(), &caps) else { return };
    let refused = run.notes.iter().filter(|note| note.severity == Severity::Error).count();
    assert_eq!(run.rows, (run.readings.len() + refused) as u64, "{:?}", run.notes);
}

/// No row of a list is lost, and every one that is refused says which and what to do, twice.
pub fn paper_lists(bytes: &[u8]) {
    let Ok(now) = "2022-02-21T12:00:00Z".parse() else { return };
    let Ok(list) = rooms::lab::read_paper_list("list", bytes, now) else { return };
    let of = |rows: &str| list[rows].as_array().map_or(0, Vec::len) as u64;
    assert_eq!(Some(of("rows") + of("refused")), list["read"].as_u64(), "{list}");
    for one in list["refused"].as_array().into_iter().flatten() {
        let said = |language: &str| one[language].as_str().is_some_and(|text| text.len() > 10);
        assert!(one["row"].is_u64() && one["field"].is_string() && said("zh") && said("en"), "{one}");
    }
    for one in list["rows"].as_array().into_iter().flatten() {
        assert!(one["tube"].as_str().is_some_and(|tube| lab::Barcode::typed(tube).is_ok()), "{one}");
    }
}

/// What telephones send, line by line.
pub fn tubes_told(bytes: &[u8]) {
    for line in bytes.split(|byte| *byte == b'\n') {
        let _ = serde_json::from_slice::<rooms::lab::ToldTube>(line);
    }
}
