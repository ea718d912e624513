//! The replay of Taigu 2022 holds some three hundred invented people with names, numbers and phones. None of them can be
//! read from the files of the database, and the journal of the whole story verifies.

use crate::desk::Desk;
use crate::served::Served;
use scenario::{Spec, Step};
use scenes::Traces;
use serde_json::json;
use std::collections::BTreeSet;

/// As in the program: the same invented people every time.
const SEED: u64 = 20_220_220;

#[test]
fn nobody_of_the_replay_can_be_read_from_the_disk() {
    let desk = Desk::of("sealed");
    let served = Served::with(&desk, &["--demo", "taigu-2022"]);
    let secrets = secrets();
    assert!(secrets.len() > 600, "{} secrets of the replay", secrets.len());
    let traces = Traces::of(&secrets);
    asks_wrongly(&served, secrets.iter().next().unwrap());
    // While it runs: the log still holds what the file will hold later. With it a backup, the lists without names, and
    // everything the program prints.
    let backup = desk.path("copy.quell");
    let mut printed = String::new();
    for arguments in [
        vec!["backup", backup.to_str().unwrap()],
        vec!["key", "rotate"],
        vec!["recorded", "cases"],
        vec!["retention", "preview"],
        vec!["retention", "preview", "--clock", "contact_identity"],
    ] {
        let told = desk.quell(&arguments);
        assert!(told.ok, "{arguments:?}: {}", told.err);
        printed += &(told.out + &told.err);
    }
    finds_none(&desk, &traces);
    printed += &served.said().text();
    served.killed();
    finds_none(&desk, &traces);
    let found = traces.found_in(printed.as_bytes());
    assert!(found.is_empty() && printed.len() > 1_000, "{found:?} was printed");
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

fn finds_none(desk: &Desk, traces: &Traces) {
    let mut read = 0;
    let mut folders = vec![desk.path(".")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                read += bytes.len();
                let found = traces.found_in(&bytes);
                assert!(found.is_empty(), "{found:?} lies open in {}", path.display());
            }
        }
    }
    assert!(read > 100_000, "the files were read: {read} bytes");
}

/// Whoever asks wrongly, with a name where none belongs, finds it neither in the answer nor in what the program prints.
fn asks_wrongly(served: &Served, secret: &str) {
    let wrong = json!({ "login": secret, "password": { "not": secret } });
    let answer = served.ask("POST", "/api/session", None, &wrong).expect("an answer");
    assert!(
        (400..500).contains(&answer.status) && !answer.body.to_string().contains(secret),
        "{}",
        answer.body
    );
    served.ask("POST", "/api/changes/report-case", None, &json!({ "sex": secret })).expect("an answer");
}
