//! What laboratories reported fulfils what the rosters ask: nobody types a result a second time.

use crate::access::reader_of_tests;
use crate::entry::Worker;
use crate::entry::changes::{ReadTests, TestRead};
use crate::lab::last_test;
use crate::{App, House};
use base::{Day, Id, Moment, Territory};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Query, Result, params, random_bits};

const LOOK: Duration = Duration::from_secs(300);

/// People looked at in one turn of the reader; those of one place among them are one change.
const TURN: i64 = 500;

/// For how long names of tubes are kept at the longest: before that nothing is found.
const DAYS: i32 = 30;

/// For as long as the program runs.
pub async fn keep_reading_tests(house: App) {
    loop {
        let own = house.clone();
        let read = tokio::task::spawn_blocking(move || read_tests_now(&own)).await;
        if let Ok(Err(fault)) = read {
            eprintln!(
                "quell: tests of rosters were not read, and are looked for again in five minutes: {fault}"
            );
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Everybody on a roster of whom a later test was reported than stands there. Returns how many.
pub fn read_tests_now(house: &House) -> Result<usize> {
    let (today, offset) = (house.today(), house.places.utc_offset_minutes());
    let (mut after, mut read) = (String::new(), 0);
    loop {
        let from = after.clone();
        let (last, found) = house.db.read_now(move |reader| later_tests(reader, &from, (today, offset)))?;
        for (territory, tests) in found {
            read += tests.len();
            let change = ReadTests { id: Id::from_bits(random_bits()), territory, tests };
            house.db.apply_now(&reader_of_tests(), house.now(), change)?;
        }
        match last {
            Some(last) => after = last,
            None => return Ok(read),
        }
    }
}

type Found = (Option<String>, BTreeMap<Territory, Vec<TestRead>>);

/// Of the next people, those who were tested since; and the last who was looked at.
fn later_tests(query: &mut dyn Query, after: &str, (today, offset): (Day, i32)) -> Result<Found> {
    let sql = "SELECT id, territory, tested FROM entry_worker WHERE struck IS NULL AND (tested IS NULL OR tested < $1) AND id > $2 \
               ORDER BY id LIMIT $3";
    let rows = query.rows(sql, params![today, after, TURN])?;
    let mut found: BTreeMap<Territory, Vec<TestRead>> = BTreeMap::new();
    for row in &rows {
        let (worker, tested): (Id<Worker>, Option<Day>) = (row.read(0)?, row.opt_read(2)?);
        let since = tested.map_or(today - DAYS, |tested| (tested + 1).max(today - DAYS));
        if let Some(at) = last_of(query, worker, Moment::start_of(since, offset))? {
            let day = at.day_at_offset(offset).min(today);
            found.entry(row.read(1)?).or_default().push(TestRead { worker, day });
        }
    }
    let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) == TURN;
    let last = rows.last().filter(|_| full).map(|row| row.text(0)).transpose()?;
    Ok((last, found))
}

fn last_of(query: &mut dyn Query, worker: Id<Worker>, since: Moment) -> Result<Option<Moment>> {
    let mut last = None;
    for row in query.rows("SELECT who FROM entry_known WHERE worker = $1 ORDER BY who", params![worker])? {
        last = last.max(last_test(query, &row.text(0)?, since)?);
    }
    Ok(last)
}
