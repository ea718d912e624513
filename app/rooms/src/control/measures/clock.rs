//! What happens to measures and permits by the clock: an end that came is noted, a review that is due is said, and a permit that no
//! longer fits what holds at its place is opened again.
//!
//! Nothing depends on this being on time: past its end a measure is over, whoever asks.

use crate::App;
use crate::access::house_itself;
use crate::control::measures::changes::{LapseMeasure, RemindReview};
use crate::control::measures::record::{COLUMNS, MeasureRecord};
use crate::control::permits::{ReopenPermits, any_affected};
use base::{Id, Moment};
use std::time::Duration;
use store::{Db, Query, Result, params, random_bits};

const EVERY: Duration = Duration::from_secs(60);

/// Once at the start, then every minute.
pub async fn keep_measures(house: App) {
    loop {
        let own = house.clone();
        let turned = tokio::task::spawn_blocking(move || turn_measures(&own.db, own.now())).await;
        if let Ok(Err(fault)) = turned {
            eprintln!("quell: the clock of measures did not turn, and is tried again in a minute: {fault}");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Returns how many rows it wrote to the journal.
pub fn turn_measures(db: &Db, now: Moment) -> Result<usize> {
    let (over, due) = db.read_now(move |reader| what_is_due(reader, now))?;
    let mut written = over.len() + due.len();
    for measure in over {
        db.apply_now(&house_itself(), now, LapseMeasure { id: Id::from_bits(random_bits()), measure })?;
    }
    for measure in due {
        db.apply_now(&house_itself(), now, RemindReview { id: Id::from_bits(random_bits()), measure })?;
    }
    if db.read_now(move |reader| any_affected(reader, now))? {
        db.apply_now(&house_itself(), now, ReopenPermits { id: Id::from_bits(random_bits()) })?;
        written += 1;
    }
    Ok(written)
}

type Due = (Vec<Id<super::Order>>, Vec<Id<super::Order>>);

fn what_is_due(query: &mut dyn Query, now: Moment) -> Result<Due> {
    let sql = format!("SELECT {COLUMNS} FROM control_measure WHERE closed IS NULL ORDER BY ends, id");
    let (mut over, mut due) = (Vec::new(), Vec::new());
    for row in query.rows(&sql, params![])? {
        let record = MeasureRecord::of(&row)?;
        if record.measure.state(now).is_over() {
            over.push(record.id);
        } else if record.measure.is_review_due(now) && !is_reminded(query, &record)? {
            due.push(record.id);
        }
    }
    Ok((over, due))
}

/// Since its last review, or its last longer end.
fn is_reminded(query: &mut dyn Query, record: &MeasureRecord) -> Result<bool> {
    let Some((from, to)) = record.measure.binds() else { return Ok(true) };
    let half = Moment(from.0 + (to.0 - from.0) / 2);
    let sql =
        "SELECT count(*) FROM control_measure_step WHERE measure = $1 AND deed = 'review_due' AND at >= $2";
    Ok(query.count(sql, params![record.id, half])? > 0)
}
