//! Checkpoints of this house's journal: signed every few minutes or rows and when it closes, and kept where somebody who
//! holds the database cannot reach.

use crate::journal::witness;
use crate::{App, House};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;
use store::{Checkpoint, Known, Ledger, Reader, Refusal, Result, Status, append, public_key, read_log};

#[derive(Debug, Clone)]
pub struct Keeping {
    /// Files besides the one in the data folder: on another disk.
    pub to: Vec<PathBuf>,
    /// Addresses of houses that are witnesses to this one.
    pub witnesses: Vec<String>,
    pub every: Duration,
    pub every_rows: u64,
}

impl Default for Keeping {
    fn default() -> Keeping {
        Keeping { to: Vec::new(), witnesses: Vec::new(), every: Duration::from_secs(600), every_rows: 1_000 }
    }
}

/// What was signed so far, and the tree it was signed over.
#[derive(Default)]
pub struct Keeper(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    ledger: Ledger,
    last: Option<Checkpoint>,
    read: bool,
}

impl House {
    fn checkpoint_files(&self) -> Vec<PathBuf> {
        let own = self.db.place().checkpoints();
        std::iter::once(own).chain(self.settings.keeping.to.iter().cloned()).collect()
    }

    /// The public key checkpoints of this house are checked with.
    pub fn checkpoint_key(&self) -> String {
        public_key(&self.db.vault().checkpoint_key())
    }

    /// Every checkpoint in every file, and how many lines were none.
    pub(crate) fn kept_checkpoints(&self) -> (Vec<Checkpoint>, usize) {
        let key = self.checkpoint_key();
        let (mut kept, mut strange) = (Vec::new(), 0);
        for file in self.checkpoint_files() {
            let Ok(text) = std::fs::read_to_string(file) else { continue };
            let (good, other) = read_log(&text, &key);
            kept.extend(good);
            strange += other;
        }
        kept.sort_by_key(|checkpoint| (checkpoint.seq, checkpoint.at));
        kept.dedup_by(|one, other| one.seq == other.seq && one.root == other.root);
        (kept, strange)
    }

    /// Signs how far the journal has come, and keeps it everywhere it is to be kept; `None` when nothing came since. Waits
    /// for disks and witnesses: not for a thread where futures run.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        let mut kept = self.keeper.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !kept.read {
            kept.last = self.kept_checkpoints().0.pop();
            kept.read = true;
        }
        let Kept { ledger, last, .. } = &mut *kept;
        self.db.read_long(|reader| read_on(reader, ledger, last.as_ref()))?;
        if last.as_ref().is_some_and(|last| last.seq >= ledger.seq()) {
            return Ok(None);
        }
        let mut checkpoint = ledger.signed(&self.db.vault().checkpoint_key(), self.now());
        for address in &self.settings.keeping.witnesses {
            match witness::show(self, address, &checkpoint) {
                Ok(seen) => checkpoint.witnessed.push(seen),
                Err(why) => eprintln!("quell: the witness {address} did not take the checkpoint: {why}"),
            }
        }
        for file in self.checkpoint_files() {
            append(&file, &checkpoint)?;
        }
        kept.last = Some(checkpoint.clone());
        Ok(Some(checkpoint))
    }

    pub(crate) fn known_checkpoints(&self) -> Vec<Known> {
        self.kept_checkpoints().0.iter().map(Checkpoint::known).collect()
    }
}

/// A journal that is not the one signed before gets no new signature: the old one must go on showing it.
fn read_on(reader: &mut Reader<'_>, ledger: &mut Ledger, last: Option<&Checkpoint>) -> Result<()> {
    if ledger.seq() == 0
        && let Some(last) = last
    {
        let mut upto = Ledger::default();
        upto.reads(reader, Some(last.seq))?;
        if upto.root() != last.root() {
            let Checkpoint { at, seq, .. } = last;
            return Err(Refusal::new(
                Status::Conflict,
                "journal.other_past",
                format!(
                    "this is not the journal of the checkpoint of {at} with {seq} rows, so it gets no new signature: verify it; if \
                     a backup was put here on purpose, move checkpoints.log to where it is kept"
                ),
                format!(
                    "这不是 {at} 检查点（{seq} 行）的日志，因此不再签名：请核验；如系有意恢复备份，请将 checkpoints.log 移走保存"
                ),
            )
            .into());
        }
        *ledger = upto;
    }
    ledger.reads(reader, None)
}

/// For as long as the program runs.
pub async fn keep_checkpoints(house: App) {
    let mut committed = house.db.committed();
    loop {
        let at_work = house.clone();
        let outcome = tokio::task::spawn_blocking(move || at_work.checkpoint()).await;
        if let Ok(Err(fault)) = outcome {
            eprintln!("quell: no checkpoint of the journal: {fault}");
        }
        let begun = *committed.borrow_and_update();
        let enough =
            committed.wait_for(|count| count.saturating_sub(begun) >= house.settings.keeping.every_rows);
        let _ = tokio::time::timeout(house.settings.keeping.every, enough).await;
    }
}
