//! An upgrade killed at any of its writes: started again, it ends as if nothing had happened.

use crate::desk::Desk;
use std::path::{Path, PathBuf};
use std::process::Command;

/// So many of the writes of an upgrade, evenly over all of them.
const KILLS: usize = 24;

#[test]
fn an_upgrade_killed_at_any_write_ends_well_the_next_time() {
    let desk = Desk::of("upgraded");
    if !Command::new("strace").arg("-V").output().is_ok_and(|told| told.status.success()) {
        println!("skipped: no strace here; install it: apt-get install strace");
        return;
    }
    let versions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/upgrades");
    for entry in std::fs::read_dir(versions).unwrap() {
        let version = entry.unwrap().path();
        if version.is_dir() {
            upgrades(&desk, &version);
        }
    }
}

fn upgrades(desk: &Desk, version: &Path) {
    let (calls, data) = (desk.path("calls"), stands(desk, version));
    let list = calls.to_str().unwrap();
    let watched = ["strace", "-f", "-o", list, "-e", "trace=pwrite64"];
    let told = verifies_under(desk, &watched);
    let rows = told.split_whitespace().next().expect("the number of rows").to_owned();
    let text = std::fs::read_to_string(&calls).unwrap();
    // The first thread makes the upgrade; every line begins with the thread it tells of.
    let first = text.split_whitespace().next().expect("at least one write").to_owned();
    let writes = text.lines().filter(|line| line.starts_with(&first) && line.contains("pwrite64(")).count();
    let step = writes.div_ceil(KILLS).max(1);
    let mut killed = 0;
    for at in (1..=writes).step_by(step) {
        std::fs::remove_dir_all(&data).unwrap();
        stands(desk, version);
        let inject = format!("inject=pwrite64:signal=SIGKILL:when={at}");
        let over = ["strace", "-f", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", &inject];
        let child = desk.start_under(&over, &[], &["journal", "verify"]);
        killed += usize::from(!desk.told_by(child, &["journal", "verify"]).ok);
        let told = desk.quell(&["journal", "verify"]);
        assert!(
            told.ok && told.out.starts_with(&format!("{rows} rows")),
            "write {at}: {}{}",
            told.out,
            told.err
        );
        let check = desk.quell(&["check"]);
        assert!(check.ok, "write {at}: {}{}", check.out, check.err);
    }
    assert!(killed > 0, "none of {writes} writes was interrupted");
    let _ = std::fs::remove_dir_all(&data);
}

fn stands(desk: &Desk, version: &Path) -> PathBuf {
    let data = desk.path("data");
    std::fs::create_dir_all(data.join("keys")).unwrap();
    std::fs::copy(version.join("sqlite.key"), data.join("keys/master.key")).unwrap();
    let text = std::fs::read_to_string(version.join("sqlite.sql")).unwrap();
    rusqlite::Connection::open(data.join("quell.db")).unwrap().execute_batch(&text).unwrap();
    data
}

fn verifies_under(desk: &Desk, over: &[&str]) -> String {
    let told = desk.told_by(desk.start_under(over, &[], &["journal", "verify"]), &["journal", "verify"]);
    assert!(told.ok, "{}", told.err);
    told.out
}
