//! Ten thousand sentinel sites send their day's numbers over HTTP within one minute (ten times as fast as a morning's ten), each
//! answered after its own commit is on the disk; how long after the last one every derived series and detector is up to date;
//! and the signals page with a hundred thousand past signals.

use base::{Day, Id, Moment, Territory};
use benches::{PASSWORD, Program, Room, Target, Times, Visitor, or_stop, tell};
use rooms::access::changes::CreateAccount;
use rooms::surveillance::changes::{AnswerSignal, Found, RegisterSite, ReportNumbers, Stated, TakeUpSignal};
use rooms::surveillance::{Site, changes::Number};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use store::{Actor, Db, Place, random_bits};

const SITES: usize = 10_000;
const WITHIN: Duration = Duration::from_secs(60);
const CLIENTS: usize = 16;
const HISTORY_DAYS: i32 = 70;
const PAST_SIGNALS: usize = 100_000;
const TOGETHER: usize = 256;

fn main() {
    let binary = Program::binary();
    let room = Room::new("sentinels");
    let data = room.path().join("data");
    let town = Town::founded(&data);
    let program = Program::serve(&binary, &["--data", &data.to_string_lossy()]);
    town.morning(&program.address);
    drop(program);

    town.years_of_signals();
    let Town { db, .. } = town;
    drop(db);
    let program = Program::serve(&binary, &["--data", &data.to_string_lossy()]);
    for login in ["county", "prefecture", "province"] {
        let mut visitor = or_stop(Visitor::signed_in(&program.address, login, PASSWORD), "signing in");
        for (what, path) in [
            ("open", "/api/signals"),
            ("past", "/api/signals?state=past"),
            ("accounts", "/api/signals/accounts"),
        ] {
            let mut times = Times::default();
            let mut next = String::new();
            for _ in 0..60 {
                let address = format!("{path}{next}");
                let asked = Instant::now();
                let answer = or_stop(visitor.get(&address), "asking");
                times.add(asked.elapsed());
                let told: Value = or_stop(serde_json::from_slice(&answer.body), "reading");
                next = match (what, told["next"].as_str()) {
                    ("past", Some(after)) => format!("&after={after}"),
                    _ => String::new(),
                };
            }
            let name = format!("signals, {what}, {login}, {PAST_SIGNALS} past ones, HTTP, p95");
            let beside = format!("p50 {:.1} ms", times.within_ms(0.5));
            tell(&name, times.within_ms(0.95), "ms", Target::Below(100.0), &beside);
        }
    }
}

struct Town {
    db: Db,
    counties: Vec<Territory>,
    sites: Vec<(Id<Site>, Territory)>,
    today: Day,
}

impl Town {
    /// Sites in every county, and in each county one that has sent ten quiet weeks.
    fn founded(data: &std::path::Path) -> Town {
        let db =
            or_stop(Db::open(Place::Folder(data.to_path_buf()), rooms::MIGRATIONS), "opening the database");
        let counties: Vec<Territory> = rooms::packed::shanxi()
            .iter()
            .filter(|region| region.territory.depth() == 3)
            .map(|region| region.territory.clone())
            .collect();
        let today = rooms::House::clock().day_at_offset(480);
        let sites = (0..SITES)
            .map(|number| (Id::from_bits(random_bits()), counties[number % counties.len()].clone()))
            .collect();
        let town = Town { db, counties, sites, today };
        for (login, territory) in
            [("province", "14"), ("prefecture", "14/1407"), ("county", "14/1407/140703")]
        {
            town.account(login, territory);
        }
        town.together(town.sites.iter().map(|(site, territory)| RegisterSite {
            id: Id::from_bits(random_bits()),
            site: *site,
            territory: territory.clone(),
            kind: "fever_clinic".to_owned(),
            name: format!("Clinic {site}"),
            indicators: Vec::new(),
            started: today - 400,
        }));
        for back in (1..=HISTORY_DAYS).rev() {
            town.together(town.sites[..town.counties.len()].iter().map(|(site, _)| {
                let quiet = 40 + (back * 7 % 5) + (back % 7);
                town.report(*site, today - back, f64::from(quiet))
            }));
        }
        town
    }

    fn account(&self, login: &str, territory: &str) {
        let change = CreateAccount {
            id: Id::from_bits(random_bits()),
            account: Id::from_bits(random_bits()),
            login: login.to_owned(),
            name: login.to_owned(),
            role: "epidemiologist".to_owned(),
            territory: or_stop(territory.parse(), "reading a territory"),
            organisation: None,
            password_hash: or_stop(rooms::access::hash_password(PASSWORD), "hashing"),
        };
        or_stop(self.db.apply_now(&Actor::operator(), rooms::House::clock(), change), "making an account");
    }

    fn report(&self, site: Id<Site>, day: Day, value: f64) -> ReportNumbers {
        let number = Number { value: Stated::Number(value), of: None };
        ReportNumbers {
            id: Id::from_bits(random_bits()),
            site,
            day,
            numbers: BTreeMap::from([("fever_visits".to_owned(), number)]),
            confirmed: vec!["fever_visits".to_owned()],
        }
    }

    /// Many changes into few commits, from as many threads as wait for one.
    fn together<C: store::Change + Sync>(&self, changes: impl Iterator<Item = C>) {
        let now = rooms::House::clock();
        self.together_at(changes.map(|change| (now, change)));
    }

    /// The same, each at its own moment.
    fn together_at<C: store::Change + Sync>(&self, changes: impl Iterator<Item = (Moment, C)>) {
        let runtime = or_stop(tokio::runtime::Builder::new_current_thread().build(), "a runtime");
        let operator = Actor::operator();
        let mut changes = changes.peekable();
        while changes.peek().is_some() {
            let block: Vec<_> = changes
                .by_ref()
                .take(TOGETHER)
                .map(|(at, change)| self.db.apply(&operator, at, change))
                .collect();
            for outcome in runtime.block_on(futures_util::future::join_all(block)) {
                or_stop(outcome, "writing");
            }
        }
    }

    /// Everybody reports; the county that is last has a bad day, and the list must say so.
    fn morning(&self, address: &str) {
        let last_county = &self.sites[SITES - 1].1;
        let begun = Instant::now();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let mut visitor = or_stop(Visitor::signed_in(address, "province", PASSWORD), "signing in");
                let bodies: Vec<(usize, String)> = (client..SITES)
                    .step_by(CLIENTS)
                    .map(|number| {
                        let (site, county) = &self.sites[number];
                        // With 85 sites where there was one, every county's day is a rise; the last one's is told apart.
                        let value = if county == last_county { 60 } else { 1 };
                        let body = json!({
                            "id": Id::<store::Sent>::from_bits(random_bits()), "site": site, "day": self.today - 1,
                            "numbers": { "fever_visits": { "value": value } }, "confirmed": ["fever_visits"],
                        });
                        (number, body.to_string())
                    })
                    .collect();
                std::thread::spawn(move || {
                    let mut times = Times::default();
                    for (number, body) in bodies {
                        let at = begun + WITHIN.mul_f64(number as f64 / SITES as f64);
                        std::thread::sleep(at.saturating_duration_since(Instant::now()));
                        let asked = Instant::now();
                        let answer = or_stop(visitor.post("/api/changes/report-numbers", &body), "reporting");
                        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
                        times.add(asked.elapsed());
                    }
                    times
                })
            })
            .collect();
        let mut all = Times::default();
        for client in clients {
            all.join(or_stop(client.join().map_err(|_| "a client broke off"), "reporting"));
        }
        let (last, last_moment) = (Instant::now(), rooms::House::clock());
        // Comes in only now; an idle connection would have been let go meanwhile.
        let mut watcher = or_stop(Visitor::signed_in(address, "province", PASSWORD), "signing in");
        let what = format!("{SITES} sites in {} s, durable, p99", WITHIN.as_secs());
        let beside = format!("p50 {:.1} ms", all.within_ms(0.5));
        tell(&what, all.within_ms(0.99), "ms", Target::Below(200.0), &beside);
        let path = format!("/api/signals?territory={last_county}");
        let up_to_date = loop {
            let answer = or_stop(watcher.get(&path), "asking for signals");
            let told: Value = or_stop(serde_json::from_slice(&answer.body), "reading signals");
            let checked: Option<Moment> =
                told["watched"]["checked"].as_str().and_then(|text| text.parse().ok());
            let listed = told["rows"].as_array().is_some_and(|rows| !rows.is_empty());
            if listed && checked.is_some_and(|at| at >= last_moment)
                || last.elapsed() > Duration::from_secs(60)
            {
                break last.elapsed();
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let beside = format!("{} counties; the last one's signal is on the list", self.counties.len());
        tell(
            "series and detectors up to date after the last",
            up_to_date.as_secs_f64(),
            "s",
            Target::Below(5.0),
            &beside,
        );
    }

    fn years_of_signals(&self) {
        let evidence = json!({
            "day": self.today, "cadence": "day", "sure": 0.97, "once_in_days": 300.0, "threshold": 0.01, "weight": 1.0,
            "streams": [{ "indicator": "fever_visits", "detector": "recent_counts", "steps": 7, "observed": 90,
                          "expected": 40.0, "usual": [30, 52], "p": 0.0001, "corrected": 0.0002, "weight": 1.0 }],
        });
        let signals: Vec<_> = (0..PAST_SIGNALS).map(|_| Id::from_bits(random_bits())).collect();
        // Over nearly two years, the oldest first.
        let days_ago = |number: usize| 700 - i32::try_from(number * 700 / PAST_SIGNALS).unwrap_or(0);
        let now = rooms::House::clock();
        let at = |number: usize| now.plus_seconds(-86_400 * i64::from(days_ago(number)));
        self.together_at(signals.iter().enumerate().map(|(number, signal)| {
            let change = TakeUpSignal {
                id: Id::from_bits(random_bits()),
                signal: *signal,
                territory: self.counties[number % self.counties.len()].clone(),
                subject: "respiratory".to_owned(),
                origin: "fusion".to_owned(),
                found: Found {
                    grade: "yellow".to_owned(),
                    day: self.today - days_ago(number),
                    sure: 0.97,
                    evidence: evidence.clone(),
                },
            };
            (at(number), change)
        }));
        self.together_at(signals.iter().enumerate().map(|(number, signal)| {
            let change = AnswerSignal {
                id: Id::from_bits(random_bits()),
                signal: *signal,
                to: "closed".to_owned(),
                outcome: Some("data_fault".to_owned()),
                why: None,
                note: None,
            };
            (at(number).plus_seconds(3_600), change)
        }));
    }
}
