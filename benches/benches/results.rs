//! Look-ups of results by the secret in people's own codes, among a city's tubes on one core: tubes found by their people through the
//! layers of the index, read and told; beside bare SQLite selecting one row by its key from a table of as many people.

use base::{Id, Moment, Territory};
use benches::{Room, Target, Times, or_stop, ratio, tell};
use rooms::lab::results::look_up;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Actor, Basis, Change, Db, Permission, Place, Result, Sent, Tx, Value, random_bits};

const TUBES: usize = 100_000;
const IN_A_TUBE: usize = 10;
const PEOPLE: usize = TUBES * IN_A_TUBE;
/// Tubes of each layer of the index, as hours of laying down and merging leave them.
const LAYERS: [usize; 9] = [65_536, 8_192, 8_192, 8_192, 4_096, 2_048, 1_648, 1_024, 1_072];
const MEASURED: Duration = Duration::from_secs(5);

fn main() {
    on_one_core();
    let room = Room::new("results");
    let reference = keys_of_bare_sqlite(&room.path().join("plain.db"));
    let db =
        or_stop(Db::open(Place::Folder(room.path().join("data")), rooms::MIGRATIONS), "opening the database");
    let now = rooms::House::clock();
    load(&db, now);
    let mut one = Turns::default();
    let rate = one.for_a_while(|person| {
        let secret = secret(person);
        let told =
            or_stop(db.read_now(move |reader| look_up(reader, &secret, false, &[], now)), "looking up");
        assert_eq!(told.tubes.len(), 1, "everybody was sampled once");
        1
    });
    let beside = format!(
        "p50 {:.3} ms, p99 {:.3} ms; {}",
        one.times.within_ms(0.5),
        one.times.within_ms(0.99),
        ratio(rate, reference, "bare SQLite, one row by key", "selects/s")
    );
    tell(
        "results looked up, one person a question, one core",
        rate,
        "look-ups/s",
        Target::Above(20_000.0),
        &beside,
    );
    let mut family = Turns::default();
    let rate = family.for_a_while(|person| {
        let secrets: Vec<String> = (0..10).map(|number| secret((person + number * 7_919) % PEOPLE)).collect();
        let looked = move |reader: &mut store::Reader<'_>| {
            for secret in &secrets {
                look_up(reader, secret, false, &[], now)?;
            }
            Ok(())
        };
        or_stop(db.read_now(looked), "looking up");
        10
    });
    let beside = ratio(rate, reference, "bare SQLite, one row by key", "selects/s");
    tell(
        "results looked up, ten people a question, one core",
        rate,
        "look-ups/s",
        Target::Above(20_000.0),
        &beside,
    );
}

/// Asker and reader take turns on the same core: on two of them it is measured how long a core takes to wake up.
fn on_one_core() {
    const PINNED: &str = "QUELL_BENCH_PINNED";
    if std::env::var_os(PINNED).is_some() {
        return;
    }
    let me = or_stop(std::env::current_exe(), "finding this program");
    let mut again = std::process::Command::new("taskset");
    again.args(["-c", "0"]).arg(me).args(std::env::args_os().skip(1)).env(PINNED, "1");
    let ended = or_stop(again.status(), "taskset (util-linux)");
    std::process::exit(ended.code().unwrap_or(1));
}

#[derive(Default)]
struct Turns {
    times: Times,
    person: usize,
}

impl Turns {
    /// People one after the other all over the city; look-ups a second.
    fn for_a_while(&mut self, mut look: impl FnMut(usize) -> usize) -> f64 {
        for warm in 0..2_000 {
            look(warm * 499 % PEOPLE);
        }
        let (begun, mut looked) = (Instant::now(), 0);
        while begun.elapsed() < MEASURED {
            self.person = (self.person + 611_953) % PEOPLE;
            let asked = Instant::now();
            looked += look(self.person);
            self.times.add(asked.elapsed());
        }
        looked as f64 / begun.elapsed().as_secs_f64()
    }
}

fn secret(person: usize) -> String {
    format!("invented-secret-{person:09}")
}

/// What stands in the tables of a secret.
fn holder(person: usize) -> String {
    rooms::lab::results::known_by(&secret(person))
}

fn keys_of_bare_sqlite(path: &Path) -> f64 {
    let mut connection = or_stop(Connection::open(path), "opening plain.db");
    or_stop(
        connection.execute_batch(
            "CREATE TABLE person (who TEXT PRIMARY KEY, told TEXT NOT NULL) STRICT, WITHOUT ROWID",
        ),
        "a table",
    );
    let tx = or_stop(connection.transaction(), "a transaction");
    {
        let mut put = or_stop(tx.prepare("INSERT INTO person VALUES (?1, ?2)"), "an insert");
        for person in 0..PEOPLE {
            or_stop(
                put.execute((holder(person), "negative, since the morning, until the day after tomorrow")),
                "a row",
            );
        }
    }
    or_stop(tx.commit(), "the rows");
    let mut get = or_stop(connection.prepare("SELECT told FROM person WHERE who = ?1"), "a select");
    let mut turns = Turns::default();
    turns.for_a_while(|person| {
        let told: String = or_stop(get.query_row([holder(person)], |row| row.get(0)), "a row");
        assert!(told.starts_with("negative"));
        1
    })
}

fn load(db: &Db, now: Moment) {
    println!("loading {TUBES} tubes of {IN_A_TUBE} ...");
    let (mut first, mut layer) = (1, 1);
    for tubes in LAYERS {
        let change = LoadLayer { id: Id::from_bits(random_bits()), layer, first, tubes, now };
        or_stop(db.apply_now(&Actor::operator(), now, change), "loading");
        (first, layer) = (first + tubes, layer + 1);
    }
    assert_eq!(first - 1, TUBES);
}

/// A layer's tubes and their people at once. Not as they come in: here reading is measured.
#[derive(Serialize, Deserialize)]
struct LoadLayer {
    id: Id<Sent>,
    layer: usize,
    first: usize,
    tubes: usize,
    now: Moment,
}

impl Change for LoadLayer {
    const NAME: &'static str = "load invented tubes";
    const NEEDS: Permission = Permission::LabCollect;
    const BASIS: Basis = Basis::Reference;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }

    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(Territory::whole())
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let sampled = self.now.plus_seconds(-6 * 3_600);
        let (mut tubes, mut swabs): (Vec<Vec<Value>>, Vec<Vec<Value>>) = (Vec::new(), Vec::new());
        for tube in self.first..self.first + self.tubes {
            let mut people = Vec::with_capacity(IN_A_TUBE);
            for place in 0..IN_A_TUBE {
                let holder = holder((tube - 1) * IN_A_TUBE + place);
                people.push(format!(
                    r#"{{"p":{},"at":{},"w":"code","m":"{:024}","h":"{holder}"}}"#,
                    place + 1,
                    sampled.0,
                    tube * 20 + place
                ));
                swabs.push(vec![
                    (self.layer as i64).into(),
                    format!("h:{holder}").into(),
                    (tube as i64).into(),
                    (place as i64 + 1).into(),
                ]);
            }
            tubes.push(vec![
                (tube as i64).into(),
                format!("T-{tube:010}").into(),
                "14/1407/140703".into(),
                "round".into(),
                "post".into(),
                "people".into(),
                10.into(),
                10.into(),
                format!("[{}]", people.join(",")).into(),
                "[]".into(),
                sampled.into(),
                sampled.into(),
                sampled.into(),
                "operator".into(),
                "run".into(),
                "negative".into(),
                self.now.into(),
            ]);
        }
        swabs.sort_by_key(|row| format!("{:?}", row[1]));
        let head = "INSERT INTO lab_tube (seq, barcode, territory, round, post, kind, size, filled, people, sealed, sampled, \
                    closed, registered, by_whom, run, result, reported)";
        tx.insert_many(head, 17, &tubes, "")?;
        tx.insert_many("INSERT INTO lab_swab (layer, who, tube, position)", 4, &swabs, "")?;
        let last = (self.first + self.tubes - 1) as i64;
        tx.run(
            "INSERT INTO lab_layer (layer, level, rows, last_tube, into_layer) VALUES ($1, 1, $2, $3, NULL)",
            store::params![self.layer as i64, swabs.len(), last],
        )?;
        Ok(())
    }
}
