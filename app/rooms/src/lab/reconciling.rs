//! Does a round add up? Registered, boxed, received, run and reported, laid side by side for `pure/lab` to compare.

use crate::lab::Round;
use crate::lab::changes::Conflict;
use crate::lab::plate;
use crate::lab::reach::round_within;
use base::{Id, Moment};
use lab::{
    Books, Boxed, Difference, HandedOver, Plated, Received, ReconcileRule, Registered, Reported, RunRead,
    reconcile,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Row, Scope, params};

/// Tubes one difference lists; a box that fell from a van is a few hundred.
const TUBES_TOLD: usize = 200;
const DIFFERENCES_TOLD: usize = 1_000;

/// Names by number, in the order they were met.
#[derive(Default)]
struct Names {
    numbers: BTreeMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: String) -> u32 {
        if let Some(known) = self.numbers.get(&name) {
            return *known;
        }
        let number = self.names.len() as u32;
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }

    fn name(&self, number: Option<u32>) -> Option<&str> {
        self.names.get(number? as usize).map(String::as_str)
    }

    fn count(&self) -> u32 {
        self.names.len() as u32
    }
}

/// The books as they are read, row by row.
#[derive(Default)]
struct Ledger {
    /// The tube's own number in the tables, or what stands on it when nobody registered it.
    tubes: Vec<Source>,
    posts: Names,
    boxes: Names,
    labs: Names,
    runs: Names,
    registered: Vec<Registered>,
    boxed: Vec<Boxed>,
    handed_over: Vec<HandedOver>,
    received: Vec<Received>,
    read: Vec<RunRead>,
    plated: Vec<Plated>,
    reported: Vec<Reported>,
}

/// A registered tube by its number, a stray by its code.
enum Source {
    Known(i64),
    Stray(String),
}

pub fn reconciled(query: &mut dyn Query, scope: &Scope, id: Id<Round>, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let round = round_within(query, scope, id)?;
    let range =
        if scope.reaches(&round.territory) { round.territory.range() } else { scope.territory.range() };
    let mut ledger = Ledger::default();
    ledger.read_tubes(query, id, &range)?;
    ledger.read_strays(query, &range, (round.opens, round.ended.unwrap_or(now)))?;
    ledger.read_boxes(query)?;
    ledger.read_runs(query)?;
    let books = Books {
        tubes: ledger.tubes.len() as u32,
        sites: ledger.posts.count(),
        batches: ledger.boxes.count(),
        labs: ledger.labs.count(),
        runs: ledger.runs.count(),
        registered: &ledger.registered,
        boxed: &ledger.boxed,
        handed_over: &ledger.handed_over,
        received: &ledger.received,
        read: &ledger.read,
        plated: &ledger.plated,
        reported: &ledger.reported,
    };
    let told = reconcile(&books, &ReconcileRule::at(now));
    let mut differences = Vec::new();
    for difference in told.differences.iter().take(DIFFERENCES_TOLD) {
        differences.push(ledger.tell(query, difference)?);
    }
    let all = told.counts.all;
    let of = |names: &Names, counts: &BTreeMap<Option<u32>, lab::Stages>| -> Vec<Json> {
        let uneven = counts.iter().filter(|(_, stages)| stages.differing > 0 || !stages.is_even());
        uneven
            .take(500)
            .map(|(number, stages)| json!({ "id": names.name(*number), "stages": stages }))
            .collect()
    };
    Ok(json!({
        "now": now, "round": id, "number": round.number, "stages": all, "is_even": all.is_even(),
        "by_post": of(&ledger.posts, &told.counts.by_site), "by_box": of(&ledger.boxes, &told.counts.by_batch),
        "by_laboratory": of(&ledger.labs, &told.counts.by_lab), "differences": differences,
        "differences_count": told.differences.len(),
        "by_hour": told.counts.by_hour.iter().map(|(hour, stages)| {
            json!({ "hour": Moment(hour * 3_600_000), "stages": stages })
        }).collect::<Vec<_>>(),
    }))
}

impl Ledger {
    fn read_tubes(
        &mut self,
        query: &mut dyn Query,
        round: Id<Round>,
        range: &(String, String),
    ) -> Result<()> {
        let sql = "SELECT seq, post, size, filled, closed, box, lab, received, rejected, run, well, reported, \
                   conflicts, called, told FROM lab_tube WHERE round = $1 AND territory >= $2 AND territory < $3 \
                   ORDER BY territory, seq";
        query.each(sql, params![round, range.0.as_str(), range.1.as_str()], &mut |row| self.add(&row))
    }

    fn add(&mut self, row: &Row) -> Result<()> {
        let tube = self.tubes.len() as u32;
        self.tubes.push(Source::Known(row.int(0)?));
        let small = |number: i64| u8::try_from(number).unwrap_or(u8::MAX);
        let sampled = Moment(row.int(4)?);
        self.registered.push(Registered {
            tube,
            site: self.posts.number(row.text(1)?),
            size: small(row.int(2)?),
            people: small(row.int(3)?),
            sampled,
        });
        if row.opt_text(12)?.is_some() {
            self.add_other_posts(row.json(12)?);
        }
        let batch = row.opt_text(5)?.map(|barcode| self.boxes.number(barcode));
        if let Some(batch) = batch {
            self.boxed.push(Boxed { tube, batch, at: sampled });
        }
        let (Some(lab), Some(received)) = (row.opt_text(6)?, row.opt_int(7)?) else { return Ok(()) };
        let lab = self.labs.number(lab);
        let rejected = row.opt_text(8)?.is_some();
        self.received.push(Received { tube, batch, lab, at: Moment(received), rejected });
        let (run, well) = match (row.opt_text(9)?, row.opt_text(10)?) {
            (Some(run), Some(well)) => (Some(self.runs.number(run)), lab::PlateFormat::Wells384.well(&well)),
            _ => (None, None),
        };
        let well = well.map(|well| lab::PlateFormat::Wells384.number(well));
        let (run, well) = match (run, row.opt_int(14)?) {
            (None, Some(report)) => (Some(self.told_run(report, lab, row.opt_int(13)?)), Some(0)),
            known => (known.0, well),
        };
        if let (Some(run), Some(well)) = (run, well) {
            self.plated.push(Plated { tube, run, well, void: false });
        }
        if let Some(reported) = row.opt_int(11)? {
            self.reported.push(Reported { tube, lab, run, well, at: Moment(reported), void: false });
        }
        Ok(())
    }

    /// The same label on a tube of another post: two tubes, or one that two telephones told of.
    fn add_other_posts(&mut self, conflicts: Vec<Conflict>) {
        let Some(first) = self.registered.last().copied() else { return };
        for post in conflicts.into_iter().filter_map(|conflict| conflict.post) {
            let site = self.posts.number(post);
            self.registered.push(Registered { site, ..first });
        }
    }

    /// A laboratory that reports by message has said when and how it measured: its run is one of its own, with this tube in it.
    fn told_run(&mut self, report: i64, lab: u32, called: Option<i64>) -> u32 {
        let run = self.runs.number(format!("told_{report}"));
        self.read.push(RunRead { run, lab, called: called.map(Moment), wells_read: Some(1) });
        run
    }

    /// Tubes nobody registered, that came while the round was held.
    fn read_strays(
        &mut self,
        query: &mut dyn Query,
        range: &(String, String),
        held: (Moment, Moment),
    ) -> Result<()> {
        let sql = "SELECT barcode, lab, box, received FROM lab_stray WHERE territory >= $1 AND territory < $2 \
                   AND settled IS NULL AND received >= $3 AND received <= $4 ORDER BY barcode";
        let values = params![range.0.as_str(), range.1.as_str(), held.0, held.1];
        query.each(sql, values, &mut |row| {
            let tube = self.tubes.len() as u32;
            self.tubes.push(Source::Stray(row.text(0)?));
            let batch = row.opt_text(2)?.map(|barcode| self.boxes.number(barcode));
            let lab = self.labs.number(row.text(1)?);
            self.received.push(Received { tube, batch, lab, at: Moment(row.int(3)?), rejected: false });
            Ok(())
        })
    }

    fn read_boxes(&mut self, query: &mut dyn Query) -> Result<()> {
        for number in 0..self.boxes.count() {
            let Some(barcode) = self.boxes.name(Some(number)).map(str::to_owned) else { continue };
            let sql = "SELECT post, tubes, counted FROM lab_box WHERE barcode = $1";
            let Some(row) = query.first(sql, params![barcode])? else { continue };
            let site = self.posts.numbers.get(&row.text(0)?).copied();
            if let Some(told) = row.opt_int(2)? {
                let told = u32::try_from(told).unwrap_or(u32::MAX);
                self.handed_over.push(HandedOver { batch: number, site, lab: None, told });
            }
        }
        Ok(())
    }

    fn read_runs(&mut self, query: &mut dyn Query) -> Result<()> {
        for number in 0..self.runs.count() {
            let Some(run) = self.runs.name(Some(number)).map(str::to_owned) else { continue };
            let sql = "SELECT lab, called, file, format, (SELECT count(*) FROM lab_well w WHERE w.run = r.id \
                       AND w.cts IS NOT NULL AND w.control IS NULL) FROM lab_run r WHERE r.id = $1";
            let Some(row) = query.first(sql, params![run])? else { continue };
            plate::format(row.int(3)?)?;
            let lab = self.labs.number(row.text(0)?);
            let wells_read = row.opt_text(2)?.map(|_| row.int(4)).transpose()?;
            self.read.push(RunRead {
                run: number,
                lab,
                called: row.opt_int(1)?.map(Moment),
                wells_read: wells_read.map(|wells| u32::try_from(wells).unwrap_or(u32::MAX)),
            });
        }
        Ok(())
    }

    fn tell(&self, query: &mut dyn Query, difference: &Difference) -> Result<Json> {
        let mut tubes = Vec::new();
        for tube in difference.tubes.iter().take(TUBES_TOLD) {
            match self.tubes.get(*tube as usize) {
                Some(Source::Known(seq)) => {
                    let row = query.first("SELECT barcode FROM lab_tube WHERE seq = $1", params![*seq])?;
                    tubes.extend(row.map(|row| row.text(0)).transpose()?);
                }
                Some(Source::Stray(barcode)) => tubes.push(barcode.clone()),
                None => {}
            }
        }
        Ok(json!({
            "kind": difference.kind().word(), "how": difference.how, "count": difference.tubes.len(), "tubes": tubes,
            "post": self.posts.name(difference.site), "box": self.boxes.name(difference.batch),
            "laboratory": self.labs.name(difference.lab), "run": self.runs.name(difference.run),
        }))
    }
}
