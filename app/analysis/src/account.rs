//! The account of rows: every row of the file was used, or is counted under a reason why not.

use super::table::Table;
use std::collections::BTreeMap;

/// How many rows are named per reason; the count covers the rest.
const NAMED_ROWS: usize = 3;

#[derive(Debug, Default)]
pub struct RowAccount {
    read: usize,
    used: usize,
    left_out: BTreeMap<String, Vec<String>>,
}

impl RowAccount {
    pub fn of(table: &Table) -> RowAccount {
        RowAccount { read: table.rows().len(), ..RowAccount::default() }
    }

    pub fn used(&mut self) {
        self.used += 1;
    }

    /// `example` says which row and what it holds.
    pub fn left_out(&mut self, reason: impl Into<String>, example: impl Into<String>) {
        self.left_out.entry(reason.into()).or_default().push(example.into());
    }

    /// Printed on standard error, so that it never mixes with the result.
    pub fn print(&self, what: &str) {
        eprintln!("{}", self.line(what));
        for (reason, examples) in &self.left_out {
            let more = if examples.len() > NAMED_ROWS { ", …" } else { "" };
            let named = examples[..examples.len().min(NAMED_ROWS)].join(", ");
            eprintln!("  {} × {reason}: {named}{more}", examples.len());
        }
    }

    fn line(&self, what: &str) -> String {
        let out: usize = self.left_out.values().map(Vec::len).sum();
        format!("{} rows read = {} used as {what} + {out} left out", self.read, self.used)
    }

    /// Refuses a run in which nothing could be used.
    pub fn refuse_nothing(&self, what: &str) -> Result<(), String> {
        if self.used > 0 {
            return Ok(());
        }
        self.print(what);
        Err(format!(
            "no row could be used as {what}; look at the reasons above, and at the columns you named"
        ))
    }
}
