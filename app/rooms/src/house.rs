//! What every room stands in: the database, the clock, the places, who is present, and the running imports.

use crate::access::{Presence, Throttle};
use crate::imports::Jobs;
use crate::journal::{Keeper, Keeping};
use crate::live::Live;
use crate::regions::Places;
use crate::turns::Turns;
use base::{Day, Moment, Territory};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{Actor, Db, Result};

pub type App = Arc<House>;

/// How this program was started.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// A proxy ends TLS in front: cookies are bound to it.
    pub behind_tls: bool,
    /// Invented data: the pages say so.
    pub demo: bool,
    /// Requests a second of one account, when it is not the usual number.
    pub account_rate: Option<u32>,
    pub clock: Clock,
    /// Where checkpoints of the journal go, and how often.
    pub keeping: Keeping,
}

/// The machine's clock, and how far this house runs ahead of it: a scene lets hours pass without waiting for them.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    pub fn now(&self) -> Moment {
        Moment(House::clock().0 + self.0.load(Ordering::Relaxed))
    }

    pub fn pass_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

pub struct House {
    pub db: Db,
    pub settings: Settings,
    pub places: Places,
    /// Shown by the program at start while there is no account; whoever holds it makes the first administrator.
    pub setup_code: Option<String>,
    pub(crate) presence: Presence,
    pub(crate) throttle: Throttle,
    pub(crate) jobs: Jobs,
    pub(crate) live: Live,
    pub(crate) turns: Turns,
    pub(crate) keeper: Keeper,
}

impl House {
    pub fn open(db: Db, settings: Settings) -> Result<App> {
        let fresh = !db.read_now(|reader| crate::access::any_account(reader))?;
        let places = Places::load(&db)?;
        let turns = Turns::new(settings.account_rate);
        Ok(Arc::new(House {
            db,
            settings,
            places,
            setup_code: fresh.then(crate::access::invent_password),
            presence: Presence::default(),
            throttle: Throttle::default(),
            jobs: Jobs::default(),
            live: Live::default(),
            turns,
            keeper: Keeper::default(),
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
