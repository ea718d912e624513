//! The journal from the command line: its proof, its export, a second opinion on it, and the tables made again from it.

use crate::desk::Desk;
use std::process::Command;

const CASES: &str = "case_no,name,sex,age,onset date\nC1,Ilse Invented,female,31,2022-02-11\nC2,Odo Invented,male,40,2022-02-12\n";

fn a_desk_with_cases(test: &str) -> Desk {
    let desk = Desk::of(test);
    let first = desk.file("cases.csv", CASES);
    desk.import(&first, &["--event", "A village dinner"]);
    let second = desk.file("cases.csv", CASES.replace("31", "32").replace("C2,", "C3,"));
    desk.import(&second, &["--event", "A village dinner"]);
    desk
}

fn sql(desk: &Desk, sql: &str) {
    let database = rusqlite::Connection::open(desk.path("data/quell.db")).unwrap();
    database.execute_batch(sql).unwrap();
}

#[test]
fn a_checkpoint_in_a_file_or_on_paper_finds_a_tail_cut_off() {
    let desk = a_desk_with_cases("checkpoint");
    let elsewhere = desk.path("other-disk.log");
    let elsewhere = elsewhere.to_str().unwrap();
    let made = desk.quell(&["journal", "checkpoint", "--to", elsewhere]);
    assert!(made.ok, "{}", made.err);
    let code = made.out.trim().to_owned();
    let sheet = desk.quell(&["journal", "checkpoint", "--print"]).out;
    assert!(sheet.contains(&code) && sheet.contains("--against"), "{sheet}");
    let verified = desk.quell(&["journal", "verify", "--against", &code, "--against", elsewhere]);
    assert!(
        verified.ok && verified.out.contains("4 of 4 checkpoints agree"),
        "{}{}",
        verified.out,
        verified.err
    );

    sql(&desk, "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)");
    std::fs::remove_file(desk.path("data/checkpoints.log")).unwrap();
    assert!(desk.quell(&["journal", "verify"]).ok, "nothing is left here to compare with");
    for against in [code.as_str(), elsewhere] {
        let told = desk.quell(&["journal", "verify", "--against", against]);
        assert!(!told.ok && told.err.contains("missing at the end"), "{against}: {}", told.err);
    }
    let slip = desk.quell(&["journal", "verify", "--against", &code.replace("Q-", "Q-1")]);
    assert!(!slip.ok && slip.err.contains("check signs do not fit"), "{}", slip.err);
}

#[test]
fn an_export_proves_itself_to_this_program_and_to_another() {
    let desk = a_desk_with_cases("export");
    let (whole, part) = (desk.path("whole.jsonl"), desk.path("part.jsonl"));
    let (whole, part) = (whole.to_str().unwrap(), part.to_str().unwrap());
    assert!(desk.quell(&["journal", "export", whole]).ok);
    assert!(desk.quell(&["journal", "export", part, "--from", "3", "--to", "5"]).ok);
    assert!(!desk.quell(&["journal", "export", whole]).ok, "a file that is there is not written over");
    for file in [whole, part] {
        let told = desk.quell(&["journal", "verify", file]);
        assert!(told.ok && told.out.contains("Signed with"), "{}", told.err);
    }
    let text = std::fs::read_to_string(whole).unwrap();
    assert!(!text.contains("Invented"), "names stay sealed");

    let lines: Vec<&str> = text.lines().collect();
    let edited = text.replacen("\"actor\":\"operator\"", "\"actor\":\"somebody\"", 1);
    let dropped = [&lines[..3], &lines[4..]].concat().join("\n");
    let cut = lines[..lines.len() - 1].join("\n");
    let named = [
        ("edited", edited, "row 1 was changed"),
        ("dropped", dropped, "row 3 was taken out"),
        ("cut", cut, "ends before its last line"),
    ];
    for (what, text, named) in &named {
        let file = desk.file(&format!("{what}.jsonl"), text);
        let told = desk.quell(&["journal", "verify", &file]);
        assert!(!told.ok && told.err.contains(named), "{what}: {}", told.err);
    }
    let second = |file: &str| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/second_verifier.py");
        Command::new("python3").args([script, file]).output().ok()
    };
    match second(whole) {
        None => println!("skipped: python3 is not here; the export is not read a second time"),
        Some(told) => {
            assert!(
                told.status.success(),
                "{}{}",
                String::from_utf8_lossy(&told.stdout),
                String::from_utf8_lossy(&told.stderr)
            );
            assert!(second(part).unwrap().status.success());
            for (what, _, _) in &named {
                let file = desk.path(&format!("{what}.jsonl"));
                assert!(!second(file.to_str().unwrap()).unwrap().status.success(), "{what}");
            }
        }
    }
}

#[test]
fn the_tables_are_made_again_from_the_journal_and_an_edit_past_it_is_named() {
    let desk = a_desk_with_cases("rebuild");
    let same = desk.quell(&["journal", "rebuild", "--compare"]);
    assert!(same.ok && same.out.contains("Every table is what the journal says"), "{}{}", same.out, same.err);
    assert!(same.out.contains("rows/s"), "{}", same.out);
    sql(&desk, "UPDATE cases_case SET age = 99 WHERE case_no = 'C2'");
    let other = desk.quell(&["journal", "rebuild", "--compare"]);
    assert!(!other.ok && other.err.contains("differs from the journal in age"), "{}", other.err);

    let again = desk.path("again");
    assert!(desk.quell(&["journal", "rebuild", "--into", again.to_str().unwrap()]).ok);
    let age: f64 = rusqlite::Connection::open(again.join("quell.db"))
        .and_then(|made| {
            made.query_row("SELECT age FROM cases_case WHERE case_no = 'C2'", [], |row| row.get(0))
        })
        .unwrap();
    assert_eq!(age, 40.0, "as the journal tells it");
}

#[test]
fn a_backup_and_the_journal_after_it_come_back_to_a_moment() {
    let desk = Desk::of("until");
    let first = desk.file("cases.csv", CASES);
    desk.import(&first, &["--event", "A village dinner"]);
    let backup = desk.path("backup.quell");
    let backup = backup.to_str().unwrap();
    assert!(desk.quell(&["backup", backup]).ok);
    let second = desk.file("more.csv", CASES.replace("C1,", "C3,").replace("C2,", "C4,"));
    desk.import(&second, &["--event", "A village dinner"]);
    let export = desk.path("journal.jsonl");
    let export = export.to_str().unwrap();
    assert!(desk.quell(&["journal", "export", export]).ok);

    let keys = desk.path("data/keys");
    let back = |folder: &str, until: &str, journal: &str| {
        let to = desk.path(folder);
        let told = Command::new(env!("CARGO_BIN_EXE_quell"))
            .args([
                "restore",
                backup,
                "--keys",
                keys.to_str().unwrap(),
                "--until",
                until,
                "--journal",
                journal,
            ])
            .args(["--data", to.to_str().unwrap()])
            .env_remove("QUELL_DATABASE")
            .output()
            .unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
        assert!(told.status.success(), "{said}");
        let made = rusqlite::Connection::open(to.join("quell.db")).unwrap();
        let cases: String = made
            .query_row("SELECT group_concat(case_no || ' ' || age, ', ') FROM (SELECT * FROM cases_case ORDER BY case_no)", [], |row| row.get(0))
            .unwrap();
        (cases, said)
    };
    let (cases, said) = back("all", "2100-01-01T00:00", export);
    assert_eq!(cases, "C1 31.0, C2 40.0, C3 31.0, C4 40.0", "{said}");
    let data = desk.path("data");
    let (cases, said) = back("with-keys", "2100-01-01T00:00", data.to_str().unwrap());
    assert_eq!(cases, "C1 31.0, C2 40.0, C3 31.0, C4 40.0", "{said}");
    // Before the second import nothing of it is there.
    let (cases, said) = back("before", "2000-01-01T00:00", export);
    assert_eq!(cases, "C1 31.0, C2 40.0", "{said}");
}
