//! A backup into a new place: nothing stands under its final name before everything in it has been looked at.

use super::{Manifest, check, disk, fill, write};
use crate::{Engine, Error, Migration, Place, Query, Reader, Result, Vault, Verdict, migrate, params};
use base::Moment;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// What was found when it was done.
#[derive(Debug)]
pub struct Restored {
    pub manifest: Manifest,
    pub journal: Verdict,
}

/// The database file of a folder, and the name it has until it is whole.
const FILE: &str = "quell.db";
const UNFINISHED: &str = ".quell.db.part";
const BETWEEN: &str = ".plain-copy.part";

/// Restores `file` into `place`, which holds the keys and nothing else, with the tables as they were then; opening the place
/// afterwards brings them up to date. `anyway`: also when its journal does not verify.
pub fn restore(
    file: &Path,
    place: &Place,
    key_file: &Path,
    migrations: &[Migration],
    anyway: bool,
) -> Result<Restored> {
    let folder = folder_of(place);
    fs::create_dir_all(&folder).map_err(|fault| unwritten(&folder, &fault))?;
    demand_empty(&folder)?;
    if is_plain_copy(file)? {
        return restore_plain(file, place, key_file, migrations, anyway);
    }
    let manifest = check(file)?;
    let steps = steps_of(&manifest, migrations)?;
    let vault = Vault::at(key_file, false)?;
    match place {
        Place::Folder(folder) => {
            let part = folder.join(UNFINISHED);
            forget(&part);
            let mut engine = Engine::open_unfinished(&part)?;
            let journal = refill(&mut engine, &vault, file, &manifest, &steps, anyway);
            drop(engine);
            let journal = journal.inspect_err(|_| forget(&part))?;
            finish(&part, &folder.join(FILE)).map_err(|fault| unwritten(folder, &fault))?;
            Ok(Restored { manifest, journal })
        }
        Place::Postgres { url, .. } => {
            let mut engine = Engine::open_postgres(url)?;
            if !write::tables(&mut engine)?.is_empty() {
                return Err(Error::Setup("this database has tables; make an empty one".to_owned()));
            }
            let journal = refill(&mut engine, &vault, file, &manifest, &steps, anyway)?;
            Ok(Restored { manifest, journal })
        }
    }
}

/// Keys may be there already, and what an interrupted restore left; nothing else.
fn demand_empty(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(|fault| unwritten(folder, &fault))? {
        let name = entry.map_err(|fault| unwritten(folder, &fault))?.file_name();
        if !["keys", "lost+found", UNFINISHED, BETWEEN].iter().any(|known| name == *known) {
            return Err(Error::Setup(format!(
                "{} is not empty (it has {}); restore into a new folder",
                folder.display(),
                name.display()
            )));
        }
    }
    Ok(())
}

/// A copy of the embedded database as earlier versions wrote it, without a manifest: what can be checked is the shape of
/// the file and the journal.
pub fn is_plain_copy(file: &Path) -> Result<bool> {
    let mut beginning = Vec::new();
    let read = File::open(file).and_then(|open| open.take(16).read_to_end(&mut beginning));
    read.map_err(|fault| Error::Setup(format!("cannot read {}: {fault}", file.display())))?;
    Ok(beginning == *b"SQLite format 3\0")
}

fn restore_plain(
    file: &Path,
    place: &Place,
    key_file: &Path,
    migrations: &[Migration],
    anyway: bool,
) -> Result<Restored> {
    let between = folder_of(place).join(BETWEEN);
    forget(&between);
    let written = Engine::open_sqlite(file, false).and_then(|mut engine| {
        let found = engine.rows("PRAGMA quick_check(1)", params![])?;
        if found.first().map(|row| row.text(0)).transpose()?.as_deref() != Some("ok") {
            return Err(check::damaged(file, "its pages do not hold together"));
        }
        write(&mut engine, &between, Moment(0), &mut |_| {})
    });
    let restored = written.and_then(|_| restore(&between, place, key_file, migrations, anyway));
    forget(&between);
    restored
}

/// Exactly the steps that the backup has seen, in this program's order.
fn steps_of(manifest: &Manifest, migrations: &[Migration]) -> Result<Vec<Migration>> {
    let known = migrate::steps(migrations);
    for step in &manifest.steps {
        let Some(same) = known.iter().find(|migration| migration.name == step.name) else {
            return Err(migrate::newer(&step.name));
        };
        if migrate::hash(same) != step.hash {
            return Err(migrate::differs(&step.name));
        }
    }
    Ok(known.into_iter().filter(|one| manifest.steps.iter().any(|step| step.name == one.name)).collect())
}

/// All in one transaction; what does not hold is rolled back.
fn refill(
    engine: &mut Engine,
    vault: &Vault,
    file: &Path,
    manifest: &Manifest,
    steps: &[Migration],
    anyway: bool,
) -> Result<Verdict> {
    engine.batch("BEGIN")?;
    let done = migrate::inside(engine, vault, steps).and_then(|()| fill::fill(engine, file, manifest));
    let done = done.and_then(|()| look(&mut Reader { engine, vault }, manifest, anyway));
    engine.batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done
}

/// Counts, the chain, and whether the key is the right one.
fn look(reader: &mut Reader<'_>, manifest: &Manifest, anyway: bool) -> Result<Verdict> {
    for part in &manifest.parts {
        let count = reader.count(&format!("SELECT count(*) FROM {}", part.table), params![])?;
        if count.unsigned_abs() != part.rows {
            return Err(Error::Setup(format!("`{}` has {count} rows, not {}", part.table, part.rows)));
        }
    }
    let verdict = crate::verify::verify(reader)?;
    let same = verdict.rows == manifest.journal_rows && verdict.head == manifest.head;
    if !anyway && (!verdict.ok || !same) {
        return Err(Error::Setup(format!(
            "the journal in this backup does not verify (row {}): it was changed before the backup was made; \
             use an earlier backup, or restore it with --despite-journal and have somebody look into it",
            verdict.first_bad.unwrap_or(verdict.rows)
        )));
    }
    if let Some(row) =
        reader.first("SELECT owner, wrapped FROM people_key ORDER BY owner LIMIT 1", params![])?
    {
        let opened = reader.vault().unwrap(&row.text(0)?, &row.bytes(1)?);
        opened.map_err(|_| {
            Error::Setup(
                "the key does not open what is sealed in this backup; put the keys there that belong to it"
                    .to_owned(),
            )
        })?;
    }
    Ok(verdict)
}

fn finish(part: &Path, to: &Path) -> std::io::Result<()> {
    File::open(part)?.sync_all()?;
    fs::rename(part, to)?;
    disk::sync_folder(to.parent().unwrap_or(Path::new("")))
}

fn folder_of(place: &Place) -> PathBuf {
    match place {
        Place::Folder(folder) => folder.clone(),
        Place::Postgres { keys, .. } => keys.parent().map_or_else(PathBuf::new, Path::to_path_buf),
    }
}

fn forget(file: &Path) {
    let _ = fs::remove_file(file);
}

fn unwritten(folder: &Path, fault: &std::io::Error) -> Error {
    Error::Setup(format!("cannot write in {}: {fault}; choose another place", folder.display()))
}
