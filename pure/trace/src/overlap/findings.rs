//! Findings of one kind, told once with the first rows that have it: a million bad rows are one sentence.

use base::Notes;
use std::collections::BTreeMap;

/// How many rows a finding names; its count covers the rest.
const NAMED: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<&'static str, Finding>);

#[derive(Debug)]
struct Finding {
    remedy: &'static str,
    rows: u64,
    named: Vec<String>,
}

impl Findings {
    /// `remedy` says what is wrong and what to do; `shown` is the row with what it holds.
    pub fn add(&mut self, code: &'static str, remedy: &'static str, shown: impl FnOnce() -> String) {
        let finding = self.0.entry(code).or_insert_with(|| Finding { remedy, rows: 0, named: Vec::new() });
        finding.rows += 1;
        if finding.named.len() < NAMED {
            finding.named.push(shown());
        }
    }

    pub fn into_notes(self) -> Notes {
        let mut notes = Notes::default();
        for (code, Finding { remedy, rows, named }) in self.0 {
            let more = if rows > named.len() as u64 { ", …" } else { "" };
            notes.add(code, format!("{rows} × {}{more}: {remedy}", named.join(", ")));
        }
        notes
    }
}
