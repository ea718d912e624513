//! Turning the wrapping key while the house is open: a new key, everything wrapped anew in small blocks, then the old key
//! is destroyed. A backup's copies of subjects' keys end with the key that wrapped them.
//!
//! Killed in the middle, it goes on when it is started again: what the current key wrapped is left alone.

use crate::keyring::{self, KeyId, KeyState};
use crate::{Db, Engine, Error, Place, Query, Reader, Result, Value, params};
use base::Moment;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Keys wrapped anew in one transaction: a few milliseconds, so that writers hardly wait.
const BLOCK: i64 = 500;

/// An export that reads an older moment for longer keeps the log; what it holds is overwritten when the log begins anew.
const SETTLED_WITHIN: Duration = Duration::from_secs(20);

/// A key of the ring, and what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    pub id: KeyId,
    pub made: Moment,
    pub state: KeyState,
    /// Subjects' keys that it wraps.
    pub keys: i64,
    /// Uploaded files that it seals.
    pub files: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rewrapped {
    pub seen: u64,
    pub keys: u64,
    pub files: u64,
}

impl Place {
    /// Files that wait to be imported, sealed; each is named like the record it belongs to.
    pub fn uploads(&self) -> PathBuf {
        let folder = match self {
            Place::Folder(folder) => folder.clone(),
            Place::Postgres { keys, .. } => keys.parent().map(PathBuf::from).unwrap_or_default(),
        };
        folder.join("uploads")
    }
}

impl Db {
    pub fn key_uses(&self) -> Result<Vec<KeyUse>> {
        let ring = self.vault().ring();
        let mut engine = self.place().open(false)?;
        let mut uses = Vec::new();
        for key in &ring.keys {
            let (keys, files) = self.wrapped_by(&mut engine, key.id)?;
            uses.push(KeyUse { id: key.id, made: key.made, state: key.state, keys, files });
        }
        Ok(uses)
    }

    fn wrapped_by(&self, engine: &mut Engine, id: KeyId) -> Result<(i64, usize)> {
        let mut reader = Reader { engine, vault: self.vault() };
        let keys = if id == KeyId::FIRST {
            reader.count("SELECT count(*) FROM people_key WHERE length(wrapped) = 60", params![])?
        } else {
            let sql = "SELECT count(*) FROM people_key WHERE substr(wrapped, 1, 8) = $1";
            reader.count(sql, params![keyring::beginning(id)])?
        };
        let by = |sealed: &[u8]| keyring::wrapped_by(sealed).map_or(KeyId::FIRST, |(id, _)| id);
        let files = self.uploads()?.iter().filter(|(_, sealed)| by(sealed) == id).count();
        Ok((keys, files))
    }

    fn uploads(&self) -> Result<Vec<(PathBuf, Vec<u8>)>> {
        let Ok(folder) = std::fs::read_dir(self.place().uploads()) else { return Ok(Vec::new()) };
        let files = folder.filter_map(|entry| entry.ok().map(|entry| entry.path()));
        let whole = files.filter(|file| file.extension().is_none() && file.is_file());
        // One that has just been applied is gone, and needs nothing.
        Ok(whole.filter_map(|file| std::fs::read(&file).ok().map(|bytes| (file, bytes))).collect())
    }

    /// A key that wraps nothing yet, so that the file can be copied to every machine before it does.
    pub fn prepare_key(&self, now: Moment) -> Result<KeyId> {
        self.change_ring(|ring| Ok(ring.add(now, KeyState::Waiting)))
    }

    /// From now on everything new is wrapped by another key.
    pub fn turn_key(&self, now: Moment) -> Result<KeyId> {
        self.change_ring(|ring| Ok(ring.turn(now)))
    }

    fn change_ring<T>(&self, change: impl FnOnce(&mut keyring::Ring) -> Result<T>) -> Result<T> {
        let file = self.vault().file().to_owned();
        keyring::change_file(&file, |known| {
            let mut ring =
                known.ok_or_else(|| Error::Setup(format!("{} is not there; put it back", file.display())))?;
            let answer = change(&mut ring)?;
            Ok((ring, answer))
        })
    }

    /// Everything that another key than the current one wrapped is wrapped anew. `tell` hears how far it is.
    pub fn rewrap(&self, tell: &mut dyn FnMut(Rewrapped)) -> Result<Rewrapped> {
        let mut done = Rewrapped::default();
        let mut engine = self.place().open(true)?;
        let mut after = String::new();
        loop {
            let since = Instant::now();
            let last = locked(&mut engine, |engine| self.rewrap_block(engine, &after, &mut done))?;
            let Some(last) = last else { break };
            after = last;
            tell(done);
            // As long for the others as for this: their writes must not queue behind it.
            std::thread::sleep(since.elapsed());
        }
        for (file, sealed) in self.uploads()? {
            let context = file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            let current = self.vault().ring().current().id;
            if keyring::wrapped_by(&sealed).is_none_or(|(id, _)| id != current) && file.exists() {
                let again = self.vault().seal_bytes(&context, &self.vault().open_bytes(&context, &sealed)?);
                keyring::replace_file(&file, &again)
                    .map_err(|fault| Error::Setup(format!("cannot write {}: {fault}", file.display())))?;
                done.files += 1;
            }
        }
        tell(done);
        Ok(done)
    }

    fn rewrap_block(&self, engine: &mut Engine, after: &str, done: &mut Rewrapped) -> Result<Option<String>> {
        let sql = "SELECT owner, wrapped FROM people_key WHERE owner > $1 ORDER BY owner LIMIT $2";
        let rows = engine.rows(sql, params![after, BLOCK])?;
        let current = self.vault().ring().current().id;
        for row in &rows {
            let (owner, wrapped) = (row.text(0)?, row.bytes(1)?);
            done.seen += 1;
            if keyring::wrapped_by(&wrapped).is_some_and(|(id, _)| id == current) {
                continue;
            }
            let again = self.vault().wrap_again(&owner, &wrapped)?;
            engine.run(
                "UPDATE people_key SET wrapped = $2 WHERE owner = $1",
                &[Value::from(owner), Value::Bytes(again)],
            )?;
            done.keys += 1;
        }
        rows.last().map(|row| row.text(0)).transpose()
    }

    /// Destroys a key, unless it is the current one or something still hangs on it. No write is under way meanwhile, so
    /// none can wrap with it between the count and the end of the key.
    pub fn retire_key(&self, id: KeyId) -> Result<()> {
        let mut engine = self.place().open(true)?;
        locked(&mut engine, |engine| {
            let (keys, files) = self.wrapped_by(engine, id)?;
            if keys > 0 || files > 0 {
                return Err(Error::Setup(format!(
                    "the key {id} still wraps {keys} keys and {files} files; run `quell key rotate` to its end first"
                )));
            }
            self.change_ring(|ring| {
                match ring.key(id).map(|key| key.state) {
                    None => return Err(Error::Setup(format!("there is no key {id}; see `quell key list`"))),
                    Some(KeyState::Current) => {
                        return Err(Error::Setup(format!(
                            "{id} is the current key; `quell key rotate` makes another the current one first"
                        )));
                    }
                    Some(_) => ring.keys.retain(|key| key.id != id),
                }
                Ok(())
            })
        })
    }

    /// After an erasure: what the log of the embedded database still holds of a destroyed key goes. PostgreSQL keeps dead
    /// rows until it cleans up; there the key ends with the one that wrapped it.
    pub fn settle(&self) -> Result<()> {
        let Engine::Sqlite(connection) = self.place().open(true)? else { return Ok(()) };
        let since = Instant::now();
        loop {
            let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            if busy == 0 || since.elapsed() > SETTLED_WITHIN {
                return Ok(());
            }
            // The keeper of the log is at work: SQLite waits for readers by itself, and not for that.
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Alone with the database: no change is applied anywhere while this runs.
fn locked<T>(engine: &mut Engine, work: impl FnOnce(&mut Engine) -> Result<T>) -> Result<T> {
    let begin =
        if engine.is_postgres() { "BEGIN; SELECT pg_advisory_xact_lock(727271)" } else { "BEGIN IMMEDIATE" };
    engine.batch(begin)?;
    let answer = work(engine);
    engine.batch(if answer.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    answer
}
