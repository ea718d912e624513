//! 100,000 invented case rows through `quell import` with the full report, beside only reading the same file with `csv`.

use benches::{Program, Room, Target, case_rows, or_stop, ratio, tell};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::Instant;

const ROWS: usize = 100_000;

fn main() {
    let binary = Program::binary();
    let room = Room::new("import");
    let (list, report) = (room.path().join("list.csv"), room.path().join("report.json"));
    or_stop(std::fs::write(&list, case_rows(ROWS)), "writing the list");

    let begun = Instant::now();
    let status = Command::new(&binary)
        .arg("import")
        .arg(&list)
        .args(["--as", "cases", "--report"])
        .arg(&report)
        .arg("--data")
        .arg(room.path().join("data"))
        .stdout(Stdio::null())
        .status();
    let took = begun.elapsed().as_secs_f64();
    assert!(or_stop(status, "quell import").success());
    check_account(&or_stop(std::fs::read_to_string(&report), "reading the report"));

    let begun = Instant::now();
    let mut reader = or_stop(csv::Reader::from_path(&list), "opening the list");
    let rows = reader.byte_records().filter(Result::is_ok).count();
    let parsing = begun.elapsed().as_secs_f64();
    assert_eq!(rows, ROWS);
    let beside = ratio(took, parsing, "csv crate, reading only", "s");
    tell(
        "import of 100,000 case rows, a new database, the full report",
        took,
        "s",
        Target::Below(30.0),
        &beside,
    );
    println!("  {:.0} rows/s", ROWS as f64 / took);
}

/// A fast import that lost rows is no import.
fn check_account(report: &str) {
    let report: Value = or_stop(serde_json::from_str(report), "the report");
    let count = |name: &str| report[name].as_u64().unwrap_or_default();
    let told: Vec<u64> = ["created", "updated", "unchanged", "skipped", "failed"].map(count).to_vec();
    assert_eq!(count("rows"), ROWS as u64);
    assert_eq!(told, [ROWS as u64, 0, 0, 0, 0], "every row is a new case");
    let links = report["links"]["created"].as_u64().unwrap_or_default();
    assert!(links > 25_000, "three rows in ten name an infector, and {links} links were made");
}
