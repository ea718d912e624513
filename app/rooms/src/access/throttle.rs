//! Slowing down guesses: after five failures in a row a login waits, twice as long each time, up to a minute.
//! Never a lock-out: somebody who guesses at a colleague's login cannot keep the colleague out for longer than that.

use crate::reply::Failure;
use base::Moment;
use std::collections::BTreeMap;
use std::sync::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

const FREE: u32 = 5;
const LONGEST_SECONDS: i64 = 60;

pub struct Throttle {
    knocks: Mutex<BTreeMap<String, (u32, Moment)>>,
    /// Two password checks at a time (19 MiB each), so that a flood of sign-ins cannot take the machine.
    turns: Semaphore,
}

impl Default for Throttle {
    fn default() -> Throttle {
        Throttle { knocks: Mutex::default(), turns: Semaphore::new(2) }
    }
}

impl Throttle {
    /// Counts an attempt, or says how long to wait.
    pub fn knock(&self, login: &str, now: Moment) -> Result<(), Failure> {
        let mut knocks = self.knocks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if knocks.len() > 10_000 {
            knocks.retain(|_, (_, until)| until.plus_seconds(LONGEST_SECONDS) > now);
        }
        let (failures, until) = knocks.entry(login.to_owned()).or_insert((0, now));
        if *until > now {
            return Err(Failure::TooMany { seconds: ((until.0 - now.0) / 1000 + 1).unsigned_abs() });
        }
        *failures += 1;
        if *failures >= FREE {
            let wait = 1_i64 << (*failures - FREE).min(6);
            *until = now.plus_seconds(wait.min(LONGEST_SECONDS));
        }
        Ok(())
    }

    pub fn forget(&self, login: &str) {
        self.knocks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(login);
    }

    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_gets_slower_and_the_owner_gets_in_within_a_minute() {
        let throttle = Throttle::default();
        let mut now = Moment(0);
        for _ in 0..5 {
            throttle.knock("li.wei", now).unwrap();
        }
        assert!(throttle.knock("li.wei", now).is_err());
        assert!(throttle.knock("another", now).is_ok(), "others are not slowed down");
        for _ in 0..20 {
            now = now.plus_seconds(LONGEST_SECONDS);
            throttle.knock("li.wei", now).unwrap();
        }
    }
}
