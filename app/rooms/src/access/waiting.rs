//! What waits for an answer from elsewhere, a person's authenticator or a provider: for minutes, for one answer, and never
//! too much of it. Kept in memory: an answer that comes after a restart, or to another copy of the program, is asked for
//! once more.

use crate::access::sessions::new_token;
use base::Moment;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Long enough to find a security key or to read a code from a telephone.
const LASTS_SECONDS: i64 = 5 * 60;
/// A hospital behind one address signs in within minutes of eight o'clock; a flood from one address drops its own.
const MOST_FROM_ONE: usize = 512;
/// Of all together; some megabytes.
const MOST: usize = 20_000;

pub struct Waiting<T>(Mutex<BTreeMap<String, Kept<T>>>);

struct Kept<T> {
    from: IpAddr,
    until: Moment,
    what: T,
}

impl<T> Default for Waiting<T> {
    fn default() -> Waiting<T> {
        Waiting(Mutex::default())
    }
}

impl<T> Waiting<T> {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Kept<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ticket, which nobody can guess, takes it out again.
    pub fn keep(&self, from: IpAddr, now: Moment, what: T) -> String {
        let mut all = self.all();
        if all.len() >= MOST {
            all.retain(|_, kept| kept.until > now);
        }
        let own = all.values().filter(|kept| kept.from == from).count();
        if own >= MOST_FROM_ONE || all.len() >= MOST {
            let oldest = all
                .iter()
                .filter(|(_, kept)| own < MOST_FROM_ONE || kept.from == from)
                .min_by_key(|(_, kept)| kept.until)
                .map(|(ticket, _)| ticket.clone());
            oldest.and_then(|ticket| all.remove(&ticket));
        }
        let ticket = new_token();
        all.insert(ticket.clone(), Kept { from, until: now.plus_seconds(LASTS_SECONDS), what });
        ticket
    }

    /// Once only, whatever comes of it.
    pub fn take(&self, ticket: &str, now: Moment) -> Option<T> {
        let kept = self.all().remove(ticket)?;
        (kept.until > now).then_some(kept.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn it_is_taken_once_and_in_time() {
        let waiting = Waiting::default();
        let asked = Moment(0);
        let (first, second) = (waiting.keep(HERE, asked, 1), waiting.keep(HERE, asked, 2));
        assert_eq!(waiting.take(&first, asked), Some(1));
        assert_eq!(waiting.take(&first, asked), None, "an answer counts once");
        assert_eq!(waiting.take(&second, asked.plus_seconds(LASTS_SECONDS)), None, "too late");
        assert_eq!(waiting.take("a guess", asked), None);
    }

    #[test]
    fn a_flood_from_one_address_drops_its_own() {
        let waiting = Waiting::default();
        let colleague = waiting.keep(THERE, Moment(0), 0);
        let first = waiting.keep(HERE, Moment(1), 1);
        for at in 0..MOST_FROM_ONE {
            waiting.keep(HERE, Moment(2), at);
        }
        assert_eq!(waiting.take(&first, Moment(3)), None);
        assert_eq!(waiting.take(&colleague, Moment(3)), Some(0));
    }

    #[test]
    fn there_are_never_too_many() {
        let waiting = Waiting::default();
        for at in 0..MOST + 10 {
            let host = u32::try_from(at).unwrap();
            waiting.keep(IpAddr::V4(host.into()), Moment(i64::from(host)), ());
        }
        assert!(waiting.all().len() <= MOST);
    }
}
