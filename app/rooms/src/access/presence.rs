//! When each session was last heard of. The row in the database follows every few minutes, so that a restart gives
//! nobody a second half hour; between two writes memory knows better.

use crate::House;
use crate::access::changes::NoteSeen;
use crate::access::house_itself;
use base::{Id, Moment};
use std::collections::BTreeMap;
use std::sync::Mutex;
use store::random_bits;

/// 30 minutes without a request.
pub const IDLE_SECONDS: i64 = 30 * 60;
/// How far the row may lag behind.
pub const GRACE_SECONDS: i64 = 5 * 60;

#[derive(Default)]
pub(crate) struct Presence(Mutex<BTreeMap<String, Heard>>);

struct Heard {
    at: Moment,
    written: Moment,
}

impl Presence {
    /// False when the session has been idle for too long. `row` is what the database says, perhaps written by another
    /// copy of the program.
    pub fn seen(&self, session: &str, row: Moment, now: Moment) -> bool {
        let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = all.get(session).map_or(row, |heard| heard.at.max(row));
        if known.plus_seconds(IDLE_SECONDS) < now {
            return false;
        }
        Self::note(&mut all, session, row, now);
        true
    }

    /// The same for a token, which is never idle too long.
    pub fn heard(&self, token: &str, row: Moment, now: Moment) {
        let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Self::note(&mut all, token, row, now);
    }

    fn note(all: &mut BTreeMap<String, Heard>, session: &str, row: Moment, now: Moment) {
        if all.len() > 100_000 {
            all.retain(|_, heard| heard.at.plus_seconds(IDLE_SECONDS) >= now);
        }
        let heard = all.entry(session.to_owned()).or_insert(Heard { at: now, written: row });
        // A clock that was set back makes nobody younger.
        heard.at = heard.at.max(now);
        heard.written = heard.written.max(row);
    }

    /// What should be written now; empty most of the time. When one session is due, all that were heard of go along.
    fn due(&self) -> Vec<(String, Moment)> {
        let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !all.values().any(|heard| heard.written.plus_seconds(GRACE_SECONDS) <= heard.at) {
            return Vec::new();
        }
        let behind = all.iter_mut().filter(|(_, heard)| heard.written < heard.at);
        behind
            .map(|(session, heard)| {
                heard.written = heard.at;
                (session.clone(), heard.at)
            })
            .collect()
    }
}

/// Writes down who was heard of, if it is time. A failure is no reason to send anybody away: memory still knows.
pub(crate) async fn keep_presence(house: &House) {
    let seen = house.presence.due();
    if !seen.is_empty() {
        let change = NoteSeen { id: Id::from_bits(random_bits()), seen };
        let _ = house.db.apply(&house_itself(), house.now(), change).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_away_for_half_an_hour_signs_in_again() {
        let (presence, came) = (Presence::default(), Moment(0));
        assert!(presence.seen("zhang", came, came));
        let busy = came.plus_seconds(IDLE_SECONDS);
        assert!(presence.seen("zhang", came, busy), "each request begins the half hour anew");
        assert!(presence.seen("li", busy, busy));
        let late = busy.plus_seconds(IDLE_SECONDS + 1);
        assert!(!presence.seen("zhang", came, late));
        assert!(!presence.seen("zhang", came, late), "asking does not wake the session");
    }

    #[test]
    fn a_restart_gives_no_second_half_hour() {
        let came = Moment(0);
        let restarted = Presence::default();
        assert!(!restarted.seen("zhang", came, came.plus_seconds(IDLE_SECONDS + 1)));
    }

    #[test]
    fn rows_follow_together_and_seldom() {
        let (presence, came) = (Presence::default(), Moment(0));
        presence.seen("zhang", came, came.plus_seconds(60));
        presence.seen("li", came, came.plus_seconds(70));
        assert!(presence.due().is_empty(), "not for a minute");
        presence.seen("zhang", came, came.plus_seconds(GRACE_SECONDS));
        assert_eq!(presence.due().len(), 2, "one is due, both are written");
        assert!(presence.due().is_empty());
    }
}
