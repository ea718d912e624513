//! The journal as a file of JSON lines that proves itself: where it begins, the rows as they are, and a signed checkpoint at
//! its end. Sealed names in it stay sealed; no key is ever in it.

use crate::checkpoint::{Checkpoint, Known, public_key};
use crate::verify::{self, Reading, Verdict};
use crate::{Entry, Error, Ledger, Query, Reader, Result, journal};
use base::Moment;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};

const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    pub quell_journal: u32,
    /// The public key that signed the end.
    pub key: String,
    pub from: i64,
    /// The hash of the row before the first, empty for a journal from its beginning.
    pub before: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    pub rows: i64,
    pub checkpoint: Checkpoint,
}

#[derive(Debug)]
pub struct Exported {
    pub opening: Opening,
    pub closing: Option<Closing>,
    pub verdict: Verdict,
}

/// Rows `from..=to`, to the end when none is given.
pub fn export(
    reader: &mut Reader<'_>,
    (from, to): (i64, Option<i64>),
    at: Moment,
    out: &mut dyn Write,
) -> Result<Closing> {
    let from = from.max(1);
    let broken = |fault: std::io::Error| Error::Setup(format!("the export cannot be written: {fault}"));
    let mut line = |text: Result<String, serde_json::Error>| {
        let text = text.map_err(|fault| Error::Shape(fault.to_string()))?;
        out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).map_err(broken)
    };
    let key = reader.vault().checkpoint_key();
    let mut ledger = Ledger::default();
    ledger.reads(reader, Some(from - 1))?;
    let before = ledger.head().to_owned();
    line(serde_json::to_string(&Opening { quell_journal: FORMAT, key: public_key(&key), from, before }))?;
    let mut rows = 0;
    journal::each_entry(reader, from - 1, &mut |entry| {
        if to.is_some_and(|to| entry.seq > to) {
            return Ok(());
        }
        rows += 1;
        ledger.adds(&entry.hash);
        line(serde_json::to_string(&entry))
    })?;
    let closing = Closing { rows, checkpoint: ledger.signed(&key, at) };
    line(serde_json::to_string(&closing))?;
    Ok(closing)
}

/// Reads an export, checks it without any database, and gives each row away.
pub fn read_export(
    from: &mut dyn BufRead,
    known: &[Known],
    each: &mut dyn FnMut(Entry) -> Result<()>,
) -> Result<Exported> {
    let mut lines = from.lines();
    let unreadable = |number: i64, why: &dyn std::fmt::Display| {
        Error::Setup(format!("line {number} of the export does not read ({why}); ask for the file again"))
    };
    let first = lines.next().ok_or_else(|| unreadable(1, &"the file is empty"))?;
    let first = first.map_err(|fault| unreadable(1, &fault))?;
    let opening: Opening = serde_json::from_str(&first).map_err(|fault| unreadable(1, &fault))?;
    if opening.quell_journal != FORMAT {
        return Err(unreadable(1, &"it was written by a newer Quell"));
    }
    let whole = opening.from == 1 && opening.before.is_empty();
    let mut reading =
        if whole { Reading::new(known) } else { Reading::after(opening.from - 1, &opening.before) };
    let (mut closing, mut number) = (None, 1);
    for text in lines {
        number += 1;
        let text = text.map_err(|fault| unreadable(number, &fault))?;
        if let Ok(end) = serde_json::from_str::<Closing>(&text) {
            closing = Some(end);
            continue;
        }
        let entry: Entry = serde_json::from_str(&text).map_err(|fault| unreadable(number, &fault))?;
        if closing.is_some() {
            return Err(unreadable(number, &"a row after the last line"));
        }
        reading.sees(entry.clone());
        each(entry)?;
    }
    let mut verdict = reading.ends();
    match &closing {
        Some(closing) if !closing.checkpoint.is_by(&opening.key) => {
            return Err(unreadable(number, &"its signature is not that of the key in the first line"));
        }
        Some(closing) => verdict.must_reach(&closing.checkpoint, whole),
        None => verdict.adds(verify::cut_off(verdict.rows + 1)),
    }
    Ok(Exported { opening, closing, verdict })
}
