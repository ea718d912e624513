//! Every new positive re-opens that person's earlier negatives: which tube, laboratory and run said so, and what speaks against
//! each of them.
//!
//! Deliberately absent: how doubts are weighed (`pure/lab`), and a laboratory that finds fewer than the others, which takes a whole
//! round to say (`views/honesty.rs`).

use crate::lab::indexing::LAYERED_SWABS;
use crate::lab::people::Swab;
use crate::packed;
use crate::refuse::missing;
use base::{Moment, Territory};
use lab::{Discrepancy, Doubtful, EarlierNegative};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{Permission, Query, Result, Row, Scope, params};

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct LookBackAsked {
    pub tube: String,
    pub position: u8,
}

const MOST: i64 = 60;

/// Shorter than the time from infection to signs: within it the person was probably infected already.
const RECENT_HOURS: i64 = 48;

/// Others found positive since are looked for among so many, the newest first.
const OTHERS: i64 = 50_000;

/// Tubes in which somebody's swab was before, the most doubtful first; those that said nothing yet come last. Whoever looks
/// reaches the tube it begins with; of the earlier ones the answer tells laboratory and run and no person, wherever they were.
pub fn look_back(
    query: &mut dyn Query,
    scope: &Scope,
    asked: &LookBackAsked,
    offset_minutes: i32,
) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let sql = "SELECT territory, people, closed, sampled FROM lab_tube WHERE barcode = $1";
    let found = query.first(sql, params![&asked.tube])?.ok_or_else(|| missing("tube", "试管"))?;
    if !scope.reaches(&found.read::<Territory>(0)?) {
        return Err(missing("tube", "试管"));
    }
    let people: Vec<Swab> = found.json(1)?;
    let swab = people.iter().find(|swab| swab.position == asked.position);
    let swab = swab.ok_or_else(|| missing("place in this tube", "管内位置"))?;
    let earlier = earlier_tubes(query, swab, found.int(2)?)?;
    let mut seen = Seen::of(query, swab, &earlier, offset_minutes)?;
    let mut negatives = Vec::new();
    for (place, tube) in earlier.iter().enumerate() {
        if tube.result.as_deref() == Some("negative") {
            negatives.push(seen.negative(query, place, tube)?);
        }
    }
    let list = lab::look_back(Moment(found.int(3)?), &negatives, RECENT_HOURS);
    let judged: BTreeSet<u32> = list.iter().map(|one| one.negative.tube).collect();
    let mut rows: Vec<Json> =
        list.iter().map(|one| earlier[one.negative.tube as usize].told(Some(one))).collect();
    let others = (0..).zip(&earlier).filter(|(place, _)| !judged.contains(place));
    rows.extend(others.map(|(_, tube)| tube.told(None)));
    Ok(json!({ "tube": asked.tube, "position": asked.position, "rows": rows }))
}

/// A tube in which somebody was before.
struct Earlier {
    barcode: String,
    sampled: Moment,
    closed: i64,
    size: i64,
    filled: i64,
    lab: Option<String>,
    lab_name: Option<String>,
    capacity: Option<i64>,
    run: Option<String>,
    assay: Option<String>,
    file: Option<String>,
    well: Option<String>,
    box_barcode: Option<String>,
    result: Option<String>,
    received: Option<i64>,
    reported: Option<i64>,
    people: Vec<Swab>,
}

impl Earlier {
    fn of(row: &Row) -> Result<Earlier> {
        Ok(Earlier {
            barcode: row.text(0)?,
            sampled: Moment(row.int(1)?),
            closed: row.int(2)?,
            size: row.int(3)?,
            filled: row.int(4)?,
            lab: row.opt_text(5)?,
            lab_name: row.opt_text(6)?,
            capacity: row.opt_int(7)?,
            run: row.opt_text(8)?,
            assay: row.opt_text(9)?,
            file: row.opt_text(10)?,
            well: row.opt_text(11)?,
            box_barcode: row.opt_text(12)?,
            result: row.opt_text(13)?,
            received: row.opt_int(14)?,
            reported: row.opt_int(15)?,
            people: row.json(16)?,
        })
    }

    fn told(&self, judged: Option<&Doubtful>) -> Json {
        json!({
            "tube": self.barcode, "closed": self.closed, "size": self.size, "people": self.filled, "laboratory": self.lab,
            "laboratory_name": self.lab_name, "run": self.run, "well": self.well, "box": self.box_barcode,
            "result": self.result, "reported": self.reported, "file": self.file, "received": self.received,
            "doubts": judged.map(|one| one.doubts.iter().map(|doubt| doubt.word()).collect::<Vec<_>>()).unwrap_or_default(),
            "hours_before": judged.map(|one| one.hours_before),
        })
    }

    /// Sooner than the assay's machine measures.
    fn is_too_fast(&self) -> bool {
        let assays = packed::assays();
        let shortest = assays.iter().find(|assay| Some(&assay.id) == self.assay.as_ref());
        let took = self.reported.zip(self.received).map(|(reported, received)| reported - received);
        shortest
            .zip(took)
            .is_some_and(|(assay, took)| took < i64::from(assay.shortest_minutes.value) * 60_000)
    }
}

/// Tubes whose names are gone are found by nobody.
fn earlier_tubes(query: &mut dyn Query, swab: &Swab, before: i64) -> Result<Vec<Earlier>> {
    let mut earlier: Vec<Earlier> = Vec::new();
    for (who, _) in swab.known_by() {
        let sql = format!(
            "SELECT DISTINCT t.barcode, t.sampled, t.closed, t.size, t.filled, t.lab, l.name, l.capacity, t.run, r.assay, \
                   r.file, t.well, t.box, t.result, t.received, t.reported, t.people \
                   FROM {LAYERED_SWABS} CROSS JOIN lab_tube t \
                   JOIN lab_named n ON n.tube = t.seq \
                   LEFT JOIN lab_laboratory l ON l.id = t.lab LEFT JOIN lab_run r ON r.id = t.run \
                   WHERE s.layer = y.layer AND t.seq = s.tube AND s.who = $1 AND t.closed < $2 \
                   ORDER BY t.closed DESC LIMIT $3"
        );
        for row in query.rows(&sql, params![who, before, MOST])? {
            let tube = Earlier::of(&row)?;
            if earlier.iter().all(|known| known.barcode != tube.barcode) {
                earlier.push(tube);
            }
        }
    }
    earlier.sort_by_key(|tube| std::cmp::Reverse(tube.closed));
    Ok(earlier)
}

/// What the tables know beside the tubes themselves.
struct Seen {
    own: BTreeSet<String>,
    /// Who was found positive since the first of the tubes, and when last.
    found: BTreeMap<String, i64>,
    labs: BTreeMap<String, u32>,
    runs: BTreeMap<String, u32>,
    /// How many tubes a laboratory reported in a day.
    days: BTreeMap<(String, Moment), i64>,
    offset_minutes: i32,
}

impl Seen {
    fn of(query: &mut dyn Query, swab: &Swab, earlier: &[Earlier], offset_minutes: i32) -> Result<Seen> {
        let since = earlier.iter().map(|tube| tube.closed).min().unwrap_or(i64::MAX);
        let sql = "SELECT who, ended FROM lab_hold WHERE state = 'confirmed' AND ended > $1 AND who IS NOT NULL \
                   ORDER BY ended DESC, who LIMIT $2";
        let mut found: BTreeMap<String, i64> = BTreeMap::new();
        for row in query.rows(sql, params![since, OTHERS])? {
            let at = row.int(1)?;
            found.entry(row.text(0)?).and_modify(|last| *last = at.max(*last)).or_insert(at);
        }
        Ok(Seen {
            own: swab.mark.iter().cloned().collect(),
            found,
            labs: BTreeMap::new(),
            runs: BTreeMap::new(),
            days: BTreeMap::new(),
            offset_minutes,
        })
    }

    fn negative(&mut self, query: &mut dyn Query, place: usize, tube: &Earlier) -> Result<EarlierNegative> {
        let over_pooled = (tube.filled > tube.size).then_some(Discrepancy::OverPooled);
        Ok(EarlierNegative {
            tube: place as u32,
            lab: number(&mut self.labs, tube.lab.as_deref().unwrap_or_default()),
            batch: None,
            run: tube.run.as_deref().map(|run| number(&mut self.runs, run)),
            sampled: tube.sampled,
            discrepancies: over_pooled.into_iter().collect(),
            too_fast: tube.is_too_fast(),
            // A run whose control did not read as it should was never reported.
            bad_control: false,
            over_capacity: self.is_over_capacity(query, tube)?,
            lab_finds_fewer: false,
            others_of_tube: self.others(&tube.people, tube.closed),
            others_of_run: self.others_of_run(query, tube)?,
        })
    }

    /// Other people of a tube who were found positive later.
    fn others(&self, people: &[Swab], after: i64) -> u32 {
        let marks: BTreeSet<&String> = people.iter().filter_map(|swab| swab.mark.as_ref()).collect();
        let found = marks.into_iter().filter(|mark| !self.own.contains(*mark));
        found.filter(|mark| self.found.get(*mark).is_some_and(|at| *at > after)).count() as u32
    }

    fn others_of_run(&self, query: &mut dyn Query, tube: &Earlier) -> Result<u32> {
        let Some(run) = tube.run.as_deref().filter(|_| !self.found.is_empty()) else { return Ok(0) };
        let sql = "SELECT t.people FROM lab_well w JOIN lab_tube t ON t.barcode = w.barcode WHERE w.run = $1 AND t.barcode <> $2 \
                   AND t.result = 'negative' ORDER BY t.seq";
        let mut others = 0;
        for row in query.rows(sql, params![run, &tube.barcode])? {
            others += self.others(&row.json::<Vec<Swab>>(0)?, tube.closed);
        }
        Ok(others)
    }

    /// More tubes reported on that day than the laboratory had declared.
    fn is_over_capacity(&mut self, query: &mut dyn Query, tube: &Earlier) -> Result<bool> {
        let (Some(lab), Some(capacity), Some(at)) = (tube.lab.as_ref(), tube.capacity, tube.reported) else {
            return Ok(false);
        };
        let day = Moment(at).day_at_offset(self.offset_minutes);
        let begins = Moment::start_of(day, self.offset_minutes);
        let key = (lab.clone(), begins);
        if !self.days.contains_key(&key) {
            let ends = Moment::start_of(day + 1, self.offset_minutes);
            let sql = "SELECT count(*) FROM lab_tube WHERE lab = $1 AND reported >= $2 AND reported < $3";
            let reported = query.count(sql, params![lab, begins, ends])?;
            self.days.insert(key.clone(), reported);
        }
        Ok(self.days.get(&key).is_some_and(|reported| *reported > capacity))
    }
}

fn number(numbers: &mut BTreeMap<String, u32>, name: &str) -> u32 {
    let next = numbers.len() as u32;
    *numbers.entry(name.to_owned()).or_insert(next)
}
