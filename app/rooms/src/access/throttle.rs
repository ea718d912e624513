//! Slowing down guesses without locking anybody out.
//!
//! Whoever guesses slows down themselves: their address, and their address at that login. What is shared by everybody
//! who comes to a login from an unknown device is small: a second between attempts, and after 100 failures in a row
//! (SP 800-63B-4, section 3.2.2) no attempt from an unknown device reaches the real password until its owner has come in.
//! A device its owner has come in from passes beside all of this, with waits of its own. So a stranger can keep nobody
//! out who has been here before, and a new device is let in by an administrator's new password.

use crate::access::AccountId;
use crate::reply::Failure;
use base::{Id, Moment};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Failures that cost nothing: people mistype.
const FREE: u32 = 5;
const LONGEST_WAIT_SECONDS: i64 = 900;
/// Failures in a row, over all unknown devices, that may reach the real password.
pub(crate) const MOST_IN_A_ROW: i64 = 100;
/// From here on attempts at one login come a second apart.
const CROWD: i64 = 10;
/// Unknown visitors waiting for their password to be checked; about a second and a half of work.
const MOST_WAITING: usize = 32;
const MOST_REMEMBERED: usize = 50_000;

/// An address: hospitals have hundreds of people behind one.
const ADDRESS: Pace = Pace { burst: 60, seconds_each: 4 };
/// Coming in again and again with the right password is no guess, but work.
const ENTERED: Pace = Pace { burst: 30, seconds_each: 5 };

/// So many at once, then one each so many seconds.
#[derive(Clone, Copy)]
struct Pace {
    burst: i64,
    seconds_each: i64,
}

impl Pace {
    /// The time at which a bucket drained now would be full again stands for the bucket ("generic cell rate").
    fn wait(self, full_at: Moment, now: Moment) -> Option<i64> {
        let room = now.plus_seconds((self.burst - 1) * self.seconds_each);
        (full_at > room).then(|| (full_at.0 - room.0) / 1000 + 1)
    }
    fn spend(self, full_at: &mut Moment, now: Moment) {
        *full_at = (*full_at).max(now).plus_seconds(self.seconds_each);
    }
}

#[derive(Default, Clone, Copy)]
struct Run {
    failures: u32,
    until: Moment,
}

impl Run {
    fn wait(self, now: Moment) -> Option<i64> {
        (self.until > now).then(|| (self.until.0 - now.0) / 1000 + 1)
    }
    fn fail(&mut self, now: Moment) {
        self.failures += 1;
        if self.failures >= FREE {
            let wait = 1_i64 << (self.failures - FREE).min(20);
            self.until = now.plus_seconds(wait.min(LONGEST_WAIT_SECONDS));
        }
    }
}

/// Everything that comes to one login from unknown devices.
#[derive(Default, Clone, Copy)]
struct Crowd {
    in_a_row: i64,
    next: Moment,
}

#[derive(Default)]
struct Guesses {
    addresses: BTreeMap<IpAddr, Moment>,
    pairs: BTreeMap<(IpAddr, String), Run>,
    crowds: BTreeMap<String, Crowd>,
    devices: BTreeMap<(String, String), Run>,
    entered: BTreeMap<String, Moment>,
    inside: BTreeMap<String, Run>,
    /// Failures not yet written down, by account; and how many were at logins nobody has.
    unwritten: BTreeMap<Id<AccountId>, i64>,
    unknown: i64,
    written: Moment,
}

/// Somebody at the door with a login and a password.
pub(crate) struct Attempt<'a> {
    pub login: &'a str,
    pub household: IpAddr,
    /// Named by a cookie that only a successful sign-in at this login gives.
    pub device: Option<&'a str>,
    /// Whose login it is, and how many failures in a row are written down for it.
    pub account: Option<(Id<AccountId>, i64)>,
}

/// What may be done with a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Knock {
    Check,
    /// Answered like a wrong one, after the same time, without looking at the real one.
    Pretend,
}

/// What should be written down about failures.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Failures {
    pub accounts: Vec<(Id<AccountId>, i64)>,
    pub unknown: i64,
}

pub struct Throttle {
    guesses: Mutex<Guesses>,
    /// Two password checks at a time (19 MiB each), so that a flood of sign-ins cannot take the machine.
    turns: Semaphore,
    /// Unknown visitors never hold more than one of the two.
    strangers: Semaphore,
    waiting: AtomicUsize,
}

impl Default for Throttle {
    fn default() -> Throttle {
        Throttle {
            guesses: Mutex::default(),
            turns: Semaphore::new(2),
            strangers: Semaphore::new(1),
            waiting: AtomicUsize::new(0),
        }
    }
}

impl Throttle {
    fn guesses(&self) -> MutexGuard<'_, Guesses> {
        self.guesses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an attempt as failed until it has succeeded, or says how long to wait.
    pub(crate) fn knock(&self, attempt: &Attempt<'_>, now: Moment) -> Result<Knock, Failure> {
        let mut all = self.guesses();
        all.forget_the_old(now);
        let login = attempt.login.to_owned();
        refuse(all.entered.get(&login).and_then(|full_at| ENTERED.wait(*full_at, now)))?;
        if let Some(device) = attempt.device {
            let run = all.devices.entry((login, device.to_owned())).or_default();
            refuse(run.wait(now))?;
            run.fail(now);
            return Ok(Knock::Check);
        }
        let pair = (attempt.household, login.clone());
        let address = all.addresses.get(&attempt.household).copied().unwrap_or(now);
        let run = all.pairs.get(&pair).copied().unwrap_or_default();
        let mut crowd = all.crowds.get(&login).copied().unwrap_or_default();
        if let Some((account, written)) = attempt.account {
            // What is written down decides, so that another copy of the program and the operator are heard.
            crowd.in_a_row = written + all.unwritten.get(&account).copied().unwrap_or_default();
        }
        let apart = (crowd.in_a_row >= CROWD && crowd.next > now).then_some(1);
        refuse(ADDRESS.wait(address, now).or(run.wait(now)).or(apart))?;

        ADDRESS.spend(all.addresses.entry(attempt.household).or_insert(now), now);
        all.pairs.entry(pair).or_default().fail(now);
        let knock = if crowd.in_a_row >= MOST_IN_A_ROW { Knock::Pretend } else { Knock::Check };
        crowd.in_a_row += 1;
        crowd.next = now.plus_seconds(1);
        all.crowds.insert(login, crowd);
        match attempt.account {
            Some((account, _)) => *all.unwritten.entry(account).or_default() += 1,
            None => all.unknown += 1,
        }
        Ok(knock)
    }

    /// For what only somebody can try who is half inside already (a code after the right password, a proof in an open
    /// session): longer and longer waits, whatever the address.
    pub(crate) fn slow(&self, key: &str, now: Moment) -> Result<(), Failure> {
        let mut all = self.guesses();
        all.forget_the_old(now);
        let run = all.inside.entry(key.to_owned()).or_default();
        refuse(run.wait(now))?;
        run.fail(now);
        Ok(())
    }

    pub(crate) fn forget(&self, key: &str) {
        self.guesses().inside.remove(key);
    }

    /// The owner is in: whatever was counted against the login is over, and their address gets its attempt back.
    pub(crate) fn welcome(&self, account: Id<AccountId>, login: &str, household: IpAddr, now: Moment) {
        let mut all = self.guesses();
        all.crowds.remove(login);
        all.devices.retain(|(known, _), _| known != login);
        all.pairs.remove(&(household, login.to_owned()));
        all.unwritten.remove(&account);
        if let Some(full_at) = all.addresses.get_mut(&household) {
            *full_at = full_at.plus_seconds(-ADDRESS.seconds_each);
        }
        ENTERED.spend(all.entered.entry(login.to_owned()).or_insert(now), now);
    }

    /// Now and then what was gathered is handed out to be written down; when does not depend on whether a login exists.
    pub(crate) fn failed(&self, now: Moment) -> Option<Failures> {
        let mut all = self.guesses();
        let gathered = all.unwritten.values().sum::<i64>() + all.unknown;
        if gathered < 25 && all.written.plus_seconds(60) > now {
            return None;
        }
        all.written = now;
        let unknown = std::mem::take(&mut all.unknown);
        Some(Failures { accounts: std::mem::take(&mut all.unwritten).into_iter().collect(), unknown })
    }

    /// A turn at checking a password. Whoever is known waits for those who are known; strangers have a short bench of their
    /// own, and are told to come again when it is full.
    pub(crate) async fn turn(&self, known: bool) -> Result<Turn<'_>, Failure> {
        let closed = |_| Failure::from(store::Error::Closed);
        if known {
            return Ok(Turn { _stranger: None, _turn: self.turns.acquire().await.map_err(closed)? });
        }
        let _bench = Bench::sit(&self.waiting).ok_or(Failure::TooMany { seconds: 2 })?;
        let stranger = self.strangers.acquire().await.map_err(closed)?;
        let turn = self.turns.acquire().await.map_err(closed)?;
        Ok(Turn { _stranger: Some(stranger), _turn: turn })
    }
}

/// Held while a password is checked.
pub(crate) struct Turn<'a> {
    _stranger: Option<SemaphorePermit<'a>>,
    _turn: SemaphorePermit<'a>,
}

/// A place among those who wait; given back also when the visitor goes away.
struct Bench<'a>(&'a AtomicUsize);

impl<'a> Bench<'a> {
    fn sit(waiting: &'a AtomicUsize) -> Option<Bench<'a>> {
        let bench = Bench(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < MOST_WAITING).then_some(bench)
    }
}

impl Drop for Bench<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Guesses {
    fn forget_the_old(&mut self, now: Moment) {
        let day_ago = now.plus_seconds(-24 * 3600);
        shorten(&mut self.addresses, |full_at| *full_at > now);
        shorten(&mut self.devices, |run| run.until > now);
        shorten(&mut self.entered, |full_at| *full_at > now);
        shorten(&mut self.pairs, |run| run.until > now);
        shorten(&mut self.inside, |run| run.until > now);
        shorten(&mut self.crowds, |crowd| crowd.next > day_ago && crowd.in_a_row > CROWD);
    }
}

/// Nothing is dropped while there is room. Without room what has run out goes, and then whatever stands first: a flood of
/// invented logins must not take the memory.
fn shorten<K: Ord, V>(map: &mut BTreeMap<K, V>, matters: impl Fn(&V) -> bool) {
    if map.len() > MOST_REMEMBERED {
        map.retain(|_, value| matters(value));
        while map.len() > MOST_REMEMBERED / 2 {
            map.pop_first();
        }
    }
}

fn refuse(wait: Option<i64>) -> Result<(), Failure> {
    match wait {
        Some(seconds) => Err(Failure::TooMany { seconds: seconds.max(1).unsigned_abs() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn from(address: u32, login: &str) -> Attempt<'_> {
        Attempt { login, household: Ipv4Addr::from_bits(address).into(), device: None, account: None }
    }

    #[test]
    fn a_guesser_slows_down_their_own_address_and_nobody_elses() {
        let throttle = Throttle::default();
        let now = Moment(0);
        for _ in 0..5 {
            throttle.knock(&from(1, "li.wei"), now).unwrap();
        }
        assert!(throttle.knock(&from(1, "li.wei"), now).is_err());
        assert!(
            throttle.knock(&from(1, "another"), now).is_ok(),
            "another login from there is not slowed yet"
        );
        assert!(throttle.knock(&from(2, "li.wei"), now).is_ok(), "nor is the owner elsewhere");
    }

    #[test]
    fn spraying_one_password_over_many_logins_is_slowed_by_address() {
        let throttle = Throttle::default();
        let logins: Vec<String> = (0..1_000).map(|n| format!("login{n}")).collect();
        let let_through =
            logins.iter().filter(|login| throttle.knock(&from(1, login), Moment(0)).is_ok()).count();
        assert_eq!(let_through, 60);
        let hour =
            logins.iter().cycle().zip(0..3_600).filter(|(login, second)| {
                throttle.knock(&from(1, login), Moment(1_000 * (second + 1))).is_ok()
            });
        assert!(hour.count() <= 900, "one each four seconds");
    }

    #[test]
    fn a_hundred_failures_from_everywhere_reach_the_password_and_no_more() {
        let throttle = Throttle::default();
        let mut checked = 0;
        for second in 0..1_000_u32 {
            let knock = throttle.knock(&from(second, "li.wei"), Moment(i64::from(second) * 2_000));
            checked += u32::from(knock.is_ok_and(|knock| knock == Knock::Check));
        }
        assert_eq!(checked, 100);
        let later = Moment(2_000_000);
        let home = Attempt { device: Some("laptop"), ..from(7, "li.wei") };
        assert_eq!(throttle.knock(&home, later).unwrap(), Knock::Check, "a known device passes beside");
        throttle.welcome(Id::from_bits(1), "li.wei", home.household, later);
        assert_eq!(
            throttle.knock(&from(8, "li.wei"), later).unwrap(),
            Knock::Check,
            "and its owner opens it again"
        );
    }

    #[test]
    fn failures_that_were_written_down_count_after_a_restart() {
        let throttle = Throttle::default();
        let attempt = Attempt { account: Some((Id::from_bits(7), MOST_IN_A_ROW)), ..from(1, "li.wei") };
        assert_eq!(throttle.knock(&attempt, Moment(0)).unwrap(), Knock::Pretend);
    }

    #[test]
    fn guessing_from_a_stolen_laptop_gets_slower_and_the_owners_other_device_does_not() {
        let throttle = Throttle::default();
        let stolen = Attempt { device: Some("laptop"), ..from(1, "li.wei") };
        assert_eq!((0..50).filter(|_| throttle.knock(&stolen, Moment(0)).is_ok()).count(), 5);
        let desk = Attempt { device: Some("desk"), ..from(1, "li.wei") };
        assert_eq!(throttle.knock(&desk, Moment(0)).unwrap(), Knock::Check);
    }

    #[test]
    fn codes_are_guessed_a_hundred_times_a_day_at_most() {
        let throttle = Throttle::default();
        let day =
            (0..24 * 3600).filter(|second| throttle.slow("code li.wei", Moment(second * 1_000)).is_ok());
        let tried = day.count();
        assert!((90..=115).contains(&tried), "{tried}");
    }

    #[test]
    fn failures_are_gathered_before_they_are_written() {
        let throttle = Throttle::default();
        let (now, account) = (Moment(1_000_000), Id::from_bits(7));
        let guess = |n, account| {
            throttle.knock(&Attempt { account, ..from(n, "li.wei") }, now.plus_seconds(2 * i64::from(n)))
        };
        guess(0, Some((account, 0))).unwrap();
        assert!(throttle.failed(now).is_some(), "the first at once");
        for n in 1..=24 {
            guess(n, Some((account, 1))).unwrap();
            assert_eq!(throttle.failed(now), None);
        }
        guess(25, None).unwrap();
        let told = throttle.failed(now).unwrap();
        assert_eq!(told, Failures { accounts: vec![(account, 24)], unknown: 1 });
    }

    #[test]
    fn a_flood_of_invented_logins_does_not_take_the_memory() {
        let throttle = Throttle::default();
        for n in 0..120_000_u32 {
            let _ = throttle.knock(&from(n, &format!("login{n}")), Moment(0));
        }
        let all = throttle.guesses();
        assert!(all.pairs.len() <= MOST_REMEMBERED + 1 && all.crowds.len() <= MOST_REMEMBERED + 1);
    }
}
