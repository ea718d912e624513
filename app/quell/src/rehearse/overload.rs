//! Many times what the machine can do, asked in the open: a crowd does not wait for itself, so requests are due when they are due, whether or
//! not the last was answered. Whoever is told to come again does so at the time they were told, a little later by chance.
//!
//! The crowd runs on the same cores as the house, and takes its share of them.

use super::serving::{PASSWORD, Serving, Session, agent, signed_in};
use super::wire::Wire;
use super::{RehearseLoad, found_again};
use rooms::lab::rehearsal::{City, DESKS, PLACE, secret};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::Db;
use tokio::sync::Notify;

/// Connections of the crowd. Whoever waits for an answer asks nothing, so there are more of them than the house has places.
const ASKERS: usize = 384;
/// Enough that there is always something to do, and few enough that samplers all have a place: the capacity.
const AT_CAPACITY: usize = 64;
const CAPACITY_SECONDS: u64 = 10;
/// Afterwards half of what the machine can do, and whoever was told to come again.
const AFTER_SECONDS: u64 = 20;
/// Accepted work may take so many times what it takes at capacity.
const MOST_TIMES: f64 = 2.0;
/// One core asks only so much, and falls a little behind.
const ENOUGH_OF_IT: f64 = 0.9;
/// And is as at capacity again within so many seconds.
const BACK_WITHIN_S: u64 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sampling,
    Laboratory,
    Results,
    Display,
    Extras,
}

const KINDS: [(Kind, &str); 5] = [
    (Kind::Sampling, "sampling"),
    (Kind::Laboratory, "laboratory"),
    (Kind::Results, "results"),
    (Kind::Display, "display"),
    (Kind::Extras, "extras"),
];

/// Of twenty requests.
const MIX: [Kind; 20] = {
    use Kind::{Display, Extras, Laboratory, Results, Sampling};
    [
        Sampling, Results, Sampling, Sampling, Display, Sampling, Results, Sampling, Laboratory, Sampling,
        Results, Sampling, Sampling, Display, Sampling, Results, Sampling, Extras, Sampling, Results,
    ]
};

/// Something somebody wants, and the number of their tube or code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wish {
    kind: u8,
    number: u64,
}

#[derive(Default)]
struct Tally {
    asked: u64,
    sent_away: u64,
    other: u64,
    took_ms: Vec<f64>,
}

impl Tally {
    fn within(&self, share: f64) -> f64 {
        let mut sorted = self.took_ms.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    }
}

#[derive(Default)]
struct Seen {
    kinds: [Tally; KINDS.len()],
    acknowledged: Vec<u64>,
    /// Of sampling, by the second in which it was answered.
    by_second: Vec<Vec<f64>>,
}

/// What all connections of the crowd share.
struct Crowd {
    address: String,
    city: City,
    phones: Vec<Session>,
    benches: Vec<Session>,
    desks: Vec<Session>,
    next: AtomicU64,
    seen: Mutex<Seen>,
    begun: Mutex<Instant>,
    again: Mutex<BinaryHeap<Reverse<(Instant, Wish)>>>,
}

/// What is due and waits for a connection of the crowd. Whoever comes back at the time they were told goes before who comes for the
/// first time: the crowd may be late itself.
#[derive(Default)]
struct Ready {
    back: Mutex<VecDeque<Wish>>,
    new: Mutex<VecDeque<Wish>>,
    told: Notify,
    over: AtomicBool,
}

impl Ready {
    fn add(&self, to: &Mutex<VecDeque<Wish>>, wish: Wish) {
        open(to).push_back(wish);
        self.told.notify_one();
    }

    /// `None` when it is over.
    async fn next(&self) -> Option<Wish> {
        loop {
            if self.over.load(Ordering::Relaxed) {
                return None;
            }
            let wish = open(&self.back).pop_front();
            if let Some(wish) = wish.or_else(|| open(&self.new).pop_front()) {
                return Some(wish);
            }
            // Looked at now and then all the same: the end is told to whoever waits at that moment.
            let _ = tokio::time::timeout(Duration::from_millis(100), self.told.notified()).await;
        }
    }

    fn ends(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.told.notify_waiters();
    }
}

fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Crowd {
    fn gathered(serving: &Serving, city: City, telephones: usize) -> Result<Arc<Crowd>, String> {
        let agent = agent();
        let session = |login: String| {
            let session = signed_in(&agent, &serving.address, &login);
            session.ok_or_else(|| format!("{login} could not sign in"))
        };
        let phones: Result<Vec<Session>, String> =
            (0..telephones).map(|phone| session(format!("phone.{phone}"))).collect();
        let desks: Result<Vec<Session>, String> =
            (0..DESKS).map(|desk| session(format!("desk.{desk}"))).collect();
        Ok(Arc::new(Crowd {
            address: serving.address.clone(),
            city,
            phones: phones?,
            benches: vec![session("bench".to_owned())?, session("bench.second".to_owned())?],
            desks: desks?,
            next: AtomicU64::new(0),
            seen: Mutex::default(),
            begun: Mutex::new(Instant::now()),
            again: Mutex::default(),
        }))
    }

    fn wish(&self) -> Wish {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Wish { kind: MIX[number as usize % MIX.len()] as u8, number }
    }

    /// As it goes over the wire.
    fn request(&self, wish: Wish) -> Vec<u8> {
        let number = wish.number as usize;
        let written = |session: Option<&Session>, head: &str, body: &str| {
            let mut text = format!("{head} HTTP/1.1\r\nhost: rehearsal\r\n");
            match session {
                Some(Session { cookie, csrf }) => {
                    text += &format!("cookie: {cookie}\r\nx-quell-csrf: {csrf}\r\n")
                }
                None => {
                    text += &format!(
                        "x-forwarded-for: 10.{}.{}.{}\r\n",
                        number >> 16 & 255,
                        number >> 8 & 255,
                        number & 255
                    )
                }
            }
            text += &format!("content-length: {}\r\n\r\n{body}", body.len());
            text.into_bytes()
        };
        let desk = &self.desks[number % self.desks.len()];
        match KINDS[usize::from(wish.kind)].0 {
            Kind::Sampling => {
                let phone = &self.phones[number % self.phones.len()];
                written(Some(phone), "POST /api/changes/register-tube", &self.city.tube(wish.number))
            }
            Kind::Laboratory => written(
                Some(&self.benches[number % self.benches.len()]),
                &format!("GET /api/lab/bench?laboratory={}", self.city.laboratory),
                "",
            ),
            Kind::Results => {
                let asked = format!(r#"{{"secrets":["{}"],"codes":true}}"#, secret(wish.number % 10_000));
                written(None, "POST /api/public/results", &asked)
            }
            Kind::Display => written(Some(desk), &format!("GET /api/lab/rounds/{}", self.city.round), ""),
            Kind::Extras => written(Some(desk), &format!("GET /api/export/cases.csv?territory={PLACE}"), ""),
        }
    }

    /// One request and what becomes of it; whoever is sent away is due again when they were told.
    async fn asks(&self, wire: &mut Wire, wish: Wish) {
        let request = self.request(wish);
        let since = Instant::now();
        let answer = wire.ask(&request).await;
        let now = Instant::now();
        let took_ms = (now - since).as_secs_f64() * 1e3;
        let mut seen = open(&self.seen);
        let tally = &mut seen.kinds[usize::from(wish.kind)];
        tally.asked += 1;
        match answer {
            Ok(answer) if answer.status == 200 => {
                tally.took_ms.push(took_ms);
                if wish.kind == Kind::Sampling as u8 {
                    seen.acknowledged.push(wish.number);
                    let second = (now - *open(&self.begun)).as_secs() as usize;
                    if seen.by_second.len() <= second {
                        seen.by_second.resize(second + 1, Vec::new());
                    }
                    seen.by_second[second].push(took_ms);
                }
            }
            Ok(answer) if matches!(answer.status, 429 | 503) && answer.retry_after_s.is_some() => {
                tally.sent_away += 1;
                let wait = answer.retry_after_s.unwrap_or_default() as f64;
                let chance = (wish.number as f64 * 0.618_033_988_749_895).fract();
                let due = now + Duration::from_secs_f64(wait * (1.0 + 0.2 * chance) + chance);
                open(&self.again).push(Reverse((due, wish)));
            }
            Ok(answer) => {
                if tally.other == 0 {
                    eprintln!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body));
                }
                tally.other += 1;
            }
            Err(fault) => {
                if tally.other == 0 {
                    eprintln!("{fault}");
                }
                tally.other += 1;
            }
        }
    }

    fn begin(&self) {
        let mut seen = open(&self.seen);
        let acknowledged = std::mem::take(&mut seen.acknowledged);
        *seen = Seen { acknowledged, ..Seen::default() };
        *open(&self.begun) = Instant::now();
    }

    /// So many ask at any moment, whoever was sent away when they were told to come again: what the machine can do.
    async fn in_turn(self: &Arc<Self>) -> Seen {
        self.begin();
        let ends = Instant::now() + Duration::from_secs(CAPACITY_SECONDS);
        let asking: Vec<_> = (0..AT_CAPACITY)
            .map(|_| {
                let crowd = self.clone();
                tokio::spawn(async move {
                    let mut wire = Wire::to(&crowd.address);
                    while Instant::now() < ends {
                        let wish = crowd.due_again().unwrap_or_else(|| crowd.wish());
                        crowd.asks(&mut wire, wish).await;
                    }
                })
            })
            .collect();
        for one in asking {
            let _ = one.await;
        }
        self.ended()
    }

    /// So many a second come new, and those who were told to come again come when they were told.
    async fn in_the_open(self: &Arc<Self>, rate: f64, seconds: u64) -> Seen {
        self.begin();
        let ready: Arc<Ready> = Arc::default();
        let asking: Vec<_> = (0..ASKERS)
            .map(|_| {
                let (crowd, ready) = (self.clone(), ready.clone());
                tokio::spawn(async move {
                    let mut wire = Wire::to(&crowd.address);
                    while let Some(wish) = ready.next().await {
                        crowd.asks(&mut wire, wish).await;
                    }
                })
            })
            .collect();
        let begun = Instant::now();
        let mut come = 0_u64;
        while begun.elapsed() < Duration::from_secs(seconds) {
            let due = (begun.elapsed().as_secs_f64() * rate) as u64;
            (come..due).for_each(|_| ready.add(&ready.new, self.wish()));
            come = due;
            std::iter::from_fn(|| self.due_again()).for_each(|wish| ready.add(&ready.back, wish));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        ready.ends();
        for one in asking {
            let _ = one.await;
        }
        // What the crowd itself had no time to send: who came back waits on, who never came does not come any more.
        let now = Instant::now();
        open(&self.again).extend(open(&ready.back).drain(..).map(|wish| Reverse((now, wish))));
        let never = open(&ready.new).len();
        if never > 0 {
            println!("  {never} of {come} could not even be asked: the crowd was too busy");
        }
        self.ended()
    }

    /// Whose time it is to come again.
    fn due_again(&self) -> Option<Wish> {
        let mut again = open(&self.again);
        let is_due = again.peek().is_some_and(|Reverse((at, _))| *at <= Instant::now());
        if is_due { again.pop().map(|Reverse((_, wish))| wish) } else { None }
    }

    fn ended(&self) -> Seen {
        let mut seen = open(&self.seen);
        let acknowledged = seen.acknowledged.clone();
        let ended = std::mem::take(&mut *seen);
        seen.acknowledged = acknowledged;
        ended
    }
}

fn told(seen: &Seen, beside: Option<&Seen>) {
    for (at, (_, name)) in KINDS.iter().enumerate() {
        let tally = &seen.kinds[at];
        let away = 100.0 * tally.sent_away as f64 / tally.asked.max(1) as f64;
        let took = match (tally.within(0.5), tally.within(0.99), beside) {
            _ if tally.took_ms.is_empty() => String::new(),
            (p50, p99, None) => format!(": p50 {p50:.1} ms, p99 {p99:.1} ms"),
            (p50, p99, Some(beside)) => {
                let times = p99 / beside.kinds[at].within(0.99);
                format!(": p50 {p50:.1} ms, p99 {p99:.1} ms, {times:.1} x at capacity")
            }
        };
        println!(
            "  {name:<11}{:>9} asked, {away:>5.1} % told to come again, {:>8} done{took}",
            tally.asked,
            tally.took_ms.len()
        );
    }
}

impl Seen {
    /// p99 of sampling in each of so many seconds; `None` where nothing was done.
    fn second_by_second(&self, seconds: u64) -> Vec<Option<f64>> {
        let of = |second: u64| {
            let took_ms = self.by_second.get(second as usize).filter(|took_ms| !took_ms.is_empty())?.clone();
            Some(Tally { took_ms, ..Tally::default() }.within(0.99))
        };
        (0..seconds).map(of).collect()
    }
}

/// In which second everything is as at capacity again, and stays so. A second in which nothing was done is none like before.
fn back_to_normal(after: &[Option<f64>], normal_ms: f64) -> Option<u64> {
    let is_normal = |p99: &Option<f64>| p99.is_some_and(|p99| p99 <= normal_ms);
    let back = after.iter().rposition(|p99| !is_normal(p99)).map_or(0, |last| last + 1);
    (back < after.len()).then_some(back as u64)
}

fn in_a_row(seconds: &[Option<f64>]) -> String {
    let each = |p99: &Option<f64>| p99.map_or("-".to_owned(), |p99| format!("{p99:.0}"));
    seconds.iter().map(each).collect::<Vec<_>>().join(" ")
}

impl RehearseLoad {
    pub(super) fn overloaded(&self, room: &Path, times: f64) -> Result<(), String> {
        let db = Db::open(self.place(room), rooms::MIGRATIONS).map_err(|fault| fault.to_string())?;
        let city = City::founded(&db, self.telephones, PASSWORD).map_err(|fault| fault.to_string())?;
        drop(db);
        let serving = Serving::start(room, self.database.as_deref())?;
        let crowd = Crowd::gathered(&serving, city, self.telephones)?;
        println!(
            "{}",
            if serving.apart() {
                "the crowd has a core of its own"
            } else {
                "the crowd and the house share their cores"
            }
        );
        // One thread, which stays where it is.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|fault| fault.to_string())?;
        let at_capacity = runtime.block_on(crowd.in_turn());
        let done: usize = at_capacity.kinds.iter().map(|tally| tally.took_ms.len()).sum();
        let capacity = done as f64 / CAPACITY_SECONDS as f64;
        println!("capacity: {capacity:.0} requests a second, {AT_CAPACITY} at once");
        told(&at_capacity, None);
        open(&crowd.again).clear();
        println!(
            "{times} times as many, {:.0} a second in the open, for {} s:",
            times * capacity,
            self.seconds
        );
        let over = runtime.block_on(crowd.in_the_open(times * capacity, self.seconds));
        told(&over, Some(&at_capacity));
        let asked: u64 = over.kinds.iter().map(|tally| tally.asked).sum();
        let reached = asked as f64 / self.seconds as f64 / capacity;
        println!("  {reached:.1} times the capacity were asked");
        let on_phones =
            open(&crowd.again).iter().filter(|Reverse((_, wish))| wish.kind == Kind::Sampling as u8).count();
        println!(
            "afterwards, {:.0} a second, with those who come back ({on_phones} tubes wait on phones):",
            capacity / 2.0
        );
        let after = runtime.block_on(crowd.in_the_open(capacity / 2.0, AFTER_SECONDS));
        told(&after, Some(&at_capacity));
        let rss = serving.peak_resident_mb();
        serving.stop();
        let before = at_capacity.second_by_second(CAPACITY_SECONDS);
        let afterwards = after.second_by_second(AFTER_SECONDS);
        println!("p99 of sampling in ms, second by second: {} at capacity,", in_a_row(&before));
        println!("  {} afterwards", in_a_row(&afterwards));
        let normal_ms = at_capacity.kinds[Kind::Sampling as usize].within(0.99);
        let back = back_to_normal(&afterwards, normal_ms);
        match back {
            Some(seconds) => println!("p99 of sampling as at capacity again after {seconds} s"),
            None => println!("p99 of sampling was not as at capacity again within {AFTER_SECONDS} s"),
        }
        println!(
            "peak resident memory: {}",
            rss.map_or("not told by this system".to_owned(), |mb| format!("{mb:.0} MB"))
        );
        found_again(&self.place(room), &open(&crowd.seen).acknowledged)?;
        let mut wrong = Vec::new();
        for ((during, before), (kind, name)) in over.kinds.iter().zip(&at_capacity.kinds).zip(KINDS) {
            let times = during.within(0.99) / before.within(0.99);
            // A class that gave way altogether has accepted nothing; sampling may not.
            let served = kind == Kind::Sampling || !during.took_ms.is_empty();
            if served && (times.is_nan() || times > MOST_TIMES) {
                wrong.push(format!(
                    "accepted {name} took {times:.1} times as long as at capacity, more than {MOST_TIMES}"
                ));
            }
        }
        if back.is_none_or(|seconds| seconds > BACK_WITHIN_S) {
            wrong.push(format!("it was not as before within {BACK_WITHIN_S} s"));
        }
        if reached < ENOUGH_OF_IT * times {
            wrong.push(format!("the crowd reached {reached:.1} times the capacity, not {times}"));
        }
        if rss.is_none() && cfg!(target_os = "linux") {
            wrong.push("the house was gone at the end".to_owned());
        }
        let other: u64 = over.kinds.iter().chain(&after.kinds).map(|tally| tally.other).sum();
        if other > 0 {
            wrong.push(format!("{other} answers were neither work nor word of when to come again"));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(seconds: impl IntoIterator<Item = f64>) -> Option<u64> {
        let by_second = seconds.into_iter().map(|ms| vec![ms]).collect();
        let after = Seen { by_second, ..Seen::default() }.second_by_second(AFTER_SECONDS);
        back_to_normal(&after, 10.0)
    }

    #[test]
    fn a_house_that_answers_nothing_afterwards_is_not_back() {
        assert_eq!(back([]), None);
        assert_eq!(back([5.0; 12]), None, "it died after twelve seconds");
        assert_eq!(back([5.0; AFTER_SECONDS as usize]), Some(0));
        assert_eq!(back([90.0, 40.0].into_iter().chain([5.0; AFTER_SECONDS as usize - 2])), Some(2));
        assert_eq!(back([5.0; AFTER_SECONDS as usize - 1].into_iter().chain([90.0])), None);
    }
}
