//! The replay of Taigu 2022 holds some three hundred invented people with names, numbers and phones. None of them can be
//! read from the files of the database, and the journal of the whole story verifies.

use crate::desk::Desk;
use crate::served::Served;
use scenario::{Spec, Step};
use std::collections::{BTreeSet, HashMap};

/// As in the program: the same invented people every time.
const SEED: u64 = 20_220_220;

#[test]
fn nobody_of_the_replay_can_be_read_from_the_disk() {
    let desk = Desk::of("sealed");
    let served = Served::with(&desk, &["--demo", "taigu-2022"]);
    let secrets = secrets();
    assert!(secrets.len() > 600, "{} secrets of the replay", secrets.len());
    // While it runs: the log still holds what the file will hold later.
    finds_none(&desk, &secrets);
    served.killed();
    finds_none(&desk, &secrets);
    desk.journal_verifies();
}

/// Names of three characters and more: two may stand beside each other in any text.
fn secrets() -> BTreeSet<String> {
    let spec = Spec::read(scenario::TAIGU_2022).unwrap();
    let disease = rooms::packed::diseases().by_id(&spec.disease).unwrap();
    let script = scenario::taigu(SEED, rooms::packed::shanxi(), disease, &spec).unwrap();
    let mut secrets = BTreeSet::new();
    for dated in &script.steps {
        let person = match &dated.step {
            Step::ReportCase(report) => &report.person,
            Step::AddContact(report) => &report.person,
            _ => continue,
        };
        secrets.extend([person.id_number.clone(), person.phone.clone()]);
        if person.name.chars().count() >= 3 {
            secrets.insert(person.name.clone());
        }
    }
    secrets
}

fn finds_none(desk: &Desk, secrets: &BTreeSet<String>) {
    // By their first bytes, so that a file is walked once and not once for each of hundreds of secrets.
    let mut begins: HashMap<&[u8], Vec<&str>> = HashMap::new();
    for secret in secrets {
        begins.entry(&secret.as_bytes()[..BEGINNING]).or_default().push(secret);
    }
    let mut read = 0;
    for name in ["quell.db", "quell.db-wal"] {
        let Ok(bytes) = std::fs::read(desk.path("data").join(name)) else { continue };
        read += bytes.len();
        for (at, window) in bytes.windows(BEGINNING).enumerate() {
            for secret in begins.get(window).into_iter().flatten() {
                assert!(!bytes[at..].starts_with(secret.as_bytes()), "`{secret}` lies open in {name}");
            }
        }
    }
    assert!(read > 100_000, "the files were read: {read} bytes");
}

/// Shorter than any secret: three characters of Chinese are nine bytes.
const BEGINNING: usize = 8;
