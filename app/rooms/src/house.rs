//! What every room stands in: the database, the clock, the places, who is present, and the running imports.

use crate::access::{Breached, Presence, Refusals, Throttle, Ways};
use crate::backups::Backups;
use crate::control::restrictions::Keeper as RestrictionKeeper;
use crate::imports::Jobs;
use crate::journal::{Keeper, Keeping};
use crate::lab::results::Issuer;
use crate::live::Live;
use crate::load::Load;
use crate::pace::Pace;
use crate::regions::Places;
use crate::surveillance::watch::Watch;
use crate::trace::inferred::Board;
use crate::turns::Turns;
use base::{Day, Moment, Territory};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use store::{Actor, Db, Result};

pub type App = Arc<House>;

/// How this program was started.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// A proxy ends TLS in front: cookies are bound to it.
    pub behind_tls: bool,
    /// Invented data: the pages say so.
    pub demo: bool,
    /// Passwords that have leaked elsewhere; nobody may choose one of them.
    pub breached: Option<Breached>,
    /// Roles marked in the pack may only enrol until they have a second factor.
    pub require_second_factor: bool,
    /// Requests a second of one account, when it is not the usual number.
    pub account_rate: Option<u32>,
    pub clock: Clock,
    /// Where checkpoints of the journal go, and how often.
    pub keeping: Keeping,
}

/// The machine's clock, and how far this house runs ahead of it: a scene lets hours pass without waiting for them.
///
/// It never runs back. When the machine's clock is set back, time here goes on at half its pace until the machine has caught
/// up: what comes later in the journal is never dated earlier, and a session that has ended stays ended.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead: Arc<AtomicI64>,
    /// What was told last, and when that was by the clock that nobody sets.
    told: Arc<Mutex<Option<(i64, Instant)>>>,
}

impl Clock {
    pub fn now(&self) -> Moment {
        let machine = House::clock().0 + self.ahead.load(Ordering::Relaxed);
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let at_least = told.map_or(i64::MIN, |(last, since)| {
            last.saturating_add(i64::try_from(since.elapsed().as_millis() / 2).unwrap_or(i64::MAX))
        });
        if machine >= at_least {
            *told = Some((machine, Instant::now()));
            return Moment(machine);
        }
        // The anchor stays: moving it at every question would lose the half milliseconds between two of them.
        Moment(at_least)
    }

    pub fn pass_seconds(&self, seconds: i64) {
        self.ahead.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// The journal's last row was written then: nothing that follows is earlier.
    fn not_before(&self, last: Moment) {
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if told.is_none_or(|(known, _)| known < last.0) {
            *told = Some((last.0, Instant::now()));
        }
    }
}

/// How often one address may say something without signing in: a school or a block of flats may stand behind it.
const STRANGERS_AT_ONCE: u32 = 30;
const STRANGER_SECONDS: u32 = 60;

/// How often one address may ask for results: thousands of telephones may share one of their network's. Nobody guesses a secret of 128
/// bits; this keeps one address from asking for all the house can answer.
const RESULTS_AT_ONCE: u32 = 300;
const RESULTS_A_SECOND: u32 = 10;

/// How often one person tells of themselves by their link: pressing again is heard, a telephone gone wild is not.
const OWN_CHECKS_AT_ONCE: u32 = 10;
const OWN_CHECK_SECONDS: u32 = 60;

pub struct House {
    pub db: Db,
    pub settings: Settings,
    pub places: Places,
    /// Shown by the program at start while there is no account; whoever holds it makes the first administrator.
    pub setup_code: Option<String>,
    /// Passkeys and providers; told where the house is once the program knows it.
    pub ways: Ways,
    pub backups: Backups,
    /// What is counted of the load; the door tells it.
    pub load: Load,
    pub(crate) presence: Presence,
    pub(crate) refusals: Refusals,
    pub(crate) throttle: Throttle,
    pub(crate) jobs: Jobs,
    pub(crate) live: Live,
    pub(crate) turns: Turns,
    pub(crate) keeper: Keeper,
    pub(crate) watch: Watch,
    pub(crate) strangers: Pace<IpAddr>,
    /// Who asks to hold gatherings is slowed down apart from who tells of illness.
    pub(crate) organisers: Pace<IpAddr>,
    pub(crate) result_pace: Pace<IpAddr>,
    /// By course.
    pub(crate) own_checks: Pace<u128>,
    pub(crate) issuer: Issuer,
    pub(crate) inferred: Board,
    pub(crate) restrictions: RestrictionKeeper,
}

impl House {
    pub fn open(db: Db, settings: Settings) -> Result<App> {
        let fresh = !db.read_now(|reader| crate::access::any_account(reader))?;
        let places = Places::load(&db)?;
        let turns = Turns::new(settings.account_rate);
        if let Some(last) = db.read_now(|reader| store::last_moment(reader))? {
            settings.clock.not_before(last);
        }
        Ok(Arc::new(House {
            db,
            settings,
            places,
            setup_code: fresh.then(crate::access::invent_password),
            ways: Ways::default(),
            backups: Backups::default(),
            load: Load::default(),
            presence: Presence::default(),
            refusals: Refusals::default(),
            throttle: Throttle::default(),
            jobs: Jobs::default(),
            live: Live::default(),
            turns,
            keeper: Keeper::default(),
            watch: Watch::default(),
            strangers: Pace::one_each(STRANGER_SECONDS, STRANGERS_AT_ONCE),
            organisers: Pace::one_each(STRANGER_SECONDS, STRANGERS_AT_ONCE),
            result_pace: Pace::new(RESULTS_A_SECOND, RESULTS_AT_ONCE),
            own_checks: Pace::one_each(OWN_CHECK_SECONDS, OWN_CHECKS_AT_ONCE),
            issuer: Issuer::default(),
            inferred: Board::default(),
            restrictions: RestrictionKeeper::default(),
        }))
    }

    /// The one clock of the running program.
    pub fn now(&self) -> Moment {
        self.settings.clock.now()
    }

    /// The machine's clock for work that outlives a request.
    pub fn clock() -> Moment {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// Where a record goes whose place nobody knows: the top of the tree, or of the person's own part of it.
    pub(crate) fn home_of(&self, actor: &Actor) -> Territory {
        let root = self.places.now().root();
        if actor.scope.territory.holds(&root) { root } else { actor.scope.territory.clone() }
    }

    /// Today where the department is.
    pub fn today(&self) -> Day {
        self.now().day_at_offset(self.places.utc_offset_minutes())
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use base::Moment;

    #[test]
    fn a_clock_that_is_set_back_does_not_take_time_back() {
        let clock = Clock::default();
        let before = clock.now();
        clock.pass_seconds(-7_200);
        let after = clock.now();
        assert!(after >= before && after < before.plus_seconds(60), "{before} {after}");
        clock.pass_seconds(7_200 + 3_600);
        assert!(
            clock.now() >= before.plus_seconds(3_600),
            "and goes with the machine as soon as that is ahead"
        );
    }

    #[test]
    fn a_house_goes_on_from_its_journal() {
        let clock = Clock::default();
        let last = Clock::default().now().plus_seconds(3_600);
        clock.not_before(last);
        assert!(clock.now() >= last);
        clock.not_before(Moment(0));
        assert!(clock.now() >= last);
    }
}
