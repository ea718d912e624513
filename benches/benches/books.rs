//! The books of a city's round: 2.1 million tubes of ten through posts, boxes, laboratories and runs, with fifty faults planted in the
//! tables, as no door of the house would have let them in. Reconciliation, asked for over HTTP like the page does, must name each of
//! them and nothing else; beside it bare SQLite counting the same rows by stage, which finds nothing.

use base::{Id, Moment, Territory};
use benches::{PASSWORD, Program, Room, Target, Visitor, or_stop, ratio, tell};
use rooms::access::changes::CreateAccount;
use rooms::lab::changes::{OpenRound, PlanCampaign};
use rooms::lab::{Campaign, Round};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
use store::{Actor, Basis, Change, Db, Permission, Place, Result, Sent, Tx, Value, params, random_bits};

const TUBES: usize = 2_100_000;
const OF_A_POST: usize = 150;
const OF_A_BOX: usize = 50;
const OF_A_RUN: usize = 90;
const LABORATORIES: usize = 20;
const LOADED_AT_ONCE: usize = 45_000;
const FAULTS: usize = 50;
const HOUR: i64 = 3_600;
const TERRITORY: &str = "14/1407/140703";

fn main() {
    let binary = Program::binary();
    let room = Room::new("books");
    let data = room.path().join("data");
    let round = loaded(&data);
    let reference = counted_by_bare_sqlite(&data.join("quell.db"));
    let program = Program::serve(&binary, &["--data", &data.to_string_lossy()]);
    let mut auditor = or_stop(Visitor::signed_in(&program.address, "books", PASSWORD), "signing in");
    let asked = Instant::now();
    let answer = or_stop(auditor.get(&format!("/api/lab/rounds/{round}/reconcile")), "reconciling");
    let took = asked.elapsed().as_secs_f64();
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let told: Json = or_stop(serde_json::from_slice(&answer.body), "reading the answer");
    let beside = format!(
        "{}; the program held {:.0} MB at most",
        ratio(took, reference, "bare SQLite counting the rows by stage", "s"),
        program.peak_resident_mb()
    );
    tell("books of a round of 2,100,000 tubes reconciled", took, "s", Target::Below(15.0), &beside);
    let found = found(&told);
    let planted = planted();
    let missed = planted.iter().filter(|(fault, many)| found.get(*fault) != Some(many)).count();
    let invented = found.keys().filter(|fault| !planted.contains_key(*fault)).count();
    for (fault, _) in found.iter().filter(|(fault, _)| !planted.contains_key(*fault)) {
        println!("not planted: {fault:?}");
    }
    for (fault, _) in planted.iter().filter(|(fault, many)| found.get(*fault) != Some(many)) {
        println!("not found: {fault:?}");
    }
    let of_all = format!("of {FAULTS} planted");
    tell("planted faults that were not named", missed as f64, "faults", Target::Below(1.0), &of_all);
    tell("differences that nobody planted", invented as f64, "differences", Target::Below(1.0), &of_all);
}

/// What was done to a tube, its box or its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    ElevenInTen,
    /// Two wells of the run were not measured.
    TubesMixed,
    NeverReceived,
    NeverRun,
    NeverReported,
    NobodyRegistered,
    NoRun,
    BeforeItsCall,
    RejectedAndReported,
    LabelPrintedTwice,
    ReceivedBeforeSampling,
    ReportedBeforeReceipt,
    /// Two more were counted at hand-over than were packed.
    BoxOfAnother,
}

/// The six kinds, most of them in more than one appearance.
const PLANTED: [(Fault, usize); 13] = [
    (Fault::ElevenInTen, 8),
    (Fault::TubesMixed, 4),
    (Fault::NeverReceived, 8),
    (Fault::NeverRun, 4),
    (Fault::NeverReported, 4),
    (Fault::NobodyRegistered, 4),
    (Fault::NoRun, 4),
    (Fault::BeforeItsCall, 2),
    (Fault::RejectedAndReported, 2),
    (Fault::LabelPrintedTwice, 4),
    (Fault::ReceivedBeforeSampling, 2),
    (Fault::ReportedBeforeReceipt, 2),
    (Fault::BoxOfAnother, 2),
];

impl Fault {
    /// The fault at this tube, if it is one of the fifty; far apart, so that none hides another.
    fn at(tube: usize) -> Option<Fault> {
        let number = (tube % (TUBES / FAULTS) == 17).then_some(tube / (TUBES / FAULTS))?;
        let mut before = 0;
        PLANTED.iter().find_map(|(fault, many)| {
            before += many;
            (number < before).then_some(*fault)
        })
    }

    /// What the books are to call it.
    fn how(self) -> &'static str {
        match self {
            Fault::ElevenInTen => "too_many_people",
            Fault::TubesMixed => "fewer_wells",
            Fault::NeverReceived => "never_received",
            Fault::NeverRun => "never_run",
            Fault::NeverReported => "never_reported",
            Fault::NobodyRegistered => "received_unregistered",
            Fault::NoRun => "no_run",
            Fault::BeforeItsCall => "before_call",
            Fault::RejectedAndReported => "rejected_reported",
            Fault::LabelPrintedTwice => "two_registrations",
            Fault::ReceivedBeforeSampling => "received_before_sampling",
            Fault::ReportedBeforeReceipt => "reported_before_receipt",
            Fault::BoxOfAnother => "batch_count",
        }
    }
}

type Named = BTreeMap<(String, String), usize>;

/// How each fault shows, and at which tube, box or run.
fn planted() -> Named {
    let mut planted = Named::new();
    for tube in 0..TUBES {
        let Some(fault) = Fault::at(tube) else { continue };
        let whose = match fault {
            Fault::NobodyRegistered => stray(tube),
            Fault::TubesMixed => run_of(tube),
            Fault::BoxOfAnother => box_of(tube),
            _ => barcode(tube),
        };
        *planted.entry((fault.how().to_owned(), whose)).or_default() += 1;
    }
    planted
}

fn found(told: &Json) -> Named {
    let mut found = Named::new();
    for one in told["differences"].as_array().into_iter().flatten() {
        let how = one["how"]["how"].as_str().unwrap_or_default();
        let whose = match how {
            "fewer_wells" => &one["run"],
            "batch_count" => &one["box"],
            _ => &one["tubes"][0],
        };
        let whose = whose.as_str().unwrap_or_default();
        *found.entry((how.to_owned(), whose.to_owned())).or_default() += 1;
    }
    found
}

fn barcode(tube: usize) -> String {
    format!("T-{tube:010}")
}

fn stray(tube: usize) -> String {
    format!("S-{tube:010}")
}

fn post_of(tube: usize) -> String {
    format!("post-{:06}", tube / OF_A_POST)
}

fn box_of(tube: usize) -> String {
    format!("B-{:08}", tube / OF_A_BOX)
}

fn run_of(tube: usize) -> String {
    format!("run-{:06}", tube / OF_A_RUN)
}

fn laboratory_of(tube: usize) -> String {
    format!("lab-{:02}", tube / OF_A_RUN % LABORATORIES)
}

fn id<T: base::Named>() -> Id<T> {
    Id::from_bits(random_bits())
}

fn counted_by_bare_sqlite(file: &Path) -> f64 {
    let plain = or_stop(rusqlite::Connection::open(file), "opening the tables");
    let sql = "SELECT count(*), count(box), count(received), count(run), count(reported) FROM lab_tube";
    let begun = Instant::now();
    let tubes: i64 = or_stop(plain.query_row(sql, [], |row| row.get(0)), "counting");
    assert_eq!(tubes as usize, TUBES);
    begun.elapsed().as_secs_f64()
}

fn loaded(data: &Path) -> Id<Round> {
    println!("loading {TUBES} tubes ...");
    let db = or_stop(Db::open(Place::Folder(data.to_path_buf()), rooms::MIGRATIONS), "opening the database");
    let now = rooms::House::clock();
    let territory: Territory = or_stop(TERRITORY.parse(), "reading a territory");
    let (campaign, round) = (id::<Campaign>(), id::<Round>());
    apply(
        &db,
        now,
        CreateAccount {
            id: id(),
            account: id(),
            login: "books".to_owned(),
            name: "books".to_owned(),
            role: "epidemiologist".to_owned(),
            territory: territory.clone(),
            organisation: None,
            password_hash: or_stop(rooms::access::hash_password(PASSWORD), "hashing"),
        },
    );
    apply(
        &db,
        now,
        PlanCampaign {
            id: id(),
            campaign,
            territory: territory.clone(),
            name: "Everybody".to_owned(),
            disease: "covid-19-delta".to_owned(),
            ordered: "a rehearsal".to_owned(),
        },
    );
    let told = json!({
        "id": id::<Sent>(), "round": round, "campaign": campaign, "opens": now.0 - 30 * HOUR * 1000,
        "deadline": now.0 + HOUR * 1000, "coverage_target": 0.98,
        "zones": [{ "territory": territory, "class": "precaution", "population": 21_000_000, "pool_size": 10 }],
    });
    apply::<OpenRound>(&db, now, or_stop(serde_json::from_value(told), "a round"));
    for first in (0..TUBES).step_by(LOADED_AT_ONCE) {
        apply(&db, now, LoadBooks { id: id(), round, first, tubes: LOADED_AT_ONCE.min(TUBES - first) });
    }
    round
}

fn apply<C: Change>(db: &Db, at: Moment, change: C) {
    or_stop(db.apply_now(&Actor::operator(), at, change), "loading");
}

/// Tubes with everything that is written of them on their way, at once. Not as it comes in: here the books are measured.
#[derive(Serialize, Deserialize)]
struct LoadBooks {
    id: Id<Sent>,
    round: Id<Round>,
    first: usize,
    tubes: usize,
}

impl Change for LoadBooks {
    const NAME: &'static str = "load invented books";
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
        let all = self.first..self.first + self.tubes;
        let now = tx.at;
        let tubes: Vec<Vec<Value>> = all.clone().map(|tube| tube_row(tube, self.round, now)).collect();
        let head = "INSERT INTO lab_tube (seq, barcode, territory, round, post, kind, size, filled, people, sealed, conflicts, \
                    sampled, closed, registered, by_whom, box, lab, received, rejected, run, well, result, called, reported)";
        tx.insert_many(head, 24, &tubes, "")?;
        let wells: Vec<Vec<Value>> = all.clone().filter_map(well_row).collect();
        tx.insert_many("INSERT INTO lab_well (run, well, barcode, cts, first)", 5, &wells, "")?;
        for tube in all.clone().filter(|tube| tube % OF_A_BOX == 0) {
            let more =
                (tube..tube + OF_A_BOX).filter(|tube| Fault::at(*tube) == Some(Fault::BoxOfAnother)).count();
            tx.run(
                "INSERT INTO lab_box (barcode, territory, post, tubes, packed, handed_over, counted, lab, received, received_tubes) \
                 VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $5, $4)",
                params![
                    box_of(tube),
                    TERRITORY,
                    post_of(tube),
                    OF_A_BOX,
                    now.plus_seconds(-24 * HOUR),
                    OF_A_BOX + 2 * more,
                    laboratory_of(tube)
                ],
            )?;
        }
        for tube in all.clone().filter(|tube| tube % OF_A_RUN == 0) {
            tx.run(
                "INSERT INTO lab_run (id, territory, lab, assay, pack, format, state, filled, called, reported, file, notes, by_whom) \
                 VALUES ($1, $2, $3, 'cn-sars-cov-2', '1', 96, 'reported', $4, $5, $6, 'night.csv', '[]', 'books')",
                params![
                    run_of(tube),
                    TERRITORY,
                    laboratory_of(tube),
                    now.plus_seconds(-21 * HOUR),
                    now.plus_seconds(-20 * HOUR),
                    now.plus_seconds(-19 * HOUR)
                ],
            )?;
        }
        for tube in all.filter(|tube| Fault::at(*tube) == Some(Fault::NobodyRegistered)) {
            tx.run(
                "INSERT INTO lab_stray (barcode, territory, lab, box, received) VALUES ($1, $2, $3, NULL, $4)",
                params![stray(tube), TERRITORY, laboratory_of(tube), now.plus_seconds(-22 * HOUR)],
            )?;
        }
        Ok(())
    }
}

fn tube_row(tube: usize, round: Id<Round>, now: Moment) -> Vec<Value> {
    let fault = Fault::at(tube);
    let at = |hours: i64| now.plus_seconds(-hours * HOUR).0;
    let text = |unless: bool, value: String| (!unless).then_some(value);
    let sampled = if fault == Some(Fault::ReceivedBeforeSampling) { at(21) } else { at(26) };
    let received = if fault == Some(Fault::ReportedBeforeReceipt) { at(18) } else { at(22) };
    let reported = if fault == Some(Fault::BeforeItsCall) { at(21) } else { at(19) };
    let lost = fault == Some(Fault::NeverReceived);
    let unrun = lost || matches!(fault, Some(Fault::NeverRun | Fault::NoRun));
    let untold = lost || matches!(fault, Some(Fault::NeverRun | Fault::NeverReported));
    let number = |unless: bool, value: i64| (!unless).then_some(value);
    let twin = json!([{ "position": 0, "why": "two_posts", "post": post_of(tube + OF_A_POST) }]).to_string();
    vec![
        (tube as i64 + 1).into(),
        barcode(tube).into(),
        TERRITORY.into(),
        round.to_string().into(),
        post_of(tube).into(),
        "people".into(),
        10.into(),
        i64::from(if fault == Some(Fault::ElevenInTen) { 11 } else { 10 }).into(),
        "[]".into(),
        "[]".into(),
        text(fault != Some(Fault::LabelPrintedTwice), twin).into(),
        sampled.into(),
        sampled.into(),
        at(25).into(),
        "books".into(),
        box_of(tube).into(),
        text(lost, laboratory_of(tube)).into(),
        number(lost, received).into(),
        text(fault != Some(Fault::RejectedAndReported), "leak".to_owned()).into(),
        text(unrun, run_of(tube)).into(),
        text(unrun, well_of(tube)).into(),
        text(untold, "negative".to_owned()).into(),
        number(untold, at(20)).into(),
        number(untold, reported).into(),
    ]
}

fn well_of(tube: usize) -> String {
    let place = tube % OF_A_RUN;
    format!("{}{}", char::from(b'A' + (place % 8) as u8), place / 8 + 1)
}

/// What the instrument measured of the tube's well; of those that were mixed into another, nothing.
fn well_row(tube: usize) -> Option<Vec<Value>> {
    let is = |tube: usize, fault: Fault| Fault::at(tube) == Some(fault);
    if is(tube, Fault::NeverReceived) || is(tube, Fault::NeverRun) || is(tube, Fault::NoRun) {
        return None;
    }
    let mixed = tube > 1 && (is(tube - 1, Fault::TubesMixed) || is(tube - 2, Fault::TubesMixed));
    let measured: Option<String> = (!mixed).then(|| "{}".to_owned());
    Some(vec![
        run_of(tube).into(),
        well_of(tube).into(),
        barcode(tube).into(),
        measured.into(),
        "negative".into(),
    ])
}
