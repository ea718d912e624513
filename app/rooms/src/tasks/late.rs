//! The clockwork of late tasks: for as long as the program runs, whoever is next on the ladder is told.

use crate::access::teller_of_late;
use crate::tasks::Task;
use crate::tasks::changes::TellLateTasks;
use crate::{App, House};
use base::{Id, Territory};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Query, Result, params, random_bits};

const LOOK: Duration = Duration::from_secs(15);

/// Tasks of one change: its journal row names them all.
const BLOCK: usize = 250;

/// Tasks looked at in one turn.
const TURN: usize = 5_000;

/// For as long as the program runs.
pub async fn keep_telling(house: App) {
    loop {
        let own = house.clone();
        let told = tokio::task::spawn_blocking(move || tell_late_now(&own)).await;
        if let Ok(Err(fault)) = told {
            eprintln!(
                "quell: late tasks were not told, and are told again in a quarter of a minute: {fault}"
            );
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Every task whose next rung is due. Returns how many went up.
pub fn tell_late_now(house: &House) -> Result<usize> {
    let mut told = 0;
    loop {
        let now = house.now();
        let due = house.db.read_now(move |reader| {
            let sql = format!(
                "SELECT id, territory FROM tasks_task WHERE next_rung <= $1 ORDER BY next_rung, id LIMIT {TURN}"
            );
            let rows = reader.rows(&sql, params![now])?;
            let mut due: BTreeMap<Territory, Vec<Id<Task>>> = BTreeMap::new();
            for row in &rows {
                due.entry(row.read(1)?).or_default().push(row.read(0)?);
            }
            Ok(due)
        })?;
        let looked: usize = due.values().map(Vec::len).sum();
        for (territory, tasks) in due {
            for block in tasks.chunks(BLOCK) {
                let change = TellLateTasks {
                    id: Id::from_bits(random_bits()),
                    territory: territory.clone(),
                    tasks: block.to_vec(),
                };
                told += house.db.apply_now(&teller_of_late(), now, change)?;
            }
        }
        if looked < TURN {
            return Ok(told);
        }
    }
}
