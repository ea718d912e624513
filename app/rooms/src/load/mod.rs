//! Load: what comes before what, what is counted of it, and what is done without when there is too much.
//!
//! Deliberately absent: places and benches, which are the door's; a library that knows no visitors cannot make them wait.

pub mod changes;
mod class;
mod counts;
pub mod http;
mod overdue;
mod pictures;
mod pressure;
mod status;

pub use class::Class;
pub use counts::Happened;
pub use http::ALWAYS_ANSWERED;
pub use pressure::Feature;

pub(crate) use pictures::Pictures;
pub(crate) use pictures::picture;

use crate::reply::Failure;
use crate::{App, House};
use base::Moment;
use changes::{ByHand, by_hand};
use counts::Counts;
use overdue::Overdue;
use pressure::Pressure;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) const SCHEMA: &str = include_str!("schema.sql");

/// Switches and outages are read again this often: another copy of the program may have written some.
const READ_AGAIN_MS: i64 = 5_000;

/// On an answer that says a feature is off: nobody was failed, it was chosen.
#[derive(Debug, Clone, Copy)]
pub struct DoneWithout;

#[derive(Default)]
pub struct Load {
    counts: Mutex<Counts>,
    standing: Mutex<Standing>,
    known: Mutex<Known>,
    told: status::Told,
    pub(crate) pictures: Pictures,
}

#[derive(Default)]
struct Standing {
    pressure: Pressure,
    /// Since when each is off by itself.
    since: [Option<Moment>; Feature::ALL.len()],
    overdue: Overdue,
}

/// What the tables say, as of a moment.
#[derive(Default)]
struct Known {
    read: Option<Moment>,
    switches: Vec<ByHand>,
    outages: Vec<crate::lab::PublicOutage>,
}

fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn second_of(moment: Moment) -> i64 {
    moment.0.div_euclid(1000)
}

impl Load {
    /// Told by the door, by the machine's clock.
    pub fn note(&self, class: Class, happened: Happened) {
        open(&self.counts).note(second_of(House::clock()), class, happened);
    }

    /// Whether it is done without just now.
    pub fn is_off(&self, feature: Feature, now: Moment) -> bool {
        let said = open(&self.known)
            .switches
            .iter()
            .find(|one| one.feature == feature && one.ends > now)
            .map(|one| one.off);
        said.unwrap_or_else(|| open(&self.standing).pressure.level > feature as usize)
    }

    pub(crate) fn demand(&self, feature: Feature, now: Moment) -> Result<(), Failure> {
        if self.is_off(feature, now) { Err(Failure::SwitchedOff { feature }) } else { Ok(()) }
    }

    /// Something was written: what is known is read again before it is told.
    pub(super) fn forget(&self) {
        open(&self.known).read = None;
    }

    /// Reads switches and outages again when that is due. A house too busy to answer goes on with what it knew.
    async fn learn(&self, house: &House) {
        let now = house.now();
        let due = {
            let mut known = open(&self.known);
            let due = known.read.is_none_or(|read| now.0 - read.0 >= READ_AGAIN_MS);
            // One reads for all: a rush for the page asks the database once.
            if due {
                known.read = Some(now);
            }
            due
        };
        if !due {
            return;
        }
        let read =
            house.db.find(move |reader| Ok((by_hand(reader)?, crate::lab::public_outages(reader, now)?)));
        if let Ok((switches, outages)) = read.await {
            *open(&self.known) = Known { read: Some(now), switches, outages };
            self.told.forget();
        }
    }

    /// One second more: gives way, takes back, and says that results or sampling are out for people.
    fn second(&self, now: Moment) -> Vec<overdue::Measured> {
        let second = second_of(now) - 1;
        let counts = open(&self.counts);
        let mut standing = open(&self.standing);
        if standing.pressure.second(counts.strain(second)) {
            let level = standing.pressure.level;
            for (at, since) in standing.since.iter_mut().enumerate() {
                *since = if at < level { since.or(Some(now)) } else { None };
            }
        }
        standing.overdue.second(&counts, second + 1)
    }
}

/// For as long as the program runs.
pub async fn keep_counting(house: App) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        // A database that hangs keeps nobody from seeing the pressure.
        let own = house.clone();
        tokio::spawn(async move { own.load.learn(&own).await });
        for measured in house.load.second(House::clock()) {
            let own = house.clone();
            // It is said again when it could not be written: at the end of the outage, or by whoever runs the house.
            tokio::spawn(async move {
                if let Err(fault) =
                    crate::lab::propose_outage(&own, measured.what, measured.from, measured.until).await
                {
                    eprintln!("quell: an outage was measured and could not be written down: {fault}");
                }
            });
        }
    }
}
