//! Results of laboratories read, judged and recognised, on one processor, beside only finding the ends of their lines.

use exchange::lab_report::{LabReport, ReportCaps};
use exchange::{Received, Recognised, Seen, Verdict, fhir, hl7};
use figure::{Target, ratio, tell};
use messages_bench::{AGAIN, bundles, least_cpu_seconds, messages};
use std::hint::black_box;

const EXAMPLE: &str = include_str!("../../../docs/examples/lab-report.hl7");
const MESSAGES: usize = 20_000;
const RUNS: usize = 5;

fn main() {
    let caps = ReportCaps::default();
    let example = hl7::messages(EXAMPLE.as_bytes(), &caps).next().expect("the example");
    let report: &LabReport = &example.reports[0];

    let file = messages(report, MESSAGES);
    let (counts, took) = least_cpu_seconds(RUNS, || count(hl7::messages(black_box(&file), &caps)));
    check(counts);
    told("ORU^R01 messages", took, &file, b'\r');

    let file = bundles(report, MESSAGES);
    let (counts, took) = least_cpu_seconds(RUNS, || count(fhir::bundles(black_box(&file), &caps)));
    check(counts);
    told("FHIR message bundles", took, &file, b'\n');
}

fn told(what: &str, took: f64, file: &[u8], end: u8) {
    let (_, beside) = least_cpu_seconds(RUNS, || memchr::memchr_iter(end, black_box(file)).count());
    let rate = MESSAGES as f64 / took;
    let beside = ratio(took, beside, "memchr over the same bytes", "s");
    let what = format!("{what} read and recognised, one in {AGAIN} sent again, processor time");
    tell(&what, rate, "messages/s", Target::Above(5_000.0), &beside);
    println!(
        "  {:.1} kB each, {:.0} MB/s",
        file.len() as f64 / MESSAGES as f64 / 1e3,
        file.len() as f64 / took / 1e6
    );
}

/// Accepted for the first time, and recognised as sent again.
fn count(all: impl Iterator<Item = Received>) -> (usize, usize) {
    let mut seen = Seen::default();
    let (mut new, mut again) = (0, 0);
    for received in all {
        assert_eq!(received.verdict(), Verdict::Accepted, "{:?}", received.complaints);
        match seen.meet(&received) {
            Recognised::New => new += 1,
            Recognised::Again => again += 1,
            Recognised::OtherContent => panic!("one number, two contents"),
        }
        black_box(received);
    }
    (new, again)
}

/// Fast reading that lost a message, or took one twice, is no reading.
fn check(counts: (usize, usize)) {
    assert_eq!(counts, (MESSAGES - MESSAGES / AGAIN, MESSAGES / AGAIN));
}
