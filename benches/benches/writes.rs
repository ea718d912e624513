//! Single cases reported over HTTP by 32 clients at once, each answered after its own commit is on the disk, beside plain
//! autocommitted INSERTs of the same rows by rusqlite with the same durability and nothing else: no journal, no sealing,
//! no permissions, no HTTP.
//!
//! `QUELL_DATABASE=postgres://…` in the environment measures PostgreSQL instead (the reference stays SQLite).

use base::Id;
use benches::{Invented, PASSWORD, Program, Room, Target, Times, Visitor, or_stop, ratio, report, tell};
use rooms::access::changes::CreateAccount;
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Actor, Db, Place, random_bits};

const CLIENTS: usize = 32;
const WARM: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(10);
/// Enough bodies that no client runs out while measured.
const BODIES: usize = 4_000;

fn main() {
    let binary = Program::binary();
    let room = Room::new("writes");
    let reference = plain_inserts(&room.path().join("plain.db"));

    let data = room.path().join("data");
    let login = format!("bench.{:x}", random_bits());
    make_account(&data, &login);
    let program = Program::serve(&binary, &["--data", &data.to_string_lossy()]);
    let mut visitors = Vec::new();
    for _ in 0..CLIENTS {
        visitors.push(or_stop(Visitor::signed_in(&program.address, &login, PASSWORD), "signing in"));
    }
    let mut times = report_together(visitors);
    let rate = times.len() as f64 / MEASURED.as_secs_f64();
    let beside = ratio(rate, reference, "rusqlite autocommit, one connection", "writes/s");
    let engine =
        if std::env::var_os("QUELL_DATABASE").is_some() { "PostgreSQL" } else { "SQLite, synchronous=FULL" };
    let what = format!("durable single-case writes over HTTP, {CLIENTS} clients, {engine}");
    tell(&what, rate, "writes/s", Target::Above(1_000.0), &beside);
    println!(
        "  acknowledged within: p50 {:.1} ms, p99 {:.1} ms",
        times.within_ms(0.5),
        times.within_ms(0.99)
    );
}

fn make_account(data: &Path, login: &str) {
    let place = match std::env::var("QUELL_DATABASE") {
        Ok(url) => Place::Postgres { url, keys: data.join("keys") },
        Err(_) => Place::Folder(data.to_path_buf()),
    };
    let db = or_stop(Db::open(place, rooms::MIGRATIONS), "opening the database");
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

/// Every client sends its next case as soon as the last is acknowledged. Counted are those acknowledged in the measured time.
fn report_together(visitors: Vec<Visitor>) -> Times {
    let begun = Instant::now() + WARM;
    let ends = begun + MEASURED;
    let clients: Vec<_> = visitors
        .into_iter()
        .enumerate()
        .map(|(at, mut visitor)| {
            let bodies = bodies();
            std::thread::spawn(move || {
                let mut times = Times::default();
                for (sent, body) in bodies.iter().enumerate() {
                    let asked = Instant::now();
                    let answer = or_stop(visitor.post("/api/changes/report-case", body), "reporting");
                    let now = Instant::now();
                    let told = String::from_utf8_lossy(&answer.body);
                    assert_eq!(answer.status, 200, "client {at}, case {sent}: {told}");
                    if now >= ends {
                        return times;
                    }
                    if now >= begun {
                        times.add(now - asked);
                    }
                }
                eprintln!("client {at} ran out of cases before the time was over; the rate is understated");
                times
            })
        })
        .collect();
    let mut all = Times::default();
    clients.into_iter().for_each(|client| all.join(client.join().expect("a client ends well")));
    all
}

fn bodies() -> Vec<String> {
    let mut invented = Invented::new();
    (0..BODIES)
        .map(|number| {
            let mut case = invented.case(number);
            // Handles are random, as every sender's are; only what is said is the same for all clients.
            (case.id, case.subject) = (Id::from_bits(random_bits()), Id::from_bits(random_bits()));
            case.case_no = String::new();
            report(&case, &invented.name(), &invented.phone()).to_string()
        })
        .collect()
}

/// What the disk and SQLite give when every row is a commit of its own.
fn plain_inserts(file: &Path) -> f64 {
    let plain = or_stop(rusqlite::Connection::open(file), "opening the reference");
    or_stop(plain.pragma_update(None, "journal_mode", "WAL"), "WAL");
    or_stop(plain.pragma_update(None, "synchronous", "FULL"), "FULL");
    let table =
        "CREATE TABLE plain (id TEXT PRIMARY KEY, territory TEXT, sex TEXT, age REAL, dates TEXT) STRICT";
    or_stop(plain.execute_batch(table), "the reference table");
    let mut insert =
        or_stop(plain.prepare("INSERT INTO plain VALUES (?, ?, ?, ?, ?)"), "the reference insert");
    let mut invented = Invented::new();
    let (begun, mut written) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(3) {
        let case = invented.case(written);
        let dates = or_stop(serde_json::to_string(&case.dates), "dates");
        let sex = case.sex.map(|sex| sex.to_string());
        let row = rusqlite::params![case.id.to_string(), case.territory.path(), sex, case.age, dates];
        or_stop(insert.execute(row), "the reference insert");
        written += 1;
    }
    written as f64 / begun.elapsed().as_secs_f64()
}
