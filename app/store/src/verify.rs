//! Reading the journal from the first row to the last, and saying which row is not as it was written, and in what way.
//! What the chain cannot show (a tail cut off, everything rewritten) the checkpoints kept elsewhere do.

use crate::checkpoint::{Checkpoint, Known};
use crate::tree::{Tree, leaf};
use crate::{Entry, Query, Result, journal};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Its content, or that of the row before it together with that row's hash, is another than was written.
    Edited,
    /// Only its hash was overwritten: its content fits the row before and the row after.
    Hash,
    /// Rows are missing inside.
    Dropped,
    /// A row stands where another was.
    Moved,
    /// Rows are numbered as if one had been taken out or put in before them.
    Renumbered,
    /// A row with a number no row has.
    Inserted,
    /// The end is missing: a checkpoint saw more rows.
    Truncated,
    /// The rows agree with each other, and not with a checkpoint.
    Rewritten,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    pub seq: i64,
    /// The last row it speaks of.
    pub last: i64,
    pub kind: FaultKind,
    pub en: String,
    pub zh: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub rows: i64,
    pub ok: bool,
    /// The first row that is not as it was written.
    pub first_bad: Option<i64>,
    /// The hash of the last row.
    pub head: String,
    /// The root of the tree over all rows.
    pub root: String,
    /// At most [`TOLD`] of them.
    pub faults: Vec<Fault>,
    pub more_faults: usize,
    /// Checkpoints that were compared, and that agreed.
    pub checkpoints: usize,
    pub agreed: usize,
}

/// Faults that are told one by one; a journal with more was not edited but destroyed.
pub const TOLD: usize = 100;

/// Rows that do not follow, kept to find out where they stood before.
const KEPT: usize = 64;

/// Taken out or put in before: at most so many rows are looked for.
const SHIFTS: i64 = 8;

struct Strange {
    entry: Entry,
    /// The hash the row before it carries now.
    after: String,
}

/// Takes rows in order; see [`verify`].
pub struct Reading<'a> {
    known: Vec<&'a Known>,
    next_known: usize,
    tree: Tree,
    rows: i64,
    place: i64,
    before: String,
    /// What the row before should have had as its hash, when it has another.
    should: Option<String>,
    /// The row before was taken away, so that the next one cannot be checked against it.
    gap: bool,
    shift: i64,
    strange: Vec<Strange>,
    faults: BTreeMap<(i64, FaultKind), i64>,
    agreed_upto: i64,
    agreed: usize,
    disagreed: Vec<(i64, i64, &'a Known)>,
}

impl<'a> Reading<'a> {
    pub fn new(known: &'a [Known]) -> Reading<'a> {
        let mut known: Vec<&Known> = known.iter().collect();
        known.sort_by_key(|known| known.seq);
        let mut reading = Reading {
            known,
            next_known: 0,
            tree: Tree::default(),
            rows: 0,
            place: 0,
            before: String::new(),
            should: None,
            gap: false,
            shift: 0,
            strange: Vec::new(),
            faults: BTreeMap::new(),
            agreed_upto: 0,
            agreed: 0,
            disagreed: Vec::new(),
        };
        reading.compares_here();
        reading
    }

    /// For a part of a journal: the rows up to `place`, the last of which carries `head`, are somebody else's to check.
    pub fn after(place: i64, head: &str) -> Reading<'static> {
        Reading { place, rows: place, before: head.to_owned(), ..Reading::new(&[]) }
    }

    pub fn sees(&mut self, entry: Entry) {
        if entry.seq <= self.place {
            self.notes(entry.seq, entry.seq, FaultKind::Inserted);
            return;
        }
        if entry.seq > self.place + 1 {
            self.notes(self.place + 1, entry.seq - 1, FaultKind::Dropped);
            self.gap = true;
        }
        self.place = entry.seq;
        self.rows += 1;
        self.follows(&entry);
        self.tree.push(leaf(&entry.hash));
        self.before = entry.hash;
        self.compares_here();
    }

    fn follows(&mut self, entry: &Entry) {
        let now = entry.hash_after(&self.before);
        let (should, gap) = (self.should.take(), std::mem::take(&mut self.gap));
        // After a gap the hash before is gone with its row: only the gap is named.
        if now == entry.hash || gap {
            return;
        }
        if let Some(should) = should
            && entry.hash_after(&should) == entry.hash
        {
            // The row before was told as edited; it is its hash that was.
            let last = self.faults.remove(&(entry.seq - 1, FaultKind::Edited));
            self.strange.pop();
            self.notes(entry.seq - 1, last.unwrap_or(entry.seq - 1), FaultKind::Hash);
            return;
        }
        if self.was_numbered_otherwise(entry) {
            return;
        }
        self.notes(entry.seq, entry.seq, FaultKind::Edited);
        self.should = Some(now);
        if self.strange.len() < KEPT {
            self.strange.push(Strange { entry: entry.clone(), after: self.before.clone() });
        }
    }

    fn was_numbered_otherwise(&mut self, entry: &Entry) -> bool {
        let shifts = std::iter::once(self.shift).chain((1..=SHIFTS).flat_map(|shift| [shift, -shift]));
        for shift in shifts.filter(|shift| *shift != 0) {
            let was = Entry { seq: entry.seq + shift, ..entry.clone() };
            if was.hash_after(&self.before) == entry.hash {
                // It begins with the row before, which followed the one that was taken out or put in.
                let first = entry.seq - 1;
                if shift == self.shift {
                    if let Some((_, last)) =
                        self.faults.iter_mut().rev().find(|((_, kind), _)| *kind == FaultKind::Renumbered)
                    {
                        *last = entry.seq;
                    }
                } else {
                    let untold = self.faults.remove(&(first, FaultKind::Edited)).is_some();
                    let first = if untold { first } else { entry.seq };
                    self.notes(first, entry.seq, FaultKind::Renumbered);
                }
                self.shift = shift;
                return true;
            }
        }
        false
    }

    fn compares_here(&mut self) {
        while let Some(known) = self.known.get(self.next_known).filter(|known| known.seq <= self.rows) {
            if !known.root.is_empty() && self.tree.root().starts_with(&known.root) {
                self.agreed_upto = known.seq;
                self.agreed += 1;
            } else {
                self.disagreed.push((self.agreed_upto + 1, known.seq.max(1), known));
            }
            self.next_known += 1;
        }
    }

    fn notes(&mut self, seq: i64, last: i64, kind: FaultKind) {
        self.faults.insert((seq, kind), last);
    }

    /// Rows that only stand in another place than before are told so, and those after them are as they were.
    fn finds_moved_rows(&mut self) {
        let places: Vec<i64> = self.strange.iter().map(|strange| strange.entry.seq).collect();
        let hashes: BTreeSet<&str> =
            self.strange.iter().flat_map(|strange| [strange.entry.hash.as_str(), &strange.after]).collect();
        let mut found = Vec::new();
        for strange in &self.strange {
            let fits = |seq: i64| {
                let was = Entry { seq, ..strange.entry.clone() };
                hashes.iter().any(|before| was.hash_after(before) == strange.entry.hash)
            };
            if let Some(was) = places.iter().copied().find(|place| fits(*place)) {
                found.push((strange.entry.seq, was));
            }
        }
        for (place, was) in found {
            self.faults.remove(&(place, FaultKind::Edited));
            if was != place {
                self.notes(place, was, FaultKind::Moved);
            } else if !self.faults.keys().any(|(seq, _)| *seq == place - 1) {
                self.notes(place - 1, place - 1, FaultKind::Moved);
            }
        }
    }

    pub fn ends(mut self) -> Verdict {
        self.finds_moved_rows();
        let unread = self.known.split_off(self.next_known);
        let mut told: Vec<Fault> =
            self.faults.iter().map(|((seq, kind), last)| said(*seq, *last, *kind)).collect();
        for (first, last, known) in &self.disagreed {
            // An edited row is told already, and why the root differs with it.
            if !told.iter().any(|fault| fault.seq <= *last && fault.kind != FaultKind::Edited) {
                told.push(rewritten(*first, *last, known));
            }
        }
        if let Some(known) = unread.last() {
            told.push(truncated(self.rows + 1, known));
        }
        told.sort();
        let more_faults = told.len().saturating_sub(TOLD);
        let first_bad = told.first().map(|fault| fault.seq);
        told.truncate(TOLD);
        Verdict {
            rows: self.rows,
            ok: first_bad.is_none(),
            first_bad,
            head: self.before,
            root: BASE64.encode(self.tree.root()),
            faults: told,
            more_faults,
            checkpoints: self.agreed + self.disagreed.len() + unread.len(),
            agreed: self.agreed,
        }
    }
}

impl Verdict {
    pub(crate) fn adds(&mut self, fault: Fault) {
        self.faults.push(fault);
        self.faults.sort();
        self.first_bad = self.faults.first().map(|fault| fault.seq);
        self.ok = false;
    }

    /// The end of an export says how far it goes; `whole` when it also begins at the beginning.
    pub(crate) fn must_reach(&mut self, end: &Checkpoint, whole: bool) {
        self.checkpoints += 1;
        if self.rows < end.seq {
            self.adds(truncated(self.rows + 1, &end.known()));
        } else if self.head != end.head || (whole && self.root != end.root) {
            self.adds(rewritten(1, end.seq, &end.known()));
        } else {
            self.agreed += 1;
        }
    }
}

pub(crate) fn cut_off(first: i64) -> Fault {
    Fault {
        seq: first,
        last: first,
        kind: FaultKind::Truncated,
        en: format!("the file ends before its last line: rows from {first} on may be missing"),
        zh: format!("文件在末行之前中断：第 {first} 行起可能缺失"),
    }
}

fn said(seq: i64, last: i64, kind: FaultKind) -> Fault {
    let rows = if seq == last { format!("row {seq}") } else { format!("rows {seq} to {last}") };
    let zh_rows = if seq == last { format!("第 {seq} 行") } else { format!("第 {seq} 至 {last} 行") };
    let (en, zh) = match kind {
        FaultKind::Edited if seq == 1 => {
            (format!("{rows} was changed after it was written"), format!("{zh_rows}写入后被更改"))
        }
        FaultKind::Edited => (
            format!(
                "{rows} was changed after it was written, or row {} before it was changed and given a new hash",
                seq - 1
            ),
            format!("{zh_rows}写入后被更改，或其前的第 {} 行被更改并重算了哈希", seq - 1),
        ),
        FaultKind::Hash => (
            format!("the hash of {rows} was overwritten; what it says still fits the rows beside it"),
            format!("{zh_rows}的哈希被改写；其内容仍与前后行相符"),
        ),
        FaultKind::Dropped if seq == last => (
            format!("{rows} was taken out; row {} after it cannot be checked for that reason", last + 1),
            format!("{zh_rows}被删除；其后的第 {} 行因此无法核对", last + 1),
        ),
        FaultKind::Dropped => (
            format!("{rows} were taken out; row {} after them cannot be checked for that reason", last + 1),
            format!("{zh_rows}被删除；其后的第 {} 行因此无法核对", last + 1),
        ),
        FaultKind::Moved if seq == last => (
            format!(
                "row {seq} is not the one the row after it was written after: another stands in its place"
            ),
            format!("第 {seq} 行不是其后一行写入时的前一行：该位置被换成了另一行"),
        ),
        FaultKind::Moved => (
            format!("row {seq} is what was row {last}: rows changed places"),
            format!("第 {seq} 行原为第 {last} 行：行的位置被调换"),
        ),
        FaultKind::Renumbered => (
            format!("a row was taken out or put in just before row {seq}, and {rows} were numbered anew"),
            format!("第 {seq} 行之前有行被删除或插入，{zh_rows}被重新编号"),
        ),
        FaultKind::Inserted => (
            format!("{rows} was put in: no row has that number"),
            format!("{zh_rows}是被插入的：不应有此编号"),
        ),
        FaultKind::Truncated | FaultKind::Rewritten => (rows, zh_rows),
    };
    Fault { seq, last, kind, en, zh }
}

fn truncated(first: i64, known: &Known) -> Fault {
    let Known { seq, from, .. } = known;
    Fault {
        seq: first,
        last: *seq,
        kind: FaultKind::Truncated,
        en: format!(
            "rows {first} to {seq} are missing at the end: {from} saw {seq} rows; the end was cut off or an older copy put back"
        ),
        zh: format!("末尾缺少第 {first} 至 {seq} 行：{from} 记录有 {seq} 行；末尾被截断或换成了旧副本"),
    }
}

fn rewritten(first: i64, last: i64, known: &Known) -> Fault {
    let from = &known.from;
    Fault {
        seq: first,
        last,
        kind: FaultKind::Rewritten,
        en: format!(
            "among rows {first} to {last} at least one is not the one {from} saw: the journal was rewritten from there, or \
             an older copy was put back and written on"
        ),
        zh: format!(
            "第 {first} 至 {last} 行中至少有一行与 {from} 所见不同：日志自该处被重写，或换成旧副本后继续写入"
        ),
    }
}

/// Reads the whole journal and follows the chain.
pub fn verify(query: &mut dyn Query) -> Result<Verdict> {
    verify_against(query, &[])
}

/// The same, and compares with what is known elsewhere.
pub fn verify_against(query: &mut dyn Query, known: &[Known]) -> Result<Verdict> {
    let mut reading = Reading::new(known);
    journal::each_entry(query, i64::MIN, &mut |entry| {
        reading.sees(entry);
        Ok(())
    })?;
    Ok(reading.ends())
}
