//! An attacker tries fifty passwords a second, for as long as it lasts; what do the others notice? Colleagues read pages and
//! sign in from devices they used before, first in quiet, then under each flood: one address that guesses at one login and
//! at many, then a crowd of addresses at one login and at many.

use benches::{Loaded, PASSWORD, Program, Target, Times, Visitor, or_stop, ratio, tell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

const LASTING: Duration = Duration::from_secs(15);
const ATTEMPTS_A_SECOND: u32 = 50;
const ATTACKERS: u32 = 10;
const COLLEAGUES: usize = 24;

/// Where the attempt of that number comes from, and at which login.
type Who = fn(u64) -> (String, String);

fn main() {
    let binary = Program::binary();
    let logins: Vec<String> = (0..COLLEAGUES).map(|n| format!("colleague{n}")).collect();
    let mut accounts: Vec<(&str, &str, &str)> =
        logins.iter().map(|login| (login.as_str(), "epidemiologist", "14/1407/140703")).collect();
    accounts.push(("owner", "epidemiologist", "14/1407/140703"));
    let Loaded { folder, db } = Loaded::with("sign-in-flood", 20_000, 0, &accounts);
    drop(db);
    // The benchmark plays the proxy, so that its visitors can come from anywhere.
    let program = Program::serve(&binary, &["--data", &folder.to_string_lossy(), "--proxy", "127.0.0.1"]);
    let address = program.address.clone();
    let home = |n: usize| format!("10.7.0.{}", n + 1);
    let mut known: Vec<Visitor> = logins
        .iter()
        .enumerate()
        .map(|(n, login)| or_stop(Visitor::signed_in_from(&address, &home(n), login, PASSWORD), "signing in"))
        .collect();

    let mut quiet = Noticed::while_working(&mut known, &logins);
    quiet.tell("in quiet", None);
    let floods: [(&str, Who); 3] = [
        ("one address at one login", |_| ("203.0.113.9".into(), "owner".into())),
        ("one address at many logins", |n| ("203.0.113.10".into(), format!("colleague{}", n % 24))),
        ("a crowd of addresses at many logins", |n| {
            (format!("198.18.{}.{}", n / 250 % 250, n % 250), format!("colleague{}", n % 300))
        }),
    ];
    for (name, who) in floods {
        let flood = Flood::begin(&address, who);
        let mut noticed = Noticed::while_working(&mut known, &logins);
        let (sent, let_in) = flood.end();
        println!("  {name}: {:.0} attempts a second, {let_in} let in", sent as f64 / LASTING.as_secs_f64());
        noticed.tell(name, Some(&mut quiet));
    }
    println!("  the server's peak resident memory: {:.0} MB", program.peak_resident_mb());
}

/// What colleagues notice: how long a page takes, and how long coming in takes from a device they used before.
#[derive(Default)]
struct Noticed {
    pages: Times,
    entries: Times,
    kept_out: u64,
}

impl Noticed {
    fn while_working(known: &mut [Visitor], logins: &[String]) -> Noticed {
        let until = Instant::now() + LASTING;
        let (reader, others) = known.split_first_mut().expect("colleagues");
        let mut noticed = Noticed::default();
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| read_pages(reader, until));
            'work: loop {
                for (visitor, login) in others.iter_mut().zip(&logins[1..]) {
                    if Instant::now() >= until {
                        break 'work;
                    }
                    let begun = Instant::now();
                    match visitor.signs_in(login, PASSWORD) {
                        Ok(()) => noticed.entries.add(begun.elapsed()),
                        Err(_) => noticed.kept_out += 1,
                    }
                    sleep(Duration::from_millis(150));
                }
            }
            noticed.pages = reading.join().unwrap_or_default();
        });
        noticed
    }

    fn tell(&mut self, when: &str, quiet: Option<&mut Noticed>) {
        let pages = self.pages.within_ms(0.95);
        let entries = self.entries.within_ms(0.95);
        let (beside_pages, beside_entries) = match quiet {
            None => (String::new(), String::new()),
            Some(quiet) => (
                ratio(pages, quiet.pages.within_ms(0.95), "in quiet", "ms"),
                ratio(entries, quiet.entries.within_ms(0.95), "in quiet", "ms"),
            ),
        };
        let count = |times: &Times| format!("n {}", times.len());
        let beside_pages = [count(&self.pages), beside_pages].join("; ");
        let beside_entries =
            [count(&self.entries), format!("{} kept out", self.kept_out), beside_entries].join("; ");
        tell(&format!("{when}: a page, p95"), pages, "ms", Target::Below(300.0), &beside_pages);
        tell(
            &format!("{when}: signing in at a known device, p95"),
            entries,
            "ms",
            Target::Below(300.0),
            &beside_entries,
        );
    }
}

fn read_pages(reader: &mut Visitor, until: Instant) -> Times {
    let mut times = Times::default();
    while Instant::now() < until {
        let begun = Instant::now();
        let answer = or_stop(reader.get("/api/cases"), "a page");
        times.add(begun.elapsed());
        assert_eq!(answer.status, 200, "the list is told");
        sleep(Duration::from_millis(20));
    }
    times
}

/// Attackers on connections of their own, each sending on its beat whatever comes back.
struct Flood {
    over: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    let_in: Arc<AtomicU64>,
    attackers: Vec<JoinHandle<()>>,
}

impl Flood {
    fn begin(address: &str, who: Who) -> Flood {
        let (over, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let let_in = Arc::new(AtomicU64::new(0));
        let attackers = (0..ATTACKERS)
            .map(|_| {
                let (over, sent, let_in) = (over.clone(), sent.clone(), let_in.clone());
                let address = address.to_owned();
                let beat = Duration::from_secs(1) * ATTACKERS / ATTEMPTS_A_SECOND;
                spawn(move || {
                    let mut wire = or_stop(Visitor::new(&address), "connecting");
                    let mut next = Instant::now();
                    while !over.load(Ordering::Relaxed) {
                        let n = sent.fetch_add(1, Ordering::Relaxed);
                        let (from, login) = who(n);
                        match wire.tries(&from, &login, &format!("guess number {n}")) {
                            Ok(status) => drop(let_in.fetch_add(u64::from(status == 200), Ordering::Relaxed)),
                            // Let go by the door: an attacker comes back.
                            Err(_) => wire = or_stop(Visitor::new(&address), "connecting"),
                        }
                        next += beat;
                        sleep(next.saturating_duration_since(Instant::now()));
                    }
                })
            })
            .collect();
        Flood { over, sent, let_in, attackers }
    }

    fn end(self) -> (u64, u64) {
        self.over.store(true, Ordering::Relaxed);
        self.attackers.into_iter().for_each(|attacker| drop(attacker.join()));
        (self.sent.load(Ordering::Relaxed), self.let_in.load(Ordering::Relaxed))
    }
}
