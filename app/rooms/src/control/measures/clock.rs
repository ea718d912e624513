//! What happens to measures and permits by the clock: an end that came is noted, a review that is due is said, and a permit that no
//! longer fits what holds at its place is opened again.
//!
//! Nothing depends on this being on time: past its end a measure is over, whoever asks.

use crate::App;
use crate::access::house_itself;
use crate::control::measures::Order;
use crate::control::measures::changes::{LapseMeasure, RemindReview};
use crate::control::measures::record::{COLUMNS, MeasureRecord};
use crate::control::permits::{ReopenPermits, any_affected};
use base::{Id, Moment};
use std::time::Duration;
use store::{Db, Query, Result, Sent, params, random_bits};

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
    for (measure, end) in over {
        db.apply_now(&house_itself(), now, LapseMeasure { id: once(measure, end), measure })?;
    }
    for (measure, half) in due {
        db.apply_now(&house_itself(), now, RemindReview { id: once(measure, half), measure })?;
    }
    if db.read_now(move |reader| any_affected(reader, now))? {
        db.apply_now(&house_itself(), now, ReopenPermits { id: Id::from_bits(random_bits()) })?;
        written += 1;
    }
    Ok(written)
}

/// The same for two copies of the program: what came at a moment is written once.
fn once(measure: Id<Order>, at: Moment) -> Id<Sent> {
    Id::from_bits(measure.bits() ^ u128::from(at.0.unsigned_abs()))
}

/// Orders whose end came, and when; and those of which a review is due, and since when.
type Due = (Vec<(Id<Order>, Moment)>, Vec<(Id<Order>, Moment)>);

fn what_is_due(query: &mut dyn Query, now: Moment) -> Result<Due> {
    let sql = format!("SELECT {COLUMNS} FROM control_measure WHERE closed IS NULL ORDER BY ends, id");
    let (mut over, mut due) = (Vec::new(), Vec::new());
    for row in query.rows(&sql, params![])? {
        let record = MeasureRecord::of(&row)?;
        if record.measure.state(now).is_over() {
            over.push((record.id, record.measure.terms.ends));
        } else if let Some(half) = half_unsaid(query, &record, now)? {
            due.push((record.id, half));
        }
    }
    Ok((over, due))
}

/// The half of its time, when that is over and nobody was reminded since its last review or its last longer end.
fn half_unsaid(query: &mut dyn Query, record: &MeasureRecord, now: Moment) -> Result<Option<Moment>> {
    let Some((from, to)) = record.measure.binds().filter(|_| record.measure.is_review_due(now)) else {
        return Ok(None);
    };
    let half = Moment(from.0 + (to.0 - from.0) / 2);
    let sql =
        "SELECT count(*) FROM control_measure_step WHERE measure = $1 AND deed = 'review_due' AND at >= $2";
    Ok((query.count(sql, params![record.id, half])? == 0).then_some(half))
}
