//! Whose time in the tubes, or in results that laboratories told, is over, and letting them go. Those of a city are millions a day:
//! they go in blocks, by a change of their own, and not as people whose erasure is listed one by one.

use crate::access::clockwork;
use crate::lab::changes::{ForgetSwabs, Part};
use base::{Day, Id, Moment, Territory};
use packs::{Clock, Kept};
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
        let unstarted = clock.unstarted_days.unwrap_or(clock.keep_days);
        let end = |days| end_of_day(today - i32::from(days), offset_minutes);
        Cut { reported: end(clock.keep_days), registered: end(unstarted) }
    }
}

fn end_of_day(day: Day, offset_minutes: i32) -> Moment {
    Moment(Moment::start_of(day + 1, offset_minutes).0 - 1)
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

/// A result whose person, and why it was opened or settled, are due.
#[derive(Debug, Clone)]
pub(crate) struct DueReport {
    pub seq: i64,
    pub territory: Territory,
    pub received: Moment,
    pub sealed: Option<String>,
}

/// Some hundred that still have names.
pub(crate) struct Block<T> {
    pub due: Vec<T>,
    /// The last of them; none when nothing that comes after can be due.
    pub next: Option<i64>,
}

/// Tubes or results in one block: tens of milliseconds of the writer.
const BLOCK: usize = 256;

/// Two copies of the program may have clocks this far apart, so that what came is not quite in the order of its hours.
const APART_S: i64 = 3_600;

/// A tube keeps its names for as long as somebody of it is held, and as long again as after a report.
const KEPT: &str = "SELECT n.tube, t.barcode, t.territory, t.registered, t.reported, \
    CASE WHEN EXISTS (SELECT 1 FROM lab_hold h WHERE h.barcode = t.barcode AND (h.ended IS NULL OR h.ended > $2)) THEN 1 ELSE 0 END \
    FROM lab_named n JOIN lab_tube t ON t.seq = n.tube WHERE n.tube > $1 ORDER BY n.tube LIMIT $3";

pub(crate) fn next_tubes(query: &mut dyn Query, after: i64, cut: &Cut) -> Result<Block<DueTube>> {
    let latest = cut.reported.max(cut.registered);
    let rows = query.rows(KEPT, params![after, cut.reported, BLOCK])?;
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
    Ok(Block { due, next: next.filter(|_| rows.len() == BLOCK) })
}

const TOLD: &str = "SELECT n.report, r.territory, r.received, r.sealed FROM lab_report_named n JOIN lab_report r ON r.seq = n.report \
    WHERE n.report > $1 ORDER BY n.report LIMIT $2";

pub(crate) fn next_reports(query: &mut dyn Query, after: i64, until: Moment) -> Result<Block<DueReport>> {
    let rows = query.rows(TOLD, params![after, BLOCK])?;
    let mut due = Vec::new();
    let mut next = None;
    for row in &rows {
        let (seq, received) = (row.int(0)?, Moment(row.int(2)?));
        if received > until.plus_seconds(APART_S) {
            return Ok(Block { due, next: None });
        }
        next = Some(seq);
        if received <= until {
            due.push(DueReport { seq, territory: row.read(1)?, received, sealed: row.opt_text(3)? });
        }
    }
    Ok(Block { due, next: next.filter(|_| rows.len() == BLOCK) })
}

/// All due of a territory in numbers, and the first of them by handle.
#[derive(Debug, Default)]
pub(crate) struct DueNames {
    pub count: usize,
    pub by_territory: BTreeMap<String, u64>,
    pub first: Vec<(String, Territory, Day)>,
}

impl DueNames {
    fn add(&mut self, territory: &Territory, listed: usize, handle: impl FnOnce() -> (String, Day)) {
        self.count += 1;
        *self.by_territory.entry(territory.path().to_owned()).or_default() += 1;
        if self.first.len() < listed {
            let (owner, runs_out) = handle();
            self.first.push((owner, territory.clone(), runs_out));
        }
    }
}

/// Whether those of this clock are let go in blocks, here.
pub(crate) fn in_blocks(clock: &Clock) -> bool {
    matches!(clock.what, Kept::Swab | Kept::Told)
}

pub(crate) fn names_due(
    query: &mut dyn Query,
    scope: &Scope,
    clock: &Clock,
    (today, offset_minutes): (Day, i32),
    listed: usize,
) -> Result<DueNames> {
    let day = |at: Moment| at.day_at_offset(offset_minutes);
    let cut = Cut::of(clock, today, offset_minutes);
    let mut told = DueNames::default();
    let mut after = Some(0);
    while let Some(seq) = after {
        after = if clock.what == Kept::Told {
            let block = next_reports(query, seq, cut.reported)?;
            for one in block.due.iter().filter(|one| scope.territory.holds(&one.territory)) {
                told.add(&one.territory, listed, || {
                    (format!("told_{}", one.seq), clock.runs_out(day(one.received)))
                });
            }
            block.next
        } else {
            let block = next_tubes(query, seq, &cut)?;
            for tube in block.due.iter().filter(|tube| scope.territory.holds(&tube.territory)) {
                told.add(&tube.territory, listed, || {
                    let unstarted = i32::from(clock.unstarted_days.unwrap_or(clock.keep_days));
                    let from_report = tube.reported.map(|at| clock.runs_out(day(at)));
                    let runs_out = from_report.unwrap_or_else(|| day(tube.registered) + unstarted);
                    (format!("tube_{}", tube.barcode), runs_out)
                });
            }
            block.next
        };
    }
    Ok(told)
}

/// Every name of this clock whose time is over goes. Returns of how many tubes or results.
pub(crate) fn forget_names(
    db: &Db,
    clock: &Clock,
    today: Day,
    offset_minutes: i32,
    now: Moment,
) -> Result<usize> {
    let cut = Cut::of(clock, today, offset_minutes);
    let is_told = clock.what == Kept::Told;
    let (mut after, mut gone) = (0, 0);
    loop {
        // Looked at first: a block with nothing to forget leaves no row in the journal.
        let (nothing, next) = db.read_now(move |reader| {
            if is_told {
                next_reports(reader, after, cut.reported).map(|block| (block.due.is_empty(), block.next))
            } else {
                next_tubes(reader, after, &cut).map(|block| (block.due.is_empty(), block.next))
            }
        })?;
        if !nothing {
            let part = if is_told {
                Part::Told { after, until: cut.reported }
            } else {
                Part::Tubes { after, due: cut }
            };
            let forgotten = db.apply_now(&clockwork(), now, ForgetSwabs { id: fresh(), part })?;
            gone += forgotten.tubes + forgotten.reports;
        }
        match next {
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
