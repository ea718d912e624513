//! A city's day of testing: tubes of ten people registered over HTTP, each acknowledged after its own commit is on the disk, beside
//! plain autocommitted INSERTs of the same tubes by rusqlite with the same durability and nothing else: no names sealed, no
//! journal, no permissions, no HTTP. Then the laboratories' day: received, plated, read, reported.
//!
//! `QUELL_DATABASE=postgres://…` in the environment measures PostgreSQL instead (the reference stays SQLite);
//! `SECONDS=n` changes how long each part is measured.

use base::Id;
use benches::{PASSWORD, Program, Room, Target, Times, Visitor, or_stop, ratio, tell};
use rooms::lab::Run;
use rooms::lab::rehearsal::City;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::{Db, Place, Sent, random_bits};

/// Telephones that send at the same moment; a city has some sixteen thousand desks, each with a tube every few minutes.
const PHONES: usize = 64;
/// Those that come back after hours without a network, at the same moment. More find no seat at the door and are told to come again.
const COME_BACK: usize = 24;
const WARM: Duration = Duration::from_secs(2);
/// Tubes of a city of 21 million, ten to one.
const CITY: f64 = 2_100_000.0;

fn main() {
    let measured =
        Duration::from_secs(std::env::var("SECONDS").ok().and_then(|said| said.parse().ok()).unwrap_or(20));
    let binary = Program::binary();
    let room = Room::new("city");
    let reference = plain_inserts(&room.path().join("plain.db"));
    let data = room.path().join("data");
    let city = Measured { city: founded(&data), filled: AtomicU64::new(0) };
    let program = Program::serve(&binary, &["--data", &data.to_string_lossy()]);
    let engine =
        if std::env::var_os("QUELL_DATABASE").is_some() { "PostgreSQL" } else { "SQLite, synchronous=FULL" };
    // PostgreSQL is asked for half of what SQLite is.
    let asked = if std::env::var_os("QUELL_DATABASE").is_some() { 1_000.0 } else { 2_000.0 };

    let mut one = city.register(&program.address, measured, PHONES, 1);
    let rate = one.tubes as f64 / measured.as_secs_f64();
    let what = format!("tubes of ten registered, one a request, {PHONES} telephones, {engine}");
    tell(
        &what,
        rate,
        "tubes/s",
        Target::Above(asked),
        &ratio(rate, reference, "rusqlite autocommit, one connection", "tubes/s"),
    );
    let beside =
        format!("p50 {:.1} ms; a city's day in {:.0} minutes", one.times.within_ms(0.5), CITY / rate / 60.0);
    let what = format!("one tube acknowledged within, p99, {engine}");
    let within = one.times.within_ms(0.99);
    tell(&what, within, "ms", Target::Below(250.0), &beside);

    let many = city.register(&program.address, measured, COME_BACK, 50);
    let rate = many.tubes as f64 / measured.as_secs_f64();
    let what = format!(
        "tubes of ten registered, fifty a request after hours without network, {COME_BACK} telephones, {engine}"
    );
    let beside = format!("a city's day in {:.0} minutes", CITY / rate / 60.0);
    tell(&what, rate, "tubes/s", Target::Above(asked), &beside);

    city.laboratories(&program.address, measured, engine);
}

/// The city, being measured, and how many tubes its telephones have filled.
struct Measured {
    city: City,
    filled: AtomicU64,
}

fn founded(data: &Path) -> City {
    let place = match std::env::var("QUELL_DATABASE") {
        Ok(url) => Place::Postgres { url, keys: data.join("keys") },
        Err(_) => Place::Folder(data.to_path_buf()),
    };
    let db = or_stop(Db::open(place, rooms::MIGRATIONS), "opening the database");
    or_stop(City::founded(&db, PHONES, PASSWORD), "founding the city")
}

struct Sending {
    tubes: usize,
    times: Times,
}

impl Measured {
    /// Every telephone sends its next tubes as soon as the last are acknowledged.
    fn register(&self, address: &str, measured: Duration, phones: usize, together: usize) -> Sending {
        let visitors: Vec<Visitor> = (0..phones)
            .map(|phone| {
                or_stop(Visitor::signed_in(address, &format!("phone.{phone}"), PASSWORD), "signing in")
            })
            .collect();
        let begun = Instant::now() + WARM;
        let ends = begun + measured;
        let mut all = Sending { tubes: 0, times: Times::default() };
        std::thread::scope(|scope| {
            let phones: Vec<_> = visitors
                .into_iter()
                .map(|visitor| {
                    scope.spawn(move || {
                        // Whoever signed in first was idle while the others did; the door closes such a connection.
                        let mut visitor = or_stop(visitor.elsewhere(address), "connecting");
                        let mut sent = Sending { tubes: 0, times: Times::default() };
                        loop {
                            let tubes: Vec<String> = (0..together)
                                .map(|_| self.city.tube(self.filled.fetch_add(1, Ordering::Relaxed)))
                                .collect();
                            let asked = Instant::now();
                            let (path, body) = if together == 1 {
                                ("/api/changes/register-tube", tubes[0].clone())
                            } else {
                                ("/api/lab/tubes", tubes.join("\n"))
                            };
                            let answer = or_stop(visitor.post(path, &body), "registering");
                            let text = String::from_utf8_lossy(&answer.body);
                            assert!(answer.status == 200 && !text.contains("\"error\""), "{text}");
                            let now = Instant::now();
                            if now >= ends {
                                return sent;
                            }
                            if now >= begun {
                                sent.tubes += together;
                                sent.times.add(now - asked);
                            }
                        }
                    })
                })
                .collect();
            for phone in phones {
                let sent = or_stop(phone.join().map_err(|_| "a telephone broke off"), "registering");
                all.tubes += sent.tubes;
                all.times.join(sent.times);
            }
        });
        all
    }

    /// Plates of 93 tubes: received, put on a plate, read, reported; eight benches at once, until the time or the tubes are over.
    fn laboratories(&self, address: &str, measured: Duration, engine: &str) {
        const BENCHES: usize = 8;
        let next = AtomicU64::new(0);
        let begun = Instant::now();
        let ends = begun + measured;
        let visitor = or_stop(Visitor::signed_in(address, "bench", PASSWORD), "signing in");
        let done: usize = std::thread::scope(|scope| {
            let benches: Vec<_> = (0..BENCHES)
                .map(|_| {
                    let mut visitor = or_stop(visitor.elsewhere(address), "another window");
                    let next = &next;
                    scope.spawn(move || {
                        let mut done = 0;
                        while Instant::now() < ends {
                            let first = next.fetch_add(93, Ordering::Relaxed);
                            if first + 93 > self.filled.load(Ordering::Relaxed) {
                                break;
                            }
                            let tubes: Vec<String> =
                                (first..first + 93).map(|number| format!("T-{number:010}")).collect();
                            self.one_plate(&mut visitor, &tubes);
                            done += tubes.len();
                        }
                        done
                    })
                })
                .collect();
            benches
                .into_iter()
                .map(|bench| or_stop(bench.join().map_err(|_| "a bench broke off"), "testing"))
                .sum()
        });
        let rate = done as f64 / begun.elapsed().as_secs_f64();
        let what = format!("tubes received, plated, read and reported, {BENCHES} benches, {engine}");
        let asked = CITY / (15.0 * 60.0) / if engine == "PostgreSQL" { 2.0 } else { 1.0 };
        let beside = format!("a city's results in {:.0} minutes", CITY / rate / 60.0);
        tell(&what, rate, "tubes/s", Target::Above(asked), &beside);
    }

    fn one_plate(&self, visitor: &mut Visitor, tubes: &[String]) {
        let run = id::<Run>();
        let place = |at: usize| format!("{}{}", char::from(b'A' + (at % 8) as u8), at / 8 + 1);
        let mut change = |name: &str, body: Value| {
            let answer = or_stop(visitor.post(&format!("/api/changes/{name}"), &body.to_string()), "testing");
            assert_eq!(answer.status, 200, "{name}: {}", String::from_utf8_lossy(&answer.body));
        };
        change(
            "receive-tubes",
            json!({ "id": id::<Sent>(), "laboratory": self.city.laboratory, "tubes": tubes }),
        );
        let mut wells: Vec<Value> =
            tubes.iter().enumerate().map(|(at, tube)| json!({ "well": place(at), "tube": tube })).collect();
        for (well, control) in [("F12", "positive"), ("G12", "negative"), ("H12", "extraction")] {
            wells.push(json!({ "well": well, "control": control }));
        }
        change(
            "fill-plate",
            json!({
                "id": id::<Sent>(), "run": run, "laboratory": self.city.laboratory, "assay": "cn-sars-cov-2", "format": "96",
                "wells": wells,
            }),
        );
        let mut cycles = Vec::new();
        let mut well = |well: &str, ct: Option<f64>, internal: Option<f64>| {
            for (target, ct) in [("ORF1ab", ct), ("N", ct), ("IC", internal)] {
                cycles.push(json!({ "well": well, "target": target, "ct": ct }));
            }
        };
        (0..tubes.len()).for_each(|at| well(&place(at), None, Some(26.0)));
        well("F12", Some(30.0), Some(27.0));
        well("G12", None, None);
        well("H12", None, None);
        change("read-run", json!({ "id": id::<Sent>(), "run": run, "file": "plate.csv", "cycles": cycles }));
        change("report-run", json!({ "id": id::<Sent>(), "run": run }));
    }
}

fn id<T: base::Named>() -> Id<T> {
    Id::from_bits(random_bits())
}

/// What the disk and SQLite give when every tube is a commit of its own.
fn plain_inserts(file: &Path) -> f64 {
    let plain = or_stop(rusqlite::Connection::open(file), "opening the reference");
    or_stop(plain.pragma_update(None, "journal_mode", "WAL"), "WAL");
    or_stop(plain.pragma_update(None, "synchronous", "FULL"), "FULL");
    or_stop(
        plain.execute_batch(
            "CREATE TABLE tube (barcode TEXT PRIMARY KEY, people TEXT, closed INTEGER) STRICT",
        ),
        "the reference table",
    );
    let people = "Person 1000000,P000000000,13900000000;".repeat(10);
    let begun = Instant::now();
    let mut count = 0_u64;
    while begun.elapsed() < Duration::from_secs(3) {
        or_stop(
            plain.execute(
                "INSERT INTO tube VALUES (?1, ?2, ?3)",
                rusqlite::params![format!("T-{count:010}"), people, count as i64],
            ),
            "inserting",
        );
        count += 1;
    }
    count as f64 / begun.elapsed().as_secs_f64()
}
