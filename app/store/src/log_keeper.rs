//! Takes the log of the embedded database home, beside the writer: inside a commit, SQLite's own habit, every change of that commit waits
//! for sixty-four megabytes to be copied.
//!
//! The keeper copies what was in the log when it looked; a busy writer is always a little ahead of it. The last few pages the writer takes
//! home itself, between two commits, and then begins the log anew: nobody else knows of a moment in which nothing is added.

use crate::writer::{stop_for_lost_disk, stop_on_lost_disk};
use crate::{Engine, Result, priority};
use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

/// Handles are random, so that rows land all over the tables: with SQLite's own 1,000 pages every block of an import wrote its pages twice,
/// once to the log and once home. 64 MB of log let a page change many times before it goes home.
const PAGES: i64 = 16_384;

/// So few are left to the writer: some milliseconds.
const FEW_PAGES: i64 = 128;

/// What was added while the keeper copied is a small part of what it copied, and so on.
const ROUNDS: usize = 4;

/// Where the writer does all of it in its commit, after all: the keeper does not get through, or is gone.
pub(crate) const TOO_MANY_PAGES: i64 = 8 * PAGES;

pub(crate) struct LogKeeper {
    calls: mpsc::SyncSender<()>,
    nearly_home: Arc<AtomicBool>,
}

/// What the log holds and what of it is home, in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Log {
    pages: i64,
    home: i64,
}

impl LogKeeper {
    /// At work until the last who could call is gone.
    pub(crate) fn start(file: &Path) -> Result<LogKeeper> {
        let mut engine = Engine::open_sqlite(file, true)?;
        let (calls, called) = mpsc::sync_channel(1);
        let nearly_home = Arc::new(AtomicBool::new(false));
        let told = nearly_home.clone();
        let mut database = Database { file: file.to_path_buf(), opened: None };
        std::thread::Builder::new()
            .name("log keeper".to_owned())
            .spawn(move || {
                priority::after_the_others();
                while called.recv().is_ok() {
                    match take_home(&mut engine, &mut database) {
                        Ok(true) => told.store(true, Ordering::Relaxed),
                        Ok(false) => {}
                        // A disk that is full is told to whoever writes, and this is tried again after them.
                        Err(fault) => stop_on_lost_disk(&fault),
                    }
                }
            })
            .expect("a thread for the keeper of the log");
        Ok(LogKeeper { calls, nearly_home })
    }

    /// Something was committed. At work already, the keeper looks again by itself.
    pub(crate) fn call(&self) {
        let _ = self.calls.try_send(());
    }

    /// Before the next commit begins: the last few pages, if that is all there is left.
    pub(crate) fn last_steps(&self, writer: &mut Engine) {
        if self.nearly_home.swap(false, Ordering::Relaxed)
            && let Err(fault) = looked_at(writer, "PASSIVE")
        {
            stop_on_lost_disk(&fault);
        }
    }
}

/// Whether only a few pages are left of a log that is long enough to begin anew.
fn take_home(engine: &mut Engine, database: &mut Database) -> Result<bool> {
    let mut log = looked_at(engine, "NOOP")?;
    if log.pages < PAGES {
        return Ok(false);
    }
    for _ in 0..ROUNDS {
        if log.pages - log.home <= FEW_PAGES {
            break;
        }
        let before = log;
        looked_at(engine, "PASSIVE")?;
        database.onto_the_disk();
        log = looked_at(engine, "NOOP")?;
        // A reader that still sees an older moment keeps what came after it in the log.
        if log.home == before.home {
            break;
        }
    }
    Ok(log.pages - log.home <= FEW_PAGES)
}

/// SQLite sees to it that copied pages are on the disk when nothing of the log is left to copy: beside a busy writer, in the writer's last
/// steps. Most of that wait is taken from it here, where nobody waits for it.
struct Database {
    file: PathBuf,
    /// Never closed again: a system after POSIX takes away all locks that a program has on a file, SQLite's too, with the first of its
    /// descriptors that is closed.
    opened: Option<ManuallyDrop<File>>,
}

impl Database {
    fn onto_the_disk(&mut self) {
        if self.opened.is_none() {
            self.opened = File::open(&self.file).ok().map(ManuallyDrop::new);
        }
        // A system tells of a page that it could not write once, and counts it as written from then on.
        if let Some(Err(fault)) = self.opened.as_ref().map(|file| file.sync_data()) {
            stop_for_lost_disk(&fault);
        }
    }
}

fn looked_at(engine: &mut Engine, how: &str) -> Result<Log> {
    let rows = engine.rows(&format!("PRAGMA wal_checkpoint({how})"), &[])?;
    let number = |at: usize| rows.first().map_or(Ok(0), |row| row.int(at));
    Ok(Log { pages: number(1)?, home: number(2)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(writer: &mut Engine, rows: i64) {
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
                   INSERT INTO t SELECT randomblob(4000) FROM n";
        writer.run(sql, &[rows.into()]).unwrap();
    }

    #[test]
    fn a_long_log_goes_home_beside_the_writer_and_begins_anew() {
        let folder = std::env::temp_dir().join(format!("quell-log-{:016x}", crate::random_bits()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("quell.db");
        let mut writer = Engine::open_sqlite(&file, true).unwrap();
        let mut keeper = Engine::open_sqlite(&file, true).unwrap();
        let mut database = Database { file: file.clone(), opened: None };
        writer.batch("CREATE TABLE t (x BLOB)").unwrap();
        fill(&mut writer, 100);
        assert!(!take_home(&mut keeper, &mut database).unwrap());
        let short = looked_at(&mut keeper, "NOOP").unwrap();
        assert!(short.pages > 0 && short.home == 0, "a short log stays: {short:?}");

        fill(&mut writer, PAGES);
        let mut reader = Engine::open_sqlite(&file, false).unwrap();
        reader.batch("BEGIN").unwrap();
        assert_eq!(reader.rows("SELECT count(*) FROM t", &[]).unwrap()[0].int(0).unwrap(), 100 + PAGES);
        fill(&mut writer, 2 * FEW_PAGES);
        assert!(!take_home(&mut keeper, &mut database).unwrap());
        let held = looked_at(&mut keeper, "NOOP").unwrap();
        assert!(held.home >= PAGES && held.home < held.pages, "what is read stays as it was: {held:?}");
        assert_eq!(reader.rows("SELECT count(*) FROM t", &[]).unwrap()[0].int(0).unwrap(), 100 + PAGES);
        reader.batch("COMMIT; BEGIN").unwrap();
        reader.rows("SELECT count(*) FROM t", &[]).unwrap();

        fill(&mut writer, 9);
        assert!(take_home(&mut keeper, &mut database).unwrap());
        let ahead = looked_at(&mut keeper, "NOOP").unwrap();
        assert!(
            ahead.home < ahead.pages && ahead.home > held.home,
            "the writer is a little ahead: {ahead:?}"
        );
        reader.batch("COMMIT").unwrap();
        let (calls, _called) = mpsc::sync_channel(1);
        let log_keeper = LogKeeper { calls, nearly_home: Arc::new(AtomicBool::new(true)) };
        log_keeper.last_steps(&mut writer);
        let home = looked_at(&mut keeper, "NOOP").unwrap();
        assert_eq!(home.pages, home.home);
        fill(&mut writer, 1);
        assert!(looked_at(&mut keeper, "NOOP").unwrap().pages < 100, "and the log begins anew");
        assert_eq!(
            writer.rows("SELECT count(*) FROM t", &[]).unwrap()[0].int(0).unwrap(),
            110 + 2 * FEW_PAGES + PAGES
        );
        drop((writer, keeper, reader));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
