//! A journal of a million rows: followed from the first to the last and compared with a checkpoint, beside a bare SELECT of
//! the same columns; and the rate at which changes are told again into empty tables.

use base::{Id, Moment, Territory};
use benches::{Target, or_stop, ratio, tell};
use rooms::cases::changes::OpenEvent;
use std::path::PathBuf;
use std::time::Instant;
use store::{Actor, Checkpoint, Db, Entry, Known, Place, Rebuild, Tree, leaf, random_bits};

const ROWS: i64 = 1_000_000;
const TOLD: usize = 5_000;

fn main() {
    let folder = std::env::temp_dir().join(format!("quell-bench-journal-{}", std::process::id()));
    let db = or_stop(Db::open(Place::Folder(folder.clone()), rooms::MIGRATIONS), "a new database");
    told_again(&db);
    let known = filled(&db, folder.join("quell.db"));
    let reference = bare_select(folder.join("quell.db"));
    let begun = Instant::now();
    let verdict = or_stop(db.read_long(|reader| store::verify_against(reader, &[known])), "verifying");
    let took = begun.elapsed().as_secs_f64();
    assert!(verdict.ok && verdict.rows == ROWS && verdict.agreed == 1, "{verdict:?}");
    tell(
        "verifying a journal of 1,000,000 rows against a checkpoint",
        took,
        "s",
        Target::Below(3.0),
        &ratio(took, reference, "a bare SELECT of the same columns", "s"),
    );
    drop(db);
    let _ = std::fs::remove_dir_all(folder);
}

/// Real changes, so that the tables are written as well.
fn told_again(db: &Db) {
    for number in 0..TOLD {
        let event = OpenEvent {
            id: Id::from_bits(random_bits()),
            event: Id::from_bits(random_bits()),
            name: format!("Event {number}"),
            disease: None,
            territory: Territory::whole(),
            started: None,
            summary: None,
        };
        or_stop(db.apply_now(&Actor::operator(), Moment(number as i64), event), "an event");
    }
    let mut rebuild =
        or_stop(Rebuild::in_memory(db.vault(), rooms::MIGRATIONS, rooms::RETOLD), "empty tables");
    let begun = Instant::now();
    or_stop(db.read_long(|reader| rebuild.follow(reader, None)), "telling");
    let rate = TOLD as f64 / begun.elapsed().as_secs_f64();
    let differences = or_stop(db.read_long(|reader| rebuild.compare(reader, rooms::LEFT_OUT)), "comparing");
    assert!(rebuild.untold.is_empty() && differences.is_empty(), "{differences:?}");
    tell("changes told again into empty tables", rate, "rows/s", Target::Above(5_000.0), "");
}

/// A million rows as wide as a reported case's, written past the program with the hashes it would give them.
fn filled(db: &Db, file: PathBuf) -> Known {
    let mut plain = or_stop(rusqlite::Connection::open(file), "the database");
    let all = or_stop(plain.transaction(), "a transaction");
    or_stop(all.execute_batch("DELETE FROM journal; DELETE FROM journal_about"), "an empty journal");
    let mut tree = Tree::default();
    let mut before = String::new();
    {
        let sql = "INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        let mut insert = or_stop(all.prepare(sql), "an insert");
        for seq in 1..=ROWS {
            let mut row = Entry {
                seq,
                change_id: format!("change_{:026}", seq),
                change: "report case".to_owned(),
                at: Moment(1_645_000_000_000 + seq),
                actor: "account_0zy738gnyw42kanea11b8prx31".to_owned(),
                purpose: "outbreak_response".to_owned(),
                territory: "14/1407/140703".to_owned(),
                basis: "case_report".to_owned(),
                about: format!("case_{seq:026} subject_{seq:026}"),
                body: format!("{{\"case\":\"case_{seq:026}\",\"said\":\"{}\"}}", "sealed".repeat(40)),
                out: "null".to_owned(),
                hash: String::new(),
            };
            row.hash = row.hash_after(&before);
            tree.push(leaf(&row.hash));
            let values = rusqlite::params![
                row.seq,
                row.change_id,
                row.change,
                row.at.0,
                row.actor,
                row.purpose,
                row.territory,
                row.basis,
                row.about,
                row.body,
                row.out,
                row.hash
            ];
            or_stop(insert.execute(values), "a row");
            before = row.hash;
        }
    }
    or_stop(all.commit(), "a million rows");
    Checkpoint::signed(&db.vault().checkpoint_key(), ROWS, &tree.root(), &before, Moment(0)).known()
}

fn bare_select(file: PathBuf) -> f64 {
    let plain = or_stop(rusqlite::Connection::open(file), "opening the reference");
    let begun = Instant::now();
    let mut statement = or_stop(plain.prepare("SELECT * FROM journal ORDER BY seq"), "the reference");
    let mut rows = or_stop(statement.query([]), "the reference");
    let mut bytes = 0;
    while let Some(row) = or_stop(rows.next(), "the reference") {
        bytes += row.get_ref(9).map_or(0, |body| body.as_str().map_or(0, str::len));
    }
    assert!(bytes > 1_000_000, "the reference reads what verifying reads");
    begun.elapsed().as_secs_f64()
}
