//! Keeps the index of who is in which tube behind the tubes themselves, and merges its layers in what time is left.

use crate::access::house_itself;
use crate::lab::changes::{LayDownSwabs, MergeSwabs, TUBES_OF_A_LAYER, TUBES_OF_A_STEP, is_merging_due};
use crate::{App, House};
use base::Id;
use std::time::Duration;
use store::{Query, Result, params, random_bits};

/// How long a tube may wait to be found by who is in it: nobody has a result sooner.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(500);
/// Between two steps while tubes come, so that posts find the writer free again in between: laying down keeps up with four thousand tubes a
/// second (beyond that its steps follow each other at once), merging with some five hundred; in a rush it stays behind and catches up later.
const BREATH: Duration = Duration::from_millis(50);

/// Layers and their swabs, for `WHERE s.layer = y.layer AND s.who …`. CROSS JOIN keeps SQLite at this order: of a plain join it
/// goes through the swabs of a whole city to ask for the layer of each.
pub(crate) const LAYERED_SWABS: &str = "lab_layer y CROSS JOIN lab_swab s";

/// For as long as the program runs.
pub async fn keep_index(house: App) {
    let mut waited = Duration::ZERO;
    loop {
        tokio::time::sleep(LOOK).await;
        waited += LOOK;
        let step = one_step(&house, waited >= PATIENCE).await;
        match step {
            Ok(true) => waited = Duration::ZERO,
            Ok(false) => {}
            Err(fault) => {
                eprintln!(
                    "quell: the index of tubes was not kept up, and is tried again in half a minute: {fault}"
                );
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

/// Full steps at once, one after the other, or a morning's rush would be ahead of the index for its whole length; what is left
/// after a while; merging whenever less than a step waits, since whoever is looked up is asked for in each layer.
async fn one_step(house: &App, is_time: bool) -> Result<bool> {
    let mut waiting = house.db.find(|reader| tubes_not_laid_down(reader)).await?;
    let mut steps = 0;
    while waiting >= TUBES_OF_A_STEP {
        house.db.apply(&house_itself(), house.now(), LayDownSwabs { id: fresh() }).await?;
        steps += 1;
        if waiting < TUBES_OF_A_LAYER {
            tokio::time::sleep(BREATH).await;
        }
        waiting = house.db.find(|reader| tubes_not_laid_down(reader)).await?;
    }
    if is_time && steps == 0 && waiting > 0 {
        house.db.apply(&house_itself(), house.now(), LayDownSwabs { id: fresh() }).await?;
        return Ok(true);
    }
    let tubes_come = steps > 0;
    if tubes_come || is_time {
        merge(house, tubes_come).await?;
    }
    Ok(tubes_come || is_time)
}

/// Until nothing is left to merge or tubes wait.
async fn merge(house: &App, tubes_come: bool) -> Result<()> {
    while house.db.find(|reader| is_merging_due(reader)).await? {
        house.db.apply(&house_itself(), house.now(), MergeSwabs { id: fresh() }).await?;
        if house.db.find(|reader| tubes_not_laid_down(reader)).await? >= TUBES_OF_A_STEP {
            break;
        }
        if tubes_come {
            tokio::time::sleep(BREATH).await;
        }
    }
    Ok(())
}

fn fresh() -> Id<store::Sent> {
    Id::from_bits(random_bits())
}

fn tubes_not_laid_down(query: &mut dyn Query) -> Result<i64> {
    let sql = "SELECT (SELECT coalesce(max(seq), 0) FROM lab_tube) - (SELECT coalesce(max(last_tube), 0) FROM lab_layer)";
    query.count(sql, params![])
}

/// Everything now, for scenes that do not wait.
pub fn index_now(house: &House) -> Result<()> {
    while house.db.read_now(|reader| tubes_not_laid_down(reader))? > 0 {
        house.db.apply_now(&house_itself(), house.now(), LayDownSwabs { id: fresh() })?;
    }
    while house.db.read_now(|reader| is_merging_due(reader))? {
        house.db.apply_now(&house_itself(), house.now(), MergeSwabs { id: fresh() })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::{Db, Place};

    #[test]
    fn nobody_goes_through_the_swabs_of_a_city_to_find_one_person() {
        let folder = std::env::temp_dir().join(format!("quell-swabs-{}", fresh()));
        let db = Db::open(Place::Folder(folder.clone()), crate::MIGRATIONS).expect("a new database");
        for asked in ["s.who = 'one'", "y.into_layer = 1 AND s.who <= 'one'"] {
            let sql = format!(
                "EXPLAIN QUERY PLAN SELECT t.seq FROM {LAYERED_SWABS} CROSS JOIN lab_tube t \
                 WHERE s.layer = y.layer AND t.seq = s.tube AND {asked}"
            );
            let steps = db.read_now(move |reader| reader.rows(&sql, params![])).expect("a plan");
            let steps: Vec<String> = steps.iter().map(|row| row.text(3).expect("a step")).collect();
            assert_eq!(steps[0], "SCAN y", "{asked}: the layers are few");
            assert!(
                steps[1].starts_with("SEARCH s USING PRIMARY KEY (layer=? AND who"),
                "{asked}: {steps:?}"
            );
            assert!(steps[2].starts_with("SEARCH t"), "{asked}: {steps:?}");
        }
        drop(db);
        std::fs::remove_dir_all(folder).expect("away with it");
    }
}
