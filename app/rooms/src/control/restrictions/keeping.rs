//! What goes on without anybody: ends are written down when they come, withdrawn evidence lifts at once, an overdue appeal goes up, and
//! each day that is over is drawn from. What holds never waits for this: it is worked out whenever anybody reads it.

use super::Restriction;
use super::changes::{DrawRestrictions, SettleRestriction, Settled};
use super::record::{COLUMNS, Kept};
use crate::access::due_process;
use crate::{App, House};
use base::{Day, Id, Moment};
use control::RestrictionState;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::{Error, Query, Result, params, random_bits};

const LOOK: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(30);
/// Everything is looked at again after so long: some changes of records name too many to list them all.
const ALL_AGAIN_S: i64 = 600;
const TURN: i64 = 500;
/// A house that was off for longer draws no day before these.
const DAYS_BACK: i32 = 30;

/// How far it has come; gone with the program, and worked out again.
#[derive(Default)]
pub(crate) struct Keeper(Mutex<Come>);

#[derive(Default, Clone, Copy)]
struct Come {
    /// The journal's row up to which changed evidence was looked at.
    seq: i64,
    all_at: Option<Moment>,
    drawn: Option<Day>,
}

/// For as long as the program runs.
pub async fn keep_restrictions(house: App) {
    loop {
        let own = house.clone();
        let settled = tokio::task::spawn_blocking(move || settle_restrictions_now(&own)).await;
        let mut pause = LOOK;
        if let Ok(Err(fault)) = settled {
            eprintln!("quell: restrictions were not looked after, and are again in half a minute: {fault}");
            pause = PATIENCE;
        }
        tokio::time::sleep(pause).await;
    }
}

/// Writes down what has come to pass. Returns how many were settled.
pub fn settle_restrictions_now(house: &House) -> Result<usize> {
    let come = *house.restrictions.0.lock().unwrap_or_else(PoisonError::into_inner);
    let now = house.now();
    let all = come.all_at.is_none_or(|at| at.plus_seconds(ALL_AGAIN_S) <= now);
    let (seq, due) = house.db.read_now(move |reader| {
        let seq = reader.count("SELECT coalesce(max(seq), 0) FROM journal", params![])?;
        Ok((seq, if all { open(reader)? } else { due(reader, come.seq, now)? }))
    })?;
    let mut settled = 0;
    for id in due {
        settled += usize::from(settle_one(house, id, now)?);
    }
    let drawn = draw_days(house, come.drawn, now)?;
    let mut kept = house.restrictions.0.lock().unwrap_or_else(PoisonError::into_inner);
    *kept = Come { seq, all_at: if all { Some(now) } else { come.all_at }, drawn };
    Ok(settled)
}

fn ids(rows: &[store::Row]) -> Result<Vec<Id<Restriction>>> {
    rows.iter().map(|row| row.read(0)).collect()
}

fn open(query: &mut dyn Query) -> Result<Vec<Id<Restriction>>> {
    ids(&query.rows("SELECT id FROM control_restriction WHERE ended IS NULL ORDER BY id", params![])?)
}

/// Whose clock has run out, and those whose evidence, or the case behind it, was written about since.
fn due(query: &mut dyn Query, seq: i64, now: Moment) -> Result<Vec<Id<Restriction>>> {
    let waits = i64::from(crate::packed::restrictions().proposals.hours) * 3600;
    let mut found = ids(&query.rows(
        "SELECT id FROM control_restriction WHERE ended IS NULL AND (ends <= $1 OR appeal_due <= $1 \
         OR (second_at IS NULL AND proposed <= $2)) ORDER BY id LIMIT $3",
        params![now, now.plus_seconds(-waits), TURN],
    )?)?;
    found.extend(ids(&query.rows(
        "SELECT r.id FROM control_restriction r JOIN journal_about a ON a.record = r.evidence \
         WHERE r.ended IS NULL AND a.seq > $1 UNION \
         SELECT r.id FROM control_restriction r JOIN journal_about a ON a.record = r.index_case \
         WHERE r.ended IS NULL AND a.seq > $1",
        params![seq],
    )?)?);
    // What became of a zone names the zone at most: whoever lives there, or was there, is looked at.
    found.extend(ids(&query.rows(
        "SELECT id FROM control_restriction WHERE ended IS NULL AND reason IN ('zone', 'travel') \
         AND EXISTS (SELECT 1 FROM journal WHERE seq > $1 AND change IN ('decide zone', 'amend zone', 'release zone', 'split zone'))",
        params![seq],
    )?)?);
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Looked at first: what goes on leaves no row in the journal.
fn settle_one(house: &House, id: Id<Restriction>, now: Moment) -> Result<bool> {
    let as_what = house.db.read_now(move |reader| {
        let sql = format!("SELECT {COLUMNS} FROM control_restriction r WHERE r.id = $1 AND r.ended IS NULL");
        let Some(row) = reader.first(&sql, params![id])? else { return Ok(None) };
        let kept = Kept::of(&row)?;
        if matches!(kept.state(reader, now)?, RestrictionState::Over(_)) {
            return Ok(Some(Settled::Over));
        }
        if kept.course.appeal_due.is_none_or(|due| due > now) {
            return Ok(None);
        }
        let sql = "SELECT count(*) FROM control_restriction_appeal WHERE restriction = $1 AND decided IS NULL \
                   AND escalated IS NULL";
        Ok((reader.count(sql, params![id])? > 0).then_some(Settled::Escalated))
    })?;
    let Some(as_what) = as_what else { return Ok(false) };
    let change = SettleRestriction { id: Id::from_bits(random_bits()), restriction: id, as_what };
    match house.db.apply_now(&due_process(), now, change) {
        Ok(_) => Ok(true),
        // Somebody was there first.
        Err(Error::Refused(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Each day that is over and on which anybody was restricted, once.
fn draw_days(house: &House, drawn: Option<Day>, now: Moment) -> Result<Option<Day>> {
    let today = now.day_at_offset(house.places.utc_offset_minutes());
    let from = drawn.map_or(today - DAYS_BACK, |day| day + 1);
    for day in from.through(today - 1) {
        let wanted = house.db.read_now(move |reader| {
            let sql = "SELECT count(*) FROM control_restriction_draw WHERE day = $1";
            Ok(reader.count(sql, params![day])? == 0 && super::views::sample(reader, day)?.out_of > 0)
        })?;
        if !wanted {
            continue;
        }
        let change = DrawRestrictions {
            id: Id::from_bits(random_bits()),
            day,
            seq: 0,
            head: String::new(),
            out_of: 0,
            picked: Vec::new(),
        };
        match house.db.apply_now(&due_process(), now, change) {
            Ok(_) | Err(Error::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(Some(today - 1))
}
