//! Ten times what the machine can do, asked in the open: requests are due when they are due, whether or not the last was
//! answered (a crowd does not wait for itself), and their time counts from then. Of each kind of work: how much is accepted,
//! how long that takes, and whether anything but "come again" is said to the rest.
//!
//! The askers run on the same cores as the asked, and take their share of them. The reference of the same run is the critical
//! work alone.

use base::Id;
use benches::{Invented, Loaded, PASSWORD, Program, Target, Times, Visitor, or_stop, ratio, report, tell};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::random_bits;

/// A bad week of a province, with somebody at every desk.
const CASES: usize = 20_000;
const DESKS: usize = 24;

const MEASURED: Duration = Duration::from_secs(15);

/// What must not wait is never much: cases and results of a county in its worst hour.
const CRITICAL_A_SECOND: f64 = 30.0;

/// Askers of the rest. Whoever waits for an answer asks nothing, so there are more of them than the house has places.
const ASKERS: usize = 192;
const CRITICAL_ASKERS: usize = 24;

/// Of ten requests of the rest.
const MIX: [(&str, &str); 10] = [
    ("field work", "/api/cases?territory=14/1407/140703"),
    ("pictures", "/api/situation?territory=14"),
    ("field work", "/api/contacts?territory=14/1407/140703"),
    ("field work", "/api/cases?territory=14/1407/140703"),
    ("pictures", "/api/situation?territory=14/1407"),
    ("field work", "/api/cases?territory=14/1407"),
    ("exports", "/api/export/cases.csv?territory=14/1407/140703"),
    ("field work", "/api/contacts?territory=14/1407"),
    ("pictures", "/api/situation?territory=14"),
    ("field work", "/api/cases?territory=14/1407/140703"),
];

#[derive(Default)]
struct Outcome {
    asked: usize,
    accepted: Times,
    come_again: usize,
    /// Anything else: a fault, a broken connection, a refusal that is not for this reason.
    other: usize,
}

fn main() {
    let logins: Vec<String> = (0..DESKS).map(|desk| format!("desk.{desk}")).collect();
    let accounts: Vec<(&str, &str, &str)> =
        logins.iter().map(|login| (login.as_str(), "epidemiologist", "14")).collect();
    let loaded = Loaded::with("overload", CASES, CASES, &accounts);
    let folder = loaded.folder.clone();
    drop(loaded);
    let program = Program::serve(&Program::binary(), &["--data", &folder.to_string_lossy()]);
    let desks: Vec<Visitor> = logins
        .iter()
        .map(|login| or_stop(Visitor::signed_in(&program.address, login, PASSWORD), "signing in"))
        .collect();

    let capacity = in_turn(&program.address, &desks);
    println!("capacity: {capacity:.0} requests a second of the mixed work, {DESKS} at once");
    let mut alone = in_the_open(&program.address, &desks, 0.0);
    let alone_ms = alone.remove("critical").unwrap_or_default().accepted.within_ms(0.99);

    let mut outcomes = in_the_open(&program.address, &desks, 10.0 * capacity);
    for (kind, outcome) in &mut outcomes {
        let share = 100.0 * outcome.accepted.len() as f64 / outcome.asked.max(1) as f64;
        println!(
            "  {kind}: {} asked, {share:.1} % accepted within p50 {:.0} ms, p99 {:.0} ms; {} told to come again, {} otherwise",
            outcome.asked,
            outcome.accepted.within_ms(0.5),
            outcome.accepted.within_ms(0.99),
            outcome.come_again,
            outcome.other,
        );
    }
    let accepted: usize = outcomes.values().map(|outcome| outcome.accepted.len()).sum();
    let goodput = accepted as f64 / MEASURED.as_secs_f64() / (capacity + CRITICAL_A_SECOND);
    let other: usize = outcomes.values().map(|outcome| outcome.other).sum();
    let mut critical = outcomes.remove("critical").unwrap_or_default();
    let share = 100.0 * critical.accepted.len() as f64 / critical.asked.max(1) as f64;
    tell("critical work accepted at ten times the capacity", share, "%", Target::Above(99.999), "");
    let p99 = critical.accepted.within_ms(0.99);
    let beside = ratio(p99, alone_ms, "critical work alone", "ms");
    tell("its p99", p99, "ms", Target::Below(250.0), &beside);
    tell(
        "work done, of what the machine can do",
        goodput,
        "×",
        Target::Above(0.5),
        "the askers share its cores",
    );
    tell("answers that are neither work nor `come again`", other as f64, "", Target::Below(1.0), "");
    tell("resident memory at its most", program.peak_resident_mb(), "MB", Target::Below(500.0), "");
}

/// Everybody asks again when they are answered: what the machine can do.
fn in_turn(address: &str, desks: &[Visitor]) -> f64 {
    const SECONDS: u64 = 5;
    let ends = Instant::now() + Duration::from_secs(SECONDS);
    let done: usize = std::thread::scope(|scope| {
        let asking: Vec<_> = desks
            .iter()
            .enumerate()
            .map(|(at, desk)| {
                let mut visitor = or_stop(desk.elsewhere(address), "connecting");
                scope.spawn(move || {
                    (at..)
                        .map(|turn| visitor.get(MIX[turn % MIX.len()].1))
                        .take_while(|_| Instant::now() < ends)
                        .filter(|answer| answer.as_ref().is_ok_and(|answer| answer.status == 200))
                        .count()
                })
            })
            .collect();
        asking.into_iter().map(|asking| asking.join().expect("asking ends")).sum()
    });
    done as f64 / SECONDS as f64
}

/// Critical work at its rate, and the rest at `rate` a second, for the measured time.
fn in_the_open(address: &str, desks: &[Visitor], rate: f64) -> BTreeMap<&'static str, Outcome> {
    let begun = Instant::now() + Duration::from_millis(500);
    let rest = (rate * MEASURED.as_secs_f64()) as usize;
    let critical = (CRITICAL_A_SECOND * MEASURED.as_secs_f64()) as usize;
    let due = |at: usize, all: usize| begun + MEASURED.mul_f64(at as f64 / all as f64);
    let (next, next_critical) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut all = BTreeMap::new();
    std::thread::scope(|scope| {
        let mut asking = Vec::new();
        for asker in 0..ASKERS {
            let (next, desk) = (next.clone(), &desks[asker % desks.len()]);
            asking.push(scope.spawn(move || {
                let mut outcomes = BTreeMap::new();
                let mut visitor = desk.elsewhere(address).ok();
                while let Some(at) = taken(&next, rest) {
                    let (kind, path) = MIX[at % MIX.len()];
                    let outcome = outcomes.entry(kind).or_insert_with(Outcome::default);
                    ask(
                        outcome,
                        due(at, rest),
                        &mut visitor,
                        || desk.elsewhere(address).ok(),
                        |it| it.get(path),
                    );
                }
                outcomes
            }));
        }
        for asker in 0..CRITICAL_ASKERS {
            let (next, desk) = (next_critical.clone(), &desks[asker % desks.len()]);
            asking.push(scope.spawn(move || {
                let mut outcomes = BTreeMap::new();
                let (mut visitor, mut invented) = (desk.elsewhere(address).ok(), Invented::new());
                while let Some(at) = taken(&next, critical) {
                    let mut case = invented.case(at);
                    (case.id, case.subject) = (Id::from_bits(random_bits()), Id::from_bits(random_bits()));
                    case.case_no = String::new();
                    let body = report(&case, &invented.name(), &invented.phone()).to_string();
                    let outcome = outcomes.entry("critical").or_insert_with(Outcome::default);
                    let send = |it: &mut Visitor| it.post("/api/changes/report-case", &body);
                    ask(outcome, due(at, critical), &mut visitor, || desk.elsewhere(address).ok(), send);
                }
                outcomes
            }));
        }
        for asking in asking {
            for (kind, one) in asking.join().expect("asking ends") {
                let outcome: &mut Outcome = all.entry(kind).or_default();
                outcome.asked += one.asked;
                outcome.come_again += one.come_again;
                outcome.other += one.other;
                outcome.accepted.join(one.accepted);
            }
        }
    });
    all
}

fn taken(next: &AtomicUsize, all: usize) -> Option<usize> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    (at < all).then_some(at)
}

/// Waits until the request is due, asks, and counts from when it was due.
fn ask(
    outcome: &mut Outcome,
    due: Instant,
    visitor: &mut Option<Visitor>,
    again: impl Fn() -> Option<Visitor>,
    question: impl Fn(&mut Visitor) -> std::io::Result<benches::Answer>,
) {
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
    outcome.asked += 1;
    let mut answer = visitor.as_mut().map(&question);
    if !matches!(answer, Some(Ok(_))) {
        // A kept connection may have been closed while it was idle; a new one is tried once.
        *visitor = again();
        answer = visitor.as_mut().map(&question);
    }
    match answer {
        Some(Ok(answer)) if answer.status == 200 => outcome.accepted.add(due.elapsed()),
        Some(Ok(answer)) if answer.status == 503 || answer.status == 429 => outcome.come_again += 1,
        Some(Ok(answer)) => {
            eprintln!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body));
            outcome.other += 1;
        }
        _ => outcome.other += 1,
    }
}
