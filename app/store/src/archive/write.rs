//! Writing a backup while the database is in use: one snapshot, one pass, no lock that a writer would wait for.

use super::{BEGINS, ENDS, Manifest, Part, Step, cells, disk, hex};
use crate::{Engine, Error, Reader, Result, params};
use base::Moment;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What has been written, of about how much.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    pub table: &'a str,
    pub rows: u64,
    pub bytes: u64,
    pub about: u64,
}

/// Written and made durable in pieces: one flush of gigabytes at the end would make every commit of the database beside it
/// wait for the same disk.
const PIECE: usize = 1024 * 1024;

/// After each piece it rests for as long as that took: half of a core and of the disk stay with those who work.
const LONGEST_REST: Duration = Duration::from_millis(250);

pub(crate) fn write(
    engine: &mut Engine,
    to: &Path,
    at: Moment,
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<Manifest> {
    if to.exists() {
        return Err(Error::Setup(format!("{} exists; choose another name", to.display())));
    }
    let folder = to.parent().unwrap_or(Path::new("")).to_path_buf();
    let name = to.file_name().ok_or_else(|| Error::Setup("a backup needs a file name".to_owned()))?;
    let part = folder.join(format!(".{}.part", name.to_string_lossy()));
    let about = size_of(engine)?;
    let free = disk::free_bytes(if folder.as_os_str().is_empty() { Path::new(".") } else { &folder })?;
    if free < about {
        return Err(Error::Setup(format!(
            "there are {} MB free at {}, and the database has {} MB; free some space or choose another disk",
            free >> 20,
            folder.display(),
            about >> 20
        )));
    }
    let done = write_part(engine, &part, at, about, told);
    let done = done.and_then(|manifest| {
        fs::rename(&part, to)
            .and_then(|()| disk::sync_folder(&folder))
            .map_err(|fault| unwritten(to, &fault))?;
        Ok(manifest)
    });
    if done.is_err() {
        // Half a backup has no use and must not be taken for one.
        let _ = fs::remove_file(&part);
    }
    done
}

fn write_part(
    engine: &mut Engine,
    file: &Path,
    at: Moment,
    about: u64,
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<Manifest> {
    let mut out = Out::create(file)?;
    out.put(BEGINS)?;
    engine.batch(if engine.is_postgres() {
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    } else {
        "BEGIN"
    })?;
    let manifest = snapshot(engine, &mut out, at, about, told);
    engine.batch("ROLLBACK")?;
    let manifest = manifest?;
    let text = serde_json::to_vec(&manifest).map_err(|fault| Error::Shape(fault.to_string()))?;
    out.put(&text)?;
    out.put(&Sha256::digest(&text))?;
    out.put(&(text.len() as u64).to_le_bytes())?;
    out.put(ENDS)?;
    out.finish()?;
    Ok(manifest)
}

fn snapshot(
    engine: &mut Engine,
    out: &mut Out,
    at: Moment,
    about: u64,
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<Manifest> {
    let steps = engine.rows("SELECT name, hash FROM store_migration ORDER BY name", params![])?;
    let steps = steps.iter().map(|row| Ok(Step { name: row.text(0)?, hash: row.text(1)? }));
    let steps = steps.collect::<Result<Vec<_>>>()?;
    let last = engine.rows("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1", params![])?;
    let (journal_rows, head) = match last.first() {
        Some(row) => (row.int(0)?, row.text(1)?),
        None => (0, String::new()),
    };
    let mut parts = Vec::new();
    for table in tables(engine)? {
        parts.push(table_part(engine, out, table, about, told)?);
    }
    let program = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Manifest { format: 1, program, at, steps, journal_rows, head, parts })
}

fn table_part(
    engine: &mut Engine,
    out: &mut Out,
    table: String,
    about: u64,
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<Part> {
    let columns = columns(engine, &table)?;
    let sql = format!("SELECT {} FROM {table}", columns.join(", "));
    let (mut rows, mut bytes, mut digest) = (0, 0, Sha256::new());
    let mut line = Vec::new();
    engine.each(&sql, params![], &mut |row| {
        line.clear();
        row.0.iter().for_each(|value| cells::put(value, &mut line));
        digest.update(&line);
        out.put(&line)?;
        rows += 1;
        bytes += line.len() as u64;
        if rows % 10_000 == 0 {
            told(Progress { table: &table, rows, bytes: out.written, about });
        }
        Ok(())
    })?;
    told(Progress { table: &table, rows, bytes: out.written, about });
    Ok(Part { table, columns, rows, bytes, sha256: hex(&digest.finalize()) })
}

/// Every table with its columns, as a backup takes them.
pub fn shape(reader: &mut Reader<'_>) -> Result<Vec<(String, Vec<String>)>> {
    let engine = &mut *reader.engine;
    tables(engine)?.into_iter().map(|table| Ok((table.clone(), columns(engine, &table)?))).collect()
}

/// Every table of the schema, in the order of their names.
pub(super) fn tables(engine: &mut Engine) -> Result<Vec<String>> {
    let sql = if engine.is_postgres() {
        "SELECT table_name::text FROM information_schema.tables \
         WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY 1"
    };
    engine.rows(sql, params![])?.iter().map(|row| row.text(0)).collect()
}

pub(super) fn columns(engine: &mut Engine, table: &str) -> Result<Vec<String>> {
    let sql = if engine.is_postgres() {
        "SELECT column_name::text FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name::text = $1 ORDER BY ordinal_position"
    } else {
        "SELECT name FROM pragma_table_info($1) ORDER BY cid"
    };
    let names: Vec<String> =
        engine.rows(sql, params![table])?.iter().map(|row| row.text(0)).collect::<Result<_>>()?;
    // Names go into statements: those of our own schema are plain words, and anything else is not ours.
    let plain =
        |name: &String| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if names.is_empty() || !names.iter().all(plain) || !plain(&table.to_owned()) {
        return Err(Error::Setup(format!(
            "the table `{table}` is not one of Quell's; give Quell a database of its own"
        )));
    }
    Ok(names)
}

/// At least as large as the backup will be: that has no indexes.
fn size_of(engine: &mut Engine) -> Result<u64> {
    let sql = if engine.is_postgres() {
        "SELECT pg_database_size(current_database())::bigint"
    } else {
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    };
    let rows = engine.rows(sql, params![])?;
    rows.first().map_or(Ok(0), |row| row.int(0)).map(i64::unsigned_abs)
}

struct Out {
    file: File,
    path: PathBuf,
    waiting: Vec<u8>,
    written: u64,
    /// When the piece at hand was begun.
    began: Instant,
}

impl Out {
    fn create(path: &Path) -> Result<Out> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|fault| unwritten(path, &fault))?;
        Ok(Out {
            file,
            path: path.to_path_buf(),
            waiting: Vec::with_capacity(PIECE),
            written: 0,
            began: Instant::now(),
        })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.waiting.extend_from_slice(bytes);
        self.written += bytes.len() as u64;
        if self.waiting.len() < PIECE {
            return Ok(());
        }
        self.pass_on()?;
        std::thread::sleep(self.began.elapsed().min(LONGEST_REST));
        self.began = Instant::now();
        Ok(())
    }

    fn pass_on(&mut self) -> Result<()> {
        let done = self.file.write_all(&self.waiting).and_then(|()| self.file.sync_data());
        self.waiting.clear();
        done.map_err(|fault| unwritten(&self.path, &fault))
    }

    fn finish(mut self) -> Result<()> {
        self.pass_on()?;
        self.file.sync_all().map_err(|fault| unwritten(&self.path, &fault))
    }
}

fn unwritten(path: &Path, fault: &std::io::Error) -> Error {
    Error::Setup(format!("cannot write {}: {fault}; free some space or choose another place", path.display()))
}
