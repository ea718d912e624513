//! Clocks that run by themselves, and erasures that a restored backup has to repeat.

use crate::access::clockwork;
use crate::lab::{forget_index, forget_names, in_blocks};
use crate::people::Subject;
use crate::people::erase::{ErasePeople, Ground, MOST};
use crate::people::retention::falls_due;
use crate::regions::Places;
use crate::{App, House, packed};
use base::{Day, Id, Moment, Territory};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Actor, Db, Result, random_bits};

/// A clock that ran, and how many it erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub clock: String,
    pub erased: usize,
}

const EVERY: Duration = Duration::from_secs(3600);

/// Once at the start, then every hour.
pub async fn keep_clocks(house: App) {
    loop {
        let own = house.clone();
        let ran = tokio::task::spawn_blocking(move || {
            run_clocks(&own.db, own.today(), own.places.utc_offset_minutes(), own.now())
        });
        if let Ok(Err(fault)) = ran.await {
            eprintln!("quell: the retention clocks did not run, and are tried again in an hour: {fault}");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Everything whose automatic clock has run out by `today` is erased.
pub fn run_clocks(db: &Db, today: Day, offset_minutes: i32, now: Moment) -> Result<Vec<Ran>> {
    let mut ran = Vec::new();
    for clock in packed::retention().clocks.iter().filter(|clock| clock.automatic) {
        if in_blocks(clock) {
            let erased = forget_names(db, clock, today, offset_minutes, now)?;
            forget_index(db, now)?;
            ran.push(Ran { clock: clock.id.clone(), erased });
            continue;
        }
        let scope = clockwork().scope;
        let due = db.read_now(move |reader| falls_due(reader, &scope, clock, today, offset_minutes))?;
        let mut by_territory: BTreeMap<Territory, Vec<String>> = BTreeMap::new();
        for one in due.into_iter().filter(|due| !due.held) {
            by_territory.entry(one.territory).or_default().push(one.owner);
        }
        let mut erased = 0;
        for (territory, owners) in by_territory {
            for block in owners.chunks(MOST) {
                let (subjects, words_of) = apart(block);
                let change = ErasePeople {
                    id: Id::from_bits(random_bits()),
                    erasure: Id::from_bits(random_bits()),
                    territory: territory.clone(),
                    ground: Ground::PurposeEnded,
                    clock: Some(clock.id.clone()),
                    subjects,
                    words_of,
                    ask: None,
                    agreed_to: String::new(),
                };
                db.apply_now(&clockwork(), now, change)?;
                erased += block.len();
            }
        }
        ran.push(Ran { clock: clock.id.clone(), erased });
    }
    if ran.iter().any(|ran| ran.erased > 0) {
        after_erasing(db)?;
    }
    Ok(ran)
}

/// After a restore: whoever was erased since the backup was made is erased again, before anybody is let in. Returns how many.
/// Swabs and told results stand in no list of the erased: their clocks find them due again, whenever that is.
pub fn repeat_erasures(db: &Db) -> Result<usize> {
    repeat_erasures_at(db, House::clock())
}

pub fn repeat_erasures_at(db: &Db, now: Moment) -> Result<usize> {
    let owners = db.still_to_erase()?;
    for block in owners.chunks(MOST) {
        let (subjects, words_of) = apart(block);
        let change = ErasePeople {
            id: Id::from_bits(random_bits()),
            erasure: Id::from_bits(random_bits()),
            territory: Territory::whole(),
            ground: Ground::Repeated,
            clock: None,
            subjects,
            words_of,
            ask: None,
            agreed_to: String::new(),
        };
        db.apply_now(&Actor::operator(), now, change)?;
    }
    let offset = Places::load(db)?.utc_offset_minutes();
    for clock in packed::retention().clocks.iter().filter(|clock| in_blocks(clock)) {
        forget_names(db, clock, now.day_at_offset(offset), offset, now)?;
    }
    after_erasing(db)?;
    Ok(owners.len())
}

/// The list beside the key file learns of it, and the database's log forgets the keys.
pub(crate) fn after_erasing(db: &Db) -> Result<()> {
    db.write_erased_list()?;
    db.settle()
}

pub(crate) fn apart(owners: &[String]) -> (Vec<Id<Subject>>, Vec<String>) {
    let subjects = owners.iter().filter_map(|owner| owner.parse().ok()).collect();
    let words_of = owners.iter().filter(|owner| owner.parse::<Id<Subject>>().is_err()).cloned().collect();
    (subjects, words_of)
}
