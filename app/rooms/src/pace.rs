//! How fast somebody may ask: so many a second on average, and a number at once. One moment per asker is all that is kept:
//! when they would be done if each question took its share of a second (the generic cell rate algorithm, ITU-T I.371).

use base::Moment;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Past this many askers those who have been quiet are forgotten; and all, when none is quiet.
const MOST_ASKERS: usize = 100_000;

pub struct Pace<K> {
    /// Of one question.
    share_us: i64,
    /// What may be asked at once takes this long.
    ahead_us: i64,
    done_us: Mutex<HashMap<K, i64>>,
}

impl<K: Hash + Eq> Pace<K> {
    pub fn new(per_second: u32, at_once: u32) -> Pace<K> {
        Pace::of_share((1_000_000 / i64::from(per_second.max(1))).max(1), at_once)
    }

    /// So many at once, then one each so many seconds.
    pub fn one_each(seconds: u32, at_once: u32) -> Pace<K> {
        Pace::of_share(i64::from(seconds.max(1)) * 1_000_000, at_once)
    }

    fn of_share(share_us: i64, at_once: u32) -> Pace<K> {
        Pace { share_us, ahead_us: share_us * i64::from(at_once.max(1)), done_us: Mutex::default() }
    }

    /// Counts a question, or says in how many seconds to come again.
    pub fn asks(&self, who: K, now: Moment) -> Result<(), u64> {
        let now = now.0.saturating_mul(1000);
        let mut done = self.done_us.lock().unwrap_or_else(PoisonError::into_inner);
        if done.len() >= MOST_ASKERS && !done.contains_key(&who) {
            done.retain(|_, until| *until > now);
            if done.len() >= MOST_ASKERS {
                done.clear();
            }
        }
        let until = done.entry(who).or_insert(now);
        // A clock that was set back must not keep anybody waiting for longer than a whole burst takes.
        *until = (*until).clamp(now, now + self.ahead_us);
        let next = *until + self.share_us;
        if next > now + self.ahead_us {
            return Err(((next - now - self.ahead_us) / 1_000_000 + 1).unsigned_abs());
        }
        *until = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_so_many_a_second() {
        let pace = Pace::new(10, 50);
        let asked = |who, now| (0..1_000).filter(|_| pace.asks(who, Moment(now)).is_ok()).count();
        assert_eq!(asked("li", 0), 50);
        assert_eq!(pace.asks("li", Moment(0)), Err(1));
        assert_eq!(asked("li", 1_000), 10);
        assert_eq!(asked("wang", 1_000), 50, "others are not slowed down");
        assert_eq!(asked("li", 60_000), 50, "a minute of quiet gives the burst again and no more");
        assert!(
            asked("li", 50_000) == 0 && asked("li", 55_000) > 0,
            "a clock set back costs a burst, not ten seconds"
        );
    }

    #[test]
    fn a_crowd_of_strangers_takes_no_more_memory() {
        let pace = Pace::new(1, 1);
        for stranger in 0..(MOST_ASKERS as u64 + 10) {
            assert!(pace.asks(stranger, Moment(0)).is_ok());
        }
        assert!(pace.done_us.lock().unwrap().len() <= MOST_ASKERS);
    }
}
