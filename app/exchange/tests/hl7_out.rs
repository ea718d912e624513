//! What is written is read back as what it was, whatever is in it.

mod reports;

use exchange::Received;
use exchange::hl7::{messages, write};
use exchange::lab_report::{LabReport, LabResult, ReportCaps, Value};
use proptest::prelude::*;

const EXAMPLE: &str = include_str!("../../../docs/examples/lab-report.hl7");

fn read_back(text: &str) -> Received {
    let all: Vec<Received> = messages(text.as_bytes(), &ReportCaps::default()).collect();
    assert_eq!(all.len(), 1, "{text}");
    all.into_iter().next().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_report_written_is_the_report_read_back(report in reports::report()) {
        let written = write(&report).text;
        let received = read_back(&written);
        prop_assert_eq!(received.refused, 0, "{}", &written);
        prop_assert_eq!(&received.reports[..], std::slice::from_ref(&report), "{}", &written);
    }
}

#[test]
fn the_example_has_all_that_receivers_require() {
    let report = read_back(EXAMPLE).reports.remove(0);
    let written = write(&report);
    assert_eq!(written.complaints, []);
    let again = read_back(&written.text);
    assert_eq!((again.reports, again.complaints), (vec![report], vec![]));
    // Receivers look for the pieces of a number as well as for the whole.
    assert!(
        written.text.contains("|^PRN^PH^^86^354^5550123^^^^^+86 354 5550123~^NET^Internet^wang@example.org")
    );
    assert!(written.text.lines().all(|line| !line.ends_with('|')));
}

#[test]
fn what_receivers_will_miss_is_said() {
    let report = LabReport {
        patient: Some(exchange::lab_report::Patient::default()),
        results: vec![LabResult { value: Value::Text("x".to_owned()), ..LabResult::default() }],
        ..LabReport::default()
    };
    let missing: Vec<String> =
        write(&report).complaints.iter().map(|complaint| complaint.place.to_string()).collect();
    assert_eq!(
        missing,
        [
            "MSH[1]-3",
            "MSH[1]-4",
            "MSH[1]-5",
            "MSH[1]-6",
            "MSH[1]-7",
            "MSH[1]-10",
            "PID[1]-3",
            "PID[1]-11",
            "OBR[1]-4",
            "OBX[1]-3",
            "SPM[1]"
        ]
    );
}
