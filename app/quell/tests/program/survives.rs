//! A full disk, a disk that takes no writes, a flush that fails, a clock that jumps, a second server: refused or survived,
//! and nothing that was acknowledged is gone.

use crate::desk::Desk;
use crate::served::{SERVE, Served, Visitor};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

struct Clerk {
    visitor: Visitor,
    reported: Vec<String>,
}

impl Clerk {
    fn at(served: &Served, password: &str) -> Clerk {
        Clerk { visitor: Visitor::signing_in(served, "zhang.min", password), reported: Vec::new() }
    }

    /// The status, and None when nobody answers any more.
    fn reports(&mut self, served: &Served, number: usize) -> Option<(u16, Option<String>)> {
        let case = format!("case_{number:026}");
        let body = json!({
            "id": format!("change_{number:026}"), "case": case, "subject": format!("subject_{number:026}"),
            "case_no": format!("S{number}"), "territory": "14", "classification": "confirmed",
        });
        let answer = served.ask("POST", "/api/changes/report-case", Some(&self.visitor), &body)?;
        if answer.status == 200 {
            self.reported.push(case);
        }
        Some((answer.status, answer.retry_after))
    }

    fn finds_all(&self, served: &Served) {
        for case in &self.reported {
            let answer = served.ask("GET", &format!("/api/cases/{case}"), Some(&self.visitor), &Value::Null);
            assert_eq!(answer.map(|answer| answer.status), Some(200), "{case} was acknowledged and is gone");
        }
    }
}

fn password_on(desk: &Desk) -> String {
    let made =
        desk.quell(&["account", "create", "zhang.min", "--role", "epidemiologist", "--territory", "14"]);
    assert!(made.ok, "{}", made.err);
    made.out.split_whitespace().last().expect("a password").to_owned()
}

/// A disk of a few megabytes, gone when the test is over.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(path: PathBuf, megabytes: u32) -> Option<SmallDisk> {
        std::fs::create_dir_all(&path).unwrap();
        let size = format!("size={megabytes}m");
        let made = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&path).output();
        if made.is_ok_and(|made| made.status.success()) {
            return Some(SmallDisk(path));
        }
        println!("skipped: a disk of its own cannot be mounted here (it takes root)");
        None
    }

    fn becomes_read_only(&self) {
        let done = Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_refuses_writes_answers_reads_and_loses_nothing() {
    let desk = Desk::of("full-disk");
    let Some(disk) = SmallDisk::at(desk.path("data"), 24) else { return };
    let password = password_on(&desk);
    let filler = disk.0.join("filler");
    let served = Served::on(&desk);
    let mut clerk = Clerk::at(&served, &password);
    assert_eq!(clerk.reports(&served, 0), Some((200, None)));
    fill(&filler);
    let (mut number, mut refused) = (0, 0);
    while refused < 20 {
        number += 1;
        assert!(number < 5_000, "the disk is never full");
        match clerk.reports(&served, number).expect("it goes on answering") {
            (200, _) => {}
            (507, retry) => {
                assert_eq!(retry.as_deref(), Some("30"));
                refused += 1;
            }
            (other, _) => panic!("status {other}"),
        }
    }
    clerk.finds_all(&served);
    std::fs::remove_file(&filler).unwrap();
    // The same report as before, by itself, without a restart.
    assert_eq!(clerk.reports(&served, number).map(|(status, _)| status), Some(200));
    clerk.finds_all(&served);
    served.killed();
    desk.journal_verifies();
    let served = Served::on(&desk);
    clerk.finds_all(&served);
}

/// Takes all the room there is.
fn fill(file: &Path) {
    use std::io::Write;
    let mut out = std::fs::File::create(file).unwrap();
    let mut piece = vec![0; 64 * 1024];
    while !piece.is_empty() {
        match out.write(&piece) {
            Ok(written) if written > 0 => {}
            _ => piece.truncate(piece.len() / 2),
        }
    }
}

#[test]
fn a_disk_that_takes_no_writes_is_refused_with_a_sentence() {
    let desk = Desk::of("read-only");
    let Some(disk) = SmallDisk::at(desk.path("data"), 24) else { return };
    password_on(&desk);
    disk.becomes_read_only();
    let told = desk.quell(&SERVE);
    assert!(!told.ok && told.err.contains("make it writable"), "{}", told.err);
    // What is there can be read; a write is told.
    let told = desk.quell(&["account", "list"]);
    assert!(told.ok && told.out.contains("zhang.min"), "{}", told.err);
    let told = desk.quell(&["account", "create", "li.na", "--role", "field", "--territory", "14"]);
    assert!(!told.ok && told.err.contains("make it writable"), "{}", told.err);
}

#[test]
fn two_servers_do_not_share_a_folder() {
    let desk = Desk::of("two-servers");
    let password = password_on(&desk);
    let served = Served::on(&desk);
    let told = desk.quell(&SERVE);
    assert!(!told.ok && told.err.contains("another Quell serves"), "{}", told.err);
    assert!(told.err.contains(&format!("process {}", served.process())), "{}", told.err);
    // The first has not noticed, and an operator beside it is welcome.
    let mut clerk = Clerk::at(&served, &password);
    assert_eq!(clerk.reports(&served, 1).map(|(status, _)| status), Some(200));
    assert!(desk.quell(&["account", "list"]).out.contains("zhang.min"));
    let backup = desk.path("beside.quell");
    assert!(desk.quell(&["backup", backup.to_str().unwrap()]).ok);
    let over = desk.quell(&["restore", backup.to_str().unwrap()]);
    assert!(!over.ok && over.err.contains("is not empty"), "{}", over.err);
    served.killed();
    let served = Served::on(&desk);
    clerk.finds_all(&served);
}

const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

fn served_at(desk: &Desk, offset: &str, more: &[&str]) -> std::process::Child {
    let environment = [
        ("LD_PRELOAD", FAKETIME),
        ("FAKETIME", offset),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
    ];
    desk.start_under(&[], &environment, &[&SERVE, more].concat())
}

#[test]
fn a_clock_that_jumps_neither_wakes_a_session_nor_turns_the_journal_round() {
    let desk = Desk::of("clock");
    if !Path::new(FAKETIME).exists() {
        println!("skipped: no other clock here; install it: apt-get install faketime");
        return;
    }
    let password = password_on(&desk);
    let served = Served::on(&desk);
    let mut clerk = Clerk::at(&served, &password);
    assert_eq!(clerk.reports(&served, 1).map(|(status, _)| status), Some(200));
    served.killed();
    // Back by an hour: goes on, and dates nothing before what it has.
    let served = Served::by(served_at(&desk, "-1h", &[]));
    assert_eq!(clerk.reports(&served, 2).map(|(status, _)| status), Some(200));
    served.killed();
    assert!(moments(&desk).is_sorted(), "{:?}", moments(&desk));
    // Back by three days: refused.
    let told = desk.told_by(served_at(&desk, "-3d", &[]), &SERVE);
    assert!(!told.ok && told.err.contains("the machine's clock says"), "{}", told.err);
    // Ahead by three days: the session has ended there, and stays ended when the clock comes back.
    let served = Served::by(served_at(&desk, "+3d", &[]));
    assert_eq!(clerk.reports(&served, 3).map(|(status, _)| status), Some(401));
    let mut later = Clerk::at(&served, &password);
    assert_eq!(later.reports(&served, 4).map(|(status, _)| status), Some(200));
    served.killed();
    let told = desk.quell(&SERVE);
    assert!(!told.ok && told.err.contains("--clock-behind"), "{}", told.err);
    let served = Served::with(&desk, &["--clock-behind"]);
    assert_eq!(clerk.reports(&served, 3).map(|(status, _)| status), Some(401));
    assert_eq!(later.reports(&served, 5).map(|(status, _)| status), Some(200));
    served.killed();
    assert!(moments(&desk).is_sorted(), "{:?}", moments(&desk));
    desk.journal_verifies();
}

fn moments(desk: &Desk) -> Vec<i64> {
    let disk = rusqlite::Connection::open(desk.path("data/quell.db")).unwrap();
    let mut rows = disk.prepare("SELECT at FROM journal ORDER BY seq").unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_flush_that_fails_ends_the_program_and_loses_nothing() {
    let desk = Desk::of("failed-flush");
    if !Command::new("strace").arg("-V").output().is_ok_and(|told| told.status.success()) {
        println!("skipped: no strace here; install it: apt-get install strace");
        return;
    }
    let password = password_on(&desk);
    // The writer's own sixth flush and every one after it: system calls are counted by thread.
    let inject = "inject=fsync,fdatasync:error=EIO:when=6+";
    let over = ["strace", "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", inject];
    let served = Served::by(desk.start_under(&over, &[], &SERVE));
    let mut clerk = Clerk::at(&served, &password);
    let answered = (1..200).take_while(|number| clerk.reports(&served, *number).is_some()).count();
    assert!(answered > 0 && answered < 199, "{answered} answers: the fault did not happen");
    assert_eq!(served.ended(), Some(70));
    let served = Served::on(&desk);
    clerk.finds_all(&served);
    served.killed();
    desk.journal_verifies();
}
