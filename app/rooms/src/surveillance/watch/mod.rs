//! The watch that runs by itself: it follows the journal, scores the series a new number belongs to, and puts what is unusual on
//! the list of the team it concerns.
//!
//! All that the watch knows follows from the tables; it is made again when the program starts, and another copy of the program
//! on the same database comes to the same signals under the same ids.

mod judge;
mod line;
mod round;
mod scan;

pub use judge::Teams;
pub(crate) use line::{method_of, subject_of};

use crate::{App, House};
use base::{Day, Moment, Territory};
use line::Lines;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;
use store::{Db, Query, Result, params};

/// What the page tells while nothing is unusual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Looked {
    pub series: usize,
    pub at: Option<Moment>,
}

/// The watch of one house.
#[derive(Default)]
pub struct Watch {
    lines: Mutex<Lines>,
    looked: Mutex<BTreeMap<Territory, Looked>>,
}

impl Watch {
    /// How many series of a place are watched, and when one of them was last looked at.
    pub fn looked(&self, place: &Territory) -> Looked {
        let looked = self.looked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut all = Looked::default();
        for (_, one) in looked.iter().filter(|(county, _)| place.holds(county)) {
            all.series += one.series;
            all.at = all.at.max(one.at);
        }
        all
    }

    fn tell(&self, lines: &Lines, touched: &BTreeSet<Territory>, at: Moment) {
        let mut looked = self.looked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for county in touched {
            looked.insert(county.clone(), Looked { series: lines.in_county(county), at: Some(at) });
        }
    }
}

/// After a commit the watch waits this long for more: reports come in bursts, and nobody sees a tenth of a second.
const GATHER: Duration = Duration::from_millis(100);

/// At the latest so often the clock is looked at: a new day begins a new step, and deadlines pass.
const AT_LEAST: Duration = Duration::from_secs(60);

/// For as long as the program runs.
pub async fn keep_watch(house: App) {
    let mut committed = house.db.committed();
    let mut seq = 0;
    let mut daily: Option<tokio::task::JoinHandle<()>> = None;
    loop {
        let own = house.clone();
        let done = tokio::task::spawn_blocking(move || round::round(&own, seq)).await;
        match done {
            Ok(Ok(ended)) => {
                seq = ended.reached;
                let is_running = daily.as_ref().is_some_and(|running| !running.is_finished());
                if let Some(lines) = ended.daily.filter(|_| !is_running) {
                    let own = house.clone();
                    daily = Some(tokio::task::spawn_blocking(move || {
                        if let Err(fault) = round::look_over_borders(&own, &lines) {
                            eprintln!("quell: the daily look did not finish, and is tried again: {fault}");
                        }
                    }));
                }
            }
            Ok(Err(fault)) => {
                eprintln!("quell: the watch did not finish its round, and tries again in a minute: {fault}");
                tokio::time::sleep(AT_LEAST).await;
            }
            // A round that broke off is begun anew, from the tables.
            Err(_) => seq = 0,
        }
        let _ = tokio::time::timeout(AT_LEAST, committed.changed()).await;
        tokio::time::sleep(GATHER).await;
    }
}

/// One look at everything now, for scenes that do not wait.
pub fn look_now(house: &House) -> Result<()> {
    let ended = round::round(house, 0)?;
    ended.daily.map_or(Ok(()), |lines| round::look_over_borders(house, &lines))
}

/// What changed since a row of the journal: which numbers of which county, from which day on.
#[derive(Debug, Default)]
struct News {
    /// By indicator and county.
    numbers: BTreeMap<(String, Territory), Day>,
    /// Places whose cases changed.
    cases: BTreeSet<Territory>,
    settings: bool,
    reached: i64,
}

/// Changes of cases that change how many there are.
const OF_CASES: [&str; 8] = [
    "report case",
    "report found",
    "amend case",
    "classify case",
    "import rows",
    "undo import",
    "erase people",
    "finish import",
];
/// Changes whose answer says which numbers they brought.
const OF_NUMBERS: [&str; 2] = ["report numbers", "tell symptoms"];
const OF_SETTINGS: [&str; 4] = ["choose method", "set budget", "tune streams", "revert tuning"];

fn news_since(db: &Db, seq: i64) -> Result<News> {
    let quoted = |names: &[&str]| names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let listed = [quoted(&OF_NUMBERS), quoted(&OF_CASES), quoted(&OF_SETTINGS)].join(", ");
    let numbers = quoted(&OF_NUMBERS);
    let mut news = News { reached: seq, ..News::default() };
    db.read_now(move |reader| {
        let last = reader.count("SELECT coalesce(max(seq), 0) FROM journal", params![])?;
        // A report's own row says what it is about; the rows of an import are large, and only their place is wanted.
        let sql = format!(
            "SELECT change, territory, CASE WHEN change IN ({numbers}) THEN out ELSE '' END FROM journal \
             WHERE seq > $1 AND seq <= $2 AND change IN ({listed}) ORDER BY seq"
        );
        reader.each(&sql, params![seq, last], &mut |row| {
            let change = row.text(0)?;
            let territory: Territory = row.read(1)?;
            if OF_NUMBERS.contains(&change.as_str()) {
                let told: crate::surveillance::changes::Reported = row.json(2)?;
                let county = crate::surveillance::county_of(&territory);
                for kept in told.kept {
                    let first = news.numbers.entry((kept.indicator, county.clone())).or_insert(kept.day);
                    *first = (*first).min(kept.day);
                }
            } else if OF_SETTINGS.contains(&change.as_str()) {
                news.settings = true;
            } else {
                news.cases.insert(territory);
            }
            Ok(())
        })?;
        news.reached = last;
        Ok(news)
    })
}
