//! The table of results: found by its columns, read row by row.

use super::cells::{Wart, cycle, well, well_by_number};
use super::head::{self, plain};
use super::{Cycle, Family, InstrumentRun, Reading};
use crate::header::Numbered;
use linelist::{Cell, Problem, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// Where each thing stands in a row.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Columns {
    /// A well by its name; in some files a number stands under that word.
    well: Option<usize>,
    position: Option<usize>,
    sample: Option<usize>,
    target: Option<usize>,
    channel: Option<usize>,
    task: Option<usize>,
    omit: Option<usize>,
    cycle: Option<usize>,
    names: Vec<String>,
}

const WELL: [&str; 4] = ["well", "孔", "孔号", "孔位"];
const POSITION: [&str; 3] = ["wellposition", "pos", "position"];
const SAMPLE: [&str; 7] = ["samplename", "sample", "name", "sampleid", "样本编号", "样本名称", "样品名称"];
const TARGET: [&str; 7] = ["targetname", "target", "detector", "gene", "靶标", "目标基因", "基因"];
const CHANNEL: [&str; 5] = ["fluor", "reporter", "channel", "dye", "通道"];
const TASK: [&str; 4] = ["task", "content", "type", "类型"];
const OMIT: [&str; 1] = ["omit"];
const CYCLE: [&str; 7] = ["ct", "cq", "cp", "crt", "ctvalue", "ct值", "cq值"];

impl Columns {
    /// `None` when this row is not the head of such a table.
    fn of(cells: &[Cell]) -> Option<Columns> {
        let names: Vec<String> = cells.iter().map(|cell| plain(&cell.text())).collect();
        let find = |words: &[&str]| words.iter().find_map(|word| names.iter().position(|name| name == word));
        let columns = Columns {
            well: find(&WELL),
            position: find(&POSITION),
            sample: find(&SAMPLE),
            target: find(&TARGET),
            channel: find(&CHANNEL),
            task: find(&TASK),
            omit: find(&OMIT),
            cycle: find(&CYCLE),
            names: Vec::new(),
        };
        let placed = columns.well.is_some() || columns.position.is_some();
        let told = columns.sample.is_some() || columns.target.is_some() || columns.channel.is_some();
        (placed && told && columns.cycle.is_some()).then_some(Columns { names, ..columns })
    }

    fn family(&self) -> Family {
        let has = |name: &str| self.names.iter().any(|known| known == name);
        if has("cp") && has("pos") {
            Family::LightCycler
        } else if has("fluor") && has("content") {
            Family::BioRad
        } else if has("targetname") || has("wellposition") || has("task") {
            Family::AppliedBiosystems
        } else {
            Family::Plain
        }
    }
}

/// Notes of one code beyond these are counted and not listed.
const LISTED: usize = 20;

struct Table<'c> {
    columns: &'c Columns,
    family: Family,
    plate: u32,
    channel: Option<String>,
    notes: Vec<Problem>,
    counted: BTreeMap<&'static str, usize>,
    once: BTreeSet<&'static str>,
    /// Well and target by the row they were read from.
    met: BTreeMap<(String, Option<String>, Option<String>), u64>,
}

pub fn read(rows: &[Numbered]) -> Option<InstrumentRun> {
    let (at, columns) =
        rows.iter().enumerate().find_map(|(at, (_, cells))| Some((at, Columns::of(cells)?)))?;
    let head = head::read(&rows[..at]);
    let mut table = Table {
        columns: &columns,
        family: columns.family(),
        plate: plate(&rows[at + 1..], &columns),
        channel: head.channel.clone(),
        notes: Vec::new(),
        counted: BTreeMap::new(),
        once: BTreeSet::new(),
        met: BTreeMap::new(),
    };
    let (mut readings, mut seen) = (Vec::new(), 0);
    for (row, cells) in &rows[at + 1..] {
        if ends_table(cells, &columns) {
            break;
        }
        seen += 1;
        readings.extend(table.row(*row, cells));
    }
    if let Some(started) = head.started.as_ref().filter(|time| time.read.is_none()) {
        let message = format!("`{}` can be read in two ways; say when the run was", started.said);
        table.notes.push(problem(0, None, Some(&started.said), "started.unsure", Severity::Warning, message));
    }
    for (code, times) in &table.counted {
        if *times > LISTED {
            let message = format!("{times} cells have the note {code}; the first {LISTED} are listed");
            table.notes.push(problem(0, None, None, "notes.more", Severity::Info, message));
        }
    }
    Some(InstrumentRun {
        family: table.family,
        name: head.name,
        instrument: head.instrument,
        started: head.started,
        ended: head.ended,
        readings,
        rows: seen,
        notes: table.notes,
    })
}

/// Below the table stand other sections, and remarks about how it was calculated.
fn ends_table(cells: &[Cell], columns: &Columns) -> bool {
    let filled = cells.iter().filter(|cell| !cell.is_blank()).count();
    let first = cells.iter().find(|cell| !cell.is_blank()).map(|cell| cell.text().into_owned());
    let Some(first) = first else { return true };
    let placed = [columns.position, columns.well].into_iter().flatten().filter_map(|at| cells.get(at));
    let is_well =
        placed.clone().any(|cell| well(&cell.text()).is_some() || cell.text().parse::<u32>().is_ok());
    first.starts_with('[') || Columns::of(cells).is_some() || (filled <= 2 && !is_well)
}

/// Wells of the plate, where they are only numbered.
fn plate(rows: &[Numbered], columns: &Columns) -> u32 {
    let Some(at) = columns.well else { return 96 };
    let numbers = rows.iter().take_while(|(_, cells)| !ends_table(cells, columns));
    let largest =
        numbers.filter_map(|(_, cells)| cells.get(at)?.text().parse::<u32>().ok()).max().unwrap_or(0);
    if largest > 96 { 384 } else { 96 }
}

impl Table<'_> {
    fn row(&mut self, row: u64, cells: &[Cell]) -> Option<Reading> {
        let columns = self.columns;
        let at = |column: Option<usize>| cells.get(column?).filter(|cell| !cell.is_blank());
        let well = self.well(row, at(columns.position), at(columns.well))?;
        let sample = self.sample(row, at(columns.sample));
        let text = |cell: Option<&Cell>| cell.map(|cell| cell.text().into_owned());
        let (target, channel) =
            (text(at(columns.target)), text(at(columns.channel)).or(self.channel.clone()));
        let blank_is_negative = self.family == Family::LightCycler;
        let (cycle, wart) = cycle(columns.cycle.and_then(|column| cells.get(column)), blank_is_negative);
        if let Some(wart) = wart {
            let severity = if matches!(cycle, Cycle::Unread(_)) { Severity::Warning } else { Severity::Info };
            self.note(row, columns.cycle, at(columns.cycle), wart, severity);
        }
        let key = (well.clone(), target.clone(), channel.clone());
        if let Some(before) = self.met.get(&key) {
            // Which of the two is right cannot be guessed.
            let message =
                format!("the well {well} has this target in row {before} already; delete one of them");
            self.notes.push(problem(row, None, Some(&well), "well.twice", Severity::Error, message));
            return None;
        }
        self.met.insert(key, row);
        let omitted = at(columns.omit)
            .is_some_and(|cell| ["true", "yes", "1", "omit"].contains(&cell.text().to_lowercase().as_str()));
        if omitted {
            let wart = ("well.omitted", "the well was left out in the program of the instrument");
            self.note(row, columns.omit, at(columns.omit), wart, Severity::Info);
        }
        Some(Reading { row, well, sample, target, channel, task: text(at(columns.task)), omitted, cycle })
    }

    /// By the name in either column, or by its number.
    fn well(&mut self, row: u64, position: Option<&Cell>, numbered: Option<&Cell>) -> Option<String> {
        let named = [position, numbered].into_iter().flatten().find_map(|cell| well(&cell.text()));
        if let Some((name, padded)) = named {
            if padded {
                let wart = ("well.zero", "wells are written with a zero (A01) and are named without it (A1)");
                self.once(wart);
            }
            return Some(name);
        }
        if let Some(name) = numbered.and_then(|cell| well_by_number(&cell.text(), self.plate)) {
            let wart = ("well.by_number", "wells are numbered; they are counted along the rows of the plate");
            self.once(wart);
            return Some(name);
        }
        let said = position.or(numbered).map(|cell| cell.text().into_owned());
        let message = "this is no well; write a row and a column, such as A1".to_owned();
        let column = self.columns.position.or(self.columns.well);
        self.notes.push(problem(
            row,
            column.map(|at| self.columns.names[at].clone()),
            said.as_deref(),
            "well.unknown",
            Severity::Error,
            message,
        ));
        None
    }

    /// Excel makes a date of 3-12 and a number of 00123.
    fn sample(&mut self, row: u64, cell: Option<&Cell>) -> Option<String> {
        let cell = cell?;
        if let Cell::Serial(_) = cell {
            let wart =
                ("sample.is_a_date", "a spreadsheet made a date of the sample; nobody can tell what it was");
            self.note(row, self.columns.sample, Some(cell), wart, Severity::Warning);
            return None;
        }
        if let Cell::Number(_) = cell {
            let wart =
                ("sample.is_a_number", "the sample is stored as a number; zeros before it would be lost");
            self.once(wart);
        }
        Some(cell.text().into_owned())
    }

    fn note(
        &mut self,
        row: u64,
        column: Option<usize>,
        cell: Option<&Cell>,
        (code, message): Wart,
        severity: Severity,
    ) {
        let times = self.counted.entry(code).or_default();
        *times += 1;
        if *times <= LISTED {
            let column = column.map(|at| self.columns.names[at].clone());
            let said = cell.map(|cell| cell.text().into_owned());
            self.notes.push(problem(row, column, said.as_deref(), code, severity, message.to_owned()));
        }
    }

    /// A note about the file as a whole.
    fn once(&mut self, (code, message): Wart) {
        if self.once.insert(code) {
            self.notes.push(problem(0, None, None, code, Severity::Info, message.to_owned()));
        }
    }
}

fn problem(
    row: u64,
    column: Option<String>,
    value: Option<&str>,
    code: &str,
    severity: Severity,
    message: String,
) -> Problem {
    Problem { row, column, value: value.map(str::to_owned), code: code.to_owned(), severity, message }
}
