//! Backups as an operator makes them: on the command line, and by the server itself, which proves each one.

use crate::desk::{Desk, PATIENCE};
use crate::served::{Served, Visitor};
use serde_json::Value;
use std::path::Path;
use std::time::Instant;

const LIST: &str = "case_no,name,sex,age,onset date,county\nB1,Invented Zhao,female,31,2022-02-11,太谷区\nB2,Invented Qian,male,44,2022-02-12,太谷区\n";

fn desk_with_cases(test: &str) -> Desk {
    let desk = Desk::of(test);
    let list = desk.file("list.csv", LIST);
    desk.import(&list, &[]);
    desk
}

#[test]
fn a_backup_comes_back_with_its_keys_in_a_new_folder() {
    let desk = desk_with_cases("backup");
    let (file, keys) = (desk.path("today.quell"), desk.path("data/keys"));
    let (file, keys) = (file.to_str().unwrap(), keys.to_str().unwrap());
    let made = desk.quell(&["backup", file]);
    assert!(made.ok && made.out.contains("written: "), "{}{}", made.out, made.err);
    let whole = desk.quell_alone(&["backup", "check", file]);
    assert!(whole.ok && whole.out.contains("is whole"), "{}", whole.err);
    let back = desk.quell_in("again", &["restore", file, "--keys", keys]);
    assert!(back.ok && back.out.contains("Its journal verifies."), "{}{}", back.out, back.err);
    let (before, after) =
        (desk.quell(&["recorded", "cases"]), desk.quell_in("again", &["recorded", "cases"]));
    assert!(after.ok && before.out == after.out, "{}{}", after.out, after.err);
    let over = desk.quell_in("again", &["restore", file]);
    assert!(!over.ok && over.err.contains("is not empty"), "{}", over.err);
    let keyless = desk.quell_in("keyless", &["restore", file]);
    assert!(!keyless.ok && keyless.err.contains("put the file back"), "{}", keyless.err);
}

#[test]
fn a_backup_with_one_bit_turned_over_is_refused() {
    let desk = desk_with_cases("backup-bit");
    let file = desk.path("today.quell");
    assert!(desk.quell(&["backup", file.to_str().unwrap()]).ok);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    let bad = desk.file("bad.quell", bytes);
    let keys = desk.path("data/keys");
    let told = desk.quell_in("again", &["restore", &bad, "--keys", keys.to_str().unwrap()]);
    assert!(!told.ok && told.err.contains("is not a whole backup"), "{}", told.err);
    assert!(!desk.path("again/quell.db").exists());
}

/// As `quell backup` wrote it in version 0.1.0.
#[test]
fn a_plain_copy_of_the_file_comes_back_as_well() {
    let desk = desk_with_cases("backup-plain");
    let copy = desk.path("copy.db");
    let disk = rusqlite::Connection::open(desk.path("data/quell.db")).unwrap();
    disk.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    let keys = desk.path("data/keys");
    let arguments = ["restore", copy.to_str().unwrap(), "--keys", keys.to_str().unwrap()];
    let back = desk.quell_in("again", &arguments);
    assert!(back.ok, "{}", back.err);
    assert_eq!(desk.quell(&["recorded", "cases"]).out, desk.quell_in("again", &["recorded", "cases"]).out);
}

#[test]
fn the_server_makes_backups_and_proves_each() {
    let desk = desk_with_cases("backup-schedule");
    let shelf = desk.path("shelf");
    let name = shelf.to_str().unwrap();
    let none = desk.quell_alone(&["backup", "status", name]);
    assert!(!none.ok && none.err.contains("has no good backup"), "{}", none.err);
    let served = Served::with(&desk, &["--backup-to", name, "--backup-every", "1s", "--backup-keep", "2"]);
    let first = waits_for(&shelf, |kept| !kept.is_empty())[0]["file"].clone();
    let kept = waits_for(&shelf, |kept| kept.iter().all(|one| one["file"] != first));
    assert!(kept.iter().all(|one| one["fault"].is_null()), "{kept:?}");
    assert!(kept.len() <= 2 && files(&shelf) <= 3, "old ones go: {kept:?}");
    let made = desk.quell(&["account", "create", "root.li", "--role", "administrator"]);
    let admin =
        Visitor::signing_in(&served, "root.li", made.out.split_whitespace().last().expect("a password"));
    let page = served.ask("GET", "/api/backups", Some(&admin), &Value::Null).expect("an answer").body;
    assert!(page["scheduled"] == true && page["last_good"]["journal_rows"].as_i64() > Some(0), "{page}");
    let status = desk.quell_alone(&["backup", "status", name]);
    assert!(status.ok && status.out.contains("good  "), "{}{}", status.out, status.err);
    // Somebody edits the journal: what is copied from now on is no good, and says so.
    let disk = rusqlite::Connection::open(desk.path("data/quell.db")).unwrap();
    disk.busy_timeout(PATIENCE).unwrap();
    disk.execute("UPDATE journal SET purpose = 'curiosity' WHERE seq = 1", []).unwrap();
    waits_for(&shelf, |kept| kept.iter().any(|one| !one["fault"].is_null()));
    served.said().waits_for("BACKUP FAILED");
    let status = desk.quell_alone(&["backup", "status", name]);
    assert!(!status.ok && status.err.contains("the one after it failed"), "{}", status.err);
    let kept = waits_for(&shelf, |_| true);
    assert!(kept.iter().any(|one| one["fault"].is_null()), "the last good ones stay: {kept:?}");
}

fn waits_for(shelf: &Path, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let since = Instant::now();
    loop {
        let text = std::fs::read(shelf.join("backups.json")).unwrap_or_default();
        let told: Value = serde_json::from_slice(&text).unwrap_or_default();
        let kept = told["kept"].as_array().cloned().unwrap_or_default();
        if wanted(&kept) {
            return kept;
        }
        assert!(since.elapsed() < PATIENCE, "it never came: {told}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn files(shelf: &Path) -> usize {
    let all = std::fs::read_dir(shelf).unwrap().filter_map(Result::ok);
    all.filter(|entry| entry.file_name().to_string_lossy().ends_with(".quell")).count()
}
