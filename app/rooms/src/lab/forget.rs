//! Whose time in the tubes is over, and letting them go. The swabs of a city are millions a day: they go in blocks, by a change of
//! their own, and not as people whose erasure is listed one by one.

use crate::access::clockwork;
use crate::lab::changes::{ForgetSwabs, Part};
use base::{Day, Id, Moment, Territory};
use packs::Clock;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Db, Query, Result, Scope, params, random_bits};

/// Until when what was reported, or never was and was registered, is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    pub reported: Moment,
    pub registered: Moment,
}

impl Cut {
    pub(crate) fn of(clock: &Clock, today: Day, offset_minutes: i32) -> Cut {
        let end = |days: u16| Moment(Moment::start_of(today - i32::from(days) + 1, offset_minutes).0 - 1);
        let unstarted = clock.unstarted_days.unwrap_or(clock.keep_days);
        Cut { reported: end(clock.keep_days), registered: end(unstarted) }
    }
}

/// A tube whose names are due.
#[derive(Debug, Clone)]
pub(crate) struct DueTube {
    pub seq: i64,
    pub barcode: String,
    pub territory: Territory,
    pub registered: Moment,
    pub reported: Option<Moment>,
}

/// Some hundred tubes that still have names.
pub(crate) struct Block {
    pub due: Vec<DueTube>,
    /// The last of them; none when nothing that comes after can be due.
    pub next: Option<i64>,
}

/// Tubes in one block: tens of milliseconds of the writer.
const TUBES: usize = 256;

/// Two copies of the program may have clocks this far apart, so that tubes are not quite in the order of their hours.
const APART_S: i64 = 3_600;

/// A tube keeps its names for as long as somebody of it is held, and as long again as after a report.
const KEPT: &str = "SELECT n.tube, t.barcode, t.territory, t.registered, t.reported, \
    CASE WHEN EXISTS (SELECT 1 FROM lab_hold h WHERE h.barcode = t.barcode AND (h.ended IS NULL OR h.ended > $2)) THEN 1 ELSE 0 END \
    FROM lab_named n JOIN lab_tube t ON t.seq = n.tube WHERE n.tube > $1 ORDER BY n.tube LIMIT $3";

pub(crate) fn next_tubes(query: &mut dyn Query, after: i64, cut: &Cut) -> Result<Block> {
    let latest = cut.reported.max(cut.registered);
    let rows = query.rows(KEPT, params![after, cut.reported, TUBES])?;
    let mut due = Vec::new();
    let mut next = None;
    for row in &rows {
        let tube = DueTube {
            seq: row.int(0)?,
            barcode: row.text(1)?,
            territory: row.read(2)?,
            registered: Moment(row.int(3)?),
            reported: row.opt_int(4)?.map(Moment),
        };
        if tube.registered > latest.plus_seconds(APART_S) {
            return Ok(Block { due, next: None });
        }
        next = Some(tube.seq);
        let is_over = tube.reported.is_some_and(|at| at <= cut.reported) || tube.registered <= cut.registered;
        if is_over && row.int(5)? == 0 {
            due.push(tube);
        }
    }
    Ok(Block { due, next: next.filter(|_| rows.len() == TUBES) })
}

/// All due tubes of a territory in numbers, and the first of them.
#[derive(Debug, Default)]
pub(crate) struct DueSwabs {
    pub count: usize,
    pub by_territory: BTreeMap<String, u64>,
    pub first: Vec<(String, Territory, Day)>,
}

pub(crate) fn swabs_due(
    query: &mut dyn Query,
    scope: &Scope,
    clock: &Clock,
    (day, offset_minutes): (Day, i32),
    listed: usize,
) -> Result<DueSwabs> {
    let cut = Cut::of(clock, day, offset_minutes);
    let mut told = DueSwabs::default();
    let mut after = Some(0);
    while let Some(seq) = after {
        let block = next_tubes(query, seq, &cut)?;
        for tube in block.due.iter().filter(|tube| scope.territory.holds(&tube.territory)) {
            told.count += 1;
            *told.by_territory.entry(tube.territory.path().to_owned()).or_default() += 1;
            if told.first.len() < listed {
                let day = |at: Moment| at.day_at_offset(offset_minutes);
                let runs_out = match tube.reported {
                    Some(at) => clock.runs_out(day(at)),
                    None => day(tube.registered) + i32::from(clock.unstarted_days.unwrap_or(clock.keep_days)),
                };
                told.first.push((format!("tube_{}", tube.barcode), tube.territory.clone(), runs_out));
            }
        }
        after = block.next;
    }
    Ok(told)
}

/// Names of every tube whose time is over go. Returns of how many.
pub(crate) fn forget_tubes(db: &Db, cut: Cut, now: Moment) -> Result<usize> {
    let (mut after, mut gone) = (0, 0);
    loop {
        // Looked at first: a block with nothing to forget leaves no row in the journal.
        let block = db.read_now(move |reader| next_tubes(reader, after, &cut))?;
        if !block.due.is_empty() {
            let part = Part::Tubes { after, due: cut };
            gone += db.apply_now(&clockwork(), now, ForgetSwabs { id: fresh(), part })?.tubes;
        }
        match block.next {
            Some(seq) => after = seq,
            None => return Ok(gone),
        }
    }
}

/// The rest of a pass through the index, when one is under way or it is time for the next.
pub(crate) fn forget_index(db: &Db, now: Moment) -> Result<()> {
    let asks = |reader: &mut dyn Query| {
        let sql = "SELECT count(*) FROM lab_forgetting WHERE layer IS NOT NULL OR waiting > 0";
        reader.count(sql, params![])
    };
    if db.read_now(move |reader| asks(reader))? == 0 {
        return Ok(());
    }
    while db.apply_now(&clockwork(), now, ForgetSwabs { id: fresh(), part: Part::Index })?.goes_on {}
    Ok(())
}

fn fresh() -> Id<store::Sent> {
    Id::from_bits(random_bits())
}
