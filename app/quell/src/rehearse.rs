//! A load rehearsal: a house of its own is filled as fast as a city would fill it, killed half way if asked, and then asked what
//! it kept. Nothing of it touches the real database.

use base::{Id, Moment, Territory};
use clap::Args;
use rooms::access::changes::CreateAccount;
use rooms::lab::Post;
use rooms::lab::changes::{OpenPost, OpenRound, PlanCampaign};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use store::{Actor, Change, Db, Place, Query, Sent, params, random_bits};

#[derive(Args)]
pub struct RehearseLoad {
    /// How many people the city samples in its day, ten to a tube.
    #[arg(long, default_value_t = 21_000_000)]
    city: u64,
    /// In how many minutes all of them must pass.
    #[arg(long, default_value_t = 30)]
    minutes: u64,
    /// How long it is rehearsed, at that pace.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Telephones that send at once.
    #[arg(long, default_value_t = 64)]
    telephones: usize,
    /// Half way the program is killed, as by a power failure, and started again.
    #[arg(long)]
    kill: bool,
    /// An empty PostgreSQL database instead of an embedded one.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Where the rehearsal keeps its data; removed afterwards.
    #[arg(long, value_name = "DIR")]
    room: Option<PathBuf>,
}

const PASSWORD: &str = "a rehearsal and nothing else";

impl RehearseLoad {
    pub fn run(&self) -> Result<(), String> {
        let room = self
            .room
            .clone()
            .unwrap_or_else(|| std::env::temp_dir().join(format!("quell-rehearsal-{}", std::process::id())));
        if room.exists() {
            return Err(format!("{} exists already; name another folder with --room", room.display()));
        }
        let told = self.in_room(&room);
        let _ = std::fs::remove_dir_all(&room);
        told
    }

    fn in_room(&self, room: &Path) -> Result<(), String> {
        let city = City::founded(self.place(room), self.telephones)?;
        let rate = self.city as f64 / 10.0 / (self.minutes as f64 * 60.0);
        println!(
            "{} people, ten to a tube, within {} minutes: {rate:.0} tubes a second from {} telephones",
            self.city, self.minutes, self.telephones
        );
        let serving = RwLock::new(Serving::start(room, self.database.as_deref())?);
        let sent = self.send(&city, &serving, room, rate)?;
        serving.into_inner().unwrap_or_else(PoisonError::into_inner).stop();
        sent.tell(rate, self.city);
        self.look(&sent, room)
    }

    fn place(&self, room: &Path) -> Place {
        match &self.database {
            Some(url) => Place::Postgres { url: url.clone(), keys: room.join("keys") },
            None => Place::Folder(room.to_path_buf()),
        }
    }

    /// Each telephone keeps to its share of the pace, and is late by what it has to wait.
    fn send(&self, city: &City, serving: &RwLock<Serving>, room: &Path, rate: f64) -> Result<Passed, String> {
        let (next, sent) = (AtomicU64::new(0), Mutex::new(Passed::default()));
        let begun = Instant::now();
        let all = (rate * self.seconds as f64) as u64;
        let fault: Mutex<Option<String>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for phone in 0..self.telephones {
                let (next, sent, fault) = (&next, &sent, &fault);
                scope.spawn(move || {
                    let mut telephone = Telephone::new(phone);
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= all {
                            return;
                        }
                        let due = begun + Duration::from_secs_f64(number as f64 / rate);
                        std::thread::sleep(due.saturating_duration_since(Instant::now()));
                        match telephone.registers(serving, &city.tube(number), due) {
                            Ok(took) => sent.lock().unwrap_or_else(PoisonError::into_inner).add(number, took),
                            Err(why) => {
                                *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
                                return;
                            }
                        }
                    }
                });
            }
            if self.kill {
                std::thread::sleep(Duration::from_secs(self.seconds / 2));
                let down = Instant::now();
                let mut held = serving.write().unwrap_or_else(PoisonError::into_inner);
                held.killed();
                match Serving::start(room, self.database.as_deref()) {
                    Ok(again) => *held = again,
                    Err(why) => *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(why),
                }
                println!("killed half way, and back after {:.1} s", down.elapsed().as_secs_f64());
            }
        });
        if let Some(why) = fault.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(why);
        }
        let mut sent = sent.into_inner().unwrap_or_else(PoisonError::into_inner);
        sent.seconds = begun.elapsed().as_secs_f64();
        Ok(sent)
    }

    /// Every tube that was acknowledged is there, once, with everybody in it.
    fn look(&self, sent: &Passed, room: &Path) -> Result<(), String> {
        let db = Db::open(self.place(room), rooms::MIGRATIONS).map_err(|fault| fault.to_string())?;
        let mut there: BTreeSet<u64> = BTreeSet::new();
        let mut odd = 0_u64;
        let sql = "SELECT barcode, filled FROM lab_tube ORDER BY seq";
        let read = db.read_long(|reader| {
            reader.each(sql, params![], &mut |row| {
                let number = row.text(0)?["T-".len()..].parse().unwrap_or(u64::MAX);
                if !there.insert(number) || row.int(1)? != 10 {
                    odd += 1;
                }
                Ok(())
            })
        });
        read.map_err(|fault| fault.to_string())?;
        let lost = sent.acknowledged.iter().filter(|number| !there.contains(number)).count();
        println!(
            "{} tubes acknowledged, {} there, {lost} lost, {odd} twice or not whole",
            sent.acknowledged.len(),
            there.len()
        );
        if lost > 0 || odd > 0 {
            return Err(
                "acknowledged tubes are not there as they were sent; do not go live with this".to_owned()
            );
        }
        Ok(())
    }
}

/// What was acknowledged, and how long each had to wait from when it was due.
#[derive(Default)]
struct Passed {
    acknowledged: Vec<u64>,
    waited: Vec<Duration>,
    seconds: f64,
}

impl Passed {
    fn add(&mut self, number: u64, waited: Duration) {
        self.acknowledged.push(number);
        self.waited.push(waited);
    }

    fn tell(&self, asked: f64, city: u64) {
        let mut waited = self.waited.clone();
        waited.sort_unstable();
        let within = |share: f64| {
            let rank = (share * waited.len() as f64).ceil() as usize;
            waited.get(rank.saturating_sub(1)).copied().unwrap_or_default().as_secs_f64() * 1000.0
        };
        let rate = self.acknowledged.len() as f64 / self.seconds;
        println!(
            "{rate:.0} tubes a second ({:.0} people), asked for {asked:.0}; acknowledged within {:.1} ms (median), {:.1} ms (99 of 100)",
            rate * 10.0,
            within(0.5),
            within(0.99)
        );
        println!(
            "the whole day of {city} people passes in {:.0} minutes at this rate",
            city as f64 / 10.0 / rate / 60.0
        );
    }
}

/// The program beside us.
struct Serving {
    child: Child,
    address: String,
    /// Held open: a program whose words nobody takes any more breaks off.
    _told: BufReader<ChildStdout>,
}

impl Serving {
    fn start(room: &Path, database: Option<&str>) -> Result<Serving, String> {
        let program = std::env::current_exe().map_err(|fault| fault.to_string())?;
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--account-rate", "1000000", "--data"]).arg(room);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|fault| format!("serving did not begin: {fault}"))?;
        let mut told = BufReader::new(child.stdout.take().ok_or("its output is not there")?);
        let mut line = String::new();
        while told.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
            if let Some(address) = line.trim_end().strip_prefix("Listening on http://") {
                let address = address.trim_end_matches('/').to_owned();
                return Ok(Serving { child, address, _told: told });
            }
            line.clear();
        }
        Err("serving ended before it listened".to_owned())
    }

    fn killed(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn stop(mut self) {
        self.killed();
    }
}

/// One telephone: it sends a tube until it is acknowledged, however often it has to.
struct Telephone {
    login: String,
    agent: ureq::Agent,
    signed_in: Option<(String, String)>,
}

impl Telephone {
    fn new(number: usize) -> Telephone {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .build()
            .into();
        Telephone { login: format!("telephone.{number}"), agent, signed_in: None }
    }

    fn registers(&mut self, serving: &RwLock<Serving>, body: &str, due: Instant) -> Result<Duration, String> {
        // Five minutes without a network is what a telephone would wait through as well.
        while due.elapsed() < Duration::from_secs(300) {
            let address = serving.read().unwrap_or_else(PoisonError::into_inner).address.clone();
            if self.signed_in.is_none() {
                self.signs_in(&address);
            }
            let Some((cookie, csrf)) = &self.signed_in else {
                std::thread::sleep(Duration::from_millis(200));
                continue;
            };
            let answer = self
                .agent
                .post(format!("http://{address}/api/changes/register-tube"))
                .header("cookie", cookie)
                .header("x-quell-csrf", csrf)
                .send(body);
            match answer {
                Ok(mut answer) => match answer.status().as_u16() {
                    200 => {
                        let _ = answer.body_mut().read_to_string();
                        return Ok(due.elapsed());
                    }
                    429 | 503 => std::thread::sleep(Duration::from_millis(500)),
                    401 | 403 => self.signed_in = None,
                    _ => return Err(answer.body_mut().read_to_string().unwrap_or_default()),
                },
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
        Err("a tube was not acknowledged within five minutes".to_owned())
    }

    fn signs_in(&mut self, address: &str) {
        let form = json!({ "login": self.login, "password": PASSWORD }).to_string();
        let Ok(mut answer) = self.agent.post(format!("http://{address}/api/session")).send(&form) else {
            return;
        };
        let cookie = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        let state: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap_or_default()).unwrap_or_default();
        self.signed_in = cookie.zip(state["csrf"].as_str().map(str::to_owned));
    }
}

/// An order, a round, a post, and an account for each telephone.
struct City {
    post: Id<Post>,
    now: i64,
}

impl City {
    fn founded(place: Place, telephones: usize) -> Result<City, String> {
        let db = Db::open(place, rooms::MIGRATIONS).map_err(|fault| fault.to_string())?;
        let now = rooms::House::clock();
        let territory: Territory = "14/1407/140703".parse().map_err(|_| "the place of the rehearsal")?;
        let city = City { post: id(), now: now.0 };
        let hash = rooms::access::hash_password(PASSWORD).map_err(|fault| fault.to_string())?;
        for number in 0..telephones {
            city.apply(
                &db,
                CreateAccount {
                    id: id(),
                    account: id(),
                    login: format!("telephone.{number}"),
                    name: format!("telephone {number}"),
                    role: "field".to_owned(),
                    territory: territory.clone(),
                    organisation: None,
                    password_hash: hash.clone(),
                },
            )?;
        }
        let campaign = id();
        city.apply(
            &db,
            PlanCampaign {
                id: id(),
                campaign,
                territory: territory.clone(),
                name: "Rehearsal".to_owned(),
                disease: "covid-19-delta".to_owned(),
                ordered: "a rehearsal".to_owned(),
            },
        )?;
        let round = json!({
            "id": id::<Sent>(), "round": id::<rooms::lab::Round>(), "campaign": campaign, "opens": now.0 - 3_600_000,
            "deadline": now.0 + 86_400_000, "coverage_target": 0.98,
            "zones": [{ "territory": territory, "class": "precaution", "population": 21_000_000, "pool_size": 10 }],
        });
        city.apply::<OpenRound>(&db, serde_json::from_value(round).map_err(|fault| fault.to_string())?)?;
        let post = json!({
            "id": id::<Sent>(), "post": city.post, "campaign": campaign, "territory": territory, "name": "Rehearsal",
            "desks": 2, "pool_size": 10,
        });
        city.apply::<OpenPost>(&db, serde_json::from_value(post).map_err(|fault| fault.to_string())?)?;
        Ok(city)
    }

    fn apply<C: Change>(&self, db: &Db, change: C) -> Result<(), String> {
        db.apply_now(&Actor::operator(), Moment(self.now), change)
            .map(|_| ())
            .map_err(|fault| fault.to_string())
    }

    fn tube(&self, number: u64) -> String {
        let at = self.now - 1_200_000;
        let members: Vec<Value> = (1..=10)
            .map(|position| {
                let person = number * 10 + position;
                json!({
                    "position": position, "at": at, "way": "code", "name": format!("Person {person}"),
                    "document": "passport", "number": format!("P{person:09}"), "phone": "13900000000",
                })
            })
            .collect();
        json!({
            "id": id::<Sent>(), "tube": format!("T-{number:010}"), "post": self.post, "kind": "people", "size": 10,
            "sampled": at, "closed": self.now - 600_000, "members": members,
        })
        .to_string()
    }
}

fn id<T: base::Named>() -> Id<T> {
    Id::from_bits(random_bits())
}
