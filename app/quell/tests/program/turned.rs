//! A folder from before there was a ring of keys: its one key opens everything, is turned although the program is killed
//! again and again, and can go.

use crate::desk::{Desk, Dice};
use rooms::people::open_identity_of;
use std::time::Duration;
use store::{Db, KeyId, Query, params};

const ROWS: u64 = 3_000;
const KILLS: u64 = 12;

#[test]
fn a_rotation_killed_twelve_times_loses_nobody() {
    let desk = Desk::of("turned");
    std::fs::create_dir_all(desk.path("data/keys")).unwrap();
    // As it was written before: 32 bytes and nothing else.
    std::fs::write(desk.path("data/keys/master.key"), "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc").unwrap();
    let mut list = "case_no,name,sex,age,onset date,county\n".to_owned();
    for row in 0..ROWS {
        list.push_str(&format!("B{row},Invented {row},female,41,2022-02-11,太谷区\n"));
    }
    desk.import(&desk.file("list.csv", list), &[]);
    assert!(desk.quell(&["key", "list"]).out.contains(&KeyId::FIRST.to_string()));

    let (mut dice, mut killed) = (Dice(7), 0);
    for round in 0..KILLS {
        let mut child = desk.start(&["key", "rotate"]);
        std::thread::sleep(Duration::from_millis(15 * (round + 1) + dice.below(40)));
        killed += u64::from(child.try_wait().unwrap().is_none());
        let _ = child.kill();
        child.wait().unwrap();
    }
    assert!(killed > 0, "none of the kills came before the end");
    let told = desk.quell(&["key", "rotate"]);
    assert!(told.ok, "{}", told.err);
    let told = desk.quell(&["key", "retire", &KeyId::FIRST.to_string()]);
    assert!(told.ok, "{}", told.err);
    let ring = std::fs::read_to_string(desk.path("data/keys/master.key")).unwrap();
    assert!(!ring.contains("BwcHBwcHBwcHBwcH"), "the first key is gone from the file");

    let db = Db::open(store::Place::Folder(desk.path("data")), rooms::MIGRATIONS).unwrap();
    let names = db.read_now(|reader| {
        let mut names = std::collections::BTreeSet::new();
        for row in reader.rows("SELECT id FROM people_subject ORDER BY id", params![])? {
            names.extend(open_identity_of(reader, row.read(0)?)?.and_then(|identity| identity.name));
        }
        Ok(names)
    });
    assert_eq!(names.unwrap().len() as u64, ROWS, "everybody is still somebody");
    desk.journal_verifies();
}
