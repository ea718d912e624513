//! The reference results, where they lie beside the repository (or where `QUELL_REFERENCE` says): every case holds.
//!
//! They belong to the programs that made them and are not part of this repository.

use analysis::verify::{Outcome, verdicts};
use std::path::{Path, PathBuf};

#[test]
fn every_reference_case_holds() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/cases");
    let folder = std::env::var_os("QUELL_REFERENCE").map_or_else(beside, PathBuf::from);
    if !folder.exists() {
        return;
    }
    let only = std::env::var("QUELL_REFERENCE_ONLY").unwrap_or_default();
    let mut faults = Vec::new();
    for verdict in verdicts(&folder, &only).expect("cases to read") {
        match &verdict.outcome {
            Outcome::Compared(measures) => {
                let broken = measures.iter().filter(|checked| !checked.holds);
                faults.extend(broken.map(|checked| format!("{}: {checked}", verdict.case)));
            }
            Outcome::Failed(why) => faults.push(format!("{}: {why}", verdict.case)),
        }
    }
    assert!(faults.is_empty(), "{} measures do not hold:\n{}", faults.len(), faults.join("\n"));
}
