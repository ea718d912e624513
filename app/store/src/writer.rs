//! The one writer: many changes per commit, each behind its own savepoint, so that one refusal harms no neighbour and
//! one fsync serves all. Nobody is answered before the commit has returned.

use crate::change::Applied;
use crate::journal::{never_seen, taken};
use crate::log_keeper::LogKeeper;
use crate::tx::Known;
use crate::{Actor, Engine, Error, Result, Tx, Vault, priority};
use base::Moment;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use tokio::sync::oneshot;

/// Most changes in one commit: past this the first sender waits longer than the fsync it saves.
const MOST: usize = 256;

/// In PostgreSQL a counter that every change of a commit raises leaves a dead version each time, which nobody may clear away before
/// the commit and every next one walks past; and beyond 64 savepoints everybody else looks each of them up.
const MOST_IN_POSTGRES: usize = 60;

pub(crate) struct Job {
    pub work: Box<dyn Applied>,
    pub actor: Actor,
    pub at: Moment,
    pub reply: Reply,
}

pub(crate) type Reply = Box<dyn FnOnce(Box<dyn Applied>, Result<()>) + Send>;

pub(crate) fn start(
    engine: Engine,
    vault: Arc<Vault>,
    reopen: impl Fn() -> Result<Engine> + Send + 'static,
    log_keeper: Option<LogKeeper>,
) -> mpsc::Sender<Job> {
    let (sender, jobs) = mpsc::channel::<Job>();
    std::thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || {
            priority::after_the_door();
            let mut engine = engine;
            while let Ok(first) = jobs.recv() {
                let mut batch = vec![first];
                let most = if engine.is_postgres() { MOST_IN_POSTGRES } else { MOST };
                while batch.len() < most
                    && let Ok(next) = jobs.try_recv()
                {
                    batch.push(next);
                }
                if engine.is_closed()
                    && let Ok(again) = reopen()
                {
                    engine = again;
                }
                if let Some(keeper) = &log_keeper {
                    keeper.last_steps(&mut engine);
                }
                commit(&mut engine, &vault, batch);
                if let Some(keeper) = &log_keeper {
                    keeper.call();
                }
            }
        })
        .expect("a thread for the writer");
    sender
}

fn commit(engine: &mut Engine, vault: &Vault, mut batch: Vec<Job>) {
    let begun = if engine.is_postgres() {
        // One chain of hashes: copies of the program on one database take turns.
        engine.batch("BEGIN; SELECT pg_advisory_xact_lock(727271)")
    } else {
        engine.mark("BEGIN IMMEDIATE")
    };
    if let Err(fault) = begun {
        stop_on_lost_disk(&fault);
        return answer_all(batch, &fault);
    }
    let mut known = Known::default();
    let results = match batch.as_mut_slice() {
        // Without neighbours the transaction is the savepoint: a block of an import need not copy every page it touches first.
        [only] => match run(engine, vault, only, &mut known, Engine::settle) {
            Ok(()) => vec![Ok(())],
            Err(refused) => return take_back(engine, batch, refused),
        },
        many => match apply_behind_savepoints(engine, vault, many, &mut known) {
            Ok(results) => results,
            Err(fault) => {
                let _ = engine.mark("ROLLBACK");
                return answer_all(batch, &fault);
            }
        },
    };
    match engine.mark("COMMIT") {
        Ok(()) => {
            for (job, result) in batch.into_iter().zip(results) {
                (job.reply)(job.work, result);
            }
        }
        Err(fault) => {
            let _ = engine.mark("ROLLBACK");
            stop_on_lost_disk(&fault);
            answer_all(batch, &fault);
        }
    }
}

/// A change that fails on something unexpected is taken back like one that is refused; the writer writes on. It stands once `ends` has
/// heard that all it wrote was taken.
fn run(
    engine: &mut Engine,
    vault: &Vault,
    job: &mut Job,
    known: &mut Known,
    ends: fn(&mut Engine) -> Result<()>,
) -> Result<()> {
    let before = known.last.clone();
    let running = AssertUnwindSafe(|| {
        job.work.run(&mut Tx {
            engine: &mut *engine,
            vault,
            actor: &job.actor,
            at: job.at,
            known: &mut *known,
        })
    });
    let ran = catch_unwind(running).unwrap_or_else(|_| {
        Err(Error::Setup("a change stopped half way and was taken back; nothing was saved".to_owned()))
    });
    let stands = ran.and_then(|()| ends(engine).map_err(taken));
    if stands.is_err() {
        // Its row in the journal is taken back with it: the next one carries on from the row before.
        known.last = before;
    }
    stands
}

/// A change refused on its own takes back all there was to commit. A full disk has rolled back already.
fn take_back(engine: &mut Engine, batch: Vec<Job>, refused: Error) {
    stop_on_lost_disk(&refused);
    let _ = engine.mark("ROLLBACK");
    let mut refused = Some(refused);
    for job in batch {
        (job.reply)(job.work, Err(refused.take().unwrap_or(Error::Closed)));
    }
}

/// `Err`: not one change alone, but the whole transaction is lost. A disk without room takes all of it back by itself; what
/// came after would then be a transaction of its own, saved while its sender is told that nothing was.
fn apply_behind_savepoints(
    engine: &mut Engine,
    vault: &Vault,
    jobs: &mut [Job],
    known: &mut Known,
) -> Result<Vec<Result<()>>> {
    known.fresh = never_seen(engine, jobs.iter().map(|job| job.work.id()).collect())?;
    engine.mark("SAVEPOINT change")?;
    let mut results = Vec::with_capacity(jobs.len());
    for job in jobs {
        let outcome = run(engine, vault, job, known, Engine::next_savepoint);
        if let Err(fault) = &outcome {
            stop_on_lost_disk(fault);
            match fault {
                Error::Full => return Err(Error::Full),
                Error::ReadOnly => return Err(Error::ReadOnly),
                _ => {}
            }
            // The savepoint itself stays, for the next change.
            engine.mark("ROLLBACK TO change")?;
        }
        results.push(outcome);
    }
    Ok(results)
}

fn answer_all(batch: Vec<Job>, fault: &Error) {
    for job in batch {
        let told = match fault {
            Error::Full => Error::Full,
            Error::ReadOnly => Error::ReadOnly,
            other => Error::Setup(format!("nothing was saved: {other}; send it again")),
        };
        (job.reply)(job.work, Err(told));
    }
}

/// After a failed fsync the cache and the disk may disagree; retrying would acknowledge what is not there. Stop; restarting
/// recovers from the log (Rebello et al. 2020, USENIX ATC: no strategy of retrying is safe).
pub(crate) fn stop_on_lost_disk(fault: &Error) {
    if let Error::Sqlite(sqlite) = fault
        && sqlite.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure)
    {
        stop_for_lost_disk(sqlite);
    }
}

pub(crate) fn stop_for_lost_disk(fault: &dyn std::error::Error) {
    eprintln!(
        "quell: the disk failed while saving ({fault}); stopping so that nothing unsaved is acknowledged"
    );
    std::process::exit(70);
}

/// A reply that a waiting future or thread can take.
pub(crate) fn reply_into<T: Send + 'static>(
    take: impl FnOnce(Box<dyn Applied>, Result<()>) -> Result<T> + Send + 'static,
) -> (Reply, oneshot::Receiver<Result<T>>) {
    let (sender, receiver) = oneshot::channel();
    let reply: Reply = Box::new(move |work, result| {
        let _ = sender.send(take(work, result));
    });
    (reply, receiver)
}
