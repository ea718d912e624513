//! A million case rows out over HTTP as CSV while the server's memory stays small, beside a bare SELECT of the same table
//! that only counts bytes.

use benches::{Loaded, PASSWORD, Program, Target, Visitor, or_stop, ratio, tell};
use rusqlite::types::ValueRef;
use std::path::Path;
use std::time::Instant;

const CASES: usize = 1_000_000;

fn main() {
    let binary = Program::binary();
    let loaded = Loaded::with("export", CASES, 0, &[("national", "analyst", "")]);
    let Loaded { folder, db } = loaded;
    drop(db);
    let reference = bare_select(&folder.join("quell.db"));

    let program = Program::serve(&binary, &["--data", &folder.to_string_lossy()]);
    let mut visitor = or_stop(Visitor::signed_in(&program.address, "national", PASSWORD), "signing in");
    let before = program.peak_resident_mb();
    let (mut lines, mut bytes) = (0, 0);
    let begun = Instant::now();
    let status = visitor.stream("/api/export/cases.csv", |piece| {
        bytes += piece.len();
        lines += piece.iter().filter(|byte| **byte == b'\n').count();
    });
    let took = begun.elapsed().as_secs_f64();
    assert_eq!(or_stop(status, "the export"), 200);
    assert_eq!(lines, CASES + 1, "every row and the header");

    let beside = format!("{before:.0} MB before it");
    let peak = program.peak_resident_mb();
    tell(
        "export of 1,000,000 case rows, the server's peak resident memory",
        peak,
        "MB",
        Target::Below(200.0),
        &beside,
    );
    println!(
        "  {took:.1} s, {:.0} rows/s, {:.0} MB of CSV; {}",
        CASES as f64 / took,
        bytes as f64 / 1e6,
        ratio(took, reference, "a bare SELECT of the same columns", "s"),
    );
}

/// Seconds to read the same columns of every row and do nothing with them.
fn bare_select(file: &Path) -> f64 {
    let plain = or_stop(rusqlite::Connection::open(file), "opening the reference");
    let sql = format!("SELECT {} FROM cases_case c", rooms::cases::case_columns());
    let mut statement = or_stop(plain.prepare(&sql), "the reference");
    let columns = statement.column_count();
    let begun = Instant::now();
    let mut rows = or_stop(statement.query([]), "the reference");
    let mut bytes = 0;
    while let Some(row) = or_stop(rows.next(), "the reference") {
        for at in 0..columns {
            bytes += match row.get_ref(at) {
                Ok(ValueRef::Text(text)) => text.len(),
                _ => 8,
            };
        }
    }
    assert!(bytes > CASES, "the reference reads what the export reads");
    begun.elapsed().as_secs_f64()
}
