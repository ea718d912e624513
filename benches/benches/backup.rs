//! A backup of a database of 10 GB while people write: how much longer a write takes meanwhile, how long the backup takes, and
//! how long to bring it back. The notes that make the database large are invented bytes; everything else is the real program.
//!
//! `QUELL_BENCH_SMALL=1`: half a gigabyte.

use base::Id;
use benches::{PASSWORD, Program, Room, Target, Times, Visitor, or_stop, ratio, tell};
use rooms::access::changes::CreateAccount;
use serde_json::json;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use store::{Actor, Db, Place, random_bits};

const CLIENTS: usize = 8;
const ALONE: Duration = Duration::from_secs(15);
/// About what a case with everything a list said of it takes.
const ROW: usize = 1_000;

fn main() {
    let small = std::env::var_os("QUELL_BENCH_SMALL").is_some();
    let gigabytes = if small { 0.5 } else { 10.0 };
    let binary = Program::binary();
    let room = Room::new("backup");
    let data = room.path().join("data");
    let login = format!("bench.{:x}", random_bits());
    make_account(&data, &login);
    let begun = Instant::now();
    make_large(&data.join("quell.db"), (gigabytes * 1e9) as u64);
    let size = or_stop(std::fs::metadata(data.join("quell.db")), "looking at the database").len();
    println!("a database of {:.2} GB, made in {:.0} s", size as f64 / 1e9, begun.elapsed().as_secs_f64());

    let program = Program::serve(&binary, &["--data", &data.to_string_lossy()]);
    let over = AtomicBool::new(false);
    let mut alone = clients(&program, &login, &over, || std::thread::sleep(ALONE));
    let file = room.path().join("backup.quell");
    let mut took = Duration::ZERO;
    let mut beside = clients(&program, &login, &over, || took = run(&binary, "backup", &file, &data));
    let written = or_stop(std::fs::metadata(&file), "looking at the backup").len();
    let (p99_alone, p99) = (alone.within_ms(0.99), beside.within_ms(0.99));
    let what = format!("write p99 during a backup of {:.1} GB, {CLIENTS} clients", size as f64 / 1e9);
    let times = ratio(p99, p99_alone, "the same without a backup", "ms");
    tell(&what, p99 / p99_alone, "times the normal", Target::Below(2.0), &times);
    println!("  p50 {:.1} ms, without {:.1} ms", beside.within_ms(0.5), alone.within_ms(0.5));
    println!("  {} writes during the backup, {} before it", beside.len(), alone.len());
    let rate = written as f64 / 1e6 / took.as_secs_f64();
    println!("  the backup: {:.2} GB in {:.0} s, {rate:.0} MB/s", written as f64 / 1e9, took.as_secs_f64());
    drop(program);

    let again = room.path().join("again");
    or_stop(std::fs::create_dir_all(again.join("keys")), "a folder for the keys");
    or_stop(std::fs::copy(data.join("keys/master.key"), again.join("keys/master.key")), "the key");
    let back = run(&binary, "restore", &file, &again);
    println!("  restored, every byte, count and journal row verified, in {:.0} s", back.as_secs_f64());
}

fn run(binary: &Path, verb: &str, file: &Path, data: &Path) -> Duration {
    let begun = Instant::now();
    let mut command = Command::new(binary);
    command.arg(verb).arg(file).arg("--data").arg(data).stdout(Stdio::null());
    if !or_stop(command.status(), verb).success() {
        eprintln!("quell {verb} failed; see above");
        std::process::exit(1);
    }
    begun.elapsed()
}

fn make_account(data: &Path, login: &str) {
    let db = or_stop(Db::open(Place::Folder(data.to_path_buf()), rooms::MIGRATIONS), "opening the database");
    let change = CreateAccount {
        id: Id::from_bits(random_bits()),
        account: Id::from_bits(random_bits()),
        login: login.to_owned(),
        name: login.to_owned(),
        role: "epidemiologist".to_owned(),
        territory: or_stop("14".parse(), "reading a territory"),
        organisation: None,
        password_hash: or_stop(rooms::access::hash_password(PASSWORD), "hashing"),
    };
    or_stop(db.apply_now(&Actor::operator(), base::Moment(0), change), "making an account");
}

/// Rows of a real table with an index, past the program and without its promises: only the size matters here.
fn make_large(file: &Path, bytes: u64) {
    let disk = or_stop(rusqlite::Connection::open(file), "opening the database");
    or_stop(
        disk.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN"),
        "a fast start",
    );
    let insert = "INSERT INTO cases_note VALUES (?1, '14', 'event_0', ?2, ?3, 'nobody')";
    let mut insert = or_stop(disk.prepare(insert), "a row");
    let text = "sealed:a1:".to_owned() + &"A7".repeat(ROW / 2);
    let rows = (bytes / (ROW as u64 + 150)) as i64;
    for row in 0..rows {
        // In order: the index grows at its end, and a large database is made in minutes.
        or_stop(insert.execute(rusqlite::params![format!("note_{row:026}"), text, row]), "a row");
    }
    drop(insert);
    or_stop(disk.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)"), "the rows");
}

/// Every client sends its next case as soon as the last is acknowledged, until `meanwhile` is over.
fn clients(program: &Program, login: &str, over: &AtomicBool, meanwhile: impl FnOnce()) -> Times {
    over.store(false, Ordering::SeqCst);
    let mut visitors = Vec::new();
    for _ in 0..CLIENTS {
        visitors.push(or_stop(Visitor::signed_in(&program.address, login, PASSWORD), "signing in"));
    }
    std::thread::scope(|scope| {
        let all: Vec<_> =
            visitors.into_iter().map(|visitor| scope.spawn(|| reports(visitor, over))).collect();
        meanwhile();
        over.store(true, Ordering::SeqCst);
        let mut times = Times::default();
        all.into_iter().for_each(|client| times.join(client.join().expect("a client ends well")));
        times
    })
}

fn reports(mut visitor: Visitor, over: &AtomicBool) -> Times {
    let mut times = Times::default();
    while !over.load(Ordering::SeqCst) {
        let body = json!({
            "id": Id::<store::Sent>::from_bits(random_bits()), "case": Id::<rooms::cases::Case>::from_bits(random_bits()),
            "subject": Id::<rooms::people::Subject>::from_bits(random_bits()), "territory": "14/1407/140703",
            "classification": "confirmed", "identity": { "name": "赵发明", "phone": "13800000000" },
        });
        let asked = Instant::now();
        let answer = or_stop(visitor.post("/api/changes/report-case", &body.to_string()), "reporting");
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        times.add(asked.elapsed());
        // Ten a second each: people at work, not a race for the disk.
        std::thread::sleep(Duration::from_millis(100));
    }
    times
}
