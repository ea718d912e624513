//! Laboratories' messages through the room: ORU^R01 over HTTP, each answered after its commit is on the disk, one in five sent again; each
//! about a tube that was registered before. Beside it, plain autocommitted INSERTs of as many messages at once by rusqlite with the same
//! durability and nothing else: nothing read, judged, journalled, nobody asked who they are.
//!
//! `QUELL_DATABASE=postgres://…` measures PostgreSQL (the reference stays SQLite); `SECONDS=n` changes how long it is measured.

use base::{Id, Moment, Territory};
use benches::{PASSWORD, Program, Room, Target, Times, Visitor, or_stop, ratio, tell};
use rooms::access::changes::CreateAccount;
use rooms::lab::changes::{OpenPost, OpenRound, PlanCampaign, RegisterLaboratory, RegisterTube};
use rooms::lab::{Campaign, Laboratory, Post};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::{Actor, Change, Db, Place, Sent, random_bits};

/// Laboratories that send at the same moment, and how many messages each sends at once: half a megabyte.
const SENDERS: usize = 4;
const TOGETHER: u64 = 500;
/// Every fifth message is the one before it again.
const AGAIN: u64 = 5;
const WARM: Duration = Duration::from_secs(2);

fn main() {
    let seconds: u64 = std::env::var("SECONDS").ok().and_then(|said| said.parse().ok()).unwrap_or(15);
    let measured = Duration::from_secs(seconds);
    let binary = Program::binary();
    let room = Room::new("lab-room");
    let reference = plain_inserts(&room.path().join("plain.db"));
    let data = room.path().join("data");
    // As many tubes as the fastest laboratories could tell of in that time, and some.
    let house = House::founded(&data, (seconds + 6) * 20_000);
    let program = Program::serve(&binary, &["--data", &data.to_string_lossy()]);
    let is_postgres = std::env::var_os("QUELL_DATABASE").is_some();
    let engine = if is_postgres { "PostgreSQL" } else { "SQLite, synchronous=FULL" };
    let asked = if is_postgres { 2_500.0 } else { 5_000.0 };
    let mut sent = house.send(&program.address, measured);
    let rate = sent.messages as f64 / measured.as_secs_f64();
    let what = format!("messages of laboratories through the room, one in {AGAIN} sent again, {engine}");
    let beside = ratio(rate, reference, "rusqlite, as many rows a commit, one connection", "rows/s");
    tell(&what, rate, "messages/s", Target::Above(asked), &beside);
    println!(
        "  {SENDERS} senders, {TOGETHER} messages a request, answered within {:.0} ms (p50) and {:.0} ms (p99)",
        sent.times.within_ms(0.5),
        sent.times.within_ms(0.99)
    );
}

struct House {
    laboratory: Id<Laboratory>,
    tubes: u64,
    now: i64,
}

struct Sending {
    messages: u64,
    times: Times,
}

impl House {
    fn founded(data: &Path, tubes: u64) -> House {
        let place = match std::env::var("QUELL_DATABASE") {
            Ok(url) => Place::Postgres { url, keys: data.join("keys") },
            Err(_) => Place::Folder(data.to_path_buf()),
        };
        let db = or_stop(Db::open(place, rooms::MIGRATIONS), "opening the database");
        let now = rooms::House::clock();
        let (campaign, post, laboratory): (Id<Campaign>, Id<Post>, Id<Laboratory>) = (id(), id(), id());
        let territory: Territory = or_stop("14/1407/140703".parse(), "reading a territory");
        let house = House { laboratory, tubes, now: now.0 };
        let hash = or_stop(rooms::access::hash_password(PASSWORD), "hashing");
        house.apply(
            &db,
            CreateAccount {
                id: id(),
                account: id(),
                login: "lis".to_owned(),
                name: "lis".to_owned(),
                role: "laboratory".to_owned(),
                territory: territory.clone(),
                organisation: None,
                password_hash: hash,
            },
        );
        house.apply(
            &db,
            PlanCampaign {
                id: id(),
                campaign,
                territory: territory.clone(),
                name: "Everybody".to_owned(),
                disease: "covid-19-delta".to_owned(),
                ordered: "a rehearsal".to_owned(),
            },
        );
        let round = json!({
            "id": id::<Sent>(), "round": id::<rooms::lab::Round>(), "campaign": campaign, "opens": now.0 - 7_200_000,
            "deadline": now.0 + 86_400_000, "coverage_target": 0.98,
            "zones": [{ "territory": territory, "class": "precaution", "population": 21_000_000, "pool_size": 10 }],
        });
        house.apply::<OpenRound>(&db, or_stop(serde_json::from_value(round), "a round"));
        let told = json!({
            "id": id::<Sent>(), "post": post, "campaign": campaign, "territory": territory, "name": "Bell Street",
            "desks": 2, "pool_size": 10,
        });
        house.apply::<OpenPost>(&db, or_stop(serde_json::from_value(told), "a post"));
        house.apply(
            &db,
            RegisterLaboratory {
                id: id(),
                laboratory,
                territory,
                name: "Laboratory".to_owned(),
                capacity: 3_000_000,
                report_hours: 12,
            },
        );
        house.register(&db, post);
        house
    }

    fn apply<C: Change>(&self, db: &Db, change: C) {
        or_stop(db.apply_now(&Actor::operator(), Moment(self.now), change), "founding the house");
    }

    /// Tubes of ten, many to a commit.
    fn register(&self, db: &Db, post: Id<Post>) {
        const WAITING: u64 = 256;
        let runtime = or_stop(tokio::runtime::Builder::new_current_thread().build(), "a runtime");
        for first in (0..self.tubes).step_by(WAITING as usize) {
            let block = (first..(first + WAITING).min(self.tubes))
                .map(|number| db_change(db, self.now, self.tube(number, post)));
            runtime.block_on(async {
                for told in futures_util::future::join_all(block).await {
                    or_stop(told, "registering");
                }
            });
        }
    }

    fn tube(&self, number: u64, post: Id<Post>) -> RegisterTube {
        let at = self.now - 3_600_000;
        let people: Vec<Value> =
            (1..=10).map(|place| json!({ "p": place, "at": at, "w": "paper" })).collect();
        let told = json!({
            "id": id::<Sent>(), "tube": barcode(number), "post": post, "kind": "people", "size": 10, "sampled": at,
            "closed": at + 60_000, "device": null, "people": people, "envelope": null, "again": null,
        });
        or_stop(serde_json::from_value(told), "a tube")
    }

    /// What a laboratory system writes of one tube.
    fn message(&self, number: u64) -> String {
        let at = |minutes: i64| {
            let text = Moment((self.now - minutes * 60_000) / 1_000 * 1_000).to_string();
            format!("{}+0000", text.replace(['-', ':', 'T', 'Z'], ""))
        };
        let (tube, taken, received, analysed, reported) = (barcode(number), at(60), at(40), at(10), at(5));
        format!(
            "MSH|^~\\&|LIS.NORTH^1.2.3.4^ISO|North Lab^LAB-07^CLIA|QUELL|CDC|{reported}||ORU^R01^ORU_R01|MSG-{number:09}|P|2.5.1|||NE|NE|CHN|UNICODE UTF-8\r\
             SFT|North LIS|4.2|north-lis|4.2.1\r\
             ORC|RE|{tube}|LAB-{number:09}|||||||||D1001^Zhao^Min||^WPN^PH^^86^354^5550900|||||||Sampling site^L\r\
             OBR|1|{tube}|LAB-{number:09}|94309-2^SARS-CoV-2 RNA [Presence] in Specimen by NAA with probe detection^LN|||{taken}|||||||||||||||{reported}|||F\r\
             OBX|1|CWE|94309-2^SARS-CoV-2 RNA [Presence] in Specimen by NAA with probe detection^LN|1|260415000^Not detected^SCT||||||F|||{taken}|LAB-07^North Lab^CLIA||KIT-A^RT-PCR kit A^99NORTH|EQ-0007^^1.2.3.7^ISO|{analysed}\r\
             SPM|1|{tube}^LAB-{number:09}||258500001^Nasopharyngeal swab^SCT|||||||||||||{taken}|{received}\r"
        )
    }

    /// Every sender sends its next messages as soon as the last are answered.
    fn send(&self, address: &str, measured: Duration) -> Sending {
        let next = AtomicU64::new(0);
        let path = format!("/api/lab/messages?laboratory={}", self.laboratory);
        let visitors: Vec<Visitor> = (0..SENDERS)
            .map(|_| or_stop(Visitor::signed_in(address, "lis", PASSWORD), "signing in"))
            .collect();
        let begun = Instant::now() + WARM;
        let ends = begun + measured;
        let mut all = Sending { messages: 0, times: Times::default() };
        std::thread::scope(|scope| {
            let senders: Vec<_> = visitors
                .into_iter()
                .map(|mut visitor| {
                    let (next, path) = (&next, &path);
                    scope.spawn(move || {
                        let mut sent = Sending { messages: 0, times: Times::default() };
                        loop {
                            let first = next.fetch_add(TOGETHER, Ordering::Relaxed);
                            let body: String = (first..first + TOGETHER)
                                .map(|number| self.message(number - number % AGAIN / (AGAIN - 1)))
                                .collect();
                            let asked = Instant::now();
                            let answer = or_stop(visitor.post(path, &body), "sending");
                            let text = String::from_utf8_lossy(&answer.body);
                            let taken = text.matches("MSA|AA|").count() as u64;
                            assert!(
                                answer.status == 200 && taken == TOGETHER,
                                "{taken} taken: {:.600}",
                                text
                            );
                            assert!(!text.contains("ERR|"), "{:.600}", text);
                            assert!(first + TOGETHER < self.tubes, "more was sent than was registered");
                            let now = Instant::now();
                            if now >= ends {
                                return sent;
                            }
                            if now >= begun {
                                sent.messages += TOGETHER;
                                sent.times.add(now - asked);
                            }
                        }
                    })
                })
                .collect();
            for sender in senders {
                let sent = or_stop(sender.join().map_err(|_| "a sender broke off"), "sending");
                all.messages += sent.messages;
                all.times.join(sent.times);
            }
        });
        all
    }
}

async fn db_change(db: &Db, now: i64, tube: RegisterTube) -> store::Result<rooms::lab::changes::Registered> {
    db.apply(&Actor::operator(), Moment(now), tube).await
}

fn barcode(number: u64) -> String {
    format!("T-{number:010}")
}

fn id<T: base::Named>() -> Id<T> {
    Id::from_bits(random_bits())
}

/// What the disk and SQLite give when as many rows as a request has messages are one commit.
fn plain_inserts(file: &Path) -> f64 {
    let mut plain = or_stop(rusqlite::Connection::open(file), "opening the reference");
    or_stop(plain.pragma_update(None, "journal_mode", "WAL"), "WAL");
    or_stop(plain.pragma_update(None, "synchronous", "FULL"), "FULL");
    or_stop(
        plain.execute_batch("CREATE TABLE message (id TEXT PRIMARY KEY, told TEXT, at INTEGER) STRICT"),
        "the reference table",
    );
    let told = "T-0000000001|260415000|20220221131500+0000|KIT-A;".repeat(12);
    let begun = Instant::now();
    let mut count = 0_u64;
    while begun.elapsed() < Duration::from_secs(3) {
        let part = or_stop(plain.transaction(), "a commit");
        for _ in 0..TOGETHER {
            or_stop(
                part.execute(
                    "INSERT INTO message VALUES (?1, ?2, ?3)",
                    rusqlite::params![format!("MSG-{count:010}"), told, count as i64],
                ),
                "inserting",
            );
            count += 1;
        }
        or_stop(part.commit(), "a commit");
    }
    count as f64 / begun.elapsed().as_secs_f64()
}
