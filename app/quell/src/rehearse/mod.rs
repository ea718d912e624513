//! A load rehearsal: a house of its own is filled as fast as a city would fill it, killed half way if asked, or asked many times what it can
//! do, and then asked what it kept. Nothing of it touches the real database.

mod overload;
mod serving;
mod wire;

use clap::Args;
use rooms::lab::rehearsal::{City, number_of};
use serving::{PASSWORD, Serving, Session, agent, signed_in};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use store::{Db, Place, Query, params};

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
    /// Not for some seconds: until the whole city has passed.
    #[arg(long, conflicts_with_all = ["overload", "kill"])]
    whole: bool,
    /// Telephones that send at once.
    #[arg(long, default_value_t = 64)]
    telephones: usize,
    /// Half way the program is killed, as by a power failure, and started again.
    #[arg(long)]
    kill: bool,
    /// Instead: so many times what this machine is first measured to take, of all classes of work, from people who come again when told.
    #[arg(long, value_name = "TIMES", conflicts_with = "kill")]
    overload: Option<f64>,
    /// An empty PostgreSQL database instead of an embedded one.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Where the rehearsal keeps its data; removed afterwards.
    #[arg(long, value_name = "DIR")]
    room: Option<PathBuf>,
}

/// A registered tube of ten with its row in the journal and its place in the index, on the disk: a guess to the safe side, not a measurement.
const BYTES_A_TUBE: u64 = 12_000;

impl RehearseLoad {
    pub fn run(&self) -> Result<(), String> {
        let room = self
            .room
            .clone()
            .unwrap_or_else(|| std::env::temp_dir().join(format!("quell-rehearsal-{}", std::process::id())));
        if room.exists() {
            return Err(format!("{} exists already; name another folder with --room", room.display()));
        }
        std::fs::create_dir_all(&room).map_err(|fault| format!("{}: {fault}", room.display()))?;
        let told = match self.overload {
            Some(times) => self.overloaded(&room, times),
            None => self.in_room(&room),
        };
        let _ = std::fs::remove_dir_all(&room);
        told
    }

    fn in_room(&self, room: &Path) -> Result<(), String> {
        let rate = self.city as f64 / 10.0 / (self.minutes as f64 * 60.0);
        println!(
            "{} people, ten to a tube, within {} minutes: {rate:.0} tubes a second from {} telephones",
            self.city, self.minutes, self.telephones
        );
        let tubes = if self.whole { self.city / 10 } else { (rate * self.seconds as f64) as u64 };
        room_for(tubes, room)?;
        let db = Db::open(self.place(room), rooms::MIGRATIONS).map_err(|fault| fault.to_string())?;
        let city = City::founded(&db, self.telephones, PASSWORD).map_err(|fault| fault.to_string())?;
        drop(db);
        let serving = RwLock::new(Serving::start(room, self.database.as_deref())?);
        let sent = self.send(&city, &serving, room, rate, tubes)?;
        let serving = serving.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(mb) = serving.peak_resident_mb() {
            println!("peak resident memory: {mb:.0} MB");
        }
        serving.stop();
        sent.tell(rate, self.city);
        found_again(&self.place(room), &sent.acknowledged)
    }

    fn place(&self, room: &Path) -> Place {
        match &self.database {
            Some(url) => Place::Postgres { url: url.clone(), keys: room.join("keys") },
            None => Place::Folder(room.to_path_buf()),
        }
    }

    /// Each telephone keeps to its share of the pace, and is late by what it has to wait.
    fn send(
        &self,
        city: &City,
        serving: &RwLock<Serving>,
        room: &Path,
        rate: f64,
        all: u64,
    ) -> Result<Passed, String> {
        let (next, sent) = (AtomicU64::new(0), Mutex::new(Passed::default()));
        let begun = Instant::now();
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
}

/// Says what it will take before it takes it.
fn room_for(tubes: u64, room: &Path) -> Result<(), String> {
    let needed_mb = tubes * BYTES_A_TUBE / 1_000_000;
    let told = Command::new("df")
        .arg("-Pk")
        .arg(room)
        .output()
        .map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
    let free_kb =
        told.ok().and_then(|told| told.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok());
    let free_mb = free_kb.map(|kb| kb / 1_000);
    let free = free_mb.map_or("an unknown amount is".to_owned(), |mb| format!("{mb} MB are"));
    println!("{tubes} tubes take about {needed_mb} MB in {}; {free} free there", room.display());
    match free_mb {
        Some(free) if free < needed_mb + needed_mb / 5 => {
            Err("the disk is too small for this rehearsal; name a folder on a larger one with --room"
                .to_owned())
        }
        _ => Ok(()),
    }
}

/// Every tube that was acknowledged is there, once, with everybody in it.
fn found_again(place: &Place, acknowledged: &[u64]) -> Result<(), String> {
    let db = Db::open(place.clone(), rooms::MIGRATIONS).map_err(|fault| fault.to_string())?;
    let mut there: BTreeSet<u64> = BTreeSet::new();
    let mut odd = 0_u64;
    let sql = "SELECT barcode, filled FROM lab_tube ORDER BY seq";
    let read = db.read_long(|reader| {
        reader.each(sql, params![], &mut |row| {
            let number = number_of(&row.text(0)?).unwrap_or(u64::MAX);
            if !there.insert(number) || row.int(1)? != 10 {
                odd += 1;
            }
            Ok(())
        })
    });
    read.map_err(|fault| fault.to_string())?;
    let lost = acknowledged.iter().filter(|number| !there.contains(number)).count();
    println!(
        "{} tubes acknowledged, {} there, {lost} lost, {odd} twice or not whole",
        acknowledged.len(),
        there.len()
    );
    if lost > 0 || odd > 0 {
        return Err("acknowledged tubes are not there as they were sent; do not go live with this".to_owned());
    }
    Ok(())
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

/// One telephone: it sends a tube until it is acknowledged, however often it has to.
struct Telephone {
    login: String,
    agent: ureq::Agent,
    signed_in: Option<Session>,
}

impl Telephone {
    fn new(number: usize) -> Telephone {
        Telephone { login: format!("phone.{number}"), agent: agent(), signed_in: None }
    }

    fn registers(&mut self, serving: &RwLock<Serving>, body: &str, due: Instant) -> Result<Duration, String> {
        // Five minutes without a network is what a telephone would wait through as well.
        while due.elapsed() < Duration::from_secs(300) {
            let address = serving.read().unwrap_or_else(PoisonError::into_inner).address.clone();
            if self.signed_in.is_none() {
                self.signed_in = signed_in(&self.agent, &address, &self.login);
            }
            let Some(Session { cookie, csrf }) = &self.signed_in else {
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
                    429 | 503 => {
                        let told = answer
                            .headers()
                            .get("retry-after")
                            .and_then(|told| told.to_str().ok()?.parse().ok());
                        std::thread::sleep(told.map_or(Duration::from_millis(500), Duration::from_secs));
                    }
                    401 | 403 => self.signed_in = None,
                    _ => return Err(answer.body_mut().read_to_string().unwrap_or_default()),
                },
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
        Err("a tube was not acknowledged within five minutes".to_owned())
    }
}
