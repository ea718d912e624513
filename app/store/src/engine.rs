//! One connection, to either engine. Both read the same SQL text with `$1` placeholders.

use crate::postgres::Postgres;
use crate::{Error, Result, Row, Value, log_keeper};
use std::{path::Path, time::Duration};

pub enum Engine {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Postgres>),
}

/// Statements that a connection to SQLite keeps ready.
const STATEMENTS: usize = 256;

/// The log is cut back to this when it begins anew: no shorter than it may become, since cutting a hundred megabytes off keeps a commit
/// waiting for a fifth of a second.
const WAL_KEPT_BYTES: i64 = log_keeper::TOO_MANY_PAGES * 4_096;

impl Engine {
    pub(crate) fn open_sqlite(file: &Path, writes: bool) -> Result<Engine> {
        use rusqlite::OpenFlags;
        let flags = if writes {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        } else {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            rusqlite::Connection::open_with_flags(file, flags).map_err(|fault| unopened(file, fault))?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // A statement that is kept stays planned: without it, every LIMIT that is a parameter is planned anew at every question.
        connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        if writes {
            connection.pragma_update(None, "journal_mode", "WAL").map_err(|fault| unopened(file, fault))?;
            // A destroyed key must not lie on in a free page of the file.
            connection.pragma_update(None, "secure_delete", "ON")?;
            connection.pragma_update(None, "wal_autocheckpoint", log_keeper::TOO_MANY_PAGES)?;
            connection.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES)?;
        }
        // FULL: with NORMAL, WAL loses acknowledged commits on power loss (measured: 9 of 20 cuts).
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        connection.pragma_update(None, "cell_size_check", "ON")?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -65_536)?;
        if writes {
            promises(&connection)?;
        }
        Ok(Engine::Sqlite(connection))
    }

    /// A file that becomes a database only when it is whole: nothing in it is worth a journal before that.
    pub(crate) fn open_unfinished(file: &Path) -> Result<Engine> {
        let connection = rusqlite::Connection::open(file)?;
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        connection.pragma_update(None, "cache_size", -262_144)?;
        Ok(Engine::Sqlite(connection))
    }

    pub(crate) fn open_postgres(url: &str) -> Result<Engine> {
        Ok(Engine::Postgres(Box::new(Postgres::open(url)?)))
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self, Engine::Postgres(_))
    }

    pub(crate) fn rows(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        if let Engine::Postgres(postgres) = self {
            return postgres.rows(sql, params);
        }
        let mut rows = Vec::new();
        self.each(sql, params, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    pub(crate) fn each(
        &mut self,
        sql: &str,
        params: &[Value],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        match self {
            Engine::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(&numbered(sql))?;
                let columns = statement.column_count();
                let mut rows = statement.query(rusqlite::params_from_iter(params))?;
                while let Some(row) = rows.next()? {
                    each(Row::of_sqlite(row, columns)?)?;
                }
                Ok(())
            }
            Engine::Postgres(postgres) => postgres.each(sql, params, each),
        }
    }

    /// Several questions; PostgreSQL answers them in one trip.
    pub(crate) fn together(&mut self, questions: &[(&str, &[Value])]) -> Result<Vec<Vec<Row>>> {
        match self {
            Engine::Sqlite(_) => questions.iter().map(|(sql, params)| self.rows(sql, params)).collect(),
            Engine::Postgres(postgres) => postgres.together(questions),
        }
    }

    pub(crate) fn run(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        match self {
            Engine::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(&numbered(sql))?;
                Ok(statement.execute(rusqlite::params_from_iter(params)).map_err(full_disk)? as u64)
            }
            Engine::Postgres(postgres) => postgres.run(sql, params),
        }
    }

    /// The same where nobody needs to know how many rows it touched: PostgreSQL gets it with the next question.
    pub(crate) fn put(&mut self, sql: &str, params: &[Value]) -> Result<()> {
        match self {
            Engine::Sqlite(_) => self.run(sql, params).map(|_| ()),
            Engine::Postgres(postgres) => postgres.put(sql, params),
        }
    }

    /// What was put has been taken, or this says why not.
    pub(crate) fn settle(&mut self) -> Result<()> {
        match self {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(postgres) => postgres.settle(),
        }
    }

    /// BEGIN, COMMIT, SAVEPOINT: said before and after every change and every question, so kept ready.
    pub(crate) fn mark(&mut self, word: &'static str) -> Result<()> {
        match self {
            Engine::Sqlite(connection) => {
                connection.prepare_cached(word).and_then(|mut said| said.execute([])).map_err(full_disk)?;
                Ok(())
            }
            Engine::Postgres(postgres) => postgres.say(word),
        }
    }

    /// For reading: PostgreSQL gets `words` with the first question.
    pub(crate) fn begin_reading(&mut self, words: String) -> Result<()> {
        match self {
            Engine::Sqlite(_) => self.mark("BEGIN"),
            Engine::Postgres(postgres) => {
                postgres.begin(words);
                Ok(())
            }
        }
    }

    /// A change stands; the next one gets a savepoint of its own, in one trip.
    pub(crate) fn next_savepoint(&mut self) -> Result<()> {
        if self.is_postgres() {
            return self.batch("RELEASE change; SAVEPOINT change");
        }
        self.mark("RELEASE change")?;
        self.mark("SAVEPOINT change")
    }

    /// Several statements, or schema, without parameters or answers.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        match self {
            Engine::Sqlite(connection) => connection.execute_batch(sql).map_err(full_disk),
            Engine::Postgres(postgres) => postgres.say(sql),
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self, Engine::Postgres(postgres) if postgres.is_closed())
    }
}

/// 3.7.0 to 3.51.2 can damage a database whose log is restarted by one connection while another writes.
const SOUND_SQLITE: i32 = 3_051_003;

/// What was set is asked back: a file system without shared memory, for one, keeps SQLite from using its log.
fn promises(connection: &rusqlite::Connection) -> Result<()> {
    if rusqlite::version_number() < SOUND_SQLITE {
        return Err(Error::Setup(format!(
            "SQLite {} can damage a database; build with 3.51.3 or newer",
            rusqlite::version()
        )));
    }
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    // FULL is 2.
    if mode != "wal" || synchronous != 2 {
        return Err(Error::Setup(format!(
            "SQLite does not keep its promise here (journal_mode {mode}, synchronous {synchronous}); choose a local disk"
        )));
    }
    Ok(())
}

fn unopened(file: &Path, fault: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode;
    match fault.sqlite_error_code() {
        Some(ErrorCode::ReadOnly) => Error::Setup(format!(
            "{} can be read and not written; make its disk and folder writable, or choose another with --data",
            file.display()
        )),
        Some(ErrorCode::CannotOpen) => Error::Setup(format!(
            "{} cannot be opened for writing; make its disk and folder writable, or choose another with --data",
            file.display()
        )),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Error::Setup(format!(
            "{} is damaged ({fault}); restore a backup with `quell restore`",
            file.display()
        )),
        _ => full_disk(fault),
    }
}

/// `$1` is a name to SQLite, numbered by first appearance; `?1` is a number. No statement here holds a `$` in a literal.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

pub(crate) fn full_disk(fault: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode;
    use rusqlite::ffi::{SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMSIZE};
    // The shared index of the log could not grow: that, too, is a full disk.
    let index = [SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMSIZE];
    match fault.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::Full,
        Some(ErrorCode::ReadOnly) => Error::ReadOnly,
        _ if fault.sqlite_error().is_some_and(|told| index.contains(&told.extended_code)) => Error::Full,
        _ => Error::Sqlite(fault),
    }
}
