//! A run is read, called by two people where it matters, and reported as a whole.

use super::again::ask_again;
use super::plates::assay;
use crate::lab::counts::{Hour, Step, count, hour_of};
use crate::lab::messages::judge_waiting;
use crate::lab::people::Swab;
use crate::lab::reach::{RunRecord, run_in_reach};
use crate::lab::{Run, plate};
use crate::refuse::invalid;
use base::{Id, Moment, Territory};
use lab::{Call, NotReady, Reading, propose_calls, report_ready};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Query, Result, Row, Sent, Tx, Value, params};

/// A well's cycle of one target.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cycle {
    pub well: String,
    pub target: String,
    /// Absent where no curve crossed the threshold.
    #[serde(default)]
    pub ct: Option<f64>,
    /// What the instrument was told stands in the well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
}

/// The instrument's file is taken over; each well is called by the assay's rule, in the name of whoever takes it over.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadRun {
    pub id: Id<Sent>,
    pub run: Id<Run>,
    /// What the file is called.
    pub file: String,
    pub cycles: Vec<Cycle>,
}

pub(super) fn demand_unreported(run: &RunRecord) -> Result<()> {
    match run.state.as_str() {
        "reported" => Err(invalid(
            "lab.run_reported",
            "run",
            "this run has been reported and stays as it is; a correction is a new tube",
            "该批次已报告，不能更改；如需更正请重新采样",
        )),
        "void" => Err(invalid(
            "lab.run_void",
            "run",
            "this run is void; put its tubes on another plate",
            "该批次已作废；请将样本管重新上板",
        )),
        _ => Ok(()),
    }
}

impl Change for ReadRun {
    const NAME: &'static str = "read run";
    const NEEDS: Permission = Permission::LabWork;
    const BASIS: Basis = Basis::LaboratoryTesting;
    /// How many wells of each call.
    type Out = BTreeMap<String, usize>;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(run_in_reach(tx, self.run)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.run.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<BTreeMap<String, usize>> {
        let run = run_in_reach(tx, self.run)?;
        demand_unreported(&run)?;
        let rule = assay(&run.assay)?;
        let mut loaded = plate::load(tx, &run)?;
        let mut unknown: Vec<&str> = Vec::new();
        let mut readings: BTreeMap<lab::Well, Vec<Reading>> = BTreeMap::new();
        for cycle in &self.cycles {
            match plate::format(run.format)?.well(&cycle.well) {
                Some(well) if loaded.map.content(well).is_none() => {
                    if cycle.ct.is_some() {
                        unknown.push(&cycle.well);
                    }
                }
                Some(well) => readings
                    .entry(well)
                    .or_default()
                    .push(Reading { target: cycle.target.clone(), ct: cycle.ct }),
                None => unknown.push(&cycle.well),
            }
        }
        if readings.is_empty() || !unknown.is_empty() {
            return Err(invalid(
                "lab.file_wells",
                "cycles",
                format!(
                    "the file has no well of this plate, or wells it has not ({}); choose the file of this run",
                    unknown.join(", ")
                ),
                format!("文件中没有本板的孔，或含有不存在的孔（{}）；请选择本批次的文件", unknown.join("、")),
            ));
        }
        self.demand_own_tubes(&loaded.map)?;
        loaded.readings = readings;
        let proposed = propose_calls(&loaded.as_run(rule));
        let mut told: BTreeMap<String, usize> = BTreeMap::new();
        for (well, read) in &loaded.readings {
            let called = proposed.get(well);
            if let Some((call, _)) = called {
                *told.entry(call.word().to_owned()).or_default() += 1;
            }
            tx.put(
                "UPDATE lab_well SET cts = $3, first = $4, why = $5, second = NULL, second_by = NULL, second_at = NULL \
                 WHERE run = $1 AND well = $2",
                params![
                    self.run,
                    well.to_string(),
                    plate::cycles_in_json(read),
                    called.map(|(call, _)| call.word()),
                    called.map(|(_, why)| plate::reasons_in_json(why))
                ],
            )?;
        }
        let reader = tx.actor.person().to_owned();
        tx.run(
            "UPDATE lab_run SET state = 'read', called = $2, file = $3, by_whom = $4 WHERE id = $1",
            params![self.run, tx.at, self.file.trim(), reader],
        )?;
        Ok(told)
    }
}

impl ReadRun {
    /// A file that names another tube of this plate in a well was read from a plate that was laid out otherwise.
    fn demand_own_tubes(&self, map: &lab::PlateMap) -> Result<()> {
        for cycle in &self.cycles {
            let Some(Ok(tube)) = cycle.sample.as_deref().map(lab::Barcode::typed) else { continue };
            let here = map.format().well(&cycle.well);
            if let Some(well) = map.well_of(&tube).filter(|well| Some(*well) != here) {
                return Err(invalid(
                    "lab.swapped",
                    "cycles",
                    format!(
                        "the file has {tube} in {}, the plate in {well}; look at the plate, and correct whichever is wrong",
                        cycle.well
                    ),
                    format!("文件中 {tube} 在 {} 孔，板位图在 {well} 孔；请核对实物并更正", cycle.well),
                ));
            }
        }
        Ok(())
    }
}

/// Another person has looked at the curves of a well; or the first calls it by another name of the same.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallWell {
    pub id: Id<Sent>,
    pub run: Id<Run>,
    pub well: String,
    pub call: Call,
}

impl Change for CallWell {
    const NAME: &'static str = "call well";
    const NEEDS: Permission = Permission::LabWork;
    const BASIS: Basis = Basis::LaboratoryTesting;
    /// `first` or `second`: as what it was written down.
    type Out = String;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(run_in_reach(tx, self.run)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.run.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<String> {
        let run = run_in_reach(tx, self.run)?;
        demand_unreported(&run)?;
        let unknown = || {
            invalid(
                "lab.well",
                "well",
                format!("{} holds no tube of this run; choose a well of the plate", self.well),
                format!("{} 孔没有本批次的样本管；请选择板上的孔", self.well),
            )
        };
        let well = plate::format(run.format)?.well(&self.well).ok_or_else(unknown)?.to_string();
        let first = run.by_whom == tx.actor.person();
        let (at, reader) = (tx.at, tx.actor.person().to_owned());
        let touched = if first {
            tx.run(
                "UPDATE lab_well SET first = $3, second = NULL, second_by = NULL, second_at = NULL \
                 WHERE run = $1 AND well = $2 AND barcode IS NOT NULL AND cts IS NOT NULL",
                params![self.run, well, self.call.word()],
            )?
        } else {
            tx.run(
                "UPDATE lab_well SET second = $3, second_by = $4, second_at = $5 \
                 WHERE run = $1 AND well = $2 AND barcode IS NOT NULL AND cts IS NOT NULL",
                params![self.run, well, self.call.word(), reader, at],
            )?
        };
        if touched == 0 {
            return Err(unknown());
        }
        Ok(if first { "first" } else { "second" }.to_owned())
    }
}

/// A run is reported: every tube of it, or none.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRun {
    pub id: Id<Sent>,
    pub run: Id<Run>,
}

/// How many tubes read how, and how many people are held and sampled again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Reported {
    pub tubes: BTreeMap<String, usize>,
    pub held: usize,
}

/// Whoever is behind a signal is sampled alone within this time.
///
/// # Source
/// `packs/protocols` name no time for it; guides say "at once". Four hours is an editable default.
pub(crate) const AGAIN_WITHIN_S: i64 = 4 * 3600;

impl Change for ReportRun {
    const NAME: &'static str = "report run";
    const NEEDS: Permission = Permission::LabWork;
    const BASIS: Basis = Basis::LaboratoryTesting;
    type Out = Reported;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(run_in_reach(tx, self.run)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.run.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Reported> {
        let run = run_in_reach(tx, self.run)?;
        demand_unreported(&run)?;
        let rule = assay(&run.assay)?;
        let loaded = plate::load(tx, &run)?;
        let reasons = report_ready(&loaded.as_run(rule));
        if !reasons.is_empty() {
            return Err(not_ready(&reasons));
        }
        let mut told = Reported::default();
        let at = tx.at;
        let mut steps: BTreeMap<Hour, Step> = BTreeMap::new();
        for ((well, tube), known) in loaded.map.tubes().zip(with_their_people(tx, &loaded.map)?) {
            let Some(call) = loaded.calls.get(&well).map(|call| call.call) else { continue };
            *told.tubes.entry(call.word().to_owned()).or_default() += 1;
            tx.put(
                "UPDATE lab_tube SET result = $2, called = $3, reported = $3 WHERE barcode = $1",
                params![tube.as_str(), call.word(), at],
            )?;
            let Some(known) = known.first() else { continue };
            told.held += settle(tx, tube.as_str(), known, call, &mut steps)?;
            // A laboratory may have told of it meanwhile.
            if known.int(6)? > 0 {
                judge_waiting(tx, tube.as_str())?;
            }
        }
        for (hour, step) in &steps {
            count(tx, hour, *step)?;
        }
        tx.run(
            "UPDATE lab_run SET state = 'reported', reported = $2, reported_by = $3 WHERE id = $1",
            params![self.run, at, &tx.actor.id],
        )?;
        Ok(told)
    }
}

fn not_ready(reasons: &[NotReady]) -> store::Error {
    // A plate holds 384 wells; the first few say what to do, and the page shows them all.
    const TOLD: usize = 8;
    let en: Vec<String> = reasons.iter().take(TOLD).map(NotReady::to_string).collect();
    let more = reasons.len().saturating_sub(TOLD);
    let more = if more > 0 { format!(" · and {more} more") } else { String::new() };
    let zh: Vec<String> = reasons.iter().take(TOLD).map(plate::reason_in_chinese).collect();
    invalid("lab.not_ready", "run", format!("{}{more}", en.join(" · ")), zh.join("；"))
}

/// The hold that a tube ends. Only somebody's own swab does, alone in its tube: by the mark of their document, or, of whom there is
/// none, taken where they are held. Any other tube is a tube like all: its signal holds its people, and the hold it names stays.
fn whom_it_answers_for(
    tx: &mut Tx<'_>,
    again: &str,
    people: &[Swab],
    taken_in: &Territory,
) -> Result<Option<(String, i64)>> {
    let ([swab], Some((before, place))) = (people, again.split_once('/')) else { return Ok(None) };
    let Ok(place) = place.parse::<i64>() else { return Ok(None) };
    let sql = "SELECT who, territory FROM lab_hold WHERE barcode = $1 AND position = $2 AND ended IS NULL";
    let Some(held) = tx.first(sql, params![before, place])? else { return Ok(None) };
    let is_theirs = match (held.opt_text(0)?, &swab.mark) {
        (Some(who), Some(mark)) => who == *mark,
        _ => held.read::<Territory>(1)? == *taken_in,
    };
    Ok(is_theirs.then(|| (before.to_owned(), place)))
}

/// A plate's tubes in its order, with who is in them and whether a laboratory's word of them waits.
fn with_their_people(tx: &mut Tx<'_>, map: &lab::PlateMap) -> Result<Vec<Vec<Row>>> {
    let sql = "SELECT people, territory, again, round, post, closed, \
               (SELECT count(*) FROM lab_report r WHERE r.specimen = $1 AND r.waits IS NOT NULL) FROM lab_tube WHERE barcode = $1";
    let barcodes: Vec<[Value; 1]> = map.tubes().map(|(_, tube)| [tube.as_str().into()]).collect();
    let questions: Vec<(&str, &[Value])> = barcodes.iter().map(|barcode| (sql, &barcode[..])).collect();
    tx.together(&questions)
}

/// What a reported tube means for its people, and for the count of its hour.
fn settle(
    tx: &mut Tx<'_>,
    tube: &str,
    known: &Row,
    call: Call,
    steps: &mut BTreeMap<Hour, Step>,
) -> Result<usize> {
    let people: Vec<Swab> = known.json(0)?;
    let territory: Territory = known.read(1)?;
    let again = known.opt_text(2)?;
    let hour = Hour {
        round: known.text(3)?,
        territory: territory.clone(),
        post: known.text(4)?,
        hour: hour_of(Moment(known.int(5)?)),
    };
    let step = steps.entry(hour).or_default();
    step.reported += 1;
    step.reported_people += people.len() as i64;
    step.positive += i64::from(call == Call::Positive);
    held_and_freed(tx, tube, &people, &territory, again.as_deref(), call)
}

/// A corrected result may be graver than the one before: whom that had let go, or only wanted to sample again, is held by it. What
/// their own swab has decided stays.
const GRAVER: &str = "ON CONFLICT (barcode, position) DO UPDATE SET state = excluded.state, since = excluded.since, \
    due = excluded.due, ended = excluded.ended, told = NULL WHERE lab_hold.again IS NULL AND excluded.state <> 'repeat' \
    AND (lab_hold.state IN ('repeat', 'released') OR (lab_hold.state = 'held' AND excluded.state = 'confirmed'))";

/// Whoever is behind a signal is held and sampled again, whoever was sampled again and is negative is free. Returns how many are
/// held.
pub(crate) fn held_and_freed(
    tx: &mut Tx<'_>,
    tube: &str,
    people: &[Swab],
    territory: &Territory,
    again: Option<&str>,
    call: Call,
) -> Result<usize> {
    let at = tx.at;
    let answers = again.map(|again| whom_it_answers_for(tx, again, people, territory)).transpose()?;
    if let Some((before, place)) = answers.flatten() {
        let (state, ended) = match call {
            Call::Negative => ("released", Some(at)),
            Call::Positive => ("confirmed", Some(at)),
            // Neither yes nor no: once more, and the clock begins anew.
            _ => ("held", None),
        };
        let due = at.plus_seconds(AGAIN_WITHIN_S);
        let next = if ended.is_some() { Some(tube) } else { None };
        tx.run(
            "UPDATE lab_hold SET state = $3, ended = $4, again = $5, due = $6 WHERE barcode = $1 AND position = $2",
            params![&before, place, state, ended, next, due],
        )?;
        ask_again(tx, &before)?;
        return Ok(0);
    }
    if !call.holds_people() && call != Call::Invalid {
        return Ok(0);
    }
    // Of a single tube that is positive, its person is found; nobody is sampled again.
    let (state, ended) = match (call, people.len()) {
        (Call::Positive, 1) => ("confirmed", Some(at)),
        (Call::Invalid, _) => ("repeat", None),
        _ => ("held", None),
    };
    let due = at.plus_seconds(AGAIN_WITHIN_S);
    let rows: Vec<Vec<Value>> = people
        .iter()
        .map(|swab| {
            vec![
                tube.into(),
                i64::from(swab.position).into(),
                territory.into(),
                swab.mark.clone().into(),
                state.into(),
                at.into(),
                due.into(),
                ended.into(),
            ]
        })
        .collect();
    let head = "INSERT INTO lab_hold (barcode, position, territory, who, state, since, due, ended)";
    tx.insert_many(head, 8, &rows, GRAVER)?;
    ask_again(tx, tube)?;
    Ok(if ended.is_none() { people.len() } else { 0 })
}
