//! A morning's messages of laboratories, invented: one in ten is sent again, as connections that were cut do it.
//!
//! A crate of its own, because it needs nothing of the house but the reading of messages.

use exchange::lab_report::LabReport;
use exchange::{fhir, hl7};
use nix::time::{ClockId, clock_gettime};

/// Every tenth message is the one before it again.
pub const AGAIN: usize = 10;

/// Messages of version 2, one after the other.
pub fn messages(like: &LabReport, many: usize) -> Vec<u8> {
    together(like, many, |report| hl7::write(report).text)
}

/// Bundles, one a line.
pub fn bundles(like: &LabReport, many: usize) -> Vec<u8> {
    together(like, many, |report| fhir::write(report).text + "\n")
}

fn together(like: &LabReport, many: usize, write: impl Fn(&LabReport) -> String) -> Vec<u8> {
    let mut all = Vec::new();
    let mut report = like.clone();
    for number in 1..=many {
        if number % AGAIN != 0 {
            report.message.id = format!("MSG-{number:07}");
            for identifier in report.patient.iter_mut().flat_map(|patient| &mut patient.identifiers) {
                identifier.id = Some(format!("P-{number:07}"));
            }
        }
        all.extend_from_slice(write(&report).as_bytes());
    }
    all
}

/// Processor seconds of the quickest of some runs, and what the last one gave: the machine may be busy with something else.
pub fn least_cpu_seconds<T>(runs: usize, mut work: impl FnMut() -> T) -> (T, f64) {
    let now = || {
        let read = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("a processor clock");
        read.tv_sec() as f64 + read.tv_nsec() as f64 / 1e9
    };
    let mut least = f64::INFINITY;
    let mut run = || {
        let begun = now();
        let given = work();
        least = least.min(now() - begun);
        given
    };
    let mut given = run();
    for _ in 1..runs {
        given = run();
    }
    (given, least)
}
