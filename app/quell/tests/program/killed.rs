//! Signal 9 at any moment: what was acknowledged is there, what was half done is finished or gone, and the journal
//! verifies.

use crate::desk::{Desk, Dice, PATIENCE, account};
use crate::served::{Served, Visitor, ask};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const ROWS: u64 = 20_000;
const KILLS: u64 = 6;

#[test]
fn an_import_killed_six_times_ends_as_if_it_had_run_once() {
    let desk = Desk::of("killed-import");
    let file = desk.file("long.csv", long_list());
    let (mut dice, mut kills) = (Dice(20_220_220), 0);
    for round in 0..KILLS {
        // Somewhere in this round's sixth of the file: between two commits or in the middle of one.
        let until = ROWS * round / KILLS + dice.below(ROWS / KILLS);
        kills += u64::from(killed_when(&desk, &file, until, &mut dice));
    }
    assert!(kills >= KILLS / 2, "only {kills} of {KILLS} came before the end");
    let report = desk.import(&file, &[]);
    assert_eq!((account(&report), &report["rows"]), ([ROWS, 0, 0, 0, 0], &Value::from(ROWS)));
    let recorded = desk.quell(&["recorded", "cases"]);
    let numbers: Vec<&str> = recorded.out.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    let distinct: BTreeSet<&&str> = numbers.iter().collect();
    assert_eq!((numbers.len() as u64, distinct.len() as u64), (ROWS, ROWS), "no row twice, none lost");
    desk.journal_verifies();
    let again = desk.import(&file, &[]);
    assert_eq!(account(&again), [0, 0, ROWS, 0, 0]);
}

fn long_list() -> String {
    let mut text = "case_no,name,sex,age,onset date,report date,county\n".to_owned();
    for row in 0..ROWS {
        let sex = if row % 2 == 0 { "female" } else { "male" };
        let (age, day) = (row % 90, row % 27 + 1);
        text.push_str(&format!("B{row},Invented {row},{sex},{age},2022-02-{day:02},2022-02-28,太谷区\n"));
    }
    text
}

/// True when it was killed; false when it had come to its end before.
fn killed_when(desk: &Desk, file: &str, rows: u64, dice: &mut Dice) -> bool {
    let mut child = desk.start(&["import", file]);
    let since = Instant::now();
    let after = Duration::from_micros(dice.below(30_000));
    let mut reached = None;
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(since.elapsed() < PATIENCE, "the import stands still");
        reached = reached.or_else(|| (rows_written(desk) >= rows).then(Instant::now));
        if reached.is_some_and(|at| at.elapsed() >= after) {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        std::thread::yield_now();
    }
}

fn rows_written(desk: &Desk) -> u64 {
    use rusqlite::{Connection, OpenFlags};
    let disk = Connection::open_with_flags(desk.path("data/quell.db"), OpenFlags::SQLITE_OPEN_READ_ONLY);
    let count =
        |disk: Connection| disk.query_row("SELECT count(*) FROM imports_row", [], |row| row.get::<_, i64>(0));
    // Before the first tables are made there is nothing to count.
    disk.and_then(count).unwrap_or(0).unsigned_abs()
}

const CYCLES: u64 = 10;
const CLERKS: usize = 3;

#[test]
fn what_was_acknowledged_survives_ten_killings() {
    let desk = Desk::of("killed-serve");
    let made =
        desk.quell(&["account", "create", "zhang.min", "--role", "epidemiologist", "--territory", "14"]);
    assert!(made.ok, "{}", made.err);
    let password = made.out.split_whitespace().last().expect("a password").to_owned();
    let (mut dice, mut acknowledged) = (Dice(7), Vec::new());
    let mut visitor = None;
    for cycle in 0..CYCLES {
        let served = Served::on(&desk);
        // The session, too, outlives the program.
        let zhang =
            visitor.get_or_insert_with(|| Visitor::signing_in(&served, "zhang.min", &password)).clone();
        acknowledged.extend(write_until_killed(served, &zhang, cycle, 3 + dice.below(40) as usize));
    }
    assert!(acknowledged.len() as u64 >= CYCLES * 3, "{} writes", acknowledged.len());
    let (served, zhang) = (Served::on(&desk), visitor.expect("signed in"));
    for case in &acknowledged {
        let answer = served.ask("GET", &format!("/api/cases/{case}"), Some(&zhang), &Value::Null);
        assert_eq!(answer.map(|answer| answer.status), Some(200), "{case} was acknowledged and is gone");
    }
    served.killed();
    desk.journal_verifies();
}

/// Clerks report cases as fast as they can until the program is killed; the cases whose report was answered.
fn write_until_killed(served: Served, zhang: &Visitor, cycle: u64, enough: usize) -> Vec<String> {
    let (address, stopped) = (served.address(), AtomicBool::new(false));
    let answered = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for clerk in 0..CLERKS {
            let (address, stopped, answered) = (&address, &stopped, &answered);
            scope.spawn(move || {
                for turn in 0..10_000_u64 {
                    let number = (cycle * CLERKS as u64 + clerk as u64) * 10_000 + turn;
                    let report = report_case(number);
                    match ask(address, "POST", "/api/changes/report-case", Some(zhang), &report) {
                        Some(answer) => {
                            assert_eq!(answer.status, 200, "{}", answer.body);
                            answered.lock().unwrap().push(report["case"].as_str().unwrap().to_owned());
                        }
                        None if stopped.load(Ordering::SeqCst) => return,
                        None => std::thread::yield_now(),
                    }
                }
            });
        }
        let since = Instant::now();
        while answered.lock().unwrap().len() < enough && since.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
        stopped.store(true, Ordering::SeqCst);
        served.killed();
    });
    answered.into_inner().unwrap()
}

fn report_case(number: u64) -> Value {
    // Made of the number, so that each is another.
    let id = |kind: &str| format!("{kind}_{number:026}");
    json!({
        "id": id("change"), "case": id("case"), "subject": id("subject"), "case_no": format!("K{number}"),
        "territory": "14", "classification": "confirmed",
    })
}
